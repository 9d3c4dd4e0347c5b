//! What can be decided early is decided early; what ends, ends in time.

use super::frames::PROTOCOL_ERROR;
use crate::case::{CLIENT, Case, Fault, Level, SERVER, case, shake};
use crate::conversation::{Conversation, Heard};
use crate::wire::Frame;
use Level::{Choice, Must, Should};
use std::time::{Duration, Instant};

/// How long an endpoint may wait for a peer that owes it something: longer than any default.
const DEADLINE: Duration = Duration::from_secs(35);

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    deadlines(&mut cases);
    headers(&mut cases);
    half_closed(&mut cases);
    slow(&mut cases);
    cases
}

/// Headers alone, with the bytes that decide: in the first byte, or with the second.
fn headers(cases: &mut Vec<Case>) {
    let why = "RFC 6455 5.2, 5.5, 7.1.7; no rule says when, but everything held until then is held for nothing";
    for (name, first, length) in [
        ("opcode-3", 0x83, 100),
        ("opcode-11", 0x8b, 100),
        ("rsv2", 0xa1, 100),
        ("rsv1-on-a-ping", 0xc9, 100),
        ("fragmented-ping", 0x09, 100),
        ("fragmented-close", 0x08, 2),
        ("close-of-one-byte", 0x88, 1),
        ("continuation-of-nothing", 0x80, 100),
    ] {
        let what = format!(
            "the first two bytes of a frame ({name}) are enough to fail: no payload is waited for"
        );
        let id = format!("timing/{name}-by-its-header");
        cases.push(case(Should, id, why, what, move |peer| {
            let mask = if peer.key().is_some() { 0x80 } else { 0 };
            peer.wire.write(&[first, mask | length]);
            peer.expect_failure(PROTOCOL_ERROR)
        }));
    }
    let what = "the header of a message inside a message is enough to fail";
    cases.push(case(Should, "timing/message-inside-a-message-by-its-header", why, what, |peer| {
        peer.send(&Frame::text("a").open());
        let mask = if peer.key().is_some() { 0x80 } else { 0 };
        peer.wire.write(&[0x81, mask | 100]);
        peer.expect_failure(PROTOCOL_ERROR)
    }));
    for (role, name, second) in [(SERVER, "missing", 5), (CLIENT, "forbidden", 0x85)] {
        let what = format!("a mask that is {name} shows in the second byte, and is enough to fail");
        let id = format!("timing/{name}-mask-by-its-header");
        let talk = move |peer: &mut Conversation| {
            peer.wire.write(&[0x81, second]);
            peer.expect_refused_frame()
        };
        cases.push(case(Should, id, "RFC 6455 5.1, 7.1.7", what, talk).in_role(role));
    }
    let what = "a length that is not minimal shows in the header, and is enough to fail";
    cases.push(case(Should, "timing/length-not-minimal-by-its-header", why, what, |peer| {
        let mask = if peer.key().is_some() { 0x80 } else { 0 };
        peer.wire.write(&[0x82, mask | 126, 0, 125]);
        peer.expect_failure(PROTOCOL_ERROR)
    }));
}

fn half_closed(cases: &mut Vec<Case>) {
    let why = "RFC 6455 7.1.7, RFC 9293 3.6 (TCP closes each direction by itself)";
    let what =
        "a peer that ends its half of TCP behind a message still gets the echo, and then the end";
    cases.push(case(Should, "timing/half-closed-behind-a-message", why, what, |peer| {
        // More than sockets hold, so that some of the echo is still owed when the end comes.
        let frame = Frame::binary(vec![5; 12 << 20]);
        let bytes = peer.encode(&frame);
        peer.wire.write_some(&bytes, Duration::from_secs(10), false);
        peer.wire.shut();
        std::thread::sleep(Duration::from_millis(200));
        peer.patience = peer.patience.max(Duration::from_secs(10));
        peer.expect_echo(&frame)?;
        end(peer)
    }));
    let what =
        "a peer that ends its half of TCP behind a Close still gets the answer, and then the end";
    cases.push(case(Should, "timing/half-closed-behind-a-close", why, what, |peer| {
        peer.send_all(&[Frame::text("a"), Frame::close(1000, "")]);
        peer.wire.shut();
        peer.expect_echo(&Frame::text("a"))?;
        peer.expect(&Heard::Close(Some(1000)))?;
        end(peer)
    }));
    cut_off(cases);
}

