//! What a verb writes into a caller's slice is the frame, and not a byte behind it.

use crate::common::{BOTH, Counting, Side, letters};
use bytes::BufMut;
use patchcord::{
    Client, Close, CloseCode, Encoder, Fragment, MaskingKey, Message, MessageKind, Role, SendError,
};

/// What stands in the output before: no frame below has 32 of it in a row.
const GUARD: u8 = 0xaa;

/// More than the widest store: 64 bytes.
const BEHIND: usize = 80;

/// What writes a payload of this length as a frame.
trait Verb<R> {
    fn write(&self, encoder: &mut Encoder<R>, payload: &str, out: &mut impl BufMut) -> Written;
}

type Written = Result<(), SendError>;

macro_rules! verbs {
    ($($name:ident: $encoder:ident, $payload:ident, $out:ident => $call:expr;)*) => {
        $(
            struct $name;
            impl<R: Role> Verb<R> for $name {
                fn write(&self, $encoder: &mut Encoder<R>, $payload: &str, $out: &mut impl BufMut) -> Written {
                    $call
                }
            }
        )*
    };
}

fn part(payload: &str, first: bool) -> Fragment<&[u8]> {
    Fragment { kind: MessageKind::Text, first, last: false, payload: payload.as_bytes() }
}

verbs! {
    Text: encoder, payload, out => encoder.encode(Message::Text(payload), out);
    Binary: encoder, payload, out => encoder.encode(Message::Binary(payload.as_bytes()), out);
    First: encoder, payload, out => encoder.encode_fragment(part(payload, true), out);
    Next: encoder, payload, out => {
        encoder.encode_fragment(part("", true), &mut Vec::new())?;
        encoder.encode_fragment(part(payload, false), out)
    };
    Ping: encoder, payload, out => encoder.encode_ping(payload.as_bytes(), out);
    Pong: encoder, payload, out => encoder.encode_pong(payload.as_bytes(), out);
    CloseWithReason: encoder, payload, out => {
        let reason = payload.get(2..).unwrap_or_default();
        encoder.encode_close(Some(Close::new(CloseCode::NORMAL, reason)), out)
    };
    CloseWithout: encoder, _payload, out => encoder.encode_close(None, out);
}

/// The frame, as a `Vec` gets it.
fn frame<R: Role>(encoder: Encoder<R>, verb: &impl Verb<R>, payload: &str) -> Option<Vec<u8>> {
    let (mut encoder, mut frame) = (encoder, Vec::new());
    verb.write(&mut encoder, payload, &mut frame).ok().map(|()| frame)
}

/// Writes into slices with room for the frame and for more, and into slices that end inside it.
fn check<R: Role>(make: impl Fn() -> Encoder<R>, verb: impl Verb<R>, payload: &str) {
    let Some(frame) = frame(make(), &verb, payload) else {
        assert!(payload.len() > 125, "a control frame alone is refused");
        return;
    };
    let end = frame.len();
    for behind in (0..=16).chain([17, 33, 64, BEHIND]) {
        let mut buffer = vec![GUARD; end + BEHIND];
        let mut out = &mut buffer[..end + behind];
        verb.write(&mut make(), payload, &mut out).unwrap();
        assert_eq!(out.len(), behind, "{} bytes", payload.len());
        assert_eq!(buffer[..end], frame);
        assert!(buffer[end..].iter().all(|&byte| byte == GUARD), "{} bytes", payload.len());
    }
    for first in [1, 2, 5, 7, 8, 9, end / 2, end - 1].into_iter().filter(|&first| first < end) {
        let (mut head, mut tail) = (vec![GUARD; first], vec![GUARD; end - first + BEHIND]);
        let mut out = (&mut head[..]).chain_mut(&mut tail[..]);
        verb.write(&mut make(), payload, &mut out).unwrap();
        assert_eq!([&head[..], &tail[..end - first]].concat(), frame);
        assert!(tail[end - first..].iter().all(|&byte| byte == GUARD), "{} bytes", payload.len());
        let (mut short, mut encoder) = (vec![GUARD; end], make());
        let refused = verb.write(&mut encoder, payload, &mut &mut short[..first]);
        assert_eq!(refused, Err(SendError::BufferTooSmall { needed: end }));
        assert!(short.iter().all(|&byte| byte == GUARD), "what has no room changes nothing");
    }
}

fn check_all<R: Role>(make: impl Fn() -> Encoder<R>, payload: &str) {
    check(&make, Text, payload);
    check(&make, Binary, payload);
    check(&make, First, payload);
    check(&make, Next, payload);
    check(&make, Ping, payload);
    check(&make, Pong, payload);
    check(&make, CloseWithReason, payload);
    check(&make, CloseWithout, payload);
}

fn client() -> Encoder<Client<Counting>> {
    Encoder::client(Counting::default())
}

#[test]
fn a_frame_of_any_length_is_written_and_nothing_behind_it() {
    for length in (0..=300).chain([65_534, 65_535, 65_536, 65_537]) {
        let payload = letters(length);
        for side in BOTH {
            match side {
                Side::Server => check_all(Encoder::server, &payload),
                Side::Client => check_all(client, &payload),
            }
        }
    }
}

#[test]
fn a_masked_copy_is_written_and_nothing_behind_it() {
    for length in 0..=300 {
        let (from, key) = (letters(length), MaskingKey::generate(&mut Counting::default()));
        let mut expected = from.clone().into_bytes();
        key.apply(&mut expected);
        let mut buffer = vec![GUARD; length + BEHIND];
        assert_eq!(key.put(from.as_bytes(), &mut &mut buffer[..]), length);
        assert_eq!(buffer[..length], expected);
        assert!(buffer[length..].iter().all(|&byte| byte == GUARD), "{length} bytes");
    }
}

#[cfg(feature = "deflate")]
#[test]
fn a_compressed_frame_is_written_and_nothing_behind_it() {
    use patchcord::deflate::{Compression, Context, Deflater, Engines};

    verbs! {
        Compressed: encoder, payload, out => encoder.encode_compressed(Message::Text(payload), out);
        CompressedFirst: encoder, payload, out => {
            encoder.encode_compressed_fragment(part(payload, true), out)
        };
    }
    fn check_slice<R: Role>(make: impl Fn() -> Encoder<R>, verb: impl Verb<R>, payload: &str) {
        let frame = frame(make(), &verb, payload).unwrap();
        let mut buffer = vec![GUARD; 2 * payload.len() + 200]; // it is asked for the worst case
        verb.write(&mut make(), payload, &mut &mut buffer[..]).unwrap();
        let (written, behind) = buffer.split_at(frame.len());
        assert_eq!(written, frame);
        assert!(behind.iter().all(|&byte| byte == GUARD), "{} bytes", payload.len());
    }
    let compression = Compression { threshold: 0, ..Compression::default() };
    let deflater = || Deflater::new(Context::default(), compression, &Engines::Owned).unwrap();
    for length in 0..=40 {
        let payload = "a".repeat(length);
        let server = || Encoder::server().with_deflater(deflater());
        let client = || client().with_deflater(deflater());
        check_slice(server, Compressed, &payload);
        check_slice(server, CompressedFirst, &payload);
        check_slice(client, Compressed, &payload);
        check_slice(client, CompressedFirst, &payload);
    }
}
