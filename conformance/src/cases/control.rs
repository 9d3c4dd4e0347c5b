//! RFC 6455 section 5.5: pings and pongs, and what control frames must not be.

use super::frames::PROTOCOL_ERROR;
use crate::case::{Case, Level, case};
use crate::conversation::{Conversation, Heard};
use crate::wire::{Frame, header};
use Level::{Must, Should};

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    pings(&mut cases);
    pongs(&mut cases);
    too_long(&mut cases);
    cases
}

fn ping(id: &str, payload: impl Into<Vec<u8>>, size: usize, like: &str) -> Case {
    let frame = Frame::ping(payload);
    case(Must, id, "RFC 6455 5.5.2", "a ping is answered by a pong with its payload", move |peer| {
        if size == 0 {
            peer.send(&frame)
        } else {
            peer.send_chopped(&frame, size)
        }
        peer.expect(&Heard::Pong(frame.payload.clone()))?;
        peer.close()
    })
    .like(like)
}

fn pings(cases: &mut Vec<Case>) {
    cases.push(ping("frames/ping-without-payload", "", 0, "2.1"));
    cases.push(ping("frames/ping-with-text", "Hello, world!", 0, "2.2"));
    cases.push(ping("frames/ping-with-octets", *b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff", 0, "2.3"));
    cases.push(ping("frames/ping-of-125-bytes", [0xfe; 125], 0, "2.4"));
    cases.push(ping("frames/ping-in-single-bytes", [0xfe; 125], 1, "2.6"));
    let what = "pings of every length are answered";
    cases.push(case(Must, "frames/ping-of-every-length", "RFC 6455 5.5", what, |peer| {
        for size in 0..=125 {
            peer.send(&Frame::ping(vec![size; size.into()]));
            peer.expect(&Heard::Pong(vec![size; size.into()]))?;
        }
        peer.close()
    }));
    for (size, id, like) in
        [(0, "frames/ten-pings", "2.10"), (1, "frames/ten-pings-in-single-bytes", "2.11")]
    {
        let what = "each of ten pings is answered, in order: an endpoint may answer only the latest (5.5.3)";
        cases.push(
            case(Should, id, "RFC 6455 5.5.2, 5.5.3", what, move |peer| {
                for n in 0..10 {
                    let frame = Frame::ping(format!("payload-{n}"));
                    if size == 0 { peer.send(&frame) } else { peer.send_chopped(&frame, size) }
                }
                for n in 0..10 {
                    peer.expect(&Heard::Pong(format!("payload-{n}").into()))?;
                }
                peer.close()
            })
            .like(like),
        );
    }
    let what = "of several pings, at least the last is answered";
    cases.push(case(Must, "frames/the-last-of-many-pings", "RFC 6455 5.5.3", what, |peer| {
        let pings: Vec<Frame> = (0..50).map(|n| Frame::ping(format!("{n}"))).collect();
        peer.send_all(&pings);
        loop {
            match peer.next(peer.patience)? {
                Heard::Pong(payload) if payload == b"49" => return peer.close(),
                Heard::Pong(_) => {}
                heard => {
                    return Err(crate::case::Fault::case(format!(
                        "expected the pong of the last, heard {heard}"
                    )));
                }
            }
        }
    }));
}

fn pongs(cases: &mut Vec<Case>) {
    for (id, payload, like) in [
        ("frames/pong-unasked", "", "2.7"),
        ("frames/pong-unasked-with-payload", "unsolicited pong payload", "2.8"),
    ] {
        let what = "an unsolicited pong is not answered";
        let talk = move |peer: &mut Conversation| {
            peer.send(&Frame::pong(payload));
            peer.close()
        };
        cases.push(case(Must, id, "RFC 6455 5.5.3", what, talk).like(like));
    }
    let what = "an unsolicited pong is not answered, and a ping behind it is";
    let talk = |peer: &mut Conversation| {
        peer.send(&Frame::pong("unsolicited pong payload"));
        peer.send(&Frame::ping("ping payload"));
        peer.expect(&Heard::Pong(b"ping payload".to_vec()))?;
        peer.close()
    };
    cases.push(case(Must, "frames/ping-behind-a-pong", "RFC 6455 5.5.3", what, talk).like("2.9"));
}

fn too_long(cases: &mut Vec<Case>) {
    let what = "a ping of 126 bytes fails the connection";
    let talk = |peer: &mut Conversation| {
        peer.send(&Frame::ping([0xfe; 126]));
        peer.expect_failure(PROTOCOL_ERROR)
    };
    cases.push(case(Must, "frames/ping-of-126-bytes", "RFC 6455 5.5", what, talk).like("2.5"));
    for (name, opcode) in [("pong", 0x8a), ("close", 0x88)] {
        for size in [126, 65536] {
            let what = format!("a {name} of {size} bytes fails the connection");
            let id = format!("frames/{name}-of-{size}-bytes");
            cases.push(case(Must, id, "RFC 6455 5.5", what, move |peer| {
                let mut frame = Frame::new(opcode & 0xf, vec![b'a'; size]);
                if opcode == 0x88 {
                    frame.payload[..2].copy_from_slice(&1000_u16.to_be_bytes());
                }
                peer.send(&frame);
                peer.expect_failure(PROTOCOL_ERROR)
            }));
        }
    }
    let what = "the header of a ping of 126 bytes is enough: its payload is not waited for";
    cases.push(case(
        Should,
        "timing/ping-of-126-bytes-by-its-header",
        "RFC 6455 5.5",
        what,
        |peer| {
            let key = peer.key();
            peer.wire.write(&header(0x89, 126, key));
            peer.expect_failure(PROTOCOL_ERROR)
        },
    ));
}
