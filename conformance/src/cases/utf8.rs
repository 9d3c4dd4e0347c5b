//! RFC 6455 sections 5.6 and 8.1: a text is UTF-8, and one that is not fails the connection.

use crate::case::{Case, Fault, Level, Verdict, case};
use crate::conversation::{Conversation, Heard};
use crate::wire::{Frame, header};
use Level::{Must, Should};
use std::time::Duration;

const WHY: &str = "RFC 6455 8.1";
const INVALID: &[u16] = &[1007];

/// Sequences named by Markus Kuhn's decoder test and by Unicode, one per line: Autobahn's number, whether it
/// is valid, and its bytes. A test compares what Rust says about them.
const SEQUENCES: &str = include_str!("../../data/utf8.txt");

/// Greek for "cosmos", in eleven bytes.
const COSMOS: &str = "κ\u{1f79}σμε";

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    valid(&mut cases);
    invalid(&mut cases);
    sequences(&mut cases);
    fail_fast(&mut cases);
    own(&mut cases);
    cases
}

fn echoed(id: &str, parts: Vec<Vec<u8>>, like: &str) -> Case {
    let what = "a valid text comes back, wherever its fragments end";
    case(Must, id, WHY, what, move |peer| {
        send_parts(peer, &parts);
        peer.expect(&Heard::Text(parts.concat()))?;
        peer.close()
    })
    .like(like)
}

fn send_parts(peer: &mut Conversation, parts: &[Vec<u8>]) {
    let last = parts.len() - 1;
    for (at, part) in parts.iter().enumerate() {
        let frame =
            if at == 0 { Frame::text(part.clone()) } else { Frame::continuation(part.clone()) };
        peer.send(&Frame { fin: at == last, ..frame });
    }
}

fn bytes(text: &[u8]) -> Vec<Vec<u8>> {
    text.chunks(1).map(<[u8]>::to_vec).collect()
}

fn valid(cases: &mut Vec<Case>) {
    let letters = "Hello-µ@ßöäüàá-UTF-8!!";
    let (front, back) = letters.split_at("Hello-µ@ßöä".len());
    let empty = Vec::new;
    cases.push(echoed("utf8/empty-text", vec![empty()], "6.1.1"));
    cases.push(echoed("utf8/three-empty-fragments", vec![empty(), empty(), empty()], "6.1.2"));
    let middle = vec![empty(), b"middle frame payload".to_vec(), empty()];
    cases.push(echoed("utf8/empty-fragments-around", middle, "6.1.3"));
    cases.push(echoed("utf8/letters", vec![letters.into()], "6.2.1"));
    cases.push(echoed("utf8/letters-in-two-fragments", vec![front.into(), back.into()], "6.2.2"));
    cases.push(echoed("utf8/letters-in-fragments-of-a-byte", bytes(letters.as_bytes()), "6.2.3"));
    cases.push(echoed("utf8/greek-in-fragments-of-a-byte", bytes(COSMOS.as_bytes()), "6.2.4"));
}

fn invalid(cases: &mut Vec<Case>) {
    let surrogate = [COSMOS.as_bytes(), b"\xed\xa0\x80edited"].concat();
    for (id, parts, like) in [
        ("utf8/surrogate", vec![surrogate.clone()], "6.3.1"),
        ("utf8/surrogate-in-fragments-of-a-byte", bytes(&surrogate), "6.3.2"),
    ] {
        let what = "a text with the bytes of a surrogate fails the connection";
        cases.push(refused(id, what, parts).like(like));
    }
}

fn refused(id: &str, what: &str, parts: Vec<Vec<u8>>) -> Case {
    case(Must, id, WHY, what, move |peer| {
        send_parts(peer, &parts);
        peer.expect_failure(INVALID)
    })
}

