//! UTF-8 validation of text that arrives in pieces (RFC 6455 section 8.1).

use super::text::is_utf8;
use core::fmt;
use core::str;

/// Checks UTF-8 piece by piece, wherever the pieces are cut, and fails at the first byte that no
/// valid text can have there.
///
/// ```
/// use patchcord::Utf8;
///
/// let mut text = Utf8::new();
/// text.feed(b"caf\xc3")?; // cut inside U+00E9
/// text.feed(b"\xa9")?;
/// text.finish()?; // not in the middle of a character
/// assert_eq!(text.feed(b"au\xffx").unwrap_err().at, 2);
/// # Ok::<(), patchcord::InvalidUtf8>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Utf8 {
    /// The first bytes of a character whose last has not arrived yet.
    pending: [u8; 3],
    count: u8,
}

impl Utf8 {
    /// Creates a validator at the start of a text.
    #[must_use]
    pub const fn new() -> Self {
        Self { pending: [0; 3], count: 0 }
    }

    /// Checks the next piece of the text.
    ///
    /// # Errors
    /// At the first byte after which no continuation can make the text valid. Do not use the
    /// validator after that.
    pub fn feed(&mut self, piece: &[u8]) -> Result<(), InvalidUtf8> {
        let done = if self.count == 0 { 0 } else { self.complete(piece)? };
        let rest = &piece[done..];
        let (whole, tail) = rest.split_at(rest.len() - unfinished(rest));
        if !is_utf8(whole) {
            return Err(InvalidUtf8 { at: done + first_bad(whole) });
        }
        self.hold(tail).map_err(|at| InvalidUtf8 { at: done + whole.len() + at })
    }

    /// Checks that the text does not end inside a character.
    ///
    /// # Errors
    /// When it does. `at` is then 0: the byte that should follow is missing.
    pub fn finish(&self) -> Result<(), InvalidUtf8> {
        if self.count == 0 { Ok(()) } else { Err(InvalidUtf8 { at: 0 }) }
    }

    /// Completes the pending character from `piece`, and returns the number of bytes taken.
    #[cold]
    fn complete(&mut self, piece: &[u8]) -> Result<usize, InvalidUtf8> {
        let mut character = [0; 4];
        let mut length = usize::from(self.count);
        character[..length].copy_from_slice(&self.pending[..length]);
        for (at, &byte) in piece.iter().enumerate() {
            character[length] = byte;
            length += 1;
            match str::from_utf8(&character[..length]) {
                Ok(_) => {
                    self.count = 0;
                    return Ok(at + 1);
                }
                Err(error) if error.error_len().is_some() => return Err(InvalidUtf8 { at }),
                Err(_) => {} // at most 3 bytes can be an unfinished character: a fourth decides
            }
        }
        self.pending.copy_from_slice(&character[..3]);
        self.count = length as u8;
        Ok(piece.len())
    }

    /// Keeps an unfinished character of at most 3 bytes. The error is the index of a bad byte.
    fn hold(&mut self, tail: &[u8]) -> Result<(), usize> {
        if tail.is_empty() {
            return Ok(());
        }
        if str::from_utf8(tail).is_err_and(|error| error.error_len().is_some()) {
            return Err(first_bad(tail));
        }
        self.pending[..tail.len()].copy_from_slice(tail);
        self.count = tail.len() as u8;
        Ok(())
    }
}

/// Text that is not UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidUtf8 {
    /// The index, in the piece that was being checked, of the first byte that cannot stand there.
    pub at: usize,
}

impl fmt::Display for InvalidUtf8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "text is not valid UTF-8 at byte {}", self.at)
    }
}

impl core::error::Error for InvalidUtf8 {}

/// Returns the number of bytes at the end of `text` that begin an unfinished character.
fn unfinished(text: &[u8]) -> usize {
    let last = text.iter().rev().take(3).position(|&byte| byte & 0b1100_0000 != 0b1000_0000);
    let Some(back) = last else { return 0 };
    let needed = match text[text.len() - 1 - back] {
        0b1111_0000.. => 4,
        0b1110_0000.. => 3,
        0b1100_0000.. => 2,
        _ => 1,
    };
    if needed > back + 1 { back + 1 } else { 0 }
}

