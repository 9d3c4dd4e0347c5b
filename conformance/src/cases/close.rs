//! RFC 6455 sections 5.5.1 and 7.

use super::frames::PROTOCOL_ERROR;
use crate::case::{CLIENT, Case, Fault, Level, SERVER, Verdict, case};
use crate::conversation::{Conversation, Heard};
use crate::wire::{Frame, Opcode};
use Level::{Choice, Must, Should};
use std::time::Duration;

const WHY: &str = "RFC 6455 5.5.1";

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    basic(&mut cases);
    bodies(&mut cases);
    codes(&mut cases);
    ends(&mut cases);
    cases
}

/// A Close with 1000 among frames: it is answered, and anything behind it is not.
fn closed(id: &str, what: &str, frames: Vec<Frame>, like: &str) -> Case {
    case(Must, id, WHY, what, move |peer| {
        peer.send_all(&frames);
        peer.expect_close(&[1000])
    })
    .like(like)
}

fn basic(cases: &mut Vec<Case>) {
    let hello = || Frame::text("Hello World!");
    let bye = || Frame::close(1000, "");
    let what = "a message comes back, and then the Close";
    cases.push(
        case(Must, "close/behind-a-message", WHY, what, move |peer| peer.echo(&hello()))
            .like("7.1.1"),
    );
    let what = "anything behind a Close is ignored";
    for (id, frames, like) in [
        ("close/twice", vec![bye(), Frame::new(Opcode::CLOSE, "")], "7.1.2"),
        ("close/a-ping-behind", vec![bye(), Frame::ping("")], "7.1.3"),
        ("close/a-text-behind", vec![bye(), hello()], "7.1.4"),
        (
            "close/between-fragments",
            vec![Frame::text("fragment1").open(), bye(), Frame::continuation("fragment2")],
            "7.1.5",
        ),
        ("close/an-illegal-frame-behind", vec![bye(), hello().rsv(7)], ""),
        ("close/a-bad-text-behind", vec![bye(), Frame::text(*b"\xff")], ""),
    ] {
        cases.push(closed(id, what, frames, like));
    }
    let what = "messages that arrive before a Close are echoed before it is answered";
    let talk = |peer: &mut Conversation| {
        let long = Frame::text(b"BAsd7&jh23".repeat(26_215)[..262_144].to_vec());
        let short = Frame::text("Hello World!");
        peer.send_all(&[long.clone(), short.clone(), Frame::close(1000, ""), Frame::ping("")]);
        peer.expect_echo(&long)?;
        peer.expect_echo(&short)?;
        peer.expect_close(&[1000])
    };
    cases.push(case(Choice, "close/behind-256-KiB", "RFC 6455 7.1.2", what, talk).like("7.1.6"));
}

fn bodies(cases: &mut Vec<Case>) {
    let what = "a legal Close is answered by one";
    for (id, frame, like) in [
        ("close/empty", Frame::new(Opcode::CLOSE, ""), "7.3.1"),
        ("close/with-a-code", Frame::close(1000, ""), "7.3.3"),
        ("close/with-a-reason", Frame::close(1000, "Hello World!"), "7.3.4"),
        ("close/with-a-reason-of-123-bytes", Frame::close(1000, "*".repeat(123)), "7.3.5"),
        ("close/with-a-reason-in-greek", Frame::close(1000, "κ\u{1f79}σμε"), ""),
    ] {
        cases.push(closed(id, what, vec![frame], like));
    }
    let surrogate = b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited";
    for (id, frame, codes, like) in [
        ("close/of-one-byte", Frame::new(Opcode::CLOSE, "a"), PROTOCOL_ERROR, "7.3.2"),
        (
            "close/with-a-reason-of-124-bytes",
            Frame::close(1000, "*".repeat(124)),
            PROTOCOL_ERROR,
            "7.3.6",
        ),
        (
            "close/with-a-reason-that-is-no-text",
            Frame::close(1000, surrogate),
            &[1002, 1007],
            "7.5.1",
        ),
        (
            "close/with-a-reason-that-ends-inside-a-character",
            Frame::close(1000, b"\xe2\x82"),
            &[1002, 1007],
            "",
        ),
    ] {
        let what = "a Close with an illegal body fails the connection";
        cases.push(refused(id, WHY, what, frame, codes, like));
    }
}

/// An illegal Close. It ends the connection in any case, so only the code in the answer shows
/// that it was judged.
fn refused(
    id: &str,
    why: &'static str,
    what: &str,
    frame: Frame,
    codes: &'static [u16],
    like: &str,
) -> Case {
    case(Must, id, why, what, move |peer| {
        peer.send(&frame);
        match peer.next(peer.patience)? {
            Heard::Close(Some(code)) if !codes.contains(&code) => {
                Err(Fault::case(format!("it answers with {code}, as if that were legal")))
            }
            Heard::Close(_) => peer.expect_end(),
            Heard::End | Heard::Reset => Ok(()),
            heard => Err(Fault::case(format!("expected it to fail, heard {heard}"))),
        }
    })
    .like(like)
}

