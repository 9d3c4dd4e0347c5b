//! Seeds for permessage-deflate: the examples of RFC 7692, transcripts, and data that is not DEFLATE.

use super::heads::{latin, lines};
use super::{Result, keep, save, vectors};
use patchcord::deflate::{Agreed, Compression, Deflater, Engines, Level};
use patchcord::{Encoder, Fragment, Message, MessageKind, Role};
use std::path::Path;

pub(crate) fn deflate(folder: &Path) -> Result<()> {
    let messages = messages();
    for (index, message) in messages.iter().enumerate() {
        let seed = index as u8;
        said(folder, seed, message)?;
        for level in [1, 6, 9] {
            let data = compressed(message, level);
            inflated(folder, seed, &[&data])?;
            inflated(folder, seed, &[&data, &compressed(b"Hello", 1), &data])?;
            for cut in [data.len() / 2, data.len() - 1] {
                inflated(folder, seed, &[&data[..cut]])?;
            }
        }
    }
    for (index, data) in DATA.iter().enumerate() {
        inflated(folder, index as u8, &[data])?;
        inflated(folder, index as u8, &[b"\xf2\x48\xcd\xc9\xc9\x07\x00", data])?;
    }
    // References back over a final block, for engines that always belong to another.
    for engines in 1..=3 {
        for over in [DATA[3], DATA[7]] {
            let script = script(&[DATA[0], over, DATA[1]]);
            keep(folder, "inflate", &[&[0x07, engines, 0], &script[..]].concat())?;
        }
    }
    for settings in 0..16 {
        for seed in 0..8 {
            conversation(folder, settings, seed, &messages)?;
        }
    }
    negotiations(folder)
}

/// Data of messages: the examples of RFC 7692 section 7.2.3, and data that is refused.
const DATA: [&[u8]; 14] = [
    b"\xf2\x48\xcd\xc9\xc9\x07\x00",
    b"\xf2\x00\x11\x00\x00",
    b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00",
    b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00",
    b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00",
    b"\x00",
    b"",
    b"\x03\x00",
    b"\x07",
    b"\x00\x05\x00\xfb\xff",
    b"\x05\xff\xff\xff\xff",
    b"\x78\x9c\xf3\x48\xcd\xc9\xc9\x07\x00",
    b"\x00\x00\x00\xff\xff\x00\x00\x00\xff\xff\x00",
    b"\xf2\x48\xcd\xc9\xc9\x07\x00\x00\x00\xff\xff",
];

/// Returns the messages: text like the Autobahn suite's, transcripts, silence, noise.
fn messages() -> Vec<Vec<u8>> {
    let mut messages = vec![Vec::new(), b"Hello".to_vec(), vec![0; 900], (0..=255).collect()];
    messages.push("Hello-\u{b5}@\u{df}\u{f6}\u{e4}\u{fc}\u{e0}\u{e1}-UTF-8!!".into());
    for length in [16, 64, 256] {
        messages.push(b"*".repeat(length));
        messages.push((0..length).map(|at| b"abcdefgh"[at * at % 97 % 8]).collect());
    }
    for words in [1, 4, 9] {
        messages.push(transcript(words));
    }
    messages
}

/// The result of a speech recognizer, in JSON.
fn transcript(words: usize) -> Vec<u8> {
    let word = |at: usize| {
        let word = ["so", "the", "connection", "was", "open", "when"][at % 6];
        let (start, end) = (at * 310, at * 310 + 280);
        format!("{{\"word\":\"{word}\",\"start\":{start},\"end\":{end},\"confidence\":0.98{at}}}")
    };
    let words: Vec<String> = (0..words).map(word).collect();
    let words = words.join(",");
    format!("{{\"type\":\"Results\",\"is_final\":true,\"channel\":{{\"words\":[{words}]}}}}")
        .into_bytes()
}

fn deflater(level: u8) -> Result<Deflater> {
    let level = Level::new(level).ok_or("1 to 9")?;
    let compression = Compression { level, threshold: 0, ..Compression::default() };
    Ok(Agreed::default().deflater(compression, &Engines::Owned).ok_or("a window")?)
}

fn compressed(message: &[u8], level: u8) -> Vec<u8> {
    let mut data = Vec::new();
    deflater(level).expect("a level").finish(message, &mut data);
    data
}

/// The messages in the form that `inflate` reads.
fn script(messages: &[&[u8]]) -> Vec<u8> {
    let mut script = Vec::new();
    for data in messages {
        match u8::try_from(data.len()) {
            Ok(length) if length < 255 => script.push(length),
            _ => script.push(255),
        }
        script.extend_from_slice(data);
    }
    script
}

/// The messages for `inflate`, within several bounds, from several sources of engines.
fn inflated(folder: &Path, seed: u8, messages: &[&[u8]]) -> Result<()> {
    let script = script(messages);
    for choice in [0x07, 0x0f, (seed << 4) | 0x07, (seed << 4) | (seed % 8)] {
        let prefix = [choice, seed.rotate_left(3), seed];
        save(folder, "inflate", &[&prefix[..], &script].concat())?;
    }
    // As one message that is repeated.
    save(folder, "inflate", &[&[0x47, 0xf1, seed, 255], messages[0]].concat())
}

