use crate::stream::{Cuts, first_bad};
use patchcord::payload::Text;
use patchcord::{InvalidUtf8, Utf8};

/// Text in pieces fails at the byte at which `core::str::from_utf8` says that it cannot continue,
/// wherever it is cut; whole text fails at the same byte, and is a `str` otherwise.
pub fn utf8(data: &[u8]) {
    let Some((&seed, text)) = data.split_first() else { return };
    let expected = first_bad(text);
    for cuts in [Cuts::None, Cuts::drawn(seed), Cuts::Every(1 + usize::from(seed) % 5)] {
        assert_eq!(in_pieces(text, cuts), expected);
    }
    let exact = text.to_vec().into_boxed_slice();
    match Text::new(&exact[..]) {
        Ok(whole) => assert_eq!((whole.as_bytes(), expected), (text, None)),
        Err(InvalidUtf8 { at }) => assert_eq!(Some(at), expected),
    }
}

fn in_pieces(text: &[u8], cuts: Cuts) -> Option<usize> {
    let (mut utf8, mut before) = (Utf8::new(), 0);
    for piece in cuts.pieces(text) {
        // In memory of its own, so that a read beyond its end is noticed.
        let exact = piece.to_vec().into_boxed_slice();
        if let Err(InvalidUtf8 { at }) = utf8.feed(&exact) {
            return Some(before + at);
        }
        before += piece.len();
    }
    utf8.finish().err().map(|error| before + error.at)
}
