//! Turns hex text into bytes, wherever the text is cut.

use std::fmt;

/// A decoder between two pieces of text.
pub(crate) struct Hex {
    line: usize,
    state: State,
}

#[derive(Clone, Copy)]
enum State {
    Between,
    Comment,
    /// Behind `0x`, after which a byte may have one digit: `0x5`.
    Prefix,
    /// Behind the first digit of a byte.
    Digit {
        high: u8,
        prefixed: bool,
    },
}

impl Default for Hex {
    fn default() -> Self {
        Self { line: 1, state: State::Between }
    }
}

impl Hex {
    /// Appends the bytes that `text` completes to `bytes`.
    pub(crate) fn decode(&mut self, text: &[u8], bytes: &mut Vec<u8>) -> Result<(), HexError> {
        for &letter in text {
            self.state = self.next(letter, bytes)?;
            self.line += usize::from(letter == b'\n');
        }
        Ok(())
    }

    /// Ends the text, as white space would.
    pub(crate) fn finish(&mut self, bytes: &mut Vec<u8>) -> Result<(), HexError> {
        if matches!(self.state, State::Comment) { Ok(()) } else { self.decode(b" ", bytes) }
    }

    fn next(&self, letter: u8, bytes: &mut Vec<u8>) -> Result<State, HexError> {
        let digit = char::from(letter).to_digit(16).map(|digit| digit as u8);
        Ok(match (self.state, letter, digit) {
            (State::Comment, b'\n', _) => State::Between,
            (State::Comment, ..) => State::Comment,
            (State::Between, _, Some(high)) => State::Digit { high, prefixed: false },
            (State::Prefix, _, Some(high)) => State::Digit { high, prefixed: true },
            (State::Digit { high, .. }, _, Some(low)) => {
                bytes.push(high << 4 | low);
                State::Between
            }
            (State::Digit { high: 0, prefixed: false }, b'x' | b'X', _) => State::Prefix,
            (before, ..) => self.separator(before, letter, bytes)?,
        })
    }

    fn separator(&self, before: State, letter: u8, bytes: &mut Vec<u8>) -> Result<State, HexError> {
        if !(letter.is_ascii_whitespace() || matches!(letter, b',' | b'#')) {
            return Err(HexError::NotHex { line: self.line, letter });
        }
        match before {
            State::Digit { high, prefixed: true } => bytes.push(high),
            State::Digit { .. } | State::Prefix => {
                return Err(HexError::HalfByte { line: self.line });
            }
            State::Between | State::Comment => {}
        }
        Ok(if letter == b'#' { State::Comment } else { State::Between })
    }
}

/// Text that is not hex.
#[derive(Clone, Copy, Debug)]
pub(crate) enum HexError {
    NotHex { line: usize, letter: u8 },
    HalfByte { line: usize },
}

impl fmt::Display for HexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHex { line, letter } => {
                write!(f, "line {line}: `{}` is not a hex digit", letter.escape_ascii())
            }
            Self::HalfByte { line } => write!(f, "line {line}: a byte has only one digit"),
        }
    }
}
