use super::decode::Settings;
use super::driver::Driver;
use crate::stream::{Script, Seen};
use patchcord::deflate::{Agreed, Compression, Context, Engines, Pool, WindowBits};
use patchcord::{
    Client, ClosedBy, Config, Connection, Delivery, Entropy, SendBuffer, Server, State, Timeouts,
};
use std::collections::VecDeque;
use std::time::Duration;

/// Operations on two ends, with pipes between them that carry any number of bytes at any time, on
/// a clock that the input sets. What one end sends, plain or compressed, copied, shared or borrowed,
/// leaves byte for byte, and the other hears it in order. Pings are answered, what waits
/// is bounded, no Close is lost, and both see the same end. An end that answers or takes bytes is
/// not given up, and a dead one is, in time.
pub fn connection(data: &[u8]) {
    let Some((&[first, second], script)) = data.split_first_chunk() else { return };
    let (own, peer) = (config(first), config(second));
    let mut client = Connection::client(Counting(0), own);
    let mut server = Connection::server(peer);
    if first & 0x20 != 0 {
        let (own, peer) = (context(first), context(second));
        let compression =
            Compression { threshold: usize::from(second & 0x20), ..Compression::default() };
        let engines = Engines::Pooled(Pool::new(1));
        client = client.with_deflate(Agreed { own, peer }, compression, &engines);
        server = server.with_deflate(Agreed { own: peer, peer: own }, compression, &engines);
    }
    let mut pair = Pair {
        client: Driver::new(client, own.timeouts, 0),
        server: Driver::new(server, peer.timeouts, SendBuffer::KEPT),
        up: VecDeque::new(),
        down: VecDeque::new(),
        now: Duration::ZERO,
    };
    let mut script = Script(script);
    for _ in 0..MOST_OPERATIONS {
        let Some(operation) = script.byte() else { break };
        pair.perform(operation, &mut script);
    }
    pair.conclude();
}

/// Few enough for some thousand executions a second.
const MOST_OPERATIONS: usize = 100;

/// Limits that nothing said here exceeds; drawn: up to which length a frame is taken whole, in what
/// units, and how long to wait for what.
fn config(choice: u8) -> Config {
    let whole = Settings::of(choice & 0x07).limits.whole_frame;
    let delivery = if choice & 0x08 == 0 { Delivery::Messages } else { Delivery::Fragments };
    let milliseconds = |count| (choice & 0x10 != 0).then_some(Duration::from_millis(count));
    let timeouts = Timeouts {
        opening: None,
        ping_interval: milliseconds(20),
        pong: milliseconds(if choice & 1 == 0 { 30 } else { 300 }),
        close: milliseconds(if choice & 2 == 0 { 40 } else { 400 }),
        write: milliseconds(if choice & 4 == 0 { 50 } else { 500 }),
    };
    Config {
        limits: patchcord::Limits { whole_frame: whole, ..patchcord::Limits::default() },
        delivery,
        timeouts,
    }
}

/// Returns what one end compresses with, if it does: with 512 bytes, windows soon move on.
fn context(choice: u8) -> Context {
    let bits = if choice & 0x40 == 0 { 9 } else { 15 };
    Context { window: WindowBits::new(bits).expect("8 to 15"), takeover: choice & 0x80 == 0 }
}

struct Counting(u32);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) {
        for word in bytes.chunks_mut(4) {
            self.0 = self.0.wrapping_add(0x9e37_79b9);
            word.copy_from_slice(&self.0.to_be_bytes()[..word.len()]);
        }
    }
}

struct Pair {
    client: Driver<Client<Counting>>,
    server: Driver<Server>,
    up: VecDeque<u8>,
    down: VecDeque<u8>,
    now: Duration,
}

