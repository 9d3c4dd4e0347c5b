//! RFC 6455 section 5.4.

use super::frames::PROTOCOL_ERROR;
use crate::case::{Case, Fault, Level, case};
use crate::conversation::{Conversation, Heard};
use crate::wire::{Frame, Opcode};
use Level::Must;
use std::time::Duration;

const WHY: &str = "RFC 6455 5.4";

/// How frames reach TCP.
#[derive(Clone, Copy)]
enum Cut {
    OneWrite,
    Frames,
    Bytes,
}

use Cut::{Bytes, Frames, OneWrite};

fn send(peer: &mut Conversation, frames: &[Frame], cut: Cut) {
    match cut {
        OneWrite => peer.send_all(frames),
        Frames => frames.iter().for_each(|frame| peer.send(frame)),
        Bytes => frames.iter().for_each(|frame| peer.send_chopped(frame, 1)),
    }
}

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    joined(&mut cases);
    refused(&mut cases);
    own(&mut cases);
    cases
}

fn text(parts: &[&str]) -> Heard {
    Heard::Text(parts.concat().into())
}

fn first(payload: &str) -> Frame {
    Frame::text(payload).open()
}

fn next(payload: &str) -> Frame {
    Frame::continuation(payload)
}

fn comes(
    id: &str,
    what: &str,
    cut: Cut,
    frames: Vec<Frame>,
    heard: Vec<Heard>,
    like: &str,
) -> Case {
    case(Must, id, WHY, what, move |peer| {
        send(peer, &frames, cut);
        heard.iter().try_for_each(|heard| peer.expect(heard))?;
        peer.close()
    })
    .like(like)
}

fn joined(cases: &mut Vec<Case>) {
    let two = || vec![first("fragment1"), next("fragment2")];
    let whole = || text(&["fragment1", "fragment2"]);
    let with_ping = || vec![first("fragment1"), Frame::ping("ping payload"), next("fragment2")];
    let pong = || Heard::Pong(b"ping payload".to_vec());
    for (cut, name, like, like_ping) in [
        (OneWrite, "one-write", "5.3", "5.6"),
        (Frames, "a-write-for-each", "5.4", "5.7"),
        (Bytes, "single-bytes", "5.5", "5.8"),
    ] {
        let id = format!("fragmentation/two-fragments-in-{name}");
        cases.push(comes(
            &id,
            "a message in two fragments comes back whole",
            cut,
            two(),
            vec![whole()],
            like,
        ));
        let id = format!("fragmentation/a-ping-between-in-{name}");
        let what = "a ping between two fragments is answered before the message";
        cases.push(comes(&id, what, cut, with_ping(), vec![pong(), whole()], like_ping));
    }
    for (cut, name, like) in [(OneWrite, "one-write", "5.19"), (Frames, "a-write-for-each", "5.20")]
    {
        let what = "a ping is answered while a message is unfinished and the peer waits";
        let talk = move |peer: &mut Conversation| {
            send(
                peer,
                &[first("fragment1"), next("fragment2").open(), Frame::ping("pongme 1!")],
                cut,
            );
            peer.expect(&Heard::Pong(b"pongme 1!".to_vec()))?;
            let rest = [
                next("fragment3").open(),
                next("fragment4").open(),
                Frame::ping("pongme 2!"),
                next("fragment5"),
            ];
            send(peer, &rest, cut);
            peer.expect(&Heard::Pong(b"pongme 2!".to_vec()))?;
            peer.expect(&text(&["fragment1", "fragment2", "fragment3", "fragment4", "fragment5"]))?;
            peer.close()
        };
        let id = format!("fragmentation/pings-while-a-message-is-unfinished-in-{name}");
        cases.push(case(Must, id, WHY, what, talk).like(like));
    }
}

fn fails(
    id: &str,
    what: &str,
    cut: Cut,
    frames: Vec<Frame>,
    before: Vec<Heard>,
    like: &str,
) -> Case {
    case(Must, id, WHY, what, move |peer| {
        send(peer, &frames, cut);
        peer.expect_then_failure(&before, PROTOCOL_ERROR)
    })
    .like(like)
}

fn refused(cases: &mut Vec<Case>) {
    for (name, opcode, like) in
        [("ping", Opcode::PING, "5.1"), ("pong", Opcode::PONG, "5.2"), ("close", Opcode::CLOSE, "")]
    {
        let body = if opcode == Opcode::CLOSE { "\x03\u{68}" } else { "fragment1" };
        let frames = vec![Frame::new(opcode, body).open(), next("fragment2")];
        let id = format!("fragmentation/{name}-in-fragments");
        cases.push(fails(
            &id,
            "a control frame in fragments fails the connection",
            Frames,
            frames,
            vec![],
            like,
        ));
    }
    let hello = || Frame::text("Hello, world!");
    for (cut, name, likes) in [
        (OneWrite, "one-write", ["5.9", "5.12"]),
        (Frames, "a-write-for-each", ["5.10", "5.13"]),
        (Bytes, "single-bytes", ["5.11", "5.14"]),
    ] {
        let what = "a continuation with nothing to continue fails the connection";
        let last = vec![next("non-continuation payload"), hello()];
        let id = format!("fragmentation/continuation-of-nothing-in-{name}");
        cases.push(fails(&id, what, cut, last, vec![], likes[0]));
        let not_last = vec![next("non-continuation payload").open(), hello()];
        let id = format!("fragmentation/unfinished-continuation-of-nothing-in-{name}");
        cases.push(fails(&id, what, cut, not_last, vec![], likes[1]));
    }
    out_of_order(cases);
}

