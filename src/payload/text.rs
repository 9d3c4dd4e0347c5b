//! PayloadBytes that are a `str`: proven once, then free to read.
//!
//! The invariant, kept by this file alone: the octets of a [`Text`] are valid UTF-8, and
//! nothing can change them, since no method lends them mutably and every [`PayloadBytes`] type below
//! returns the same bytes each time.
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

/// Bytes that stand still: what a [`Text`] can be made of. Sealed.
pub trait PayloadBytes: AsRef<[u8]> + sealed::Sealed {}

/// PayloadBytes that a message can be delivered in: a part of the input, or a joined copy. Sealed.
pub trait Delivered: PayloadBytes + Default {
    /// Takes over the octets of a message that was joined.
    fn joined(bytes: Vec<u8>) -> Self;
}

mod sealed {
    #[allow(unnameable_types)]
    pub trait Sealed {}
}

/// The octets of an event that was received into a `&mut [u8]`.
///
/// They are a part of the caller's buffer, unmasked where they lie, when the message was there
/// whole: in one frame, or in fragments with nothing between them, which are moved together. A
/// [`ReceiveBuffer`](crate::ReceiveBuffer) joins in itself also what comes later. Else, and if the
/// message was compressed, they are on the heap.
#[derive(Debug)]
pub enum Payload<'buffer> {
    /// A part of the caller's buffer.
    Borrowed(&'buffer mut [u8]),
    /// The fragments or pieces of a message, joined; or a control frame between them.
    Joined(Vec<u8>),
}

impl Default for Payload<'_> {
    /// No octets.
    fn default() -> Self {
        Self::Borrowed(&mut [])
    }
}

impl Payload<'_> {
    /// The octets, copied to the heap if they are not there yet.
    #[must_use]
    pub fn into_vec(self) -> Vec<u8> {
        match self {
            Self::Borrowed(bytes) => bytes.to_vec(),
            Self::Joined(bytes) => bytes,
        }
    }
}

/// Where the octets lie makes no difference.
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

/// UTF-8 text that lies in a `P`, and derefs to `str` at no cost (RFC 6455 section 8.1).
///
/// ```
/// use patchcord::Text;
///
/// let text = Text::new(&b"caf\xc3\xa9"[..])?;
/// assert_eq!(&*text, "café");
/// assert!(Text::new(&b"caf\xc3"[..]).is_err());
/// # Ok::<(), patchcord::InvalidUtf8>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Text<P: PayloadBytes>(P);

impl<P: PayloadBytes> Text<P> {
    /// Checks that the octets are text.
    ///
    /// # Errors
    /// When they are not; the error names the first bad byte.
    #[inline]
    pub fn new(bytes: P) -> Result<Self, InvalidUtf8> {
        match is_utf8(bytes.as_ref()) {
            true => Ok(Self(bytes)),
            false => Err(InvalidUtf8::of(bytes.as_ref())),
        }
    }

    /// Unmasks the octets, if there is a key, and checks that they are text then; gives them back
    /// if they are not.
    #[inline(always)]
    pub(crate) fn unmask(key: Option<MaskingKey>, mut bytes: P) -> Result<Self, P>
    where
        P: AsMut<[u8]>,
    {
        if unmask_text(key, bytes.as_mut()) { Ok(Self(bytes)) } else { Err(bytes) }
    }

    /// The text in octets of which a [`Utf8`] has seen all.
    ///
    /// # Safety
    /// The octets are those that it accepted, in that order, and it was at the end of a character.
    #[inline]
    pub(crate) unsafe fn checked(bytes: P) -> Self {
        Self(bytes)
    }

    /// The octets, no longer known to be text.
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
        // octets, or had it promised (`checked`), and they have not changed since: see the
        // invariant at the top of this file.
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
    // As in `unmask_text`; but behind half a character nothing can be ASCII.
    let is_ascii = key.is_some_and(|key| mask::unmask_ascii(key, piece));
    if is_ascii && utf8.finish().is_ok() { Ok(()) } else { utf8.feed(piece) }
}

impl Text<Bytes> {
    /// A text that the program holds: nothing is copied or counted.
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

/// To keep what an event lends; a joined text is not copied again.
impl From<Text<Payload<'_>>> for Text<Bytes> {
    fn from(text: Text<Payload<'_>>) -> Self {
        Self(text.0.into())
    }
}

/// To keep what an event lends; a joined message is not copied again.
impl From<Payload<'_>> for Bytes {
    fn from(payload: Payload<'_>) -> Self {
        Self::from(payload.into_vec())
    }
}

/// Text that grows by pieces, each checked as it comes.
#[derive(Debug, Default)]
pub(crate) struct TextBuffer {
    bytes: Vec<u8>,
    utf8: Utf8,
}

impl TextBuffer {
    /// Appends what `append` appends, and returns how many octets that were; a bad piece leaves
    /// nothing behind. What was appended before `append` failed is text, or that is the error.
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

    /// The text, if it does not end inside a character.
    pub(crate) fn finish<P: Delivered>(self) -> Result<Text<P>, InvalidUtf8> {
        self.utf8.finish()?;
        Ok(Text(P::joined(self.bytes)))
    }
}

/// Unmasks `octets`, if there is a key, and says whether they are text then. Not inlined, so that
/// the loop that calls it is short.
#[inline(never)]
pub(super) fn unmask_text(key: Option<MaskingKey>, bytes: &mut [u8]) -> bool {
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    if let Some(key) = key
        && mask::cpu::has_vbmi()
    {
        // SAFETY: the condition found AVX-512 VBMI on this CPU, of which F and BW are parts.
        return unsafe { wide::unmask(key, bytes) };
    }
    // ASCII is text; the pass that unmasks sees whether there is anything else.
    key.is_some_and(|key| mask::unmask_ascii(key, bytes)) || is_utf8(bytes)
}

/// The one choice of a validator: simdutf8's, unless the CPU has wider vectors than it uses.
#[inline]
pub(super) fn is_utf8(bytes: &[u8]) -> bool {
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    if mask::cpu::has_vbmi() {
        // SAFETY: the line above found AVX-512 VBMI on this CPU, of which F and BW are parts.
        return unsafe { wide::is_utf8(bytes) };
    }
    if cfg!(patchcord_path = "sse2") {
        return str::from_utf8(bytes).is_ok();
    }
    simdutf8::basic::from_utf8(bytes).is_ok()
}

impl InvalidUtf8 {
    /// What is wrong with octets that are no text.
    #[cold]
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut utf8 = Utf8::new();
        match utf8.feed(bytes) {
            Err(error) => error,
            Ok(()) => Self { at: bytes.len() },
        }
    }
}
