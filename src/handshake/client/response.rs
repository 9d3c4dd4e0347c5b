//! The answer to an upgrade of HTTP/1.1, read and verified (RFC 6455 section 4.1).

use super::{Answer, Open, Response, ResponseError};
use crate::handshake::HeadLimits;
use crate::handshake::accept::ACCEPT;
use crate::handshake::extension::Extensions;
use crate::handshake::head::{Field, Finder, Found, Headers, may_begin, with_room};
use crate::handshake::seen::Seen;
use crate::handshake::steps;
use crate::handshake::subprotocol::Offer;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Reads the answer to one request, however it is cut.
#[derive(Clone)]
pub struct ResponseReader {
    accept: [u8; ACCEPT],
    terms: Terms,
    finder: Finder,
}

impl ResponseReader {
    pub(in crate::handshake) fn new(accept: [u8; ACCEPT], terms: Terms) -> Self {
        Self { accept, terms, finder: Finder::default() }
    }

    /// Reads a response from the front of `input`, and consumes its head; `None` if that is not
    /// all there. Interim responses (1xx) are consumed on the way.
    ///
    /// # Errors
    /// When it is no HTTP/1.1 response, exceeds a limit, or is a 101 that breaks a rule: the
    /// connection is to be closed. The head is not consumed then.
    pub fn read<'head>(
        &mut self,
        input: &mut &'head [u8],
    ) -> Result<Option<Answer<'head>>, ResponseError> {
        while let Some(found) = self.find(input)? {
            let (head, rest) = input.split_at(found.length);
            let response = parse(head, found.headers)?;
            // RFC 9110 section 15.2: interim responses come before the final one.
            let interim = matches!(response.status, 100..=199) && response.status != 101;
            match response.status {
                _ if interim => {}
                101 => {
                    let open = self.verify(response.headers)?;
                    *input = rest;
                    return Ok(Some(Answer::Open(open)));
                }
                _ => {
                    *input = &[];
                    return Ok(Some(Answer::Refused(Response { body: rest, ..response })));
                }
            }
            *input = rest;
        }
        Ok(None)
    }

    /// The head at the front of `bytes`, if all of it is there.
    fn find(&mut self, bytes: &[u8]) -> Result<Option<Found>, ResponseError> {
        if !may_begin(bytes, |first| first == b'H') {
            return Err(ResponseError::Syntax);
        }
        Ok(self.finder.find(bytes, &self.terms.limits)?)
    }

    /// Section 4.1, the items of the server's response.
    pub(in crate::handshake) fn verify<'head>(
        &self,
        headers: Headers<'head>,
    ) -> Result<Open<'head>, ResponseError> {
        let seen = Seen::new(&headers, &self.terms.limits)?;
        // Items 2 and 3: Upgrade has this one value, Connection this among others.
        let upgrades = |value: &[u8]| value.eq_ignore_ascii_case(b"websocket");
        if !(seen.upgrade_field.get().is_some_and(upgrades) && seen.connection) {
            return Err(ResponseError::NoUpgrade);
        }
        if seen.accept.get() != Some(&self.accept) {
            return Err(ResponseError::Accept);
        }
        self.terms.verify(headers, &seen)
    }
}

/// Without the proof that the server has to give.
impl fmt::Debug for ResponseReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseReader")
            .field("terms", &self.terms)
            .field("finder", &self.finder)
            .finish_non_exhaustive()
    }
}

/// What a client offered, which bounds what the server can answer.
#[derive(Clone, Debug)]
pub(in crate::handshake) struct Terms {
    pub(in crate::handshake) offer: Offer,
    /// The names of the extensions.
    pub(in crate::handshake) extensions: Vec<String>,
    /// What bounds the answer's head.
    pub(in crate::handshake) limits: HeadLimits,
}

impl Terms {
    /// Checks what the three carriers have in common (section 4.1, items 5 and 6).
    pub(in crate::handshake) fn verify<'head>(
        &self,
        headers: Headers<'head>,
        seen: &Seen<'head>,
    ) -> Result<Open<'head>, ResponseError> {
        // RFC 6455 sections 11.3.2 and 11.3.4: neither header may appear more than once.
        if let Field::Repeated = seen.extensions {
            return Err(ResponseError::Repeated);
        }
        let offered = |name: &str| self.extensions.iter().any(|offer| offer == name);
        let extensions = Extensions::new(seen.extensions, headers).checked()?;
        extensions.check(offered)?;
        if let Field::Repeated = seen.subprotocols {
            return Err(ResponseError::Repeated);
        }
        let selected = seen.subprotocols.get();
        self.offer.verify(selected)?;
        let name = selected.and_then(|name| core::str::from_utf8(name).ok());
        Ok(Open { headers, subprotocol: name, extensions })
    }
}

pub(super) fn parse(head: &[u8], headers: usize) -> Result<Response<'_>, ResponseError> {
    let config = httparse::ParserConfig::default();
    steps::count(head.len());
    let parsed = with_room(headers, |fields| {
        let mut response = httparse::Response::new(&mut []);
        let parsed = config.parse_response_with_uninit_headers(&mut response, head, fields);
        let is_whole = matches!(parsed, Ok(httparse::Status::Complete(end)) if end == head.len());
        is_whole.then_some((response.code, response.version, response.reason))
    });
    let (code, version, reason) = parsed.ok_or(ResponseError::Syntax)?;
    // RFC 9110 section 15: the first digit is one of five classes.
    let status = code.filter(|code| *code >= 100).ok_or(ResponseError::Syntax)?;
    // RFC 9110 section 7.8: only HTTP/1.1 can upgrade.
    if status == 101 && version != Some(1) {
        return Err(ResponseError::Syntax);
    }
    let reason = reason.unwrap_or_default();
    Ok(Response { status, reason, headers: Headers::of_head(head), body: &[] })
}
