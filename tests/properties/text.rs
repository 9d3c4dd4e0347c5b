//! Text that is checked in pieces agrees with the standard library, which checks it whole.

use crate::common::{frame, run};
use crate::properties::hold::hold;
use crate::properties::streams::{cuts, deliveries, pieces, sides};
use patchcord::payload::Text;
use patchcord::{InvalidUtf8, Limits, ProtocolError, Utf8};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// The bytes at the edges of the table of well-formed sequences, of all the most telling.
const EDGES: [u8; 20] = [
    0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xec, 0xed, 0xef,
    0xf0, 0xf3, 0xf4, 0xf5,
];

/// Characters, with stray bytes between them and long runs before them.
fn almost_text() -> impl Strategy<Value = Vec<u8>> {
    let character = any::<char>().prop_map(|c| c.to_string().into_bytes());
    let stray = vec(select(&EDGES[..]), 1..4);
    let run = (0..140_usize).prop_map(|length| vec![b'r'; length]);
    let part = prop_oneof![30 => character, 1 => stray, 1 => vec(any::<u8>(), 1..4), 2 => run];
    let parts = vec(part, 0..24).prop_map(|parts| parts.concat());
    (parts, proptest::option::weighted(0.3, any::<Index>())).prop_map(|(mut text, end)| {
        if let Some(end) = end {
            text.truncate(end.index(text.len() + 1));
        }
        text
    })
}

/// The first byte after which no text goes on like this, as the standard library sees it; the
/// length of the text if it breaks off inside a character.
fn first_bad(text: &[u8]) -> Option<usize> {
    let whole = std::str::from_utf8(text).err()?;
    let after = whole.valid_up_to()..text.len();
    let bad = |end: &usize| {
        let error = std::str::from_utf8(&text[..=*end]).err();
        error.is_some_and(|error| error.error_len().is_some())
    };
    Some(after.clone().find(bad).unwrap_or(text.len()))
}

/// The same index, found in pieces.
fn in_pieces(pieces: &[&[u8]]) -> Option<usize> {
    let (mut utf8, mut before) = (Utf8::new(), 0);
    for piece in pieces {
        if let Err(InvalidUtf8 { at }) = utf8.feed(piece) {
            return Some(before + at);
        }
        before += piece.len();
    }
    utf8.finish().err().map(|_| before)
}

#[test]
fn a_text_in_pieces_fails_where_the_standard_library_says() {
    hold(2000, (almost_text(), cuts()), |(text, cuts)| {
        let expected = first_bad(&text);
        assert_eq!(in_pieces(&pieces(&text, &cuts)), expected);
        assert_eq!(in_pieces(&text.chunks(1).collect::<Vec<_>>()), expected);
        assert_eq!(Text::new(&text[..]).err().map(|error| error.at), expected);
        if let Ok(checked) = Text::new(&text[..]) {
            assert_eq!(checked.as_bytes(), text);
        }
    });
}

#[test]
fn a_validator_that_is_used_after_an_error_is_wrong_at_worst() {
    hold(500, vec(almost_text(), 0..6), |texts| {
        let mut utf8 = Utf8::new();
        for text in texts {
            let bad = utf8.feed(&text).err();
            assert!(bad.is_none_or(|error| error.at <= text.len()));
        }
    });
}

#[test]
fn a_text_message_fails_at_the_same_byte_in_any_frames_and_reads() {
    let inputs = (sides(), deliveries(), almost_text(), cuts(), cuts(), 0..200_u32);
    hold(1000, inputs, |(side, delivery, text, fragments, reads, whole)| {
        let parts = pieces(&text, &fragments);
        let (mut bytes, mut positions) = (Vec::new(), Vec::new());
        for (index, part) in parts.iter().enumerate() {
            let fin = if index + 1 == parts.len() { 0x80 } else { 0 };
            let key = (side.mask() != 0).then_some([index as u8, 0x5a, 0xc3, 0xff]);
            bytes.extend(frame(fin | u8::from(index == 0), key, part));
            positions.extend(bytes.len() - part.len()..bytes.len());
        }
        let limits = Limits { whole_frame: whole, ..Limits::default() };
        let error = |bytes| run(&mut side.decoder(limits, delivery), &pieces(bytes, &reads)).error;
        let at = first_bad(&text);
        let expected = at.map(|at| ProtocolError::InvalidUtf8 { at: at as u64 });
        assert_eq!(error(&bytes), expected);
        if let Some(&position) = at.and_then(|at| positions.get(at)) {
            assert_eq!(error(&bytes[..position]), None, "too early");
            assert_eq!(error(&bytes[..=position]), expected, "too late");
        }
    });
}
