//! A look at the next event before it is received.

use super::Connection;
use crate::codec::Role;
use crate::frame::Opcode;

impl<R: Role> Connection<R> {
    /// Returns whether the next frame in `input` is the peer's Close, judged by its first byte.
    ///
    /// A Close is answered when it is received, and nothing can be sent after that. A program in
    /// which one task receives and another answers can use this to leave the Close in `input` until
    /// all earlier messages are answered. A Close behind a part of an unfinished message is not
    /// seen: one call of [`receive`](Self::receive) takes both.
    ///
    /// ```
    /// use patchcord::{Config, Connection, SendBuffer};
    ///
    /// let mut connection = Connection::server(Config::default());
    /// let mut bytes = *b"\x81\x80\0\0\0\0\x88\x80\0\0\0\0";
    /// let mut input = &mut bytes[..];
    /// assert!(!connection.is_close_next(&input));
    /// connection.receive(&mut input, &mut SendBuffer::new())?; // a text
    /// assert!(connection.is_close_next(&input));
    /// # Ok::<(), patchcord::ProtocolError>(())
    /// ```
    #[must_use]
    pub fn is_close_next(&self, input: impl AsRef<[u8]>) -> bool {
        const OPCODE: u8 = 0b0000_1111; // RFC 6455 section 5.2
        let opcode = input.as_ref().first().and_then(|first| Opcode::from_bits(first & OPCODE));
        opcode == Some(Opcode::Close) && !self.decoder.is_inside_frame()
    }
}
