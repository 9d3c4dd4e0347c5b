//! A message that is sent to many peers.

use super::compression::Deflating;
use super::{Encoder, Message};
#[cfg(feature = "deflate")]
use crate::deflate::{Compression, Context, Deflater, Engines, Level, WindowBits};
use alloc::vec::Vec;
use bytes::Bytes;
use core::fmt;

/// A server's message, encoded once and sent on any number of connections.
///
/// It is for servers only: a client masks each frame with a key of its own (RFC 6455 section 5.3).
///
/// ```
/// use bytes::Buf;
/// use patchcord::{Config, Connection, Message, Prepared, SendBuffer};
///
/// let prepared = Prepared::new(Message::Text("goal!"));
/// let mut viewers = [0; 3].map(|_| Connection::server(Config::default()));
/// for viewer in &mut viewers {
///     let mut out = SendBuffer::new(); // each viewer has one
///     viewer.send_prepared(&prepared, &mut out)?; // shares the bytes without a copy
///     assert_eq!(out.chunk(), b"\x81\x05goal!");
/// }
/// # Ok::<(), patchcord::SendError>(())
/// ```
#[doc(alias("broadcast", "publish", "PreparedMessage"))]
#[derive(Clone)]
pub struct Prepared {
    frame: Bytes,
    /// The compressed frame, for windows of this size and above.
    #[cfg(feature = "deflate")]
    compressed: Option<(Bytes, WindowBits)>,
}

impl Prepared {
    /// Encodes a message.
    #[must_use]
    pub fn new(message: Message<'_>) -> Self {
        let mut frame = Vec::new();
        // This cannot fail: a new encoder takes any message, and a `Vec` grows.
        let _ = Encoder::server().encode(message, &mut frame);
        Self {
            frame: Bytes::from(frame),
            #[cfg(feature = "deflate")]
            compressed: None,
        }
    }

    /// Encodes a message both plain and compressed (RFC 7692).
    ///
    /// A connection sends the compressed frame if it agreed on a window of at least this size for
    /// the server, without context takeover: with takeover, each connection has a context of its
    /// own.
    #[cfg(feature = "deflate")]
    #[must_use]
    pub fn compressed(message: Message<'_>, level: Level, window: WindowBits) -> Self {
        let context = Context { window, takeover: false };
        let compression = Compression { level, threshold: 0, ..Compression::default() };
        let deflater = Deflater::new(context, compression, &Engines::Owned);
        let compressed = deflater.map(|deflater| {
            let mut encoder = Encoder::server().with_deflater(deflater);
            let mut frame = Vec::new();
            let _ = encoder.encode_compressed(message, &mut frame);
            (Bytes::from(frame), window)
        });
        Self { compressed, ..Self::new(message) }
    }

    #[cfg_attr(not(feature = "deflate"), allow(unused_variables))]
    pub(super) fn frame(&self, deflating: &Deflating) -> Bytes {
        #[cfg(feature = "deflate")]
        if let (Some((frame, window)), Some(deflater)) = (&self.compressed, &deflating.deflater)
            && !deflater.context().takeover
            && *window <= deflater.context().window
        {
            return frame.clone();
        }
        self.frame.clone()
    }
}

// The payload is the application's and can be long: it does not belong in a log.
impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Prepared({} bytes)", self.frame.len())
    }
}
