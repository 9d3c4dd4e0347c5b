//! Values that are made from their fields.

use crate::codec::{Fragment, Message, MessageKind};
use crate::frame::{
    Close, CloseCode, Header, LengthForm, MAX_CONTROL_PAYLOAD, Opcode, RawHeader, Rsv,
};
use crate::mask::MaskingKey;
use arbitrary::{Arbitrary, Result, Unstructured};

impl<'a> Arbitrary<'a> for MaskingKey {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.arbitrary().map(<[u8; 4]>::into)
    }
}

impl<'a> Arbitrary<'a> for Opcode {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        use Opcode::{Binary, Close, Continuation, Ping, Pong, Text};
        u.choose(&[Continuation, Text, Binary, Close, Ping, Pong]).copied()
    }
}

impl<'a> Arbitrary<'a> for Rsv {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.arbitrary().map(Self::from_first_byte)
    }
}

impl<'a> Arbitrary<'a> for LengthForm {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.choose(&[Self::Seven, Self::Sixteen, Self::SixtyFour]).copied()
    }
}

/// Returns a length next to a boundary between the forms, short enough for that many bytes to be
/// made.
pub(super) fn border(u: &mut Unstructured<'_>) -> Result<usize> {
    let border: usize = *u.choose(&[126, 0x1_0000])?;
    Ok(border - 1 + u.int_in_range(0..=2)?)
}

/// Returns a length: small, next to a boundary between the forms, or any.
pub(super) fn length(u: &mut Unstructured<'_>) -> Result<u64> {
    match u.int_in_range(0..=7)? {
        0..=3 => u.int_in_range(0..=130),
        4 => u.int_in_range(0xfff0..=0x1_0010),
        5 => u.int_in_range(0..=62).map(|bit: u32| 1 << bit),
        _ => u.arbitrary(),
    }
}

/// Always legal: fields that contradict each other give another header instead.
impl<'a> Arbitrary<'a> for Header {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let opcode: Opcode = u.arbitrary()?;
        // RFC 6455 section 5.2: the most significant bit is 0.
        let length = length(u)? & i64::MAX as u64;
        let control = length % (MAX_CONTROL_PAYLOAD as u64 + 1);
        let empty = Self::new(opcode, 0).map_err(|_| arbitrary::Error::IncorrectFormat)?;
        let header = Self::new(opcode, if opcode.is_control() { control } else { length });
        let header =
            header.unwrap_or(empty).with_masking_key(u.arbitrary()?).with_rsv(u.arbitrary()?);
        Ok(header.with_fin(u.arbitrary()?).unwrap_or(header))
    }
}

/// Legal or not.
impl<'a> Arbitrary<'a> for RawHeader {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let first: u8 = u.arbitrary()?;
        let (fin, rsv, opcode) = (first & 0x80 != 0, first >> 4 & 0x7, first & 0xf);
        let (masking_key, length, form) = (u.arbitrary()?, length(u)?, u.arbitrary()?);
        Ok(Self { fin, rsv, opcode, masking_key, length, form })
    }
}

impl<'a> Arbitrary<'a> for CloseCode {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let code = match u.int_in_range(0..=2)? {
            0 => u.int_in_range(1000..=1014)?,
            _ => u.int_in_range(3000..=4999)?,
        };
        Ok(Self::new(code).unwrap_or(Self::NORMAL))
    }
}

/// Returns the longest prefix of `text` that is at most `most` bytes long.
fn cut(text: &str, most: usize) -> &str {
    let end = (0..=most.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

impl<'a> Arbitrary<'a> for Close<&'a [u8]> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let code = u.arbitrary()?;
        Ok(Close::new(code, cut(u.arbitrary()?, Self::MAX_REASON)))
    }
}

impl<'a> Arbitrary<'a> for MessageKind {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.choose(&[Self::Text, Self::Binary]).copied()
    }
}

impl<'a> Arbitrary<'a> for Message<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(match u.arbitrary()? {
            MessageKind::Text => Self::Text(u.arbitrary()?),
            MessageKind::Binary => Self::Binary(u.arbitrary()?),
        })
    }
}

/// A fragment of any message; neither its place nor its text is checked.
impl<'a> Arbitrary<'a> for Fragment<&'a [u8]> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let (kind, first, last) = (u.arbitrary()?, u.arbitrary()?, u.arbitrary()?);
        Ok(Self { kind, first, last, payload: u.arbitrary()? })
    }
}
