//! Payloads that are a `str`: checked once, then free to read.
//!
//! Invariant, upheld by this file alone: the bytes of a [`Text`] are valid UTF-8, and nothing can
//! change them, since no method lends them mutably and every [`PayloadBytes`] type below returns
//! the same bytes each time.
#![allow(unsafe_code)]

#[cfg(all(target_arch = "x86_64", feature = "std"))]
use super::wide;
use super::{InvalidUtf8, Utf8};
use crate::mask::{self, MaskingKey};
use alloc::string::String;
use alloc::vec::Vec;
use bytes::{Bytes, BytesMut};
use core::fmt;
use core::ops::{Deref, DerefMut};
use core::str;

/// A container that returns the same bytes each time, so that a [`Text`] can consist of it. Sealed.
pub trait PayloadBytes: AsRef<[u8]> + sealed::Sealed {}

/// A container in which a message can be delivered: a part of the input, or a joined copy. Sealed.
pub trait Delivered: PayloadBytes + Default {
    /// Takes over the payload of a message that was joined.
    fn joined(bytes: Vec<u8>) -> Self;
}

mod sealed {
    #[allow(unnameable_types)]
    pub trait Sealed {}
}

/// The payload of an event that was decoded from a slice or a
/// [`ReceiveBuffer`](crate::ReceiveBuffer).
///
/// It is a part of the caller's buffer, unmasked in place, if the complete message was in the
/// slice: in one frame, or in fragments without other frames between them, which are moved
/// together. A `ReceiveBuffer` also joins messages that arrive over several reads. Otherwise, and
/// if the message was compressed, the payload is on the heap.
#[derive(Debug)]
pub enum Payload<'buffer> {
    /// A part of the caller's buffer.
    Borrowed(&'buffer mut [u8]),
    /// A joined or inflated message on the heap, or a control frame between its parts.
    Joined(Vec<u8>),
}

impl Default for Payload<'_> {
    /// Returns an empty payload.
    fn default() -> Self {
        Self::Borrowed(&mut [])
    }
}

impl Payload<'_> {
    /// Returns the bytes, copied to the heap unless they are there already.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        match self {
            Self::Borrowed(bytes) => bytes.to_vec(),
            Self::Joined(bytes) => bytes,
        }
    }
}

/// Compares the bytes, wherever they are stored.
impl PartialEq for Payload<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Payload<'_> {}

impl Deref for Payload<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Joined(bytes) => bytes,
        }
    }
}

impl DerefMut for Payload<'_> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [u8] {
        match self {
            Self::Borrowed(bytes) => bytes,
            Self::Joined(bytes) => bytes,
        }
    }
}

impl AsMut<[u8]> for Payload<'_> {
    #[inline]
    fn as_mut(&mut self) -> &mut [u8] {
        self
    }
}

impl AsRef<[u8]> for Payload<'_> {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self
    }
}

macro_rules! payload_bytes {
    ($($type:ty),*) => { $( impl sealed::Sealed for $type {} impl PayloadBytes for $type {} )* };
}
payload_bytes!(&[u8], Vec<u8>, Bytes, BytesMut, Payload<'_>);

impl Delivered for Payload<'_> {
    fn joined(bytes: Vec<u8>) -> Self {
        Self::Joined(bytes)
    }
}

impl Delivered for BytesMut {
    fn joined(bytes: Vec<u8>) -> Self {
        Self::from(Bytes::from(bytes))
    }
}

/// UTF-8 text in a `P`, which dereferences to `str` at no cost (RFC 6455 section 8.1).
///
/// ```
/// use patchcord::Text;
///
/// let text = Text::new(&b"caf\xc3\xa9"[..])?;
/// assert_eq!(&*text, "café");
/// assert!(Text::new(&b"caf\xc3"[..]).is_err());
/// # Ok::<(), patchcord::InvalidUtf8>(())
/// ```
#[doc(alias("Utf8Bytes", "ByteString"))]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Text<P: PayloadBytes>(P);

impl<P: PayloadBytes> Text<P> {
    /// Checks that the bytes are UTF-8.
    ///
    /// # Errors
    /// When they are not; the error contains the index of the first bad byte.
    #[inline]
    pub fn new(bytes: P) -> Result<Self, InvalidUtf8> {
        match is_utf8(bytes.as_ref()) {
            true => Ok(Self(bytes)),
            false => Err(InvalidUtf8::of(bytes.as_ref())),
        }
    }

    /// Unmasks the bytes, if there is a key, and checks that they are UTF-8; returns them if they
    /// are not.
    #[inline(always)]
    pub(crate) fn unmask(key: Option<MaskingKey>, mut bytes: P) -> Result<Self, P>
    where
        P: AsMut<[u8]>,
    {
        if unmask_text(key, bytes.as_mut()) { Ok(Self(bytes)) } else { Err(bytes) }
    }

    /// Creates a text from bytes that a [`Utf8`] has accepted.
    ///
    /// # Safety
    /// The bytes are exactly those that it accepted, in that order, and it was at the end of a
    /// character.
    #[inline]
    pub(crate) unsafe fn checked(bytes: P) -> Self {
        Self(bytes)
    }

