//! A socket of `blocking::WebSocket` that fails: why is told, whatever the connection is at.
#![cfg(all(feature = "getrandom", feature = "std"))]

use patchcord::blocking::{Socket, WebSocket};
use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::Request;
use patchcord::handshake::server::{Refusal, RequestReader};
use patchcord::{Client, Close, CloseCode, Config, Server, ThreadEntropy, Timeouts};
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

const REQUEST: &[u8] =
    b"GET /a HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// A Close with 1000, and a frame with a reserved opcode, both masked with a key of zeros.
const CLOSE: &[u8] = b"\x88\x82\0\0\0\0\x03\xe8";
const NONSENSE: &[u8] = b"\x83\x80\0\0\0\0";

/// What fails when its turn comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Read,
    Write,
    Flush,
    ReadTimeout,
    WriteTimeout,
    Shutdown,
}

/// A socket with a script: what comes, and then what fails, as often as it is tried.
struct Broken {
    comes: VecDeque<&'static [u8]>,
    call: Call,
    /// How often that goes well before.
    after: usize,
    error: fn() -> io::Error,
    written: Vec<u8>,
    flushes: usize,
}

impl Broken {
    fn new(comes: &[&'static [u8]], call: Call, after: usize, error: fn() -> io::Error) -> Self {
        let comes = comes.iter().copied().collect();
        Self { comes, call, after, error, written: Vec::new(), flushes: 0 }
    }

    fn call(&mut self, call: Call) -> io::Result<()> {
        if call != self.call {
            return Ok(());
        }
        match self.after.checked_sub(1) {
            None => Err((self.error)()),
            Some(after) => {
                self.after = after;
                Ok(())
            }
        }
    }
}

impl Read for &mut Broken {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if let Some(bytes) = self.comes.pop_front() {
            to[..bytes.len()].copy_from_slice(bytes);
            return Ok(bytes.len());
        }
        match self.call {
            Call::Flush => Err(ErrorKind::WouldBlock.into()), // the peer is there, and says nothing
            _ => self.call(Call::Read).map(|()| 0),
        }
    }
}

impl Write for &mut Broken {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.call(Call::Write)?;
        self.written.extend(from);
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flushes += 1;
        self.call(Call::Flush)
    }
}

impl Socket for &mut Broken {
    fn read_timeout(&self, _: Option<Duration>) -> io::Result<()> {
        if self.call == Call::ReadTimeout { Err((self.error)()) } else { Ok(()) }
    }

    fn write_timeout(&self, _: Option<Duration>) -> io::Result<()> {
        if self.call == Call::WriteTimeout { Err((self.error)()) } else { Ok(()) }
    }

    fn shutdown(&mut self) -> io::Result<()> {
        self.call(Call::Shutdown)
    }
}

fn distrust() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "not the host's certificate")
}

fn config() -> Config {
    let timeouts = Timeouts {
        opening: Some(Duration::from_millis(300)),
        ping_interval: None,
        ..Timeouts::default()
    };
    Config { timeouts, ..Config::default() }
}

fn connect(socket: &mut Broken) -> io::Result<WebSocket<&mut Broken, Client<ThreadEntropy>>> {
    let request = Request::new(Url::parse("ws://localhost/").unwrap());
    WebSocket::connect(socket, config(), &request, |_| {})
}

fn accept(socket: &mut Broken) -> io::Result<WebSocket<&mut Broken, Server>> {
    let reader = RequestReader::new(Admission::any());
    WebSocket::accept(socket, config(), reader, |request| Ok(request.response()))
}

/// Serves a connection to its end.
fn serve(socket: &mut Broken) -> io::Result<()> {
    accept(socket)?.run(|_, _, _| Ok(()))
}

#[track_caller]
fn assert_says_why<T>(result: io::Result<T>, what: &str) {
    let error = result.err().unwrap_or_else(|| panic!("{what}: it went well"));
    assert_eq!(error.to_string(), "not the host's certificate", "{what}");
    assert_eq!(error.kind(), ErrorKind::InvalidData, "{what}");
}

#[test]
fn why_a_socket_fails_in_the_opening_handshake_is_told() {
    for call in [Call::Read, Call::Write, Call::Flush, Call::ReadTimeout, Call::WriteTimeout] {
        let mut socket = Broken::new(&[], call, 0, distrust);
        assert_says_why(connect(&mut socket), &format!("client, {call:?}"));
    }
    for call in [Call::Read, Call::ReadTimeout] {
        for part in 0..REQUEST.len() {
            let mut socket = Broken::new(&[&REQUEST[..part]][..part.min(1)], call, 0, distrust);
            assert_says_why(accept(&mut socket), &format!("server, {call:?} behind {part}"));
        }
    }
}

