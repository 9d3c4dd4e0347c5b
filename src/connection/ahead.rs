//! What can be known of the next event before it is received.

use super::Connection;
use crate::codec::Role;
use crate::frame::Opcode;

impl<R: Role> Connection<R> {
    /// Returns whether what is next in `input` is the peer's Close, as far as its first byte tells.
    ///
    /// A Close is answered when it is received, and nothing can be sent after that. So a driver that
    /// receives while others have yet to answer what came before, as between two tasks, leaves the
    /// Close where it is until they have. A Close behind a part of a message that is not finished is
    /// not foreseen: one call of [`receive`](Self::receive) takes both.
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
