use super::decode::{Settings, agrees};
use arbitrary::Unstructured;
use patchcord::arbitrary::{AnyFrames, LegalFrames, Sender};

/// So many bytes make some dozen frames; more of them are only slower.
const ENOUGH: usize = 512;

/// Streams that the crate's own `Arbitrary` makes: legal ones are received whole and without an
/// error, others come to what a naive reading of RFC 6455 says, in any cut.
pub fn generated(data: &[u8]) {
    let Some((&[choice, seed], rest)) = data.split_first_chunk() else { return };
    let mut u = Unstructured::new(&rest[..rest.len().min(ENOUGH)]);
    let settings = Settings::of(choice);
    let sender = if settings.masked { Sender::Client } else { Sender::Server };
    if choice & 0x10 == 0 {
        let Ok(frames) = LegalFrames::from_sender(sender, &mut u) else { return };
        // The limits of streams that have to be taken.
        let settings = Settings::of(choice & 0x07);
        let verdict = agrees(&settings, seed, &frames.bytes);
        assert_eq!(verdict.failure, None, "a legal stream is refused");
        assert_eq!(verdict.at, frames.bytes.len(), "a legal stream has whole frames");
    } else {
        let Ok(frames) = AnyFrames::from_sender(sender, &mut u) else { return };
        agrees(&settings, seed, &frames.bytes);
    }
}
