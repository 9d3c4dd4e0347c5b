//! Control frames, and the rule that no data follows a Close.

use super::{Encoder, Sending, header};
use crate::codec::{Role, SendError};
use crate::frame::{Close, MAX_CONTROL_PAYLOAD, Opcode};
use alloc::vec::Vec;
use bytes::BufMut;

impl<R: Role> Encoder<R> {
    /// Appends a ping to `out` (section 5.5.2).
    ///
    /// # Errors
    /// When the payload has more than 125 bytes, `out` cannot hold the frame, or a Close was
    /// sent.
    pub fn encode_ping(&mut self, payload: &[u8], out: &mut impl BufMut) -> Result<(), SendError> {
        match self.sending {
            Sending::Pongs => Err(SendError::Closed),
            _ => self.put(header(Opcode::Ping, payload)?, payload, out),
        }
    }

    /// Appends a pong to `out`: the answer to a ping, with the same payload (section 5.5.3).
    ///
    /// It may follow a Close: pings are answered until the peer's Close arrives (section 5.5.2).
    ///
    /// # Errors
    /// When the payload has more than 125 bytes, or `out` cannot hold the frame.
    pub fn encode_pong(&mut self, payload: &[u8], out: &mut impl BufMut) -> Result<(), SendError> {
        self.put(header(Opcode::Pong, payload)?, payload, out)
    }

    /// Appends a pong that answers no ping (section 5.5.3). Behind a Close it is refused: no peer
    /// waits for it.
    pub(crate) fn encode_unsolicited_pong(
        &mut self,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        match self.sending {
            Sending::Pongs => Err(SendError::Closed),
            _ => self.encode_pong(payload, out),
        }
    }

    /// Appends a Close to `out` (section 5.5.1); only pongs can follow it.
    ///
    /// # Errors
    /// When the reason has more than 123 bytes, `out` cannot hold the frame, or a Close was
    /// sent before.
    pub fn encode_close(
        &mut self,
        close: Option<Close<&[u8]>>,
        out: &mut impl BufMut,
    ) -> Result<(), SendError> {
        if let Sending::Pongs = self.sending {
            return Err(SendError::Closed);
        }
        let mut body = [0; MAX_CONTROL_PAYLOAD];
        let body = close_body(close, &mut body)?;
        let (header, key) = (header(Opcode::Close, body)?, self.role.masking_key());
        self.put_and_enter(Sending::Pongs, header, key, body, out)?;
        self.stop();
        Ok(())
    }

    /// Appends a Close at the end of a connection. No data is sent after this call, even if it ends
    /// in a panic of the entropy source, or a Close was sent before.
    pub(crate) fn conclude(
        &mut self,
        close: Option<Close<&[u8]>>,
        out: &mut Vec<u8>,
    ) -> Result<(), SendError> {
        let sending = self.sending;
        self.stop();
        if let Sending::Pongs = sending {
            return Err(SendError::Closed);
        }
        let mut body = [0; MAX_CONTROL_PAYLOAD];
        let body = close_body(close, &mut body)?;
        self.put(header(Opcode::Close, body)?, body, out)
    }
}

fn close_body<'to>(
    close: Option<Close<&[u8]>>,
    to: &'to mut [u8; MAX_CONTROL_PAYLOAD],
) -> Result<&'to [u8], SendError> {
    let Some(close) = close else { return Ok(&[]) };
    close.encode(to).ok_or(SendError::ControlTooLong { length: close.reason.len() })
}
