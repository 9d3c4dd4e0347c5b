//! The fields of the first byte: the opcode, and the bits that extensions may use.

use core::fmt;
use core::ops::BitOr;

/// The meaning of a frame's payload (RFC 6455 section 5.2); reserved values have no opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[doc(alias = "OpCode")]
pub enum Opcode {
    /// Another fragment of the message in progress.
    Continuation = 0x0,
    /// A text message, or its first fragment.
    Text = 0x1,
    /// A binary message, or its first fragment.
    Binary = 0x2,
    /// A step of the closing handshake.
    Close = 0x8,
    /// A question to the peer whether it is there.
    Ping = 0x9,
    /// The answer to a ping.
    Pong = 0xa,
}

impl Opcode {
    /// Returns the opcode for a number from 0 to 15, or `None` if it is reserved.
    #[must_use]
    #[inline]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0x0 => Self::Continuation,
            0x1 => Self::Text,
            0x2 => Self::Binary,
            0x8 => Self::Close,
            0x9 => Self::Ping,
            0xa => Self::Pong,
            _ => return None,
        })
    }

    /// Returns whether this is a control frame, which has the top bit set (section 5.5).
    #[must_use]
    #[inline]
    pub const fn is_control(self) -> bool {
        self as u8 & 0x8 != 0
    }
}

/// The reserved bits of a frame, which are zero unless an extension gave them a meaning (section
/// 5.2).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Rsv(u8);

impl Rsv {
    /// No bit set.
    pub const NONE: Self = Self(0);
    /// The first bit, which permessage-deflate uses (RFC 7692 section 6).
    pub const RSV1: Self = Self(0x40);
    /// The second bit.
    pub const RSV2: Self = Self(0x20);
    /// The third bit.
    pub const RSV3: Self = Self(0x10);

    /// Takes the reserved bits from a frame's first byte.
    #[must_use]
    #[inline]
    pub const fn from_first_byte(byte: u8) -> Self {
        Self(byte & 0x70)
    }

    /// The bits, in their positions in a frame's first byte.
    #[must_use]
    #[inline]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Returns whether all bits of `other` are set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl BitOr for Rsv {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Debug for Rsv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rsv({:03b})", self.0 >> 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opcodes_3_to_7_and_11_to_15_are_reserved() {
        for bits in 0..=255 {
            let reserved = matches!(bits, 0x3..=0x7 | 0xb..);
            assert_eq!(Opcode::from_bits(bits).is_none(), reserved, "{bits:#x}");
            assert!(Opcode::from_bits(bits).is_none_or(|opcode| opcode as u8 == bits));
        }
    }
}
