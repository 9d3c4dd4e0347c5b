//! Compressed messages, legal and not: RFC 7692 sections 6 and 7.2.

use super::payloads::json;
use crate::case::{Case, Fault, Level, Parameters, Verdict, case};
use crate::conversation::{Conversation, Heard};
use crate::wire::{Deflater, Frame, stored};
use Level::{Choice, Must, Should};

const WHY: &str = "RFC 7692 7.2";
/// "Hello" by the example of section 7.2.3.1.
const HELLO: [u8; 7] = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
/// What a receiver may answer to data that is not DEFLATE.
const BAD_DATA: &[u16] = &[1002, 1003, 1007, 1008, 1009, 1011];

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    legal(&mut cases);
    blocks(&mut cases);
    illegal(&mut cases);
    broken(&mut cases);
    own_conduct(&mut cases);
    cases
}

fn talk(
    level: Level,
    id: &str,
    what: &str,
    talk: impl Fn(&mut Conversation) -> Verdict + Send + Sync + 'static,
) -> Case {
    case(level, format!("deflate/{id}"), WHY, what, talk).deflating(Parameters::default())
}

/// A text in this compressed form comes back as this.
fn means(id: &str, what: &str, compressed: impl Into<Vec<u8>>, text: &'static [u8]) -> Case {
    let compressed = compressed.into();
    talk(Must, id, what, move |peer| {
        peer.send(&Frame::text(compressed.clone()).rsv(4));
        peer.expect(&Heard::Text(text.to_vec()))?;
        peer.close()
    })
}

fn legal(cases: &mut Vec<Case>) {
    cases.push(means("hello", "the first example of section 7.2.3.1", HELLO, b"Hello"));
    cases.push(means("empty", "an empty message is one byte, 00", [0x00], b""));
    cases.push(talk(
        Must,
        "plain-messages",
        "messages without RSV1 are accepted between compressed ones",
        |peer| {
            for n in 0..6 {
                let frame = Frame::text(format!("message {n}"));
                let sent = if n % 2 == 0 { frame.clone() } else { peer.compress(&frame) };
                peer.send(&sent);
                peer.expect_echo(&frame)?;
            }
            peer.close()
        },
    ));
    cases.push(talk(
        Must,
        "in-fragments",
        "a message compressed and then cut, RSV1 on its first frame only",
        |peer| {
            for size in 1..8 {
                peer.send_fragmented(&Frame::text(HELLO).rsv(4), size);
                peer.expect(&Heard::Text(b"Hello".to_vec()))?;
            }
            peer.close()
        },
    ));
    cases.push(talk(
        Must,
        "a-ping-between-fragments",
        "pings between compressed fragments are plain, and answered",
        |peer| {
            peer.send_all(&[
                Frame::text(&HELLO[..3]).rsv(4).open(),
                Frame::ping("ping"),
                Frame::continuation(&HELLO[3..5]).open(),
                Frame::continuation("").open(),
                Frame::continuation(&HELLO[5..]),
            ]);
            peer.expect(&Heard::Pong(b"ping".to_vec()))?;
            peer.expect(&Heard::Text(b"Hello".to_vec()))?;
            peer.close()
        },
    ));
    contexts(cases);
}

fn contexts(cases: &mut Vec<Case>) {
    let what =
        "a message may refer to the one before it, unless takeover was ruled out (section 7.2.3.2)";
    cases.push(talk(Must, "context-is-taken-over", what, |peer| {
        if !peer.agreed.as_ref().is_some_and(|agreed| agreed.takes_ours_over()) {
            return Err(Fault::Skip("it wants each message compressed by itself".into()));
        }
        for compressed in [&HELLO[..], &[0xf2, 0x00, 0x11, 0x00, 0x00]] {
            peer.send(&Frame::text(compressed).rsv(4));
            peer.expect(&Heard::Text(b"Hello".to_vec()))?;
        }
        peer.close()
    }));
    cases.push(talk(Must, "whole-window", "a reference to the far end of the window", |peer| {
        let text = json(31_000);
        for message in [&text[..], &text[..200], &text[..30_000]] {
            let frame = Frame::text(message);
            let compressed = peer.compress(&frame);
            peer.send(&compressed);
            peer.expect_echo(&frame)?;
        }
        peer.close()
    }));
    cases.push(talk(
        Must,
        "single-bytes",
        "a compressed message, each byte a write of its own",
        |peer| {
            peer.send_chopped(&Frame::text(HELLO).rsv(4), 1);
            peer.expect(&Heard::Text(b"Hello".to_vec()))?;
            peer.close()
        },
    ));
}