fn codes(cases: &mut Vec<Case>) {
    let valid = [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999, 1012, 1013,
        1014,
    ];
    for (at, code) in valid.into_iter().enumerate() {
        let is_later = (1012..=1014).contains(&code);
        let like = if is_later { String::new() } else { format!("7.7.{}", at + 1) };
        let why = if is_later { "RFC 6455 7.4, IANA's registry" } else { "RFC 6455 7.4" };
        // Registered after the RFC: an endpoint may know only the RFC's codes.
        let level = if is_later { Should } else { Must };
        let what = format!("a Close with {code} is answered by one");
        let talk = move |peer: &mut Conversation| {
            peer.send(&Frame::close(code, ""));
            peer.expect_close(&[1000, code])
        };
        cases.push(case(level, format!("close/code-{code}"), why, what, talk).like(like));
    }
    let invalid = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
    for (at, code) in invalid.into_iter().enumerate() {
        let what = format!("a Close with {code}, which must not be sent, fails the connection");
        let like = format!("7.9.{}", at + 1);
        let frame = Frame::close(code, "");
        cases.push(refused(
            &format!("close/code-{code}"),
            "RFC 6455 7.4",
            &what,
            frame,
            PROTOCOL_ERROR,
            &like,
        ));
    }
    let what = "a Close with 1015, which must not be sent, fails the connection";
    let frame = Frame::close(1015, "");
    cases.push(refused("close/code-1015", "RFC 6455 7.4.1", what, frame, PROTOCOL_ERROR, ""));
    for (code, like) in [(5000, "7.13.1"), (65535, "7.13.2")] {
        let what = format!("a Close with {code}, which no section defines, fails the connection");
        let talk = move |peer: &mut Conversation| {
            peer.send(&Frame::close(code, ""));
            match peer.hear(peer.patience) {
                Ok(Heard::Close(Some(1002)) | Heard::End | Heard::Reset) => Ok(()),
                Ok(heard) => Err(Fault::case(format!("heard {heard}"))),
                Err(Fault::Broken { what, .. }) => Err(Fault::case(what)),
                Err(fault) => Err(fault),
            }
        };
        cases.push(
            case(Choice, format!("close/code-{code}"), "RFC 6455 7.4.2", what, talk).like(like),
        );
    }
}

/// Returns the code in the answer to a Close.
fn answered(peer: &mut Conversation, close: &Frame) -> Verdict<Option<u16>> {
    peer.send(close);
    match peer.next(peer.patience)? {
        Heard::Close(code) => Ok(code),
        heard => Err(Fault::case(format!("expected a Close, heard {heard}"))),
    }
}

fn ends(cases: &mut Vec<Case>) {
    let why = "RFC 6455 5.5.1 (it typically echos the status code it received)";
    let what = "the answer to a Close repeats its code";
    cases.push(case(Choice, "close/code-in-the-answer", why, what, |peer| {
        match answered(peer, &Frame::close(3456, "bye"))? {
            Some(3456) => Ok(()),
            code => Err(Fault::case(format!("it answers with {code:?}"))),
        }
    }));
    let what = "after both Closes the server ends TCP at once, without waiting for the client";
    let talk = |peer: &mut Conversation| {
        answered(peer, &Frame::close(1000, ""))?;
        peer.expect_end()
    };
    cases.push(
        case(Must, "close/server-ends-tcp", "RFC 6455 5.5.1, 7.1.1", what, talk).in_role(SERVER),
    );
    let what = "after both Closes the client lets the server end TCP first";
    let talk = |peer: &mut Conversation| {
        answered(peer, &Frame::close(1000, ""))?;
        match peer.hear(Duration::from_millis(150))? {
            Heard::Silence => peer.expect_end(),
            heard => Err(Fault::case(format!("expected it to wait, heard {heard}"))),
        }
    };
    cases.push(
        case(Should, "close/client-waits-for-tcp", "RFC 6455 7.1.1", what, talk).in_role(CLIENT),
    );
    let what = "a frame that breaks a rule is answered by a Close with 1002";
    cases.push(case(Should, "close/told-with-1002", "RFC 6455 7.1.7", what, |peer| {
        peer.send(&Frame::text("a").rsv(1));
        peer.expect_told_failure(PROTOCOL_ERROR)
    }));
    let what = "a ping right before a Close does not disturb it";
    cases.push(case(Must, "close/behind-a-ping", WHY, what, |peer| {
        peer.send_all(&[Frame::ping("a"), Frame::close(1000, "")]);
        match peer.next(peer.patience)? {
            Heard::Pong(_) => peer.expect_close(&[1000]),
            Heard::Close(_) => peer.expect_end(),
            heard => Err(Fault::case(format!("expected a Close, heard {heard}"))),
        }
    }));
    let what = "a Close in single bytes is answered";
    cases.push(case(Must, "close/in-single-bytes", WHY, what, |peer| {
        peer.send_chopped(&Frame::close(1000, "bye"), 1);
        peer.expect_close(&[1000])
    }));
}
