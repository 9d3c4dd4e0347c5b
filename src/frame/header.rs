//! A frame's header: its three parts in the order in which their bytes arrive, and the whole
//! header.

use super::bytes::{Extended, HeaderBytes};
use super::{Opcode, Rsv};
use crate::mask::MaskingKey;
use core::fmt;

/// The length of the longest header in bytes: two bytes, a 64-bit length and a masking key (RFC
/// 6455 section 5.2).
pub const MAX_HEADER: usize = 14;

/// The most bytes that a control frame may carry (section 5.5).
pub const MAX_CONTROL_PAYLOAD: usize = 125;

pub(crate) const FIN: u8 = 0x80;
pub(super) const MASK: u8 = 0x80;
pub(super) const SIXTEEN_BIT: u8 = 126;
pub(super) const SIXTY_FOUR_BIT: u8 = 127;

/// The first byte of a header: FIN, the reserved bits and the opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Start {
    pub(crate) fin: bool,
    pub(crate) rsv: Rsv,
    pub(crate) opcode: Opcode,
}

impl Start {
    #[inline(always)]
    pub(crate) const fn parse(byte: u8) -> Result<Self, HeaderError> {
        // One byte can break two rules. A fixed order makes the reported error a function of the
        // bytes.
        let Some(opcode) = Opcode::from_bits(byte & 0x0f) else {
            return Err(HeaderError::ReservedOpcode);
        };
        Self { fin: byte & FIN != 0, rsv: Rsv::from_first_byte(byte), opcode }.admit()
    }

    /// Checks that a control frame is not fragmented (RFC 6455 section 5.5).
    #[inline(always)]
    const fn admit(self) -> Result<Self, HeaderError> {
        if self.opcode.is_control() && !self.fin {
            return Err(HeaderError::FragmentedControl);
        }
        Ok(self)
    }

    const fn encode(self) -> u8 {
        (if self.fin { FIN } else { 0 }) | self.rsv.bits() | self.opcode as u8
    }
}

/// The payload length of a header, and the number of bytes that encode it, including the second
/// byte of the header: 1, 3 or 9.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Length {
    pub(crate) value: u64,
    size: usize,
}

impl Length {
    /// Returns whether the second byte of a header says that the payload is masked.
    #[inline(always)]
    pub(crate) const fn is_masked(second: u8) -> bool {
        second & MASK != 0
    }

    /// Returns the size in bytes of a header with this length, with or without a masking key.
    pub(crate) const fn header_size(&self, masked: bool) -> usize {
        1 + self.size + if masked { 4 } else { 0 }
    }

    /// Parses a length from `bytes`, which begin with the header's second byte; `None` if more
    /// bytes are needed. An error is raised at the first byte that decides it.
    #[inline(always)]
    pub(crate) fn parse(opcode: Opcode, bytes: &[u8]) -> Result<Option<Self>, HeaderError> {
        let Some((&second, extended)) = bytes.split_first() else { return Ok(None) };
        let short = second & !MASK;
        // For control frames, 126 and 127 already fail here, before an extended length has arrived.
        admit_length(opcode, short as u64)?;
        match short {
            SIXTEEN_BIT => Self::sixteen_bit(extended),
            SIXTY_FOUR_BIT => Self::sixty_four_bit(extended),
            _ => Ok(Some(Self { value: u64::from(short), size: 1 })),
        }
    }

    #[inline(always)]
    fn sixteen_bit(bytes: &[u8]) -> Result<Option<Self>, HeaderError> {
        let Some(&bytes) = bytes.first_chunk() else { return Ok(None) };
        let value = u64::from(u16::from_be_bytes(bytes));
        // RFC 6455 section 5.2: the minimal number of bytes must encode the length.
        if value < u64::from(SIXTEEN_BIT) {
            return Err(HeaderError::LengthNotMinimal);
        }
        Ok(Some(Self { value, size: 3 }))
    }

