//! A message that goes to many.

use super::{Encoder, Message};
use alloc::vec::Vec;
use bytes::Bytes;
use core::fmt;

/// A server's message, encoded once and sent on as many connections as there are.
///
/// Only a server has this: a client masks each frame with a key of its own (RFC 6455 section
/// 5.3).
///
/// ```
/// use patchcord::{Config, Connection, Message, Prepared};
///
/// let prepared = Prepared::new(Message::Text("goal!"));
/// let mut viewers = [0; 3].map(|_| Connection::server(Config::default()));
/// for viewer in &mut viewers {
///     let frame = viewer.send_prepared(&prepared)?; // shares the bytes, and copies none
///     assert_eq!(frame, &b"\x81\x05goal!"[..]);
/// }
/// # Ok::<(), patchcord::SendError>(())
/// ```
#[derive(Clone)]
pub struct Prepared {
    frame: Bytes,
}

impl Prepared {
    /// Encodes a message.
    #[must_use]
    pub fn new(message: Message<'_>) -> Self {
        let mut frame = Vec::new();
        // A fresh encoder takes any message, and a `Vec` has room for it.
        let _ = Encoder::server().encode(message, &mut frame);
        Self { frame: Bytes::from(frame) }
    }

    pub(super) fn frame(&self) -> Bytes {
        self.frame.clone()
    }
}

// The data is an application's, and can be long: neither belongs in a log.
impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prepared({} bytes)", self.frame.len())
    }
}
