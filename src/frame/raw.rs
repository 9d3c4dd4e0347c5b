//! Headers that need not be legal, for fuzzers and for tests of other implementations.

use super::bytes::{Extended, HeaderBytes};
use super::header::{FIN, MASK, SIXTEEN_BIT, SIXTY_FOUR_BIT};
use crate::mask::MaskingKey;

/// A header that encodes to exactly what its fields say, legal or not.
///
/// ```
/// use patchcord::frame::{Header, LengthForm, RawHeader};
///
/// let reserved = RawHeader { opcode: 0x3, ..RawHeader::default() };
/// assert_eq!(&*reserved.encode(), [0x83, 0x00]);
///
/// let overlong = RawHeader { length: 1, form: LengthForm::SixtyFour, ..RawHeader::default() };
/// assert_eq!(&*overlong.encode(), [0x82, 127, 0, 0, 0, 0, 0, 0, 0, 1]);
/// assert!(Header::parse(&overlong.encode()).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RawHeader {
    /// The FIN bit.
    pub fin: bool,
    /// RSV1, RSV2 and RSV3 as a number from 0 to 7, in which RSV1 is 4.
    pub rsv: u8,
    /// The opcode, from 0 to 15.
    pub opcode: u8,
    /// The masking key, which also sets the MASK bit.
    pub masking_key: Option<MaskingKey>,
    /// The declared length, truncated to what the form can hold.
    pub length: u64,
    /// The form of the length.
    pub form: LengthForm,
}

/// The three forms of a payload length (section 5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LengthForm {
    /// In the second byte itself, in 7 bits; 126 and 127 announce the other forms.
    Seven,
    /// In two further bytes.
    Sixteen,
    /// In eight further bytes.
    SixtyFour,
}

/// An empty, final, unmasked binary frame.
impl Default for RawHeader {
    fn default() -> Self {
        Self {
            fin: true,
            rsv: 0,
            opcode: 0x2,
            masking_key: None,
            length: 0,
            form: LengthForm::Seven,
        }
    }
}

impl RawHeader {
    /// Parses a header from the front of `bytes`, whatever it says, and returns it with its size in
    /// bytes; `None` if more bytes are needed.
    ///
    /// ```
    /// use patchcord::frame::{LengthForm, RawHeader};
    ///
    /// let (header, size) = RawHeader::parse(&[0xf3, 126, 0, 5]).expect("a whole header");
    /// assert_eq!((header.rsv, header.opcode, header.length, size), (7, 0x3, 5, 4));
    /// assert_eq!(header.form, LengthForm::Sixteen);
    /// ```
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        let (&[first, second], rest) = bytes.split_first_chunk()?;
        let (length, form, rest) = match second & !MASK {
            SIXTEEN_BIT => {
                let (length, rest) = rest.split_first_chunk()?;
                (u16::from_be_bytes(*length).into(), LengthForm::Sixteen, rest)
            }
            SIXTY_FOUR_BIT => {
                let (length, rest) = rest.split_first_chunk()?;
                (u64::from_be_bytes(*length), LengthForm::SixtyFour, rest)
            }
            short => (short.into(), LengthForm::Seven, rest),
        };
        let (masking_key, rest) = if second & MASK == 0 {
            (None, rest)
        } else {
            let (key, rest) = rest.split_first_chunk::<4>()?;
            (Some(MaskingKey::from(*key)), rest)
        };
        let (fin, rsv, opcode) = (first & FIN != 0, first >> 4 & 0x7, first & 0xf);
        Some((Self { fin, rsv, opcode, masking_key, length, form }, bytes.len() - rest.len()))
    }

    /// Encodes the header; bits that do not fit their field are dropped.
    #[must_use]
    pub fn encode(self) -> HeaderBytes {
        let first = if self.fin { FIN } else { 0 } | (self.rsv & 0x7) << 4 | self.opcode & 0xf;
        let (short, extended) = match self.form {
            LengthForm::Seven => (self.length as u8 & !MASK, Extended::None),
            LengthForm::Sixteen => (SIXTEEN_BIT, Extended::Sixteen(self.length as u16)),
            LengthForm::SixtyFour => (SIXTY_FOUR_BIT, Extended::SixtyFour(self.length)),
        };
        HeaderBytes::new(first, short, extended, self.masking_key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_first_bytes_is_parsed_and_encoded_back() {
        let mut bytes = [0xa5; 14];
        for first in 0..=255 {
            for second in 0..=255 {
                bytes[..2].copy_from_slice(&[first, second]);
                let (header, size) = RawHeader::parse(&bytes).unwrap();
                assert_eq!(*header.encode(), bytes[..size]);
                assert_eq!(RawHeader::parse(&bytes[..size - 1]), None);
            }
        }
    }
}
