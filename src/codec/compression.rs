//! The codec's side of permessage-deflate (RFC 7692). Without the feature, the types are
//! zero-sized, and nothing is ever agreed on.

use super::ProtocolError;
#[cfg(feature = "deflate")]
use crate::deflate::{Deflater, InflateError, Inflater};
#[cfg(not(feature = "deflate"))]
use crate::frame::Rsv;
#[cfg(feature = "deflate")]
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The inflater of the peer's messages, if compression was agreed on.
#[derive(Debug)]
pub(super) struct Inflating {
    #[cfg(feature = "deflate")]
    inflater: Option<Box<Inflater>>,
}

impl Inflating {
    pub(super) const NO: Self = Self {
        #[cfg(feature = "deflate")]
        inflater: None,
    };

    #[cfg(feature = "deflate")]
    pub(super) fn by(inflater: Inflater) -> Self {
        Self { inflater: Some(Box::new(inflater)) }
    }

    pub(super) const fn is_agreed(&self) -> bool {
        #[cfg(feature = "deflate")]
        return self.inflater.is_some();
        #[cfg(not(feature = "deflate"))]
        return false;
    }

    /// Notes that the next part is a complete message of `length` bytes.
    #[cfg(feature = "deflate")]
    pub(super) fn comes_whole(&mut self, length: usize) {
        if let Some(inflater) = &mut self.inflater {
            inflater.comes_whole(length);
        }
    }

    /// Inflates the next part of a message, and appends the result.
    #[cfg(feature = "deflate")]
    pub(super) fn inflate(&mut self, part: &[u8], out: &mut Vec<u8>) -> Result<(), ProtocolError> {
        let Some(inflater) = &mut self.inflater else { return Ok(()) };
        Ok(inflater.inflate(part, out)?)
    }

    /// Ends a message.
    #[cfg(feature = "deflate")]
    pub(super) fn finish(&mut self) -> Result<(), ProtocolError> {
        let Some(inflater) = &mut self.inflater else { return Ok(()) };
        Ok(inflater.finish()?)
    }

    #[cfg(not(feature = "deflate"))]
    pub(super) fn comes_whole(&mut self, _: usize) {}

    #[cfg(not(feature = "deflate"))]
    pub(super) fn inflate(&mut self, _: &[u8], _: &mut Vec<u8>) -> Result<(), ProtocolError> {
        Err(ProtocolError::ReservedBits(Rsv::RSV1))
    }

    #[cfg(not(feature = "deflate"))]
    pub(super) fn finish(&mut self) -> Result<(), ProtocolError> {
        Err(ProtocolError::ReservedBits(Rsv::RSV1))
    }
}

#[cfg(feature = "deflate")]
impl From<InflateError> for ProtocolError {
    fn from(error: InflateError) -> Self {
        match error {
            InflateError::TooLong => Self::MessageTooLong,
            _ => Self::Inflate(error),
        }
    }
}

/// The deflater of this end's messages, if compression was agreed on.
#[derive(Debug)]
pub(super) struct Deflating {
    #[cfg(feature = "deflate")]
    pub(super) deflater: Option<Box<Deflater>>,
}

impl Deflating {
    pub(super) const NO: Self = Self {
        #[cfg(feature = "deflate")]
        deflater: None,
    };
}
