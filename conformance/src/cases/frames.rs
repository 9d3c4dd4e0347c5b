//! RFC 6455 section 5.2: lengths, reserved bits, opcodes; and 5.1, 5.3: masks.

use crate::case::{CLIENT, Case, Fault, Level, SERVER, case};
use crate::conversation::{Conversation, Heard};
use crate::wire::{Frame, Opcode, header};
use Level::{Choice, Must, Should};

pub const PROTOCOL_ERROR: &[u16] = &[1002];
const HELLO: &str = "Hello, world!";

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    lengths(&mut cases);
    reserved_bits(&mut cases);
    opcodes(&mut cases);
    masks(&mut cases);
    forms_of_length(&mut cases);
    cases
}

fn lengths(cases: &mut Vec<Case>) {
    let sizes = [0, 125, 126, 127, 128, 65535, 65536];
    for (kind, opcode, octet, group) in
        [("text", Opcode::TEXT, b'*', 1), ("binary", Opcode::BINARY, 0xfe, 2)]
    {
        for (at, size) in sizes.into_iter().enumerate() {
            let frame = Frame::new(opcode, vec![octet; size]);
            let what = format!("a {kind} message of {size} bytes comes back");
            let talk = move |peer: &mut Conversation| peer.echo(&frame);
            let id = format!("frames/{kind}-of-{size}-bytes");
            cases.push(
                case(Must, id, "RFC 6455 5.2", what, talk).like(format!("1.{group}.{}", at + 1)),
            );
        }
        let frame = Frame::new(opcode, vec![octet; 65536]);
        let talk = move |peer: &mut Conversation| {
            peer.send_chopped(&frame, 997);
            peer.expect_echo(&frame)?;
            peer.close()
        };
        let id = format!("frames/{kind}-of-65536-bytes-in-writes-of-997");
        let what = format!("a {kind} message of 65,536 bytes comes back, however TCP cuts it");
        cases.push(case(Must, id, "RFC 6455 5.2", what, talk).like(format!("1.{group}.8")));
        let talk = move |peer: &mut Conversation| {
            for size in (0..300).chain(65533..65540) {
                let frame = Frame::new(opcode, vec![octet; size]);
                peer.send(&frame);
                peer.expect_echo(&frame)?;
            }
            peer.close()
        };
        let id = format!("frames/{kind}-of-every-length-to-299-and-around-65536");
        cases.push(case(
            Must,
            id,
            "RFC 6455 5.2",
            "messages of each of these lengths come back",
            talk,
        ));
    }
    writes(cases);
}

fn writes(cases: &mut Vec<Case>) {
    cases.push(case(
        Must,
        "frames/a-message-in-single-bytes",
        "RFC 6455 5.2",
        "messages with all three forms of length come back if each byte is a write of its own",
        |peer| {
            for size in [5, 126, 1000] {
                let frame = Frame::text(vec![b'a'; size]);
                peer.send_chopped(&frame, 1);
                peer.expect_echo(&frame)?;
            }
            peer.close()
        },
    ));
    cases.push(case(
        Must,
        "frames/many-messages-in-one-write",
        "RFC 6455 5.2",
        "200 messages that arrive at once come back in order",
        |peer| {
            let frames: Vec<Frame> =
                (0..200).map(|n| Frame::text(format!("message {n}"))).collect();
            peer.send_all(&frames);
            frames.iter().try_for_each(|frame| peer.expect_echo(frame))?;
            peer.close()
        },
    ));
}

/// Frames of which the second or only one is illegal: the one before is echoed, then it fails.
fn refused(id: &str, why: &'static str, what: &str, frames: Vec<Frame>, size: usize) -> Case {
    let before = match &frames[..] {
        [legal, _, ..] => vec![Heard::Text(legal.payload.clone())],
        _ => Vec::new(),
    };
    case(Must, id, why, what, move |peer| {
        for frame in &frames {
            if size == 0 { peer.send(frame) } else { peer.send_chopped(frame, size) }
        }
        peer.expect_then_failure(&before, PROTOCOL_ERROR)
    })
}

