//! A turn of `blocking::WebSocket`, for ends that speak of their own accord.
#![cfg(feature = "std")]

use bytes::Buf;
use patchcord::blocking::{Socket, WebSocket};
use patchcord::handshake::admission::Admission;
use patchcord::handshake::server::{Refusal, RequestReader};
use patchcord::{CloseCode, Config, Driver, Event, Message, Server, Timeouts};
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use std::time::Duration;

const REQUEST: &[u8] =
    b"GET /a HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

/// `x`, masked with a key of zeros.
const TEXT: &[u8] = b"\x81\x81\0\0\0\0x";

/// A socket with a script: what each read gives, and how many bytes each write takes. At the end of
/// the one, nothing comes any more, which is seen as a wait; at the end of the other, all is taken.
#[derive(Debug, Default)]
struct Script {
    reads: VecDeque<Vec<u8>>,
    takes: VecDeque<usize>,
    written: Vec<u8>,
    waits: usize,
}

impl Read for &mut Script {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let Some(read) = self.reads.pop_front() else {
            self.waits += 1;
            assert!(self.waits < 10, "it waits for a peer that waits for it");
            return Err(ErrorKind::WouldBlock.into());
        };
        to[..read.len()].copy_from_slice(&read);
        Ok(read.len())
    }
}

impl Write for &mut Script {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        let takes = self.takes.pop_front().unwrap_or(from.len());
        if takes == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.written.extend(&from[..takes]);
        Ok(takes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Socket for &mut Script {
    fn read_timeout(&self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }

    fn write_timeout(&self, _: Option<Duration>) -> io::Result<()> {
        Ok(())
    }

    fn shutdown(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn open(script: &mut Script) -> WebSocket<&mut Script, Server> {
    let reader = RequestReader::new(Admission::any());
    WebSocket::accept(script, Config::default(), reader, |request| Ok(request.response())).unwrap()
}

/// Takes a turn without a limit, and returns how many texts were heard in it.
fn turn(peer: &mut WebSocket<&mut Script, Server>) -> usize {
    let mut heard = 0;
    let goes_on = peer.turn(None, |event, _, _| {
        heard += usize::from(matches!(event, Event::Text(_)));
        Ok(())
    });
    assert!(goes_on.unwrap());
    heard
}

#[test]
fn a_turn_ends_with_what_came_along_with_the_request() {
    let mut script = Script { reads: [[REQUEST, TEXT].concat()].into(), ..Script::default() };
    assert_eq!(turn(&mut open(&mut script)), 1);
    assert_eq!(script.waits, 0, "who is asked for something has to say it, not to wait");
}

#[test]
fn a_turn_ends_with_what_came_while_the_socket_was_full() {
    let reads = [REQUEST.to_vec(), TEXT.to_vec()].into();
    let mut script = Script { reads, takes: [129].into(), ..Script::default() };
    let mut peer = open(&mut script);
    peer.send(Message::Text("hello")).unwrap();
    assert_eq!(turn(&mut peer), 1);
    assert_eq!(script.waits, 0);
    assert!(script.written.ends_with(b"\x81\x05hello"), "a turn ends when all is written");
}

#[test]
fn a_turn_may_wait_for_ever() {
    let mut script =
        Script { reads: [REQUEST.to_vec(), TEXT.to_vec()].into(), ..Script::default() };
    assert!(open(&mut script).turn(Some(Duration::MAX), |_, _, _| Ok(())).unwrap());
}

#[test]
fn a_handshake_of_ones_own_opens_and_refuses_in_its_own_words() {
    let halves = REQUEST.split_at(40);
    for path in ["/a", "/b"] {
        let reads = [halves.0.to_vec(), halves.1.to_vec(), TEXT.to_vec(), Vec::new()].into();
        let mut script = Script { reads, ..Script::default() };
        let mut reader = RequestReader::new(Admission::any());
        let driver = Driver::server(Config::default());
        let opened = WebSocket::open(&mut script, driver, |input, out| {
            let Some(request) = reader.read(input).map_err(io::Error::other)? else {
                return Ok(None);
            };
            if request.path() != path {
                let words = Refusal::NOT_FOUND.with_body("no such thing\n");
                words.write(out).map_err(io::Error::other)?;
                return Err(io::Error::other("not found"));
            }
            request.response().write(out).map_err(io::Error::other)?;
            Ok(Some(request.path().len()))
        });
        match opened {
            Ok((mut peer, length)) => assert_eq!((path, length, turn(&mut peer)), ("/a", 2, 1)),
            Err(error) => {
                assert_eq!((path, error.to_string()), ("/b", "not found".to_owned()));
                assert!(script.written.ends_with(b"\r\n\r\nno such thing\n"));
                assert!(
                    script.reads.is_empty(),
                    "it reads up to the end, so that nothing is reset"
                );
            }
        }
    }
}

#[test]
fn a_handshake_of_ones_own_has_a_deadline() {
    let mut script = Script::default();
    let timeouts = Timeouts { opening: Some(Duration::ZERO), ..Timeouts::default() };
    let driver = Driver::server(Config { timeouts, ..Config::default() });
    let opened = WebSocket::open(&mut script, driver, |_, _| Ok(None::<()>));
    assert!(opened.unwrap_err().to_string().contains("opening handshake"));
}

/// A Unix socket says at the next write that its peer is gone. What is owed to a peer that has said
/// everything cannot be told any more, and no word is missing; that of any other is.
#[cfg(unix)]
#[test]
fn a_peer_that_is_gone_right_behind_its_close_ends_well() {
    use std::os::unix::net::UnixStream;
    let close: &[u8] = b"\x88\x82\0\0\0\0\x03\xe8";
    for (last, ends_well) in [(close, true), (TEXT, false)] {
        let (near, mut far) = UnixStream::pair().unwrap();
        let peer = std::thread::spawn(move || {
            far.write_all(REQUEST).unwrap();
            assert_ne!(far.read(&mut [0; 1000]).unwrap(), 0);
            far.write_all(last).unwrap();
        });
        let reader = RequestReader::new(Admission::any());
        let mut socket = near.try_clone().unwrap();
        let mut served =
            WebSocket::accept(near, Config::default(), reader, |request| Ok(request.response()))
                .unwrap();
        let answer = &mut served.driver.output;
        answer.advance(socket.write(answer.chunk()).unwrap());
        peer.join().unwrap(); // it is gone before anything of it is read
        let ended = served.run(|event, connection, out| match event {
            Event::Text(text) => connection.send(Message::Text(&text), out),
            _ => Ok(()),
        });
        assert_eq!(ended.is_ok(), ends_well, "{ended:?}");
        let received = served.driver.connection.close_received();
        assert_eq!(received, ends_well.then_some(Some(CloseCode::NORMAL)));
    }
}
