//! The bounds on what a decoder accepts, and the units in which it delivers.

use crate::frame::{MAX_CONTROL_PAYLOAD, MAX_HEADER};

/// Bounds on what a peer may send; each is checked at a frame's header, before its payload.
///
/// The [guide](crate::guide::buffers) explains how to choose them.
///
/// ```
/// use patchcord::Limits;
///
/// let limits = Limits { message: 64 * 1024, ..Limits::default() };
/// assert_eq!(limits.buffer_size(), 16 * 1024 + 14);
/// ```
#[doc(alias("WebSocketConfig", "payload limit"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest binary frame, in bytes of payload, for which the decoder waits until it is
    /// complete. A longer one, and any text, is taken in pieces as they arrive.
    ///
    /// It matters to a caller that decodes from a slice of its own, which has to hold that much. A
    /// [`ReceiveBuffer`](super::ReceiveBuffer) delivers longer frames in the same way.
    pub whole_frame: u32,
    /// The longest frame in bytes of payload; beyond it, the connection fails with 1009.
    #[doc(alias = "max_frame_size")]
    pub frame: u64,
    /// The longest message in bytes, over all its fragments; beyond it, the connection fails with
    /// 1009. An unfinished message never takes more memory than four times the bytes that arrived
    /// of it.
    #[doc(alias = "max_message_size")]
    pub message: u64,
    /// The most fragments that a message may have; beyond it, the connection fails with 1008.
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

    /// 131,072: twice the number of fragments that Autobahn's case 9.3.1 sends. A fragment takes no
    /// memory of its own here, so this bounds only work: an endless sequence of empty fragments.
    pub const FRAGMENTS: u32 = 128 * 1024;

    /// Returns the most bytes for which a decoder waits: a complete frame, data or control, with
    /// its header.
    ///
    /// A slice to decode from has to hold that many; a [`ReceiveBuffer`](super::ReceiveBuffer)
    /// grows by itself.
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

/// The units in which messages are delivered to the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// Complete messages: [`Event::Text`](super::Event::Text) and
    /// [`Event::Binary`](super::Event::Binary).
    #[default]
    Messages,
    /// [`Event::Fragment`](super::Event::Fragment)s, as they arrive, without joining them.
    ///
    /// The sizes of the parts of long frames and unfinished texts depend on how the bytes arrive;
    /// joined, the parts are the same messages. A part with invalid UTF-8 is not delivered.
    Fragments,
}
