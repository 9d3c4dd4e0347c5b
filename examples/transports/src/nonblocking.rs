//! A server's connection in a socket that never blocks.

use crate::talk::{BYE, admit, close_by, tell};
use crate::{Outcome, vectored};
use bytes::{Buf, BytesMut};
use mio::net::TcpStream;
use patchcord::handshake::{Deadline, origin::OriginPolicy, server::RequestReader};
use patchcord::{Config, Connection, End, Event, Message, ReceiveBuffer, Server, State};
use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::time::Instant;

/// One connection, from its request to the end of TCP.
///
/// While something is in `out`, nothing is read: who does not listen is not listened to.
pub struct Session {
    socket: TcpStream,
    buffer: ReceiveBuffer,
    out: BytesMut,
    phase: Phase,
    /// When an opening handshake, or the end of TCP, is late.
    late: Instant,
    start: Instant,
    config: Config,
}

enum Phase {
    Opening(RequestReader<'static>),
    Open(Connection<Server>),
    Refused,
    Ending,
}

impl Session {
    #[must_use]
    pub fn new(socket: TcpStream, config: Config) -> Self {
        let phase = Phase::Opening(RequestReader::new(OriginPolicy::any()));
        let (buffer, start) = (config.limits.buffer(), Instant::now());
        let (out, late) = (BytesMut::new(), start + Deadline::SPAN);
        Self { socket, buffer, out, phase, late, start, config }
    }

    /// When [`go_on`](Self::go_on) is to be called, whatever the socket does.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        match &self.phase {
            Phase::Open(connection) => connection.next_deadline().map(|at| self.start + at),
            _ => Some(self.late),
        }
    }

    /// Writes and reads until the socket has no more room or no more bytes, as readiness by edges
    /// asks; whether the connection goes on.
    ///
    /// # Errors
    /// When the client was refused, broke a rule or took too long, or the socket failed.
    pub fn go_on(&mut self) -> Outcome<bool> {
        loop {
            if matches!(self.phase, Phase::Ending) && self.late <= Instant::now() {
                return Ok(false);
            }
            self.pass_time()?;
            while !self.out.is_empty() {
                match self.socket.write(&self.out) {
                    Ok(written) => self.out.advance(written),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                    Err(error) => return Err(error.into()),
                }
            }
            if self.is_over() {
                // RFC 6455 section 7.1.1: the server ends TCP first.
                let _ = self.socket.shutdown(Shutdown::Write);
                (self.phase, self.late) = (Phase::Ending, Instant::now() + Deadline::SPAN);
            }
            match self.socket.read(self.buffer.space()) {
                Ok(0) => return self.end_of_stream(),
                Ok(read) => self.buffer.filled(read),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                // After both Closes, how the stream ends is not an error.
                Err(_) if matches!(self.phase, Phase::Ending) => return Ok(false),
                Err(error) => return Err(error.into()),
            }
            self.hear()?;
        }
    }

    fn pass_time(&mut self) -> Outcome {
        match &mut self.phase {
            Phase::Open(connection) => match connection.on_time(self.start.elapsed()) {
                Some(expired) => {
                    // The peer is told why, as far as the socket has room.
                    connection.flush(&mut self.out)?;
                    let _ = self.socket.write(&self.out);
                    Err(expired.into())
                }
                None => Ok(connection.flush(&mut self.out)?),
            },
            Phase::Opening(_) | Phase::Refused if self.late <= Instant::now() => {
                Err("the opening handshake took too long".into())
            }
            _ => Ok(()),
        }
    }

    /// Whether all is said, once `out` is written.
    fn is_over(&self) -> bool {
        match &self.phase {
            Phase::Open(connection) => connection.is_finished(),
            Phase::Refused => true,
            Phase::Opening(_) | Phase::Ending => false,
        }
    }

    fn end_of_stream(&mut self) -> Outcome<bool> {
        match &mut self.phase {
            Phase::Open(connection) => connection.end_of_stream(self.buffer.input())?,
            Phase::Opening(_) => return Err("the stream ended in the opening handshake".into()),
            Phase::Refused | Phase::Ending => {}
        }
        Ok(false)
    }

    fn hear(&mut self) -> Outcome {
        if let Phase::Opening(reader) = &mut self.phase {
            let mut input = &*self.buffer.input();
            let refused = match reader.read(&mut input) {
                Ok(None) => return Ok(()),
                Ok(Some(request)) => match admit(&request) {
                    Ok(name) => request.accept(name, &mut self.out).map(|()| None)?,
                    Err(refusal) => Some(refusal),
                },
                Err(error) => Some(error.refusal()),
            };
            let rest = input.len();
            self.buffer.keep(rest);
            self.phase = match refused {
                None => Phase::Open(Connection::server(self.config)),
                Some(refusal) => {
                    refusal.write(&mut self.out)?;
                    Phase::Refused
                }
            };
        }
        match &mut self.phase {
            Phase::Open(connection) => {
                echo(connection, &mut self.socket, &mut self.buffer, &mut self.out)?;
            }
            _ => self.buffer.keep(0),
        }
        Ok(())
    }
}

fn echo(
    connection: &mut Connection<Server>,
    socket: &mut TcpStream,
    buffer: &mut ReceiveBuffer,
    out: &mut BytesMut,
) -> Outcome {
    let mut input = buffer.unconsumed();
    while let Ok(Some(event)) = connection.receive(&mut input) {
        tell(&event);
        match &event {
            _ if connection.state() != State::Open => {}
            Event::Text(text) if **text == *BYE => connection.close(Some(close_by(End::Peer)))?,
            Event::Text(text) => {
                vectored::write(connection.send_borrowed(Message::Text(text))?, socket, out)?;
            }
            Event::Binary(octets) => {
                vectored::write(connection.send_borrowed(Message::Binary(octets))?, socket, out)?;
            }
            _ => {}
        }
        connection.flush(out)?;
    }
    Ok(connection.flush(out)?)
}
