//! A stream of bytes cut into frames, for programs that pass them on.

use super::Input;
use crate::frame::{Header, HeaderError};
use crate::mask::MaskingKey;
use core::fmt;

/// Cuts a stream into frames: each header, and then its payload in pieces, as they come.
///
/// Nothing is joined, unmasked or kept, and no rule is checked but those of one
/// [`Header`]: a proxy, a recorder or a sniffer decides what to do with each part. A piece comes
/// with its key and its place in the payload, so it can be unmasked wherever a read happened to
/// cut it.
///
/// A client-side proxy sends each frame with a key of its own. It need not unmask and mask: the XOR
/// of both keys does that in one pass.
///
/// ```
/// # #[cfg(all(feature = "getrandom", feature = "std"))] {
/// use patchcord::frame::HeaderError;
/// use patchcord::{FramePart, Frames, MaskingKey, ReceiveBuffer, ThreadEntropy};
///
/// /// Passes on what was read, masked anew; `key` is that of the frame that is passing.
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
#[derive(Default)]
pub struct Frames {
    /// What of the frame that is passing is still to come.
    rest: u64,
    key: MaskingKey,
    offset: usize,
    failed: Option<HeaderError>,
}

/// A part of a stream of frames.
#[derive(Debug, PartialEq, Eq)]
pub enum FramePart<P> {
    /// A frame begins; [`length`](Header::length) bytes of payload follow.
    Header(Header),
    /// What came of the payload: never empty.
    Payload(Piece<P>),
}

/// A piece of a frame's payload, as it came.
#[derive(Debug, PartialEq, Eq)]
pub struct Piece<P> {
    /// The bytes, still masked if the frame is.
    pub payload: P,
    /// The key that unmasks these bytes, its first byte the first of them;
    /// [`MaskingKey::NONE`] if the frame is not masked.
    pub key: MaskingKey,
    /// Where in the frame's payload the piece begins, in bytes; beyond the range of `usize` it
    /// wraps, which changes no key.
    pub offset: usize,
    /// Whether the frame ends with it.
    pub last: bool,
}

// The key is that of a payload which may be shown beside it.
impl fmt::Debug for Frames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Frames({} bytes of payload to come)", self.rest)
    }
}

impl Frames {
    /// Begins between two frames.
    #[must_use]
    pub const fn new() -> Self {
        Self { rest: 0, key: MaskingKey::NONE, offset: 0, failed: None }
    }

    /// Takes the next part from the front of `input`; `None` if more bytes are needed: for a header
    /// that is not all there, which stays in `input`, or for a payload of which nothing is.
    ///
    /// # Errors
    /// When a header is not legal (RFC 6455 sections 5.2 and 5.5). The error is final, since where
    /// the next frame begins is not known.
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