    /// Returns the bytes, which are then no longer known to be text.
    #[must_use]
    #[inline]
    pub fn into_payload(self) -> P {
        self.0
    }
}

impl<P: PayloadBytes> Deref for Text<P> {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        // SAFETY: the constructors (`new`, `unmask`, `from`, `TextBuffer::finish`) checked these
        // bytes, or the caller of `checked` did, and they have not changed since: see the invariant
        // at the top of this file.
        unsafe { str::from_utf8_unchecked(self.0.as_ref()) }
    }
}

impl<P: PayloadBytes> AsRef<str> for Text<P> {
    fn as_ref(&self) -> &str {
        self
    }
}

impl<P: PayloadBytes> fmt::Debug for Text<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl<P: PayloadBytes> fmt::Display for Text<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl<'text> From<&'text str> for Text<&'text [u8]> {
    fn from(text: &'text str) -> Self {
        Self(text.as_bytes())
    }
}

/// Unmasks the next piece of a text, if there is a key, and checks it.
pub(crate) fn unmask_piece(
    key: Option<MaskingKey>,
    piece: &mut [u8],
    utf8: &mut Utf8,
) -> Result<(), InvalidUtf8> {
    // As in `unmask_text`, but ASCII is invalid inside a character, so `finish` has to agree.
    let is_ascii = key.is_some_and(|key| mask::unmask_ascii(key, piece));
    if is_ascii && utf8.finish().is_ok() { Ok(()) } else { utf8.feed(piece) }
}

impl Text<Bytes> {
    /// Creates a text from a literal, without a copy or a reference count.
    #[must_use]
    pub const fn from_static(text: &'static str) -> Self {
        Self(Bytes::from_static(text.as_bytes()))
    }
}

impl From<String> for Text<Bytes> {
    fn from(text: String) -> Self {
        Self(Bytes::from(text))
    }
}

/// Keeps a text beyond its event; a joined text is not copied again.
impl From<Text<Payload<'_>>> for Text<Bytes> {
    fn from(text: Text<Payload<'_>>) -> Self {
        Self(text.0.into())
    }
}

/// Keeps a payload beyond its event; a joined message is not copied again.
impl From<Payload<'_>> for Bytes {
    fn from(payload: Payload<'_>) -> Self {
        Self::from(payload.into_vec())
    }
}

/// Text that grows by pieces, each checked as it arrives.
#[derive(Debug, Default)]
pub(crate) struct TextBuffer {
    bytes: Vec<u8>,
    utf8: Utf8,
}

impl TextBuffer {
    /// Calls `append` to append a piece, checks it, and returns its length; after an error, the
    /// buffer is empty. If `append` fails, the bytes before that are checked, too, and invalid text
    /// in them is the error: it comes first in the message.
    pub(crate) fn append<E>(
        &mut self,
        append: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<Result<usize, InvalidUtf8>, E> {
        let start = self.bytes.len();
        let appended = append(&mut self.bytes);
        let piece = self.bytes.get(start..).unwrap_or_default();
        let length = piece.len();
        let checked = self.utf8.feed(piece);
        if appended.is_err() || checked.is_err() {
            *self = Self::default();
        }
        match checked {
            Ok(()) => appended.map(|()| Ok(length)),
            Err(error) => Ok(Err(error)),
        }
    }

    /// Returns the text, unless it ends inside a character.
    pub(crate) fn finish<P: Delivered>(self) -> Result<Text<P>, InvalidUtf8> {
        self.utf8.finish()?;
        Ok(Text(P::joined(self.bytes)))
    }
}

/// Unmasks `bytes`, if there is a key, and returns whether they are UTF-8. It is not inlined, so
/// that the loop that calls it stays short.
#[inline(never)]
pub(super) fn unmask_text(key: Option<MaskingKey>, bytes: &mut [u8]) -> bool {
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    if let Some(key) = key
        && mask::cpu::has_vbmi()
    {
        // SAFETY: the condition found AVX-512 VBMI on this CPU, which includes F and BW.
        return unsafe { wide::unmask(key, bytes) };
    }
    // ASCII is valid UTF-8, and the pass that unmasks detects any other byte: most text needs no
    // second pass.
    key.is_some_and(|key| mask::unmask_ascii(key, bytes)) || is_utf8(bytes)
}

/// Returns whether the bytes are UTF-8. This is the only place that chooses a validator:
/// simdutf8's, unless the CPU has wider vectors than it uses.
#[inline]
pub(super) fn is_utf8(bytes: &[u8]) -> bool {
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    if mask::cpu::has_vbmi() {
        // SAFETY: the line above found AVX-512 VBMI on this CPU, which includes F and BW.
        return unsafe { wide::is_utf8(bytes) };
    }
    if cfg!(patchcord_path = "sse2") {
        return str::from_utf8(bytes).is_ok();
    }
    simdutf8::basic::from_utf8(bytes).is_ok()
}

impl InvalidUtf8 {
    /// Finds the first bad byte of text that is not valid UTF-8.
    #[cold]
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut utf8 = Utf8::new();
        match utf8.feed(bytes) {
            Err(error) => error,
            Ok(()) => Self { at: bytes.len() },
        }
    }
}