/// The message for `deflate`: said by both ends, then referred to, in parts and at once.
fn said(folder: &Path, seed: u8, message: &[u8]) -> Result<()> {
    for (window, engines) in (0..7).zip([0x00, 0x05, 0x0a, 0x0f, 0x01, 0x0b, 0x06]) {
        let mut script = vec![seed.rotate_left(4) | window, seed << 3 | window, engines, seed];
        let piece = &message[..message.len().min(250)];
        for operation in [0x00, 0x40, 0x80, 0xc0, 0x00, 0x80] {
            script.push(operation);
            script.push(piece.len() as u8);
            script.extend_from_slice(piece);
        }
        // Said again from a distance around the window, a run, noise, JSON, and nothing.
        let size = 512_u16 << window;
        let [high, low] = (size - 262 + u16::from(seed % 4)).to_be_bytes();
        script.extend([0x43, high, low, 0, 200, 0x05, b'a', 2, 0, 0x46, seed, 1, 44]);
        script.extend([0x87, 6, 1, 2, 3, 4, 5, 6, 0x03, 1, 44, 0, 200, 0x40, 0, 0x00, 0]);
        save(folder, "deflate", &script)?;
    }
    Ok(())
}

/// Compressed streams of both roles: whole, in fragments, with control frames and plain
/// messages among them.
fn conversation(folder: &Path, settings: u8, seed: u8, messages: &[Vec<u8>]) -> Result<()> {
    let zeros = |bytes: &mut [u8]| bytes.fill(seed);
    let wire = match settings & 1 {
        0 => speak(|| Encoder::client(zeros), seed, messages)?,
        _ => speak(Encoder::server, seed, messages)?,
    };
    for part in wire {
        let mut stream = vec![settings, seed, seed.rotate_left(5) | seed];
        stream.extend_from_slice(&part);
        save(folder, "compressed", &stream)?;
        // One wrong byte, and a missing end.
        if let Some(byte) = stream.get_mut(3 + usize::from(seed) * 3) {
            *byte ^= 0x40 >> (seed % 8);
        }
        save(folder, "compressed", &stream)?;
        save(folder, "compressed", &stream[..stream.len() - part.len() / 3])?;
    }
    Ok(())
}

/// Streams of some hundred bytes, each of which ends with a Close.
fn speak<R: Role>(
    make: impl Fn() -> Encoder<R>,
    seed: u8,
    messages: &[Vec<u8>],
) -> Result<Vec<Vec<u8>>> {
    let mut encoder = make().with_deflater(deflater(1 + seed % 9)?);
    let mut parts = vec![Vec::new()];
    for (index, message) in messages.iter().enumerate().filter(|(_, m)| m.len() < 600) {
        let wire = parts.last_mut().ok_or("a part")?;
        let text = core::str::from_utf8(message);
        let kind = if text.is_ok() { MessageKind::Text } else { MessageKind::Binary };
        let said = text.map_or(Message::Binary(message), Message::Text);
        match (index + usize::from(seed)) % 4 {
            0 => encoder.encode_compressed(said, wire)?,
            1 => {
                let (one, two) = message.split_at(message.len() / 2);
                let first = Fragment { kind, first: true, last: false, payload: one };
                encoder.encode_compressed_fragment(first, wire)?;
                encoder.encode_ping(b"between", wire)?;
                let last = Fragment { kind, first: false, last: true, payload: two };
                encoder.encode_compressed_fragment(last, wire)?;
            }
            2 => encoder.encode(said, wire)?,
            _ => {
                encoder.encode_compressed(Message::Binary(message), wire)?;
                encoder.encode_pong(b"", wire)?;
            }
        }
        if wire.len() > 120 {
            encoder.encode_close(None, wire)?;
            encoder = make().with_deflater(deflater(1 + index as u8 % 9)?);
            parts.push(Vec::new());
        }
    }
    Ok(parts)
}

/// Offers and answers, from the handshake's vectors and from RFC 7692, for policies of
/// all kinds.
fn negotiations(folder: &Path) -> Result<()> {
    let mut texts: Vec<Vec<u8>> = OFFERS.iter().map(|text| text.as_bytes().to_vec()).collect();
    for case in vectors("handshake")? {
        let Some(input) = case.get("input") else { continue };
        let input = latin(input);
        let values = lines(&input, b"sec-websocket-extensions:").into_iter();
        texts.extend(values.map(<[u8]>::to_vec));
    }
    texts.sort();
    texts.dedup();
    let mut state = 7692_u32;
    let mut byte = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    for text in texts {
        // The largest windows, small ones, and the default, also with a bare offer.
        for policy in [
            [0x07, 0x07, 0x07, 0x07, 0x00],
            [0x03, 0x03, 0x03, 0x03, 0x00],
            [0x23, 0x07, 0x23, 0x07, 0x0a],
            [0x33, 0x07, 0x23, 0x07, 0x0a],
        ] {
            save(folder, "negotiation", &[&policy[..], &text].concat())?;
        }
        for _ in 0..6 {
            let policy = [byte(), byte(), byte(), byte(), byte()];
            save(folder, "negotiation", &[&policy[..], &text].concat())?;
        }
    }
    Ok(())
}

const OFFERS: [&str; 16] = [
    "permessage-deflate",
    "permessage-deflate; client_max_window_bits",
    "permessage-deflate; client_max_window_bits; server_max_window_bits=10, permessage-deflate",
    "permessage-deflate; server_no_context_takeover; client_max_window_bits=11",
    "permessage-deflate; client_no_context_takeover; server_max_window_bits=15",
    "permessage-deflate; server_max_window_bits=\"9\"",
    "permessage-deflate; server_max_window_bits=8, permessage-deflate; client_max_window_bits=8",
    "permessage-deflate; server_max_window_bits=09",
    "permessage-deflate; server_max_window_bits=16",
    "permessage-deflate; server_max_window_bits",
    "permessage-deflate; server_no_context_takeover=1",
    "permessage-deflate; client_max_window_bits=10; client_max_window_bits=10",
    "permessage-deflate; mode=fast, permessage-deflate; client_no_context_takeover",
    "x-webkit-deflate-frame, permessage-deflate; server_max_window_bits=11",
    "Permessage-Deflate",
    "permessage-bzip2",
];