fn sequences(cases: &mut Vec<Case>) {
    for (number, is_valid, octets) in lines() {
        let id = format!("utf8/sequence-{}-{octets}", number.trim_start_matches("6."));
        let payload = unhex(octets);
        let case = if is_valid {
            echoed(&id, vec![payload], number)
        } else {
            refused(&id, "a text that is not UTF-8 fails the connection", vec![payload])
                .like(number)
        };
        cases.push(case);
    }
}

fn lines() -> impl Iterator<Item = (&'static str, bool, &'static str)> {
    SEQUENCES.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some((words.next()?, words.next()? == "valid", words.next()?))
    })
}

fn unhex(text: &str) -> Vec<u8> {
    let pairs = text.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

/// A text beyond U+10FFFF, which its thirteenth byte (0x90) makes invalid.
fn beyond() -> Vec<u8> {
    [COSMOS.as_bytes(), b"\xf4\x90\x80\x80edited"].concat()
}

/// After a valid first part nothing happens, and after the second part it fails at once.
fn in_time(peer: &mut Conversation, parts: [Vec<u8>; 3]) -> Verdict {
    peer.wire.write(&parts[0]);
    match peer.next(Duration::from_millis(150))? {
        Heard::Silence => {}
        heard => {
            return Err(Fault::must(format!(
                "it does not wait for the rest of a valid text, but sends {heard}"
            )));
        }
    }
    peer.wire.write(&parts[1]);
    let patience = peer.patience;
    peer.patience = patience.min(Duration::from_secs(2));
    match peer.expect_failure(INVALID) {
        Err(Fault::Broken { level: None, what }) if what.contains("does not fail") => {}
        verdict => return verdict,
    }
    peer.patience = patience;
    peer.wire.write(&parts[2]);
    match peer.expect_failure(INVALID) {
        Ok(()) => {
            Err(Fault::should("it fails the connection, but only once the whole text has arrived"))
        }
        Err(Fault::Broken { level: None, what }) => Err(Fault::must(what)),
        verdict => verdict,
    }
}

fn fail_fast(cases: &mut Vec<Case>) {
    let why = "RFC 6455 8.1 (when a byte stream is interpreted), Autobahn 6.4";
    let what = "a text fails the connection as soon as it can no longer be valid, before its end";
    for (id, cuts, like) in [
        ("timing/bad-text-by-its-second-fragment", [11, 15], "6.4.1"),
        ("timing/bad-text-by-a-fragment-of-one-octet", [12, 13], "6.4.2"),
    ] {
        let talk = move |peer: &mut Conversation| {
            let text = beyond();
            let frames = [
                Frame::text(&text[..cuts[0]]).open(),
                Frame::continuation(&text[cuts[0]..cuts[1]]).open(),
                Frame::continuation(&text[cuts[1]..]),
            ];
            let parts = frames.map(|frame| peer.encode(&frame));
            in_time(peer, parts)
        };
        cases.push(case(Should, id, why, what, talk).like(like));
    }
    for (id, cuts, like) in [
        ("timing/bad-text-inside-a-frame", [11, 15], "6.4.3"),
        ("timing/bad-text-inside-a-frame-by-one-octet", [12, 13], "6.4.4"),
    ] {
        let talk = move |peer: &mut Conversation| {
            let frame = peer.encode(&Frame::text(beyond()));
            let start = frame.len() - beyond().len();
            let [one, two] = cuts.map(|cut| start + cut);
            in_time(peer, [frame[..one].to_vec(), frame[one..two].to_vec(), frame[two..].to_vec()])
        };
        cases.push(case(Should, id, why, what, talk).like(like));
    }
    let what = "a text of 70,000 bytes fails the connection at its first byte, which is 0xff";
    cases.push(case(Should, "timing/bad-text-by-its-first-octet", why, what, |peer| {
        let key = peer.key();
        let frame = Frame::text(vec![0xff; 70_000]).encode(key);
        let start = header(0x81, 70_000, key).len();
        peer.wire.write(&frame[..start + 1]);
        peer.expect_failure(INVALID)
    }));
}

fn own(cases: &mut Vec<Case>) {
    for (id, text) in
        [("a-byte-order-mark", "\u{feff}a"), ("nul", "a\0b"), ("the-last-code-point", "\u{10ffff}")]
    {
        cases.push(echoed(&format!("utf8/{id}"), vec![text.into()], ""));
    }
    let what = "a text that ends inside a character fails the connection";
    for (at, end) in [("two", "\u{a2}"), ("three", "€"), ("four", "𤭢")] {
        for size in 1..end.len() {
            let text = [b"hello", &end.as_bytes()[..size]].concat();
            let id = format!("utf8/{size}-of-{at}-octets-at-the-end");
            cases.push(refused(&id, what, vec![text.clone()]));
            let id = format!("utf8/{size}-of-{at}-octets-at-the-end-of-fragments");
            cases.push(refused(&id, what, bytes(&text)));
        }
    }
    written(cases);
}

fn written(cases: &mut Vec<Case>) {
    let what =
        "characters of two to four bytes come back from any two fragments and any two writes";
    cases.push(case(Must, "utf8/characters-cut-everywhere", WHY, what, |peer| {
        let text = "aé€𤭢b";
        for cut in 0..=text.len() {
            let (front, back) = text.as_bytes().split_at(cut);
            send_parts(peer, &[front.to_vec(), back.to_vec()]);
            peer.expect(&Heard::Text(text.into()))?;
            let frame = peer.encode(&Frame::text(text));
            let (front, back) = frame.split_at(frame.len() - back.len());
            peer.wire.write(front);
            std::thread::sleep(Duration::from_millis(2)); // so that they arrive in two reads
            peer.wire.write(back);
            peer.expect(&Heard::Text(text.into()))?;
        }
        peer.close()
    }));
    let what = "one bad byte at the end of 100,000 good ones fails the connection";
    let mut long = vec![b'a'; 100_000];
    long.push(0xc0);
    cases.push(refused("utf8/bad-octet-behind-100000", what, vec![long]));
    let what = "a bad byte in a frame that arrives in several writes fails the connection";
    cases.push(case(Must, "utf8/bad-octet-in-the-second-write", WHY, what, |peer| {
        let frame = peer.encode(&Frame::text(*b"hello\xff"));
        let (front, back) = frame.split_at(frame.len() - 1);
        peer.wire.write(front);
        std::thread::sleep(Duration::from_millis(20));
        peer.wire.write(back);
        peer.expect_failure(INVALID)
    }));
    let what = "binary messages and pings may hold anything";
    cases.push(case(Must, "utf8/octets-that-are-no-text", "RFC 6455 5.6", what, |peer| {
        let frame = Frame::binary(*b"\xff\xfe\xed\xa0\x80");
        peer.send(&frame);
        peer.expect_echo(&frame)?;
        peer.send(&Frame::ping(*b"\xff\xc0"));
        peer.expect(&Heard::Pong(b"\xff\xc0".to_vec()))?;
        peer.close()
    }));
    let what = "a text that fails the connection is answered by a Close with 1007";
    cases.push(case(Should, "utf8/told-with-1007", "RFC 6455 7.1.7, 8.1", what, |peer| {
        peer.send(&Frame::text(*b"\xff"));
        peer.expect_told_failure(INVALID)
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_agrees_which_sequences_are_valid() {
        assert_eq!(lines().count(), 132);
        for (number, is_valid, octets) in lines() {
            assert_eq!(std::str::from_utf8(&unhex(octets)).is_ok(), is_valid, "{number}");
        }
    }

    #[test]
    fn the_text_of_the_fail_fast_cases_is_invalid_from_its_thirteenth_octet() {
        let error = std::str::from_utf8(&beyond()).expect_err("invalid");
        assert_eq!(error.valid_up_to(), 11);
        assert_eq!(beyond()[12], 0x90);
    }
}
