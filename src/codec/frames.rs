//! A stream of bytes cut into frames, for programs that forward them.

use super::Input;
use crate::frame::{Header, HeaderError};
use crate::mask::MaskingKey;
use core::fmt;

/// Cuts a stream into frames: each header, and then its payload in pieces, as they arrive.
///
/// Nothing is joined, unmasked or kept, and only the rules for a single [`Header`] are checked: a
/// proxy, a recorder or a sniffer decides what to do with each part. A piece carries its key and
/// its offset in the payload, so it can be unmasked wherever a read cut it.
///
/// A client-side proxy sends each frame with a key of its own. It need not unmask and mask again:
/// the XOR of both keys does both in one pass.
///
/// ```
/// # #[cfg(all(feature = "getrandom", feature = "std"))] {
/// use patchcord::frame::HeaderError;
/// use patchcord::{FramePart, Frames, MaskingKey, ReceiveBuffer, ThreadEntropy};
///
/// /// Forwards the frames that were read, masked anew; `key` belongs to the current frame.
/// fn forward(
///     buffer: &mut ReceiveBuffer,
///     (frames, key): (&mut Frames, &mut MaskingKey),
///     out: &mut Vec<u8>,
/// ) -> Result<(), HeaderError> {
///     let mut input = buffer.unconsumed();
///     while let Some(part) = frames.next(&mut input)? {
///         match part {
///             FramePart::Header(header) => {
///                 *key = MaskingKey::generate(&mut ThreadEntropy);
///                 out.extend_from_slice(&header.with_masking_key(Some(*key)).encode());
///             }
///             FramePart::Payload(piece) => {
///                 (piece.key ^ key.rotated(piece.offset)).put(&piece.payload, out);
///             }
///         }
///     }
///     Ok(())
/// }
/// # let mut buffer = ReceiveBuffer::default();
/// # let (mut frames, mut key, mut out) = (Frames::new(), MaskingKey::NONE, Vec::new());
/// # for byte in b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58" {
/// #     buffer.space()[0] = *byte;
/// #     buffer.filled(1);
/// #     forward(&mut buffer, (&mut frames, &mut key), &mut out).unwrap();
/// # }
/// # let mut input = &mut out[..];
/// # let mut decoder = patchcord::Decoder::server(Default::default(), Default::default());
/// # let Ok(Some(patchcord::Event::Text(text))) = decoder.decode(&mut input) else { panic!() };
/// # assert_eq!(&*text, "Hello");
/// # }
/// ```
#[doc(alias("proxy", "relay", "FrameReader"))]
#[derive(Default)]
pub struct Frames {
    /// The bytes of the current frame's payload that are still to come.
    rest: u64,
    key: MaskingKey,
    offset: usize,
    failed: Option<HeaderError>,
}

/// A part of a stream of frames.
#[derive(Debug, PartialEq, Eq)]
pub enum FramePart<P> {
    /// The header of a frame; [`length`](Header::length) bytes of payload follow.
    Header(Header),
    /// A piece of the payload, never empty.
    Payload(Piece<P>),
}

/// A piece of a frame's payload, as it arrived.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece<P> {
    /// The bytes, still masked if the frame is.
    pub payload: P,
    /// The key that unmasks this piece, rotated so that its first byte belongs to the first byte of
    /// the piece; [`MaskingKey::NONE`] if the frame is not masked.
    pub key: MaskingKey,
    /// The offset of the piece in the frame's payload, in bytes. Beyond the range of `usize` it
    /// wraps, which does not affect keys.
    pub offset: usize,
    /// Whether the frame ends with this piece.
    pub last: bool,
}

// Not derived: the key would unmask a payload that is logged beside it.
impl fmt::Debug for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frames({} bytes of payload to come)", self.rest)
    }
}

impl Frames {
    /// Creates a cursor that expects the header of a frame.
    #[must_use]
    pub const fn new() -> Self {
        Self { rest: 0, key: MaskingKey::NONE, offset: 0, failed: None }
    }

    /// Takes the next part from the front of `input`; returns `None` if more bytes are needed. An
    /// incomplete header stays in `input`.
    ///
    /// # Errors
    /// When a header is not legal (RFC 6455 sections 5.2 and 5.5). The error is final, since the
    /// start of the next frame is unknown.
    pub fn next<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<FramePart<I::Payload>>, HeaderError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.rest > 0 {
            return Ok(self.piece(input).map(FramePart::Payload));
        }
        let Some((header, size)) =
            Header::parse(input.bytes()).inspect_err(|error| self.failed = Some(*error))?
        else {
            return Ok(None);
        };
        input.skip(size);
        self.rest = header.length();
        self.key = header.masking_key().unwrap_or(MaskingKey::NONE);
        self.offset = 0;
        Ok(Some(FramePart::Header(header)))
    }

    fn piece<I: Input>(&mut self, input: &mut I) -> Option<Piece<I::Payload>> {
        let there = input.bytes().len();
        let length = usize::try_from(self.rest).map_or(there, |rest| rest.min(there));
        if length == 0 {
            return None;
        }
        let payload = input.take(0, length)?;
        let (offset, key) = (self.offset, self.key.rotated(self.offset));
        self.offset = offset.wrapping_add(length);
        self.rest -= length as u64;
        Some(Piece { payload, key, offset, last: self.rest == 0 })
    }
}
