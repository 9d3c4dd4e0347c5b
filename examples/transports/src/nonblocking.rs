//! A server's connection in a socket that never blocks.

use crate::event_loop::Turns;
use crate::lent::lend;
use crate::talk::{BYE, admit, echo};
use crate::vectored::{self, LARGE};
use crate::websocket::{EVENTS, Sent};
use bytes::Buf;
use mio::event::Event as Readiness;
use mio::net::TcpStream;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::server::RequestReader;
use patchcord::payload::Payload;
use patchcord::{
    Close, CloseCode, Config, Connection, Driver, Event, Message, SendBuffer, SendError, Server,
    State, Step,
};
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::Shutdown;
use std::time::{Duration, Instant};

/// How many parts are written at once; only shared frames make more than one.
const SLICES: usize = 16;

/// One connection, from its request to the end of TCP.
pub struct Session {
    driver: Driver<Server>,
    /// `None` once the request has been read.
    reader: Option<Box<RequestReader<'static>>>,
    socket: Socket,
    /// Whether events were left for the next turn.
    more: bool,
    start: Instant,
}

/// A socket, and its state: readiness is reported once, and lasts until the socket says that
/// it would block.
struct Socket {
    tcp: TcpStream,
    readable: bool,
    writable: bool,
    /// Whether the peer ended its side: that still has to be read, behind everything else.
    ends: bool,
}

/// When a connection has its next turn.
pub enum Turn {
    /// When its socket is ready, or at this time.
    Waits(Option<Instant>),
    /// At once, after the others: its socket has more to give or to take.
    Again,
    /// Never.
    Over,
}

impl Turns for Session {
    fn new(tcp: TcpStream, config: Config) -> Self {
        Self {
            driver: Driver::server(config),
            reader: Some(Box::new(RequestReader::new(Admission::any()))),
            socket: Socket { tcp, readable: true, writable: true, ends: false },
            more: false,
            start: Instant::now(),
        }
    }

    fn is_ready(&mut self, readiness: &Readiness) {
        self.socket.readable |= readiness.is_readable();
        self.socket.writable |= readiness.is_writable();
        self.socket.ends |= readiness.is_read_closed() || readiness.is_error();
    }

    /// Says 1001; a connection that is still opening is not worth waiting for.
    fn leave(&mut self) -> bool {
        if self.driver.is_open() {
            let Driver { connection, output, .. } = &mut self.driver;
            let close = Some(Close::new(CloseCode::GOING_AWAY, ""));
            let _ = connection.close(close, output); // unless one was sent
        }
        self.reader.is_none()
    }

    /// Reads once, answers what arrived, and writes once: the others wait no longer than that.
    ///
    /// # Errors
    /// When the client was refused, broke a rule or took too long, or the socket failed.
    fn turn(&mut self) -> io::Result<Turn> {
        lend(self, |session| &mut session.driver, Self::turn_lent)
    }
}

impl Session {
    fn turn_lent(&mut self) -> io::Result<Turn> {
        self.read()?;
        self.hear()?;
        let mut wrote = false;
        loop {
            let until = match self.driver.next(self.start.elapsed()) {
                Step::Write { .. } if self.socket.writable && !wrote => {
                    wrote = true;
                    self.write()?;
                    continue;
                }
                Step::Write { until } | Step::Wait { until } => until,
                Step::Look => {
                    self.read()?;
                    self.hear()?;
                    self.write()?;
                    continue;
                }
                Step::Shutdown => {
                    // A peer that is gone already does not need it.
                    let _ = self.socket.tcp.shutdown(Shutdown::Write);
                    continue;
                }
                Step::Expired(_) => {
                    let _ = self.write(); // a Close, if the socket takes it at once
                    self.driver.result()?;
                    return Ok(Turn::Over);
                }
                Step::Finished => {
                    self.driver.result()?;
                    return Ok(Turn::Over);
                }
            };
            return Ok(self.waits(until));
        }
    }

