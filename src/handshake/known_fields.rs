//! The fields of a head that the handshake looks at, gathered in one pass.

use super::admission::Fetch;
use super::extension;
use super::grammar::contains;
use super::head::{FieldValue, Headers};
use super::limits::{HeadLimits, TooLarge};
use super::subprotocol;

/// What a line of a head has besides name and value: `": "`, and its end.
const FIELD: usize = 4;

/// What one pass over the fields of a request or a response found.
#[derive(Default)]
pub(super) struct KnownFields<'head> {
    pub(super) host: FieldValue<'head>,
    pub(super) origin: FieldValue<'head>,
    pub(super) fetch: Fetch<'head>,
    pub(super) key: FieldValue<'head>,
    pub(super) accept: FieldValue<'head>,
    pub(super) version: FieldValue<'head>,
    pub(super) subprotocols: FieldValue<'head>,
    pub(super) extensions: FieldValue<'head>,
    pub(super) upgrade_field: FieldValue<'head>,
    /// Whether `Upgrade` lists `websocket`.
    pub(super) upgrade: bool,
    /// Whether `Connection` lists `upgrade`.
    pub(super) connection: bool,
    /// Whether a body is announced.
    pub(super) body: bool,
    /// Whether `Expect` asks for an interim response.
    pub(super) expects: bool,
}

impl<'head> KnownFields<'head> {
    /// Gathers the fields of any carrier, if they are not too many and not longer than a head in
    /// bytes can be: whoever read a list or a map may have had other limits, or none.
    pub(super) fn new(headers: &Headers<'head>, limits: &HeadLimits) -> Result<Self, TooLarge> {
        let limits = HeadLimits { lines: limits.fields, ..*limits };
        let (mut known, mut count, mut size) = (Self::default(), 0, 0_usize);
        for (name, value) in headers.iter() {
            // Pseudo-header fields are what the first line of a head is.
            count += usize::from(!name.starts_with(':'));
            let line = (FIELD + name.len()).saturating_add(value.len());
            size = size.saturating_add(line);
            if !headers.are_lines() {
                limits.admit(size, line, count)?;
            }
            known.look(name, value);
        }
        Ok(known)
    }

    #[inline]
    pub(super) fn look(&mut self, name: &str, value: &'head [u8]) {
        // Most clients write the names as the RFC does.
        let is = |other: &str| name == other || name.eq_ignore_ascii_case(other);
        match name.len() {
            4 if is("Host") => self.host.add(value),
            6 if is("Origin") => self.origin.add(value),
            6 if is("Expect") => self.expects |= contains(value, "100-continue"),
            7 if is("Upgrade") => {
                self.upgrade_field.add(value);
                self.upgrade |= contains(value, "websocket");
            }
            10 if is("Connection") => self.connection |= contains(value, "Upgrade"),
            14 if is("Sec-Fetch-Mode") => self.fetch.mode.add(value),
            14 if is("Sec-Fetch-Site") => self.fetch.site.add(value),
            14 if is("Content-Length") => self.body |= value != b"0",
            17 if is("Sec-WebSocket-Key") => self.key.add(value),
            17 if is("Transfer-Encoding") => self.body = true,
            20 if is("Sec-WebSocket-Accept") => self.accept.add(value),
            21 if is("Sec-WebSocket-Version") => self.version.add(value),
            22 if is(subprotocol::NAME) => self.subprotocols.add(value),
            24 if is(extension::NAME) => self.extensions.add(value),
            _ => {}
        }
    }
}
