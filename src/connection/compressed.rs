//! permessage-deflate on a connection (RFC 7692).

use super::Connection;
use crate::codec::{Fragment, Message, Role, SendBuffer, SendError};
use crate::deflate::{Agreed, Compression, Engines, InflateLimits};

impl<R: Role> Connection<R> {
    /// Returns the connection with the compression that the handshake agreed on.
    ///
    /// Compressed messages from the peer are inflated within
    /// [`Limits::message`](crate::Limits::message) and [`Compression::limits`]; this end
    /// compresses only what the `send_compressed` methods send.
    ///
    /// ```
    /// # #[cfg(feature = "getrandom")] {
    /// use patchcord::deflate::{Agreed, Compression, Engines, Pool};
    /// use bytes::Buf;
    /// use patchcord::{Config, Connection, Event, Message, SendBuffer, ThreadEntropy};
    ///
    /// let engines = Engines::Pooled(Pool::default()); // once, for all connections
    /// let agreed = Agreed::default(); // from handshake::extension::deflate
    /// let mut client = Connection::client(ThreadEntropy, Config::default())
    ///     .with_deflate(agreed, Compression::default(), &engines);
    /// let mut server = Connection::server(Config::default())
    ///     .with_deflate(agreed, Compression::default(), &engines);
    ///
    /// let transcript = r#"{"word":"one","at":0.1},{"word":"two","at":0.4},{"word":"three","at":0.6}"#;
    /// let mut out = SendBuffer::new();
    /// server.send_compressed(Message::Text(transcript), &mut out)?;
    /// let mut wire = out.chunk().to_vec();
    /// assert!(wire.len() < transcript.len());
    ///
    /// let heard = client.receive(&mut &mut wire[..], &mut SendBuffer::new())?;
    /// let Some(Event::Text(text)) = heard else { panic!("no text") };
    /// assert_eq!(&*text, transcript);
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// A server whose clients send logs, which compress better than text that people write:
    ///
    /// ```
    /// use patchcord::deflate::{Agreed, Compression, Engines, InflateLimits};
    /// use patchcord::{Config, Connection, Limits};
    ///
    /// let limits = Limits { message: 64 << 20, ..Limits::default() };
    /// let mut compression = Compression::default();
    /// compression.limits = InflateLimits { floor: 8 << 20, ratio: 1000, ..compression.limits };
    /// let server = Connection::server(Config { limits, ..Config::default() })
    ///     .with_deflate(Agreed::default(), compression, &Engines::Owned);
    /// # drop(server);
    /// ```
    #[doc(alias("permessage-deflate", "compression"))]
    #[must_use]
    pub fn with_deflate(self, agreed: Agreed, compression: Compression, engines: &Engines) -> Self {
        let length = compression.limits.length.min(self.decoder.limits().message);
        let limits = InflateLimits { length, ..compression.limits };
        let decoder = self.decoder.with_inflater(agreed.inflater(limits, engines));
        let encoder = match agreed.deflater(compression, engines) {
            Some(deflater) => self.encoder.with_deflater(deflater),
            None => self.encoder,
        };
        Self { decoder, encoder, ..self }
    }

    /// Appends a message to `out`, in one frame, compressed if that was agreed on and pays off: see
    /// [`Encoder::encode_compressed`](crate::Encoder::encode_compressed).
    ///
    /// # Errors
    /// As for [`send`](Self::send).
    pub fn send_compressed(
        &mut self,
        message: Message<'_>,
        out: &mut SendBuffer,
    ) -> Result<(), SendError> {
        self.encoder.encode_compressed(message, out.frames())
    }

    /// Appends a part of a message to `out`, as one fragment, compressed if that was agreed on:
    /// see [`Encoder::encode_compressed_fragment`](crate::Encoder::encode_compressed_fragment).
    ///
    /// # Errors
    /// As for [`send_fragment`](Self::send_fragment).
    pub fn send_compressed_fragment(
        &mut self,
        fragment: Fragment<&[u8]>,
        out: &mut SendBuffer,
    ) -> Result<(), SendError> {
        self.encoder.encode_compressed_fragment(fragment, out.frames())
    }
}
