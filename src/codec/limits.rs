//! What a decoder accepts from its peer, and how it hands it on.

use crate::frame::{MAX_CONTROL_PAYLOAD, MAX_HEADER};

/// Bounds on what a peer may send; each is judged at a frame's header, before its payload.
///
/// How to choose them is in the [guide](crate::guide::buffers).
///
/// ```
/// use patchcord::Limits;
///
/// let limits = Limits { message: 64 * 1024, ..Limits::default() };
/// assert_eq!(limits.buffer_size(), 16 * 1024 + 14);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest binary frame, in bytes of payload, that is waited for until it is whole; a
    /// longer one, and any text, is taken in pieces as they arrive.
    ///
    /// It matters to a caller who brings an area of its own, a slice: that has to hold as much. A
    /// [`ReceiveBuffer`](super::ReceiveBuffer) delivers longer ones in the same way.
    pub whole_frame: u32,
    /// The longest frame in bytes of payload; beyond it the connection fails with 1009.
    pub frame: u64,
    /// The longest message in bytes, over all its fragments; beyond it the connection fails
    /// with 1009. A message that does not come whole takes never more than four times what has
    /// arrived of it.
    pub message: u64,
    /// The most fragments that a message may have; beyond it the connection fails with 1008.
    pub fragments: u32,
}

impl Limits {
    /// 16 KiB: more than any audio frame in use (48 kHz stereo of 80 ms has 15,360 bytes), and
    /// the most that one TLS record brings (RFC 8446 section 5.1).
    pub const WHOLE_FRAME: u32 = 16 * 1024;

    /// 16 MiB, as for a message: a sender may put each message in one frame.
    pub const FRAME: u64 = Self::MESSAGE;

    /// 16 MiB: the largest message of the Autobahn suite (9.1.6), and above the 15 MiB that is
    /// the largest documented event of the speech APIs (OpenAI Realtime).
    pub const MESSAGE: u64 = 16 * 1024 * 1024;

    /// 131,072: twice the number of fragments that Autobahn's case 9.3.1 sends. A fragment costs
    /// no memory of its own here, so this bounds work alone: endless empty fragments.
    pub const FRAGMENTS: u32 = 128 * 1024;

    /// The most bytes that a decoder waits for: a whole frame, of data or control, with its header.
    ///
    /// A slice that is decoded from has to hold as many; a
    /// [`ReceiveBuffer`](super::ReceiveBuffer) grows by itself.
    #[must_use]
    pub const fn buffer_size(&self) -> usize {
        let whole = self.whole_frame as usize;
        let payload = if whole > MAX_CONTROL_PAYLOAD { whole } else { MAX_CONTROL_PAYLOAD };
        payload.saturating_add(MAX_HEADER)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            whole_frame: Self::WHOLE_FRAME,
            frame: Self::FRAME,
            message: Self::MESSAGE,
            fragments: Self::FRAGMENTS,
        }
    }
}

/// In what units data is handed to the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// Whole messages: [`Event::Text`](super::Event::Text) and
    /// [`Event::Binary`](super::Event::Binary).
    #[default]
    Messages,
    /// [`Event::Fragment`](super::Event::Fragment)s, as they arrive and without joining them.
    ///
    /// How long frames and unfinished texts are cut into parts depends on how the bytes arrive;
    /// joined, the parts are the same messages. A part with invalid UTF-8 is not delivered.
    Fragments,
}