fn blocks(cases: &mut Vec<Case>) {
    cases.push(means(
        "stored-block",
        "a block without compression (section 7.2.3.3)",
        stored(b"Hello"),
        b"Hello",
    ));
    let last = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
    cases.push(means(
        "final-block",
        "a block with BFINAL and an empty one behind it (section 7.2.3.4)",
        last,
        b"Hello",
    ));
    let two = [0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00];
    cases.push(means("two-blocks", "two blocks in one message (section 7.2.3.5)", two, b"Hello"));
    // From zlib, using only Huffman codes: a block with codes of its own (section 3.2.7 of RFC 1951).
    let dynamic = [
        0x04, 0xc1, 0x01, 0x01, 0x00, 0x00, 0x08, 0xc2, 0xb0, 0x4a, 0x3f, 0x48, 0xff, 0x6a, 0x6e,
        0x20, 0xbb, 0x05, 0x46, 0xca, 0x29, 0x02, 0x84, 0xe2, 0xcd, 0xe8, 0x49, 0x41, 0x2c, 0xba,
        0x30, 0x53, 0x12, 0xee, 0x01,
    ];
    let digits = b"001054520050230411010000203014512114103001013011520512302204";
    cases.push(means("dynamic-block", "a block with Huffman codes of its own", dynamic, digits));
    cases.push(talk(
        Must,
        "many-stored-blocks",
        "200,000 bytes in stored blocks of 65,535",
        |peer| {
            let text = json(200_000);
            peer.send(&Frame::text(stored(&text)).rsv(4));
            peer.expect(&Heard::Text(text))?;
            peer.close()
        },
    ));
}

fn fails(id: &str, what: &str, codes: &'static [u16], frames: Vec<Frame>) -> Case {
    talk(Must, id, what, move |peer| {
        peer.send_all(&frames);
        peer.expect_failure(codes)
    })
}

fn illegal(cases: &mut Vec<Case>) {
    let bits = "RSV2 and RSV3 mean nothing in this extension either";
    cases.push(fails("rsv2", bits, &[1002], vec![Frame::text(HELLO).rsv(6)]));
    cases.push(fails("rsv3", bits, &[1002], vec![Frame::text(HELLO).rsv(5)]));
    let control = "a control frame is never compressed (RFC 7692 6.1)";
    cases.push(fails("rsv1-on-a-ping", control, &[1002], vec![Frame::ping("a").rsv(4)]));
    cases.push(fails("rsv1-on-a-pong", control, &[1002], vec![Frame::pong("a").rsv(4)]));
    cases.push(fails("rsv1-on-a-close", control, &[1002], vec![Frame::close(1000, "").rsv(4)]));
    let later = "RSV1 on a continuation (RFC 7692 6.1)";
    let compressed =
        vec![Frame::text(&HELLO[..3]).rsv(4).open(), Frame::continuation(&HELLO[3..]).rsv(4)];
    cases.push(fails("rsv1-on-a-continuation", later, &[1002], compressed));
    let plain = vec![Frame::text("a").open(), Frame::continuation(HELLO).rsv(4)];
    cases.push(fails("rsv1-on-a-continuation-of-a-plain-message", later, &[1002], plain));
    let bad = Deflater::new(15, false).message(b"\xce\xba\xed\xa0\x80");
    let what = "a compressed text is UTF-8 too";
    cases.push(fails("bad-text", what, &[1007], vec![Frame::text(bad.clone()).rsv(4)]));
    let cut = Deflater::new(15, false)
        .message("a€".as_bytes().split_last().map(|(_, rest)| rest).unwrap_or_default());
    cases.push(fails(
        "text-that-ends-inside-a-character",
        what,
        &[1007],
        vec![Frame::text(cut).rsv(4)],
    ));
    let split = vec![Frame::text(&bad[..2]).rsv(4).open(), Frame::continuation(&bad[2..])];
    cases.push(fails("bad-text-in-fragments", what, &[1007], split));
}

