//! The fields of a head that the handshake uses, gathered in one pass.

use super::admission::Fetch;
use super::extension;
use super::grammar::contains;
use super::head::{FieldValue, Headers};
use super::limits::{HeadLimits, TooLarge};
use super::subprotocol;

/// The bytes of a line besides name and value: `": "` and the line end.
const FIELD: usize = 4;

/// The fields found in one pass over the head of a request or a response.
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
    /// True if `Upgrade` lists `websocket`.
    pub(super) upgrade: bool,
    /// True if `Connection` lists `upgrade`.
    pub(super) connection: bool,
    /// True if a body is announced.
    pub(super) body: bool,
    /// True if `Expect` asks for an interim response.
    pub(super) expects: bool,
}

impl<'head> KnownFields<'head> {
    /// Gathers the fields of any carrier, and checks that there are not too many of them and that
    /// they are not too long: the library that read a list or a map may have had other limits, or
    /// none.
    pub(super) fn new(headers: &Headers<'head>, limits: &HeadLimits) -> Result<Self, TooLarge> {
        let limits = HeadLimits { lines: limits.fields, ..*limits };
        let (mut known, mut count, mut size) = (Self::default(), 0, 0_usize);
        for (name, value) in headers.iter() {
            // Pseudo-header fields stand for the first line of a head, which is not a field.
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
        // Most clients spell the names as the RFC does.
        let is = |other: &str| name == other || name.eq_ignore_ascii_case(other);
        // The length alone rules out nearly every name.
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
            // A length of 0 is legal: there is no body then.
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
