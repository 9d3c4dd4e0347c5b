//! The client's side of the handshake in the bytes of HTTP/1.1, and the writing that both sides
//! share.

use crate::entropy::Entropy;
use crate::handshake::accept;
use crate::handshake::client::{
    self, Answer, Request, Response, ResponseError, ResponseReader, WriteError,
};
use crate::handshake::field::Field;
use crate::handshake::head::{Found, may_begin, write};
use bytes::BufMut;

impl Request {
    /// Appends the request to `out`, and returns the reader of its response.
    ///
    /// Each call draws a new nonce from `entropy` (section 10.3).
    ///
    /// # Errors
    /// When a credential would cross the network unencrypted, the request exceeds its limits, or
    /// `out` cannot hold it.
    pub fn write(
        &self,
        entropy: &mut impl Entropy,
        out: &mut impl BufMut,
    ) -> Result<ResponseReader, WriteError> {
        self.check()?;
        self.measured()?;
        let mut nonce = [0; 16];
        entropy.fill(&mut nonce);
        let key = accept::key(nonce);
        let offered = self.offered();
        write(out, |part| self.parts(&key, offered.as_deref(), part))?;
        Ok(ResponseReader::new(accept::accept(&key), self.terms()))
    }
}

impl Request {
    /// Checks the head against the limits, in the form of an upgrade, which is longer than on the
    /// other carriers.
    pub(super) fn measured(&self) -> Result<(), WriteError> {
        let (mut head, mut line, mut lines) = (0, 0, 0);
        let (mut measured, limits) = (Ok(()), self.limits().or_default());
        let offered = self.offered();
        self.parts(&[0; accept::KEY], offered.as_deref(), &mut |part| {
            for piece in part.split_inclusive(|&byte| byte == b'\n') {
                (head, line) = (head + piece.len(), line + piece.len());
                // Neither the first line nor the empty last line counts as a header.
                let headers = lines - usize::from(line <= 2 && lines > 0);
                measured = measured.and_then(|()| limits.admit(head, line, headers));
                if piece.ends_with(b"\n") {
                    (line, lines) = (0, lines + 1);
                }
            }
        });
        Ok(measured?)
    }

    fn parts(&self, key: &[u8; accept::KEY], offered: Option<&str>, part: &mut dyn FnMut(&[u8])) {
        let url = self.url();
        let (slash, resource) = url.resource_name();
        for text in ["GET ", slash, resource, " HTTP/1.1\r\nHost: ", url.authority()] {
            part(text.as_bytes());
        }
        part(b"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ");
        part(key);
        part(b"\r\n");
        put_fields(self.fields(offered), part);
        part(b"\r\n");
    }
}

/// Writes fields as lines.
pub(super) fn put_fields<'a>(fields: impl Iterator<Item = Field<'a>>, part: &mut dyn FnMut(&[u8])) {
    for Field { name, value, .. } in fields {
        [name, ": ", value, "\r\n"].into_iter().for_each(|text| part(text.as_bytes()));
    }
}

impl ResponseReader {
    /// Reads a response from the front of `input` and consumes its head; `None` if not all of it
    /// has arrived. Interim responses (1xx) are consumed, too.
    ///
    /// # Errors
    /// When the bytes are not an HTTP/1.1 response, exceed a limit, or are a 101 that breaks a
    /// rule. Close the connection then; the head is not consumed.
    pub fn read<'head>(
        &mut self,
        input: &mut &'head [u8],
    ) -> Result<Option<Answer<'head>>, ResponseError> {
        while let Some(found) = self.find(input)? {
            let (head, rest) = input.split_at(found.length);
            let response = client::parse(head, found.headers)?;
            // RFC 9110 section 15.2: interim responses come before the final one.
            let interim = matches!(response.status, 100..=199) && response.status != 101;
            match response.status {
                _ if interim => {}
                101 => {
                    let accepted = self.verify(response.headers)?;
                    *input = rest;
                    return Ok(Some(Answer::Accepted(accepted)));
                }
                _ => {
                    // The body goes with the refusal, so that nobody takes it for frames.
                    *input = &[];
                    return Ok(Some(Answer::Refused(Response { body: rest, ..response })));
                }
            }
            *input = rest;
        }
        Ok(None)
    }

    /// Finds the head at the front of `bytes`, once all of it has arrived.
    fn find(&mut self, bytes: &[u8]) -> Result<Option<Found>, ResponseError> {
        if !may_begin(bytes, |first| first == b'H') {
            return Err(ResponseError::Syntax);
        }
        Ok(self.finder.find(bytes, &self.terms.limits)?)
    }
}