fn out_of_order(cases: &mut Vec<Case>) {
    let behind = vec![
        first("fragment1"),
        next("fragment2"),
        next("fragment3").open(),
        Frame::text("fragment4"),
    ];
    let what = "a continuation behind a finished message fails the connection";
    let before = vec![text(&["fragment1", "fragment2"])];
    cases.push(fails(
        "fragmentation/continuation-behind-a-message",
        what,
        OneWrite,
        behind,
        before,
        "5.15",
    ));
    for (open, name, like) in [(true, "unfinished", "5.16"), (false, "final", "5.17")] {
        let lost = if open { next("fragment1").open() } else { next("fragment1") };
        let round = [lost, first("fragment2"), next("fragment3")];
        let what =
            "a continuation with nothing to continue fails the connection, before a message too";
        let id = format!("fragmentation/{name}-continuation-before-a-message");
        cases.push(fails(&id, what, Frames, [round.clone(), round].concat(), vec![], like));
    }
    let what = "a message inside a message fails the connection";
    let twice = vec![first("fragment1"), Frame::text("fragment2")];
    cases.push(fails("fragmentation/text-inside-a-text", what, OneWrite, twice, vec![], "5.18"));
    let empty = vec![first(""), Frame::text("a")];
    cases.push(fails("fragmentation/text-inside-an-empty-text", what, OneWrite, empty, vec![], ""));
    let mixed = vec![first("a"), Frame::binary("b")];
    cases.push(fails("fragmentation/binary-inside-a-text", what, Frames, mixed, vec![], ""));
    let unfinished = vec![Frame::binary("a").open(), first("b"), next("c")];
    cases.push(fails(
        "fragmentation/unfinished-text-inside-a-binary",
        what,
        Frames,
        unfinished,
        vec![],
        "",
    ));
    let what = "after a ping there is still nothing to continue";
    let frames = vec![first("a"), next("b"), Frame::ping(""), next("c")];
    let before = vec![text(&["a", "b"]), Heard::Pong(Vec::new())];
    cases.push(fails("fragmentation/continuation-behind-a-ping", what, Frames, frames, before, ""));
}

fn own(cases: &mut Vec<Case>) {
    let what =
        "a thousand fragments of a byte, with a ping behind every hundredth, are one message";
    cases.push(case(Must, "fragmentation/a-thousand-fragments", WHY, what, |peer| {
        let mut frames = Vec::new();
        for n in 0..1000 {
            frames.push(Frame {
                fin: n == 999,
                ..if n == 0 { Frame::binary("a") } else { next("a") }
            });
            if n % 100 == 50 {
                frames.push(Frame::ping(""));
            }
        }
        peer.send_all(&frames);
        loop {
            match peer.next(peer.patience)? {
                Heard::Pong(_) => {}
                Heard::Binary(payload) if payload == [b'a'; 1000] => return peer.close(),
                heard => return Err(Fault::case(format!("expected the message, heard {heard}"))),
            }
        }
    }));
    let what = "empty fragments at every place change nothing";
    cases.push(case(Must, "fragmentation/empty-fragments", WHY, what, |peer| {
        for at in 0..4 {
            let mut parts = vec!["a", "b", "c"];
            parts.insert(at, "");
            let last = parts.len() - 1;
            let frames: Vec<Frame> = parts
                .iter()
                .enumerate()
                .map(|(n, part)| Frame {
                    fin: n == last,
                    ..if n == 0 { Frame::text(*part) } else { next(part) }
                })
                .collect();
            peer.send_all(&frames);
            peer.expect(&text(&["a", "b", "c"]))?;
        }
        peer.close()
    }));
    let what = "nothing comes back before the last fragment has arrived, and then the message does";
    cases.push(case(Level::Choice, "fragmentation/echo-in-pieces", WHY, what, |peer| {
        peer.send(&first("a"));
        std::thread::sleep(Duration::from_millis(100));
        peer.send(&next("b"));
        peer.expect(&text(&["a", "b"]))?;
        if peer.frames > 1 {
            return Err(Fault::case(format!("the message comes back in {} frames", peer.frames)));
        }
        peer.close()
    }));
}