fn reserved_bits(cases: &mut Vec<Case>) {
    let mut add = |id: &str, frames, size, like: &str| {
        let what = "a frame with reserved bits that no extension defines fails the connection";
        cases.push(refused(id, "RFC 6455 5.2", what, frames, size).like(like));
    };
    let hello = || Frame::text(HELLO);
    let octets = *b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff";
    add("frames/rsv3-on-a-text", vec![hello().rsv(1)], 0, "3.1");
    add("frames/rsv2-behind-a-text", vec![hello(), hello().rsv(2), Frame::ping("")], 0, "3.2");
    add(
        "frames/rsv2-and-rsv3-behind-a-text",
        vec![hello(), hello().rsv(3), Frame::ping("")],
        0,
        "3.3",
    );
    add("frames/rsv1-in-single-bytes", vec![hello(), hello().rsv(4), Frame::ping("")], 1, "3.4");
    add("frames/rsv1-and-rsv3-on-a-binary", vec![Frame::binary(octets).rsv(5)], 0, "3.5");
    add("frames/rsv1-and-rsv2-on-a-binary", vec![Frame::binary(HELLO).rsv(6)], 0, "3.6");
    add("frames/rsv-on-a-close", vec![Frame::new(Opcode::CLOSE, "").rsv(7)], 0, "3.7");
    for rsv in [1, 2, 4] {
        add(&format!("frames/rsv-{rsv}-on-a-ping"), vec![Frame::ping("a").rsv(rsv)], 0, "");
        add(&format!("frames/rsv-{rsv}-on-a-pong"), vec![Frame::pong("a").rsv(rsv)], 0, "");
    }
    for rsv in [1, 2, 4] {
        let what = "reserved bits on a continuation fail the connection";
        cases.push(case(
            Must,
            format!("frames/rsv-{rsv}-on-a-continuation"),
            "RFC 6455 5.2",
            what,
            move |peer| {
                peer.send_all(&[Frame::text("a").open(), Frame::continuation("b").rsv(rsv)]);
                peer.expect_failure(PROTOCOL_ERROR)
            },
        ));
    }
}

fn opcodes(cases: &mut Vec<Case>) {
    let hello = || Frame::text(HELLO);
    for (opcode, payload, has_before, size, like) in [
        (3, "", false, 0, "4.1.1"),
        (4, "reserved opcode payload", false, 0, "4.1.2"),
        (5, "", true, 0, "4.1.3"),
        (6, HELLO, true, 0, "4.1.4"),
        (7, HELLO, true, 1, "4.1.5"),
        (11, "", false, 0, "4.2.1"),
        (12, "reserved opcode payload", false, 0, "4.2.2"),
        (13, "", true, 0, "4.2.3"),
        (14, HELLO, true, 0, "4.2.4"),
        (15, HELLO, true, 1, "4.2.5"),
    ] {
        let mut frames = vec![Frame::new(opcode, payload)];
        if has_before {
            frames = [vec![hello()], frames, vec![Frame::ping("")]].concat();
        }
        let what = "a frame with a reserved opcode fails the connection";
        cases.push(
            refused(&format!("frames/opcode-{opcode}"), "RFC 6455 5.2", what, frames, size)
                .like(like),
        );
    }
}

