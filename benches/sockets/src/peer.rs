//! One client: it sends everything that may be in flight, waits until all of it is back, and repeats.

use crate::frames::{CONTROL, Exchange, PING, masked};
use mio::net::TcpStream;
use std::io::{self, ErrorKind, Read, Write};

/// Opcodes from here on belong to control frames (RFC 6455 section 5.5).
const FIRST_CONTROL: u8 = 0x8;

pub struct Peer {
    pub tcp: TcpStream,
    readable: bool,
    writable: bool,
    back: Back,
    /// Bytes of the request still to be sent.
    to_send: usize,
    /// Answers to pings.
    answers: Vec<u8>,
}

/// What came back.
#[derive(Default)]
pub struct Back {
    /// Bytes of the reply.
    at: usize,
    /// A control frame that is incomplete.
    control: Vec<u8>,
    /// Pings still to be answered.
    pings: Vec<Vec<u8>>,
    /// Whether every byte is compared, not only the first of each frame.
    compares: bool,
}

impl Peer {
    pub fn new(tcp: TcpStream) -> Self {
        let back = Back { compares: true, ..Back::default() };
        Self { tcp, readable: true, writable: true, back, to_send: 0, answers: Vec::new() }
    }

    pub fn is_ready(&mut self, readiness: &mio::event::Event) {
        self.readable |= readiness.is_readable();
        self.writable |= readiness.is_writable();
    }

    /// Sends what may be in flight, as far as the socket takes it.
    pub fn begin(&mut self, exchange: &Exchange) -> io::Result<()> {
        self.to_send = exchange.request.len();
        self.write(exchange)
    }

    /// Does what the socket is ready for; returns whether everything is back now.
    pub fn turn(&mut self, exchange: &Exchange, buffer: &mut [u8]) -> io::Result<bool> {
        self.write(exchange)?;
        while self.readable {
            let count = match self.tcp.read(buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
                read => read?,
            };
            self.readable = count == buffer.len();
            self.back.take(&buffer[..count], exchange).map_err(io::Error::other)?;
        }
        self.answer()?;
        let is_back = self.to_send == 0 && self.back.at == exchange.reply.len();
        if is_back {
            self.back.at = 0;
            self.back.compares = false;
        }
        Ok(is_back)
    }

    fn write(&mut self, exchange: &Exchange) -> io::Result<()> {
        while self.writable && self.to_send > 0 {
            let rest = &exchange.request[exchange.request.len() - self.to_send..];
            match self.tcp.write(rest) {
                Ok(count) => self.to_send -= count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => self.writable = false,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Answers pings while no message is on its way.
    fn answer(&mut self) -> io::Result<()> {
        for payload in self.back.pings.drain(..) {
            masked(crate::frames::PONG, &payload, [1, 2, 3, 4], &mut self.answers);
        }
        if self.to_send == 0 && !self.answers.is_empty() {
            // So few bytes fit where everything sent before had room.
            let written = self.tcp.write(&self.answers)?;
            self.answers.drain(..written);
        }
        Ok(())
    }
}

impl Back {
    /// Takes bytes that arrived.
    pub fn take(&mut self, mut bytes: &[u8], exchange: &Exchange) -> Result<(), String> {
        while let Some(&first) = bytes.first() {
            let begins = self.at.is_multiple_of(exchange.frame) && !exchange.is_raw;
            if !self.control.is_empty() || begins && first & 0x0f >= FIRST_CONTROL {
                bytes = self.take_control(bytes)?;
                continue;
            }
            let left = exchange.frame - self.at % exchange.frame;
            let (some, rest) = bytes.split_at(left.min(bytes.len()));
            let expected = exchange.reply.get(self.at..self.at + some.len());
            let expected = expected.ok_or("more came back than was sent")?;
            let is_right = if self.compares { some == expected } else { some[0] == expected[0] };
            if !is_right {
                return Err(format!(
                    "the bytes that came back differ from those sent, from {} on",
                    self.at
                ));
            }
            self.at += some.len();
            bytes = rest;
        }
        Ok(())
    }

    fn take_control<'bytes>(&mut self, bytes: &'bytes [u8]) -> Result<&'bytes [u8], String> {
        let mut rest = bytes.iter();
        for &byte in rest.by_ref() {
            self.control.push(byte);
            let length = self.control.get(1).map_or(CONTROL, |&length| usize::from(length));
            if length > CONTROL {
                return Err("a control frame is too long, or masked".into());
            }
            if self.control.len() == 2 + length {
                let frame = std::mem::take(&mut self.control);
                match frame[0] {
                    PING => self.pings.push(frame[2..].to_vec()),
                    crate::frames::PONG => {}
                    _ => return Err("the server closed".into()),
                }
                break;
            }
        }
        Ok(rest.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Case;

    fn taken(came: &[u8], split: usize, exchange: &Exchange) -> Result<Back, String> {
        let mut back = Back { compares: true, ..Back::default() };
        back.take(&came[..split], exchange)?;
        back.take(&came[split..], exchange)?;
        Ok(back)
    }

    #[test]
    fn pings_between_messages_are_seen_at_every_split() {
        let exchange = Exchange::new(&Case::binary(20, 1, 2), false);
        let (first, second) = exchange.reply.split_at(exchange.frame);
        let came = [b"\x89\x02hi", first, b"\x89\x00", second, b"\x89\x00"].concat();
        for split in 0..=came.len() {
            let back = taken(&came, split, &exchange).expect("legal");
            assert_eq!((back.at, back.pings.len()), (exchange.reply.len(), 3), "{split}");
            assert_eq!(back.pings[0], b"hi");
        }
    }

    #[test]
    fn other_bytes_are_told_at_every_place() {
        let exchange = Exchange::new(&Case::binary(20, 1, 2), false);
        for at in 0..exchange.reply.len() {
            let mut came = exchange.reply.clone();
            came[at] ^= 1;
            assert!(taken(&came, came.len() / 2, &exchange).is_err(), "{at}");
        }
    }

    #[test]
    fn a_byte_too_many_is_told() {
        let exchange = Exchange::new(&Case::binary(20, 1, 1), false);
        let came = [&exchange.reply[..], b"\x82"].concat();
        assert!(taken(&came, came.len(), &exchange).is_err());
    }

    /// A peer whose server has answered before it looked, in these pieces.
    fn answered(pieces: &[&[u8]], exchange: &Exchange) -> Vec<bool> {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let tcp =
            std::net::TcpStream::connect(listener.local_addr().expect("bound")).expect("open");
        tcp.set_nonblocking(true).expect("a socket");
        let (mut server, _) = listener.accept().expect("a client");
        let mut peer = Peer::new(TcpStream::from_std(tcp));
        peer.begin(exchange).expect("room");
        let turn = |piece: &&[u8]| {
            server.write_all(piece).expect("room");
            while peer.tcp.peek(&mut [0]).is_err() {}
            peer.readable = true;
            peer.turn(exchange, &mut [0; 4096]).expect("right")
        };
        pieces.iter().map(turn).collect()
    }

    #[test]
    fn all_is_back_with_the_last_byte_however_it_came() {
        let exchange = Exchange::new(&Case::binary(20, 1, 2), false);
        let reply = &exchange.reply[..];
        assert_eq!(answered(&[reply, reply], &exchange), [true, true]);
        for split in 1..reply.len() {
            let (first, last) = reply.split_at(split);
            assert_eq!(answered(&[first, last], &exchange), [false, true], "{split}");
        }
    }
}