fn broken(cases: &mut Vec<Case>) {
    let what = "data that is not DEFLATE fails the connection";
    for (id, data) in [
        ("reserved-block-type", vec![0x06, 0x00]),
        (
            "stored-length-that-does-not-match",
            vec![0x00, 0x05, 0x00, 0x00, 0x00, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00],
        ),
        ("reference-before-the-start", vec![0xf2, 0x00, 0x11, 0x00, 0x00]),
        ("octets-at-random", vec![0xed, 0xfd, 0xff, 0xff, 0x7f, 0x00, 0xaa, 0x55, 0xed]),
    ] {
        cases.push(fails(id, what, BAD_DATA, vec![Frame::binary(data).rsv(4)]));
    }
    let what = "data that ends inside a block fails the connection: the bytes 00 00 ff ff do not complete it";
    cases.push(talk(Should, "data-that-is-cut", what, |peer| {
        peer.send(&Frame::binary(&stored(b"Hello, world! Hello, world!")[..12]).rsv(4));
        peer.expect_failure(BAD_DATA)
    }));
    let what =
        "a message of 64 MiB in 80 KB is refused, or comes back: the connection does not just stop";
    cases.push(talk(Choice, "a-bomb", what, |peer| {
        let bomb = Deflater::new(15, false).message(&vec![0; 64 << 20]);
        peer.patience = std::time::Duration::from_secs(20);
        peer.send(&Frame::binary(bomb).rsv(4));
        match peer.next(peer.patience)? {
            Heard::Close(Some(1009) | None) | Heard::End | Heard::Reset | Heard::Binary(_) => {
                Ok(())
            }
            heard => Err(Fault::case(format!("heard {heard}"))),
        }
    }));
}

fn own_conduct(cases: &mut Vec<Case>) {
    let what = "compressible messages come back compressed";
    cases.push(talk(Choice, "echo-is-compressed", what, |peer| {
        let frame = Frame::text(json(20_000));
        let compressed = peer.compress(&frame);
        peer.send(&compressed);
        peer.expect_echo(&frame)?;
        if peer.compressed == 0 { Err(Fault::case("it compresses nothing")) } else { peer.close() }
    }));
    for bits in [9, 10, 12] {
        let what =
            format!("it keeps to a window of {bits} bits, with payloads that repeat farther back");
        let parameters = Parameters { window_bits: Some(bits), ..Parameters::default() };
        let id = format!("keeps-to-{bits}-bits");
        let case = talk(Must, &id, &what, move |peer| {
            let text = json(6000).repeat(3);
            for message in [&text[..], &text[..6000], &text[3000..9000]] {
                let frame = Frame::text(message);
                let compressed = peer.compress(&frame);
                peer.send(&compressed);
                peer.expect_echo(&frame)?;
            }
            peer.close()
        });
        cases.push(case.deflating(parameters));
    }
    let what = "asked to, it compresses each message by itself";
    let parameters = Parameters { no_takeover: true, ..Parameters::default() };
    let case = talk(Must, "keeps-to-no-takeover", what, |peer| {
        let frame = Frame::text(json(3000));
        for _ in 0..4 {
            let compressed = peer.compress(&frame);
            peer.send(&compressed);
            peer.expect_echo(&frame)?;
        }
        peer.close()
    });
    cases.push(case.deflating(parameters));
}