    fn sixty_four_bit(bytes: &[u8]) -> Result<Option<Self>, HeaderError> {
        // The first byte alone decides whether the length is too large.
        admit_length(Opcode::Binary, u64::from(bytes.first().copied().unwrap_or_default()) << 56)?;
        // RFC 6455 section 5.2: the minimal number of bytes must encode the length.
        // Six zeros decide it: whatever follows is below 65,536.
        if bytes.first_chunk() == Some(&[0; 6]) {
            return Err(HeaderError::LengthNotMinimal);
        }
        let Some(&bytes) = bytes.first_chunk() else { return Ok(None) };
        Ok(Some(Self { value: u64::from_be_bytes(bytes), size: 9 }))
    }
}

/// Checks a frame's length by the rules that hold for every sender.
#[inline(always)]
const fn admit_length(opcode: Opcode, length: u64) -> Result<(), HeaderError> {
    // RFC 6455 section 5.5: a control frame has a payload of 125 bytes or less.
    if opcode.is_control() && length > MAX_CONTROL_PAYLOAD as u64 {
        return Err(HeaderError::ControlTooLong);
    }
    // RFC 6455 section 5.5.1: if a Close has a body, its first two bytes are the code.
    if matches!(opcode, Opcode::Close) && length == 1 {
        return Err(HeaderError::CloseTooShort);
    }
    // RFC 6455 section 5.2: the most significant bit of a 64-bit length is 0.
    if length > i64::MAX as u64 {
        return Err(HeaderError::LengthTopBit);
    }
    Ok(())
}

/// The header of a frame, legal by construction as far as a frame alone can be.
///
/// ```
/// use patchcord::frame::{Header, Opcode};
///
/// // section 5.7: 256 bytes of binary data in one unmasked frame
/// let header = Header::new(Opcode::Binary, 256)?;
/// assert_eq!(&*header.encode(), [0x82, 0x7e, 0x01, 0x00]);
/// assert_eq!(Header::parse(&[0x82, 0x7e, 0x01, 0x00])?, Some((header, 4)));
/// assert_eq!(Header::parse(&[0x82, 0x7e, 0x01])?, None); // more bytes are needed
/// assert!(Header::parse(&[0x89, 0x7e]).is_err()); // a ping of more than 125 bytes
/// # Ok::<(), patchcord::frame::HeaderError>(())
/// ```
#[doc(alias = "FrameHeader")]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    start: Start,
    masking_key: Option<MaskingKey>,
    length: u64,
}

impl Header {
    /// Makes the header of a final, unmasked frame with `length` bytes of payload.
    ///
    /// # Errors
    /// When a control frame is longer than 125 bytes, a Close is one byte long (section 5.5), or
    /// the length is 2^63 or more (section 5.2).
    pub const fn new(opcode: Opcode, length: u64) -> Result<Self, HeaderError> {
        if let Err(error) = admit_length(opcode, length) {
            return Err(error);
        }
        let start = Start { fin: true, rsv: Rsv::NONE, opcode };
        Ok(Self { start, masking_key: None, length })
    }

    /// Sets the masking key, or `None` for a frame that is not masked.
    #[must_use]
    pub const fn with_masking_key(self, masking_key: Option<MaskingKey>) -> Self {
        Self { masking_key, ..self }
    }

    /// Sets the reserved bits.
    #[must_use]
    pub const fn with_rsv(mut self, rsv: Rsv) -> Self {
        self.start.rsv = rsv;
        self
    }

    /// Sets the FIN bit: false for a fragment that another one follows.
    ///
    /// # Errors
    /// When a control frame would not be final (section 5.5).
    pub const fn with_fin(mut self, fin: bool) -> Result<Self, HeaderError> {
        self.start.fin = fin;
        match self.start.admit() {
            Ok(_) => Ok(self),
            Err(error) => Err(error),
        }
    }