#[test]
fn why_a_socket_fails_once_the_connection_is_open_is_told() {
    for call in [Call::Read, Call::Write, Call::Flush, Call::WriteTimeout] {
        let mut socket = Broken::new(&[REQUEST], call, 0, distrust);
        assert_says_why(serve(&mut socket), &format!("{call:?}"));
    }
    let mut socket = Broken::new(&[REQUEST], Call::Read, 0, distrust);
    let mut peer = accept(&mut socket).unwrap();
    peer.close(Some(Close::new(CloseCode::NORMAL, ""))).unwrap();
    assert_says_why(peer.run(|_, _, _| Ok(())), "the peer's Close is still to come");
    let mut socket = Broken::new(&[REQUEST, CLOSE], Call::Shutdown, 0, distrust);
    assert_says_why(serve(&mut socket), "shutdown");
}

#[test]
fn how_the_stream_ends_behind_both_closes_does_not_matter() {
    let mut socket = Broken::new(&[REQUEST, CLOSE], Call::Read, 0, distrust);
    serve(&mut socket).unwrap();
    assert!(socket.written.ends_with(b"\x88\x02\x03\xe8"));
}

/// What the peer did wrong came first, and says more.
#[test]
fn a_socket_that_fails_to_tell_the_peer_hides_no_fault_of_the_peer() {
    for (call, after) in [(Call::Write, 1), (Call::Flush, 1), (Call::Shutdown, 0)] {
        let mut socket = Broken::new(&[REQUEST, NONSENSE], call, after, distrust);
        let error = serve(&mut socket).unwrap_err();
        assert!(error.to_string().contains("opcode"), "{call:?}: {error}");
    }
}

#[test]
fn a_socket_that_fails_to_write_a_refusal_hides_no_refusal() {
    for call in [Call::Write, Call::Flush, Call::Shutdown] {
        let mut socket = Broken::new(&[REQUEST], call, 0, distrust);
        let reader = RequestReader::new(Admission::any());
        let refused =
            WebSocket::accept(&mut socket, config(), reader, |_| Err(Refusal::UNAUTHORIZED));
        let error = refused.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{call:?}: {error}");
    }
}

/// ETIMEDOUT: the peer's system has acknowledged nothing for minutes. A read that waited as long as
/// it was told to is EAGAIN.
#[cfg(target_os = "linux")]
#[test]
fn a_connection_that_the_system_gave_up_is_lost() {
    const ETIMEDOUT: i32 = 110;
    let gone = || io::Error::from_raw_os_error(ETIMEDOUT);
    let mut socket = Broken::new(&[], Call::Read, 0, gone);
    assert_eq!(connect(&mut socket).err().unwrap().raw_os_error(), Some(ETIMEDOUT));
    let mut socket = Broken::new(&[REQUEST], Call::Read, 0, gone);
    assert_eq!(serve(&mut socket).unwrap_err().raw_os_error(), Some(ETIMEDOUT));
    let mut socket = Broken::new(&[REQUEST], Call::Write, 0, gone);
    assert_eq!(serve(&mut socket).unwrap_err().raw_os_error(), Some(ETIMEDOUT));
}

#[test]
fn a_read_that_waited_in_vain_is_not_the_end() {
    for kind in [|| ErrorKind::WouldBlock.into(), || ErrorKind::TimedOut.into()] {
        let mut socket = Broken::new(&[], Call::Read, 0, kind);
        let error = connect(&mut socket).err().unwrap();
        assert!(error.to_string().contains("opening handshake"), "{error}"); // its own deadline
    }
}

/// As with TLS, which keeps what the socket below does not take.
#[test]
fn a_flush_that_has_to_wait_is_repeated_until_all_is_gone() {
    for (call, expected) in [(Call::Read, 1), (Call::Flush, 4)] {
        let mut socket = Broken::new(&[REQUEST], call, 0, || ErrorKind::WouldBlock.into());
        let mut peer = accept(&mut socket).unwrap();
        for _ in 0..3 {
            let wait = Some(Duration::from_millis(1));
            peer.turn(wait, |_, _, _| Ok(())).unwrap();
        }
        drop(peer);
        assert!(socket.flushes >= expected, "{call:?}: {} flushes", socket.flushes);
        assert!(call == Call::Flush || socket.flushes == expected, "{}", socket.flushes);
    }
}