fn masks(cases: &mut Vec<Case>) {
    let frames = [
        ("text", Frame::text("a")),
        ("empty-binary", Frame::binary("")),
        ("ping", Frame::ping("a")),
        ("close", Frame::close(1000, "")),
    ];
    for (name, frame) in frames {
        let unmasked = frame.encode(None);
        let what = "a frame without a mask fails the connection, whatever it is";
        let talk = move |peer: &mut Conversation| {
            peer.wire.write(&unmasked);
            peer.expect_refused_frame()
        };
        cases.push(
            case(Must, format!("frames/unmasked-{name}"), "RFC 6455 5.1", what, talk)
                .in_role(SERVER),
        );
        let masked = frame.encode(Some([1, 2, 3, 4]));
        let what = "a masked frame fails the connection, whatever it is";
        let talk = move |peer: &mut Conversation| {
            peer.wire.write(&masked);
            peer.expect_refused_frame()
        };
        cases.push(
            case(Must, format!("frames/masked-{name}"), "RFC 6455 5.1", what, talk).in_role(CLIENT),
        );
    }
    let talk = |peer: &mut Conversation| {
        for key in [[0; 4], [0xff; 4], [0, 0, 0, 1]] {
            let bytes = Frame::text(HELLO).encode(Some(key));
            peer.wire.write(&bytes);
            peer.expect_echo(&Frame::text(HELLO))?;
        }
        peer.close()
    };
    let what = "masking keys of any value are accepted, even 0";
    cases.push(case(Must, "frames/any-masking-key", "RFC 6455 5.3", what, talk).in_role(SERVER));
    let talk = |peer: &mut Conversation| {
        for n in 0..16 {
            let frame = Frame::text(format!("message {n}"));
            peer.send(&frame);
            peer.expect_echo(&frame)?;
        }
        let keys: std::collections::HashSet<_> = peer.keys.iter().collect();
        if keys.len() < peer.keys.len() {
            let what = format!("{} frames have {} masking keys", peer.keys.len(), keys.len());
            return Err(Fault::case(what));
        }
        peer.close()
    };
    let what = "each frame has a fresh masking key: among 16, no two are the same";
    cases.push(case(Must, "frames/fresh-masking-keys", "RFC 6455 5.3", what, talk).in_role(CLIENT));
}

/// Sends a header with the length in `bytes` bytes, and a payload.
fn long_form(peer: &mut Conversation, bytes: usize, length: u64, payload: &[u8]) {
    let key = peer.key();
    let mask = if key.is_some() { 0x80 } else { 0 };
    let form = if bytes == 2 { 126 } else { 127 };
    let mut frame = vec![0x82, mask | form];
    frame.extend(&length.to_be_bytes()[8 - bytes..]);
    frame.extend(key.iter().flatten());
    let whole = Frame::binary(payload).encode(key);
    frame.extend(&whole[whole.len() - payload.len()..]);
    peer.wire.write(&frame);
}

fn forms_of_length(cases: &mut Vec<Case>) {
    for (name, bytes, size) in
        [("2", 2, 0_usize), ("2", 2, 125), ("8", 8, 1), ("8", 8, 126), ("8", 8, 65535)]
    {
        let what = format!(
            "a length of {size} in {name} bytes, which is not its shortest form, fails the connection"
        );
        let id = format!("frames/length-{size}-in-{name}-bytes");
        cases.push(case(
            Should,
            id,
            "RFC 6455 5.2 (the minimal number of bytes MUST be used)",
            what,
            move |peer| {
                long_form(peer, bytes, size as u64, &vec![b'a'; size]);
                peer.expect_failure(PROTOCOL_ERROR)
            },
        ));
    }
    let what =
        "a length with its highest bit set fails the connection, and nothing more is waited for";
    for length in [1_u64 << 63, u64::MAX] {
        let id = format!("frames/length-of-{length:x}");
        cases.push(case(
            Should,
            id,
            "RFC 6455 5.2 (the most significant bit MUST be 0)",
            what,
            move |peer| {
                long_form(peer, 8, length, b"");
                peer.expect_failure(&[1002, 1009])
            },
        ));
    }
    let what = "a length of 2^63 - 1 is refused at once, since the payload can never arrive";
    cases.push(case(Choice, "frames/length-of-7fffffffffffffff", "RFC 6455 10.4", what, |peer| {
        long_form(peer, 8, u64::MAX >> 1, b"");
        peer.expect_failure(&[1009, 1002, 1008])
    }));
    let what =
        "a length of 2^32 + 5 is not taken for 5: nothing comes back for the first five bytes";
    cases.push(case(Must, "frames/length-of-100000005", "RFC 6455 5.2", what, |peer| {
        let key = peer.key();
        let mut bytes = header(0x82, (1 << 32) + 5, key);
        bytes.extend(b"Hello");
        peer.wire.write(&bytes);
        let patience = peer.patience.min(std::time::Duration::from_millis(500));
        match peer.next(patience)? {
            Heard::Binary(_) => Err(Fault::case("the length was cut to 32 bits")),
            _ => Ok(()),
        }
    }));
}