impl Pair {
    fn perform(&mut self, operation: u8, script: &mut Script<'_>) {
        if operation & 0x0f == 0x0f {
            self.now += Duration::from_millis(u64::from(script.byte().unwrap_or(0)));
            if operation & 0x10 == 0 {
                let _ = self.client.pass(self.now);
            }
            if operation & 0x20 == 0 {
                let _ = self.server.pass(self.now);
            }
        } else if operation & 0x80 == 0 {
            self.client.perform(operation, script, &mut self.up, &mut self.down);
        } else {
            self.server.perform(operation, script, &mut self.down, &mut self.up);
        }
        self.client.check();
        self.server.check();
    }

    /// Lets everything arrive, closes if neither end did, and checks the outcome.
    fn conclude(&mut self) {
        self.client.end_message();
        self.server.end_message();
        self.drain();
        if is_gone(self.client.state()) || is_gone(self.server.state()) {
            return self.conclude_without();
        }
        let open = self.client.state() == State::Open && self.server.state() == State::Open;
        if open {
            assert_eq!(self.client.last(is_pong), self.server.last(is_ping), "the latest ping");
            assert_eq!(self.server.last(is_pong), self.client.last(is_ping), "the latest ping");
            self.client.close(Some(1000));
            self.drain();
        }
        assert_eq!(messages(&self.server.heard), self.client.said, "what the client said");
        assert_eq!(messages(&self.client.heard), self.server.said, "what the server said");
        self.client.over();
        self.server.over();
        let (State::Closed { by, code }, State::Closed { by: other, code: seen }) =
            (self.client.state(), self.server.state())
        else {
            panic!("{:?} and {:?}", self.client.state(), self.server.state());
        };
        match (by, other) {
            (ClosedBy::Peer, ClosedBy::Peer) => panic!("neither began"),
            (ClosedBy::Local, ClosedBy::Local) => {} // at once, each with its own code
            _ => assert_eq!(code, seen, "the code of the end that began, echoed"),
        }
        self.agree();
    }

    /// One end is lost or out of patience: what was heard is a prefix of what was said.
    fn conclude_without(&mut self) {
        self.client.end(&mut self.down);
        self.server.end(&mut self.up);
        self.drain();
        assert!(self.client.said.starts_with(&messages(&self.server.heard)), "the client's");
        assert!(self.server.said.starts_with(&messages(&self.client.heard)), "the server's");
        self.client.over();
        self.server.over();
        self.agree();
    }

    /// A Close that was received is one that was sent.
    fn agree(&self) {
        let (client, server) = (&self.client.connection, &self.server.connection);
        assert!(
            client.close_received().is_none_or(|_| client.close_received() == server.close_sent())
        );
        assert!(
            server.close_received().is_none_or(|_| server.close_received() == client.close_sent())
        );
    }

    fn drain(&mut self) {
        for _ in 0..16 {
            self.client.write(usize::MAX, false, &mut self.up);
            self.server.read(usize::MAX, &mut self.up);
            self.server.write(usize::MAX, true, &mut self.down);
            self.client.read(usize::MAX, &mut self.down);
            let settled = self.client.is_settled() && self.server.is_settled();
            if settled && self.up.is_empty() && self.down.is_empty() {
                return;
            }
        }
        panic!("the pipes do not drain");
    }
}

/// Without a closing handshake.
fn is_gone(state: State) -> bool {
    matches!(state, State::Lost(_) | State::Expired(_))
}

fn is_ping(seen: &Seen) -> Option<&Vec<u8>> {
    if let Seen::Ping(octets) = seen { Some(octets) } else { None }
}

fn is_pong(seen: &Seen) -> Option<&Vec<u8>> {
    if let Seen::Pong(octets) = seen { Some(octets) } else { None }
}

/// The messages among what was heard, with their parts joined.
fn messages(heard: &[Seen]) -> Vec<Seen> {
    let mut open = Vec::new();
    let mut messages = Vec::new();
    for seen in heard {
        match seen {
            Seen::Part { kind, first, last, octets } => {
                assert!(!first || open.is_empty());
                open.extend_from_slice(octets);
                if *last {
                    messages.push(Seen::message(*kind, core::mem::take(&mut open)));
                }
            }
            Seen::Text(_) | Seen::Binary(_) => messages.push(seen.clone()),
            _ => {}
        }
    }
    messages
}
