//! All clients of a server: on one thread, with sockets that never block.

use crate::case::Case;
use crate::frames::Exchange;
use crate::opening::open;
use crate::peer::Peer;
use crate::process::Process;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};

/// How much is read at once.
const READ: usize = 1 << 20;

/// How long a server with messages to answer may be silent.
const PATIENCE: Duration = Duration::from_secs(10);

pub struct Load {
    poll: Poll,
    events: Events,
    peers: Vec<Peer>,
    exchange: Exchange,
    buffer: Vec<u8>,
}

impl Load {
    /// Opens the connections of a case.
    pub fn open(process: &Process, case: &Case) -> io::Result<Self> {
        let exchange = Exchange::new(case, process.server.is_raw());
        let poll = Poll::new()?;
        let peer = |index| {
            let tcp = open(process)?;
            tcp.set_nonblocking(true)?;
            let mut tcp = TcpStream::from_std(tcp);
            let both = Interest::READABLE | Interest::WRITABLE;
            poll.registry().register(&mut tcp, Token(index), both)?;
            Ok(Peer::new(tcp))
        };
        let peers = (0..case.connections).map(peer).collect::<io::Result<_>>()?;
        let (events, buffer) = (Events::with_capacity(1024), vec![0; READ]);
        Ok(Self { poll, events, peers, exchange, buffer })
    }

    /// Sends and receives for `time`, and until everything is back; returns how many messages came back.
    pub fn run(&mut self, time: Duration) -> io::Result<u64> {
        let end = Instant::now() + time;
        let mut active = self.peers.len();
        let mut messages = 0;
        for peer in &mut self.peers {
            peer.begin(&self.exchange)?;
        }
        while active > 0 {
            match self.poll.poll(&mut self.events, Some(PATIENCE)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                polled => polled?,
            }
            let mut events = self.events.iter().peekable();
            events.peek().ok_or(ErrorKind::TimedOut)?;
            let is_over = end <= Instant::now();
            for event in events {
                let peer = &mut self.peers[event.token().0];
                peer.is_ready(event);
                if peer.turn(&self.exchange, &mut self.buffer)? {
                    messages += self.exchange.messages as u64;
                    match is_over {
                        true => active -= 1,
                        false => peer.begin(&self.exchange)?,
                    }
                }
            }
        }
        Ok(messages)
    }

    /// Answers the pings of a server whose turn it is not, so that it does not take its clients for
    /// dead.
    pub fn attend(&mut self) -> io::Result<()> {
        match self.poll.poll(&mut self.events, Some(Duration::ZERO)) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(()),
            polled => polled?,
        }
        for event in &self.events {
            let peer = &mut self.peers[event.token().0];
            peer.is_ready(event);
            peer.turn(&self.exchange, &mut self.buffer)?;
        }
        Ok(())
    }

    /// Sends these bytes on each connection.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.peers.iter_mut().try_for_each(|peer| io::Write::write_all(&mut peer.tcp, bytes))
    }
}
