//! Large and slow: Autobahn's groups 9 and 10, with equivalent payloads.

use crate::case::{Case, Level, case};
use crate::conversation::Conversation;
use crate::wire::{Frame, Opcode};
use Level::{Must, Should};
use std::time::Duration;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// Round trips of each size: Autobahn has 1,000, for measuring, which judge nothing that these do not.
const TRIPS: usize = 250;

/// How long a message of megabytes may take to come back.
const PATIENCE: Duration = Duration::from_secs(30);

/// Makes a message of a given size.
trait Message: Fn(usize) -> Frame + Copy + Send + Sync + 'static {}
impl<M: Fn(usize) -> Frame + Copy + Send + Sync + 'static> Message for M {}

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (group, kind, opcode, pattern) in [
        (1, "text", Opcode::TEXT, &b"BAsd7&jh23"[..]),
        (2, "binary", Opcode::BINARY, &b"\x00\xfe\x23\xfa\xf0"[..]),
    ] {
        let message = move |size: usize| {
            Frame::new(opcode, pattern.iter().copied().cycle().take(size).collect::<Vec<_>>())
        };
        sizes(&mut cases, kind, group, message);
        fragments(&mut cases, kind, group + 2, message);
        writes(&mut cases, kind, group + 4, message);
        trips(&mut cases, kind, group + 6, message);
    }
    let what = "a text of 65,536 bytes in fragments of 1,300 comes back";
    let talk = |peer: &mut Conversation| {
        let frame = Frame::text("*".repeat(65536));
        peer.send_fragmented(&frame, 1300);
        peer.expect_echo(&frame)?;
        peer.close()
    };
    cases.push(case(Must, "volume/fragments-of-1300", "RFC 6455 5.4", what, talk).like("10.1.1"));
    cases
}

/// A message that is sent in one of several ways, and comes back.
struct Sent<M> {
    id: String,
    what: String,
    like: String,
    message: M,
    size: usize,
}

impl<M: Fn(usize) -> Frame + Send + Sync + 'static> Sent<M> {
    fn by(self, send: impl Fn(&mut Conversation, &Frame) + Send + Sync + 'static) -> Case {
        let Self { id, what, like, message, size } = self;
        let talk = move |peer: &mut Conversation| {
            let frame = message(size); // not kept: all of them are hundreds of megabytes
            peer.patience = peer.patience.max(PATIENCE);
            send(peer, &frame);
            peer.expect_echo(&frame)?;
            peer.close()
        };
        case(Should, id, "RFC 6455 5.2, 5.4, 10.4", what, talk).like(like)
    }
}

fn sizes(cases: &mut Vec<Case>, kind: &str, group: usize, message: impl Message) {
    for (at, size) in [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB].into_iter().enumerate()
    {
        let what = format!("a {kind} message of {} KiB in one frame comes back", size / KIB);
        let id = format!("volume/{kind}-of-{}-KiB", size / KIB);
        let sent = Sent { id, what, like: format!("9.{group}.{}", at + 1), message, size };
        cases.push(sent.by(|peer, frame| peer.send(frame)));
    }
}

fn fragments(cases: &mut Vec<Case>, kind: &str, group: usize, message: impl Message) {
    for at in 0..9 {
        let each = 64 << (2 * at);
        let what = format!("a {kind} message of 4 MiB in fragments of {each} bytes comes back");
        let id = format!("volume/{kind}-in-fragments-of-{each}");
        let sent = Sent { id, what, like: format!("9.{group}.{}", at + 1), message, size: 4 * MIB };
        cases.push(sent.by(move |peer, frame| peer.send_fragmented(frame, each)));
    }
}

fn writes(cases: &mut Vec<Case>, kind: &str, group: usize, message: impl Message) {
    for at in 0..6 {
        let each = 64 << at;
        let what = format!("a {kind} message of 1 MiB in writes of {each} bytes comes back");
        let id = format!("volume/{kind}-in-writes-of-{each}");
        let sent = Sent { id, what, like: format!("9.{group}.{}", at + 1), message, size: MIB };
        cases.push(sent.by(move |peer, frame| peer.send_chopped(frame, each)));
    }
}

fn trips(cases: &mut Vec<Case>, kind: &str, group: usize, message: impl Message) {
    for (at, size) in [0, 16, 64, 256, 1024, 4096].into_iter().enumerate() {
        let what =
            format!("{TRIPS} {kind} messages of {size} bytes come back, one after the other");
        let talk = move |peer: &mut Conversation| {
            let frame = message(size);
            for _ in 0..TRIPS {
                peer.send(&frame);
                peer.expect_echo(&frame)?;
            }
            peer.close()
        };
        let id = format!("volume/{kind}-of-{size}-bytes-{TRIPS}-times");
        cases
            .push(case(Must, id, "RFC 6455 5.2", what, talk).like(format!("9.{group}.{}", at + 1)));
    }
}
