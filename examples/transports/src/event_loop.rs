//! Many connections on one thread, and when each has its turn.

use crate::Outcome;
use crate::command::Settings;
use crate::leaving::{self, is_leaving};
use crate::nonblocking::Turn;
use bytes::Buf;
use mio::event::Event as Readiness;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Token, Waker};
use patchcord::handshake::server::Refusal;
use patchcord::{Config, SendBuffer};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::io::{self, ErrorKind, Write};
use std::mem::take;
use std::sync::Arc;
use std::time::{Duration, Instant};

const LISTENER: Token = Token(0);
const SIGNAL: Token = Token(1);

/// How many connections are accepted before the others have their turn.
const ACCEPTED: usize = 64;

/// A connection in a socket that never blocks, which takes turns.
pub trait Turns {
    /// A connection that was just accepted.
    fn new(tcp: TcpStream, config: Config) -> Self;

    /// Notes what the socket is ready for.
    fn is_ready(&mut self, readiness: &Readiness);

    /// Does what is due now, and then lets the others have their turn.
    ///
    /// # Errors
    /// When the connection failed, which ends it.
    fn turn(&mut self) -> io::Result<Turn>;

    /// Says goodbye; returns whether the peer's answer is worth waiting for.
    fn leave(&mut self) -> bool;
}

pub struct EventLoop<S> {
    poll: Poll,
    /// If it were dropped, its wakeups would be lost.
    _waker: Arc<Waker>,
    listener: Option<TcpListener>,
    /// Connections may wait to be accepted.
    accepts: bool,
    /// Boxed, for a map has room for twice as many as are in it.
    sessions: HashMap<Token, Box<Entry<S>>>,
    last: Token,
    /// Those that have a turn at once.
    ready: Vec<Token>,
    /// When the others have theirs; timers of connections that are gone by then are ignored.
    timers: BinaryHeap<Reverse<(Instant, Token)>>,
    settings: Settings,
    /// When this server is gone, once it leaves.
    end: Option<Instant>,
}

struct Entry<S> {
    session: S,
    /// Whether it is in `ready`.
    is_ready: bool,
    /// The first of its times in `timers`. A postponed deadline is looked at when this is
    /// over, and not at each message.
    timer: Option<Instant>,
}

impl<S: Turns> EventLoop<S> {
    /// Makes a server on this listener, which leaves at a signal.
    ///
    /// # Errors
    /// When the system does not support it.
    pub fn new(mut listener: TcpListener, settings: Settings) -> Outcome<Self> {
        let poll = Poll::new()?;
        poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
        let waker = Arc::new(Waker::new(poll.registry(), SIGNAL)?);
        let wakes = waker.clone();
        leaving::watch(move || wakes.wake().unwrap_or_else(|error| eprintln!("server  {error}")))?;
        Ok(Self {
            poll,
            _waker: waker,
            listener: Some(listener),
            accepts: true,
            sessions: HashMap::new(),
            last: SIGNAL,
            ready: Vec::new(),
            timers: BinaryHeap::new(),
            settings,
            end: None,
        })
    }

    /// Serves until the process leaves.
    ///
    /// # Errors
    /// When the system fails.
    pub fn run(mut self) -> Outcome {
        let mut events = Events::with_capacity(1024);
        while !self.is_over() {
            match self.poll.poll(&mut events, self.patience()) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                polled => polled?,
            }
            self.leave();
            for event in &events {
                self.accepts |= event.token() == LISTENER;
                if let Some(entry) = self.sessions.get_mut(&event.token()) {
                    entry.session.is_ready(event);
                    entry.makes_ready(event.token(), &mut self.ready);
                }
            }
            self.accept();
            self.pass_time();
            for token in take(&mut self.ready) {
                self.turn(token);
            }
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.end.is_some_and(|end| self.sessions.is_empty() || end <= Instant::now())
    }

    /// Returns how long to wait for sockets.
    fn patience(&self) -> Option<Duration> {
        if !self.ready.is_empty() || self.accepts {
            return Some(Duration::ZERO);
        }
        let timer = self.timers.peek().map(|Reverse((at, _))| *at);
        let first = [timer, self.end].into_iter().flatten().min();
        first.map(|at| at.saturating_duration_since(Instant::now()))
    }

    fn accept(&mut self) {
        for _ in 0..ACCEPTED {
            let Some(listener) = self.listener.as_ref().filter(|_| self.accepts) else { break };
            match listener.accept() {
                Ok((tcp, _)) => self.admit(tcp),
                // Without file descriptors, waiting clients wait until another one arrives.
                Err(error) => self.accepts = error.kind() == ErrorKind::Interrupted,
            }
        }
        self.accepts &= self.listener.is_some();
    }

    fn admit(&mut self, mut tcp: TcpStream) {
        if self.sessions.len() >= self.settings.connections {
            let mut out = SendBuffer::new();
            let _ = out.head(|out| Refusal::UNAVAILABLE.write(out));
            let _ = tcp.write(out.chunk());
            return;
        }
        self.last.0 += 1;
        let token = self.last;
        let both = Interest::READABLE | Interest::WRITABLE;
        let registered = self.poll.registry().register(&mut tcp, token, both);
        if registered.is_ok() && tcp.set_nodelay(true).is_ok() {
            let session = S::new(tcp, self.settings.config);
            let mut entry = Box::new(Entry { session, is_ready: false, timer: None });
            entry.makes_ready(token, &mut self.ready);
            self.sessions.insert(token, entry);
        }
    }

    /// Runs once, when the process leaves: says goodbye to every peer.
    fn leave(&mut self) {
        if !is_leaving() || self.end.is_some() {
            return;
        }
        self.end = Some(Instant::now() + self.settings.farewell());
        self.listener = None;
        self.sessions.retain(|_, entry| entry.session.leave());
        for (token, entry) in &mut self.sessions {
            entry.makes_ready(*token, &mut self.ready);
        }
    }

    fn pass_time(&mut self) {
        let now = Instant::now();
        while let Some(Reverse((at, token))) = self.timers.peek().copied() {
            if at > now {
                break;
            }
            self.timers.pop();
            if let Some(entry) = self.sessions.get_mut(&token).filter(|e| e.timer == Some(at)) {
                entry.timer = None;
                entry.makes_ready(token, &mut self.ready);
            }
        }
    }

    /// A failing connection ends only itself.
    fn turn(&mut self, token: Token) {
        let Some(entry) = self.sessions.get_mut(&token) else { return };
        entry.is_ready = false;
        match entry.session.turn() {
            Ok(Turn::Again) => entry.makes_ready(token, &mut self.ready),
            Ok(Turn::Waits(until)) => entry.waits(until, token, &mut self.timers),
            Ok(Turn::Over) => drop(self.sessions.remove(&token)),
            Err(error) => {
                eprintln!("server  {error}");
                self.sessions.remove(&token);
            }
        }
    }
}

impl<S> Entry<S> {
    fn makes_ready(&mut self, token: Token, ready: &mut Vec<Token>) {
        if !std::mem::replace(&mut self.is_ready, true) {
            ready.push(token);
        }
    }

    fn waits(
        &mut self,
        until: Option<Instant>,
        token: Token,
        timers: &mut BinaryHeap<Reverse<(Instant, Token)>>,
    ) {
        let Some(until) = until else { return };
        if self.timer.is_none_or(|timer| until < timer) {
            self.timer = Some(until);
            timers.push(Reverse((until, token)));
        }
    }
}