/// Returns the index of the first bad byte in `text`, which is invalid.
#[cold]
fn first_bad(text: &[u8]) -> usize {
    let Err(error) = str::from_utf8(text) else { return text.len() };
    let sequence = &text[error.valid_up_to()..];
    let length = error.error_len().unwrap_or(sequence.len());
    // The bad byte follows the sequence, unless the first byte of the sequence is itself bad.
    let begun = str::from_utf8(&sequence[..length]).is_err_and(|e| e.error_len().is_none());
    error.valid_up_to() + if begun { length } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec::Vec;

    /// One per class of section 3.1 of the Unicode standard's table of well-formed sequences,
    /// and of what lies just outside it: (text, index of the first bad byte).
    const INVALID: &[(&[u8], usize)] = &[
        (b"\x80", 0),             // a continuation byte first
        (b"a\xbf", 1),            // a continuation byte after ASCII
        (b"\xc0\xaf", 0),         // overlong, two bytes
        (b"\xc1\xbf", 0),         // overlong, two bytes
        (b"\xe0\x9f\xbf", 1),     // overlong, three bytes
        (b"\xed\xa0\x80", 1),     // a surrogate, U+D800
        (b"\xed\xbf\xbf", 1),     // a surrogate, U+DFFF
        (b"\xf0\x8f\xbf\xbf", 1), // overlong, four bytes
        (b"\xf4\x90\x80\x80", 1), // above U+10FFFF
        (b"\xf5\x80\x80\x80", 0), // no such first byte
        (b"\xff", 0),
        (b"\xc3(", 1), // a character broken off
        (b"\xe2\x82(", 2),
        (b"\xf0\x9f\x8e(", 3),
        (b"\xe2(\xa1", 1),
    ];

    fn bytewise(text: &[u8]) -> Result<(), usize> {
        let mut utf8 = Utf8::new();
        for (i, byte) in text.iter().enumerate() {
            utf8.feed(core::slice::from_ref(byte)).map_err(|error| i + error.at)?;
        }
        utf8.finish().map_err(|_| text.len())
    }

    #[test]
    fn invalid_utf8_fails_at_the_first_bad_byte_at_every_split() {
        for (bad, at) in INVALID {
            for prefix in [0, 1, 63, 64, 65, 130] {
                let mut text: Vec<u8> = core::iter::repeat_n(b'x', prefix).collect();
                text.extend_from_slice(bad);
                text.extend_from_slice(b"tail");
                let expected = prefix + at;
                for split in 0..=text.len() {
                    let mut utf8 = Utf8::new();
                    let first = utf8.feed(&text[..split]).map_err(|e| e.at);
                    let found =
                        first.and_then(|()| utf8.feed(&text[split..]).map_err(|e| split + e.at));
                    assert_eq!(found, Err(expected), "{bad:x?} after {prefix}, split at {split}");
                }
                assert_eq!(bytewise(&text), Err(expected));
            }
        }
    }

    #[test]
    fn every_character_is_accepted_whole_and_byte_by_byte() {
        for c in '\0'..=char::MAX {
            let mut buffer = [0; 4];
            let text = c.encode_utf8(&mut buffer).as_bytes();
            assert_eq!(Utf8::new().feed(text), Ok(()), "{c:?}");
            assert_eq!(bytewise(text), Ok(()), "{c:?}");
        }
    }

    #[test]
    fn text_that_ends_inside_a_character_is_refused() {
        for cut in ["é", "€", "🎧"] {
            for end in 1..cut.len() {
                assert_eq!(bytewise(&cut.as_bytes()[..end]), Err(end));
            }
        }
    }

    #[test]
    fn three_pieces_of_mixed_text_are_accepted_at_every_pair_of_cuts() {
        let text = String::from("añ€🎧z").repeat(3);
        let bytes = text.as_bytes();
        for first in 0..bytes.len() {
            for second in first..bytes.len() {
                let mut utf8 = Utf8::new();
                for piece in [&bytes[..first], &bytes[first..second], &bytes[second..]] {
                    utf8.feed(piece).unwrap();
                }
                utf8.finish().unwrap();
            }
        }
    }

    /// All sequences of up to three bytes drawn from the edges of every class.
    #[test]
    fn agrees_with_the_standard_library_on_every_short_sequence_of_edge_bytes() {
        const EDGES: [u8; 20] = [
            0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xec,
            0xed, 0xef, 0xf0, 0xf3, 0xf4, 0xf5,
        ];
        for a in EDGES {
            for b in EDGES {
                for c in EDGES {
                    for d in EDGES {
                        let text = [a, b, c, d];
                        assert_eq!(bytewise(&text).is_ok(), str::from_utf8(&text).is_ok());
                        let mut utf8 = Utf8::new();
                        let whole = utf8.feed(&text).and_then(|()| utf8.finish());
                        assert_eq!(whole.is_ok(), str::from_utf8(&text).is_ok(), "{text:x?}");
                    }
                }
            }
        }
    }
}