    /// Parses a header from the front of `bytes`, and returns it with its size in bytes; `None` if
    /// more bytes are needed.
    ///
    /// # Errors
    /// When the opcode is reserved, a control frame is fragmented or longer than 125 bytes, a Close
    /// is one byte long, or the length would fit a shorter form or is 2^63 or more. The error is
    /// raised at the first byte that decides it.
    pub fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, HeaderError> {
        let Some((&first, rest)) = bytes.split_first() else { return Ok(None) };
        let start = Start::parse(first)?;
        let Some(length) = Length::parse(start.opcode, rest)? else { return Ok(None) };
        Ok(Self::complete(start, length, rest))
    }

    /// Assembles a header whose length is known. `rest` begins with the header's second byte;
    /// `None` means that the masking key has not arrived yet.
    #[inline(always)]
    pub(crate) fn complete(start: Start, length: Length, rest: &[u8]) -> Option<(Self, usize)> {
        if !Length::is_masked(*rest.first()?) {
            return Some((
                Self { start, masking_key: None, length: length.value },
                1 + length.size,
            ));
        }
        let key: &[u8; 4] = rest.get(length.size..)?.first_chunk()?;
        let masking_key = Some(MaskingKey::from(*key));
        Some((Self { start, masking_key, length: length.value }, 1 + length.size + 4))
    }

    /// The size of the encoded header in bytes.
    #[must_use]
    #[inline]
    pub const fn size(self) -> usize {
        let length = match self.length {
            0..126 => 2,
            126..0x1_0000 => 4,
            _ => 10,
        };
        if self.masking_key.is_some() { length + 4 } else { length }
    }

    /// Encodes the header in its minimal form.
    #[must_use]
    #[inline]
    pub fn encode(self) -> HeaderBytes {
        let (short, extended) = match self.length {
            0..126 => (self.length as u8, Extended::None),
            126..0x1_0000 => (SIXTEEN_BIT, Extended::Sixteen(self.length as u16)),
            _ => (SIXTY_FOUR_BIT, Extended::SixtyFour(self.length)),
        };
        HeaderBytes::new(self.start.encode(), short, extended, self.masking_key)
    }

    /// The FIN bit: true if this is the last fragment of its message.
    #[must_use]
    pub const fn fin(self) -> bool {
        self.start.fin
    }

    /// The reserved bits.
    #[must_use]
    pub const fn rsv(self) -> Rsv {
        self.start.rsv
    }

    /// The opcode.
    #[must_use]
    pub const fn opcode(self) -> Opcode {
        self.start.opcode
    }

    /// The masking key, if the payload is masked.
    #[must_use]
    pub const fn masking_key(self) -> Option<MaskingKey> {
        self.masking_key
    }

    /// The length of the payload in bytes, below 2^63.
    #[must_use]
    pub const fn length(self) -> u64 {
        self.length
    }
}

/// An error in a header, independent of the sender and of earlier frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HeaderError {
    /// The opcode is reserved (section 5.2).
    ReservedOpcode,
    /// A control frame has no FIN bit (section 5.5).
    FragmentedControl,
    /// A control frame has more than 125 bytes of payload (section 5.5).
    ControlTooLong,
    /// The payload of a Close is too short for a status code (section 5.5.1).
    CloseTooShort,
    /// The length would fit a shorter form (section 5.2).
    LengthNotMinimal,
    /// A 64-bit length has its most significant bit set (section 5.2).
    LengthTopBit,
}

impl HeaderError {
    /// The section of RFC 6455 with the broken rule.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self {
            Self::FragmentedControl | Self::ControlTooLong => "5.5",
            Self::CloseTooShort => "5.5.1",
            Self::ReservedOpcode | Self::LengthNotMinimal | Self::LengthTopBit => "5.2",
        }
    }
}

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReservedOpcode => "the opcode is reserved",
            Self::FragmentedControl => "a control frame is fragmented",
            Self::ControlTooLong => "a control frame has more than 125 bytes of payload",
            Self::CloseTooShort => "the body of a close frame is one byte long",
            Self::LengthNotMinimal => "the payload length is not in its shortest form",
            Self::LengthTopBit => "the payload length has its most significant bit set",
        })
    }
}

impl core::error::Error for HeaderError {}
