//! Writes back what it reads, on the loop of patchcord's example for mio, with as large a buffer:
//! the limit of what a server on that loop can do.

use mio::event::Event as Readiness;
use mio::net::{TcpListener, TcpStream};
use patchcord::Config;
use patchcord_transports::command::Settings;
use patchcord_transports::event_loop::{EventLoop, Turns};
use patchcord_transports::lent::READ;
use patchcord_transports::nonblocking::Turn;
use serving::{CONNECTIONS, Outcome};
use std::cell::RefCell;
use std::io::{self, ErrorKind, Read, Write};

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; READ]);
}

fn main() -> Outcome {
    let listener = TcpListener::bind(([127, 0, 0, 1], 0).into())?;
    println!("listening on {}", listener.local_addr()?);
    let settings = Settings { connections: CONNECTIONS, ..Settings::default() };
    EventLoop::<Raw>::new(listener, settings)?.run()
}

struct Raw {
    tcp: TcpStream,
    readable: bool,
    writable: bool,
    /// The peer ended its side.
    ends: bool,
    /// What the socket had no room for.
    left: Vec<u8>,
}

impl Turns for Raw {
    fn new(tcp: TcpStream, _: Config) -> Self {
        Self { tcp, readable: true, writable: true, ends: false, left: Vec::new() }
    }

    fn is_ready(&mut self, readiness: &Readiness) {
        self.readable |= readiness.is_readable();
        self.writable |= readiness.is_writable();
        self.ends |= readiness.is_read_closed() || readiness.is_error();
    }

    fn leave(&mut self) -> bool {
        false
    }

    /// Reads once, unless something is left to write, and writes once.
    fn turn(&mut self) -> io::Result<Turn> {
        if !self.left.is_empty() {
            let left = std::mem::take(&mut self.left);
            self.write(&left)?;
        } else if self.readable && BUFFER.with_borrow_mut(|buffer| self.echo(buffer))? {
            return Ok(Turn::Over);
        }
        let again = if self.left.is_empty() { self.readable } else { self.writable };
        Ok(if again { Turn::Again } else { Turn::Waits(None) })
    }
}

impl Raw {
    /// Returns whether the peer is gone.
    fn echo(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        match self.tcp.read(buffer) {
            Ok(0) => return Ok(true),
            Ok(count) => {
                self.readable = count == buffer.len() || self.ends;
                self.write(&buffer[..count])?;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => self.readable = false,
            Err(error) => return Err(error),
        }
        Ok(false)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let written = match self.tcp.write(bytes) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            written => written?,
        };
        self.writable = written == bytes.len();
        self.left = bytes[written..].to_vec();
        Ok(())
    }
}