    fn waits(&self, until: Option<Duration>) -> Turn {
        let reads = self.socket.readable && self.driver.wants_input();
        let writes = self.socket.writable && !self.driver.output.is_empty();
        match reads || writes || self.more {
            true => Turn::Again,
            false => Turn::Waits(until.map(|until| self.start + until)),
        }
    }

    fn read(&mut self) -> io::Result<()> {
        if self.more || !self.socket.readable || !self.driver.wants_input() {
            return Ok(());
        }
        match self.socket.read(self.driver.input.space()) {
            Ok(None) => {}
            Ok(Some(count)) => self.driver.handle_read(count),
            // How the stream ends does not matter once both ends have said everything.
            Err(_) if self.is_heard_out() => self.driver.handle_read(0),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        let output = &mut self.driver.output;
        let mut slices = [IoSlice::new(&[]); SLICES];
        let count = output.chunks_vectored(&mut slices);
        let written = self.socket.write_vectored(&slices[..count]);
        match written {
            Ok(written) => output.advance(written),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            // The peer has said its last word, and may be gone.
            Err(_) if self.is_heard_out() => {
                let all = self.driver.output.remaining();
                self.driver.output.advance(all);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Returns whether nothing that the peer could still say matters.
    fn is_heard_out(&self) -> bool {
        self.reader.is_none() && !(self.driver.is_open() && self.driver.connection.is_receiving())
    }

    fn hear(&mut self) -> io::Result<()> {
        if let Some(reader) = &mut self.reader {
            match self.driver.accept(reader, admit) {
                Ok(false) => return Ok(()),
                Ok(true) => self.reader = None,
                Err(refusal) => {
                    eprintln!("server  a client was answered {}", refusal.status());
                    self.reader = None;
                }
            }
        }
        if !self.driver.is_open() {
            return Ok(());
        }
        let Driver { connection, input, output, .. } = &mut self.driver;
        let mut input = input.unconsumed();
        self.more = true;
        for _ in 0..EVENTS {
            let Ok(Some(event)) = connection.receive(&mut input, output) else {
                self.more = false;
                break;
            };
            match answer(event, connection, output, &mut self.socket)? {
                // What arrives between our Close and the peer's cannot be answered.
                Ok(()) | Err(SendError::Closed) => {}
                Err(error) => return Err(io::Error::other(error)),
            }
        }
        Ok(())
    }
}

/// Like [`echo`], but a large message goes out from where it lies.
fn answer(
    event: Event<Payload<'_>>,
    connection: &mut Connection<Server>,
    out: &mut SendBuffer,
    socket: &mut Socket,
) -> io::Result<Sent> {
    let message = match &event {
        Event::Text(text) if **text != *BYE => Message::Text(text),
        Event::Binary(payload) => Message::Binary(payload),
        _ => return Ok(echo(event, connection, out)),
    };
    let length = match message {
        Message::Text(text) => text.len(),
        Message::Binary(payload) => payload.len(),
    };
    if length < LARGE || connection.state() != State::Open {
        return Ok(echo(event, connection, out));
    }
    match connection.send_borrowed(message, out) {
        Ok(frame) => vectored::write(frame, socket).map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

impl Socket {
    /// Reads once; `None` if nothing is there.
    fn read(&mut self, to: &mut [u8]) -> io::Result<Option<usize>> {
        match self.tcp.read(to) {
            Ok(count) => {
                // A socket that gave less than it could is empty, unless the end is still to come.
                self.readable = count == to.len() || count > 0 && self.ends;
                Ok(Some(count))
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                self.readable = false;
                Ok(None)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.write_vectored(&[IoSlice::new(from)])
    }

    fn write_vectored(&mut self, from: &[IoSlice<'_>]) -> io::Result<usize> {
        let written = match self.writable {
            true => self.tcp.write_vectored(from),
            false => Err(ErrorKind::WouldBlock.into()),
        };
        self.writable = !matches!(&written, Err(e) if e.kind() == ErrorKind::WouldBlock);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