fn cut_off(cases: &mut Vec<Case>) {
    for (name, bytes) in [
        ("between-messages", vec![]),
        ("inside-a-header", vec![0x81]),
        ("inside-a-frame", Frame::text("hello").encode(Some([0; 4]))[..8].to_vec()),
    ] {
        let what = format!("a peer that ends its half of TCP {name} without a Close is dropped");
        cases.push(case(
            Should,
            format!("timing/half-closed-{name}"),
            "RFC 6455 7.1.4, 7.1.5",
            what,
            move |peer| {
                let mut bytes = bytes.clone();
                if peer.role == crate::case::Role::Client && bytes.len() > 1 {
                    bytes = Frame::text("hello").encode(None)[..4].to_vec();
                }
                peer.wire.write(&bytes);
                peer.wire.shut();
                end(peer)
            },
        ));
    }
    let what = "a request that ends inside its head is dropped";
    cases.push(shake(
        SERVER,
        Should,
        "timing/half-closed-inside-the-head",
        "RFC 9112 3",
        what,
        |opening| {
            let ask = opening.ask().to_string();
            opening.wire.write(&ask.as_bytes()[..ask.len() - 10]);
            opening.wire.shut();
            match opening.head(Duration::from_secs(5)) {
                Err(Fault::Broken { what, .. }) if what == "no head arrived in time" => {
                    Err(Fault::case("it keeps the connection open"))
                }
                Ok(head) if head.status() == Some(101) => {
                    Err(Fault::must("half a request was accepted"))
                }
                _ => Ok(()),
            }
        },
    ));
}

/// Expects the stream to end, with or without a Close before.
fn end(peer: &mut Conversation) -> crate::case::Verdict {
    loop {
        match peer.next(peer.patience)? {
            Heard::Close(_) => {}
            Heard::End | Heard::Reset => return Ok(()),
            heard => {
                return Err(Fault::case(format!("expected the end of the stream, heard {heard}")));
            }
        }
    }
}

fn deadlines(cases: &mut Vec<Case>) {
    let what = "a peer that is told of its error, does not answer and keeps TCP open is dropped within 35 s";
    cases.push(case(
        Should,
        "timing/a-failed-connection-ends",
        "RFC 6455 7.1.7, 10.4",
        what,
        |peer| {
            peer.send(&Frame::text("a").rsv(1));
            loop {
                match peer.hear(DEADLINE)? {
                    Heard::Close(_) => {}
                    Heard::End | Heard::Reset => return Ok(()),
                    heard => {
                        return Err(Fault::case(format!(
                            "expected the end of the stream, heard {heard}"
                        )));
                    }
                }
            }
        },
    ));
    let what = "a connection on which no request comes is dropped within 35 s";
    cases.push(
        shake(
            SERVER,
            Choice,
            "timing/an-opening-without-a-request",
            "RFC 6455 10.4",
            what,
            |opening| {
                opening.wire.write(b"GET / HTTP/1.1\r\nHost: ");
                let start = Instant::now();
                match opening.head(DEADLINE) {
                    Err(Fault::Broken { what, .. }) if what == "no head arrived in time" => {
                        Err(Fault::case(format!(
                            "it is still open after {:.0} s",
                            start.elapsed().as_secs_f64()
                        )))
                    }
                    _ => Ok(()),
                }
            },
        )
        .in_role(SERVER),
    );
}

fn slow(cases: &mut Vec<Case>) {
    let what = "a message that trickles in, two milliseconds per byte, comes back";
    cases.push(case(Must, "timing/a-message-that-trickles", "RFC 6455 5.2", what, |peer| {
        let bytes = peer.encode(&Frame::text("κ\u{1f79}σμε ".repeat(5)));
        for byte in &bytes {
            peer.wire.write(&[*byte]);
            std::thread::sleep(Duration::from_millis(2));
        }
        peer.expect(&Heard::Text("κ\u{1f79}σμε ".repeat(5).into()))?;
        peer.close()
    }));
    let what = "an answer takes 20 ms at the median: it does not wait in a buffer for more";
    cases.push(case(
        Should,
        "timing/an-echo-is-not-held-back",
        "RFC 6455 5.5.3 (as soon as is practical)",
        what,
        |peer| {
            let mut times = Vec::new();
            for n in 0..21 {
                let frame = Frame::text(format!("{n}"));
                let start = Instant::now();
                peer.send(&frame);
                peer.expect_echo(&frame)?;
                times.push(start.elapsed());
            }
            times.sort();
            if times[10] > Duration::from_millis(20) {
                return Err(Fault::case(format!(
                    "the median of 21 echoes is {:.1} ms",
                    times[10].as_secs_f64() * 1e3
                )));
            }
            peer.close()
        },
    ));
    let what = "a ping between the writes of a long message's fragments is answered before the message is complete";
    cases.push(case(
        Must,
        "timing/a-ping-inside-a-long-message",
        "RFC 6455 5.4, 5.5.2",
        what,
        |peer| {
            peer.send(&Frame::binary(vec![1; 100_000]).open());
            peer.send(&Frame::ping("now"));
            peer.expect(&Heard::Pong(b"now".to_vec()))?;
            peer.send(&Frame::continuation(vec![2; 100_000]));
            peer.expect(&Heard::Binary([vec![1; 100_000], vec![2; 100_000]].concat()))?;
            peer.close()
        },
    ));
}
