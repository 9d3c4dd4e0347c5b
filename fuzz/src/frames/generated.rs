use super::decode::{Settings, agrees};
use crate::stream::{Seen, first_bad};
use arbitrary::Unstructured;
use bytes::BytesMut;
use patchcord::arbitrary::{AnyFrames, LegalFrames, Sender};
use patchcord::{Decoder, Delivery, Encoder, Fragment, Limits, MessageKind};

/// This many bytes make some dozen frames; more would only be slower.
const ENOUGH: usize = 512;

/// Streams that the crate's own `Arbitrary` makes: legal ones are received whole and without an
/// error, others come to what a naive reading of RFC 6455 says, in any cut.
pub fn generated(data: &[u8]) {
    let Some((&[choice, seed], rest)) = data.split_first_chunk() else { return };
    let mut u = Unstructured::new(&rest[..rest.len().min(ENOUGH)]);
    if choice & 0x10 == 0 {
        let Ok(frames) = u.arbitrary::<LegalFrames>() else { return };
        // The limits of streams that have to be accepted.
        let settings = Settings { masked: is_masked(frames.sender), ..Settings::of(choice & 0x07) };
        let verdict = agrees(&settings, seed, &frames.bytes);
        assert_eq!(verdict.failure, None, "a legal stream is refused");
        assert_eq!(verdict.at, frames.bytes.len(), "a legal stream has whole frames");
        assert_meant(&frames);
        if let Ok(part) = u.arbitrary() {
            fragment(part);
        }
    } else {
        let Ok(frames) = u.arbitrary::<AnyFrames>() else { return };
        let settings = Settings { masked: is_masked(frames.sender), ..Settings::of(choice) };
        agrees(&settings, seed, &frames.bytes);
    }
}

/// The stream is heard to mean what its frames claim to mean.
fn assert_meant(frames: &LegalFrames) {
    let mut decoder = match frames.sender {
        Sender::Client => Decoder::server(Limits::default(), Delivery::Messages),
        Sender::Server => Decoder::client(Limits::default(), Delivery::Messages),
    };
    let mut input = BytesMut::from(&frames.bytes[..]);
    for event in &frames.events {
        let heard = decoder.decode(&mut input).expect("a legal stream");
        assert_eq!(heard.map(Seen::from), Some(Seen::from(event.clone())));
    }
    assert_eq!(decoder.decode(&mut input), Ok(None));
}

/// RFC 6455 section 5.1.
fn is_masked(sender: Sender) -> bool {
    sender == Sender::Client
}

/// The first part of a message can be sent exactly if text may continue like that, or end so if it is the last.
fn fragment(part: Fragment<&[u8]>) {
    let mut out = Vec::new();
    let sent = Encoder::server().encode_fragment(part, &mut out);
    let bad = (part.kind == MessageKind::Text).then(|| first_bad(part.payload)).flatten();
    let text = bad.is_none_or(|at| at == part.payload.len() && !part.last);
    assert_eq!(sent.is_ok(), part.first && text, "{sent:?}");
    assert_eq!(out.is_empty(), sent.is_err());
}
