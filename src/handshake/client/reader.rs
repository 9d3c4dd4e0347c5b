//! What reads the answers to requests, and verifies them (RFC 6455 section 4.1).

use super::{Accepted, ResponseError};
use crate::handshake::accept::ACCEPT;
use crate::handshake::extension::Extensions;
use crate::handshake::head::{FieldValue, Finder, Headers};
use crate::handshake::known_fields::KnownFields;
use crate::handshake::limits::HeadLimits;
use crate::handshake::subprotocol::Offer;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// Reads the answer to one request for an upgrade, however it is cut.
#[derive(Clone)]
pub struct ResponseReader {
    accept: [u8; ACCEPT],
    pub(in crate::handshake) terms: Terms,
    pub(in crate::handshake) finder: Finder,
}

impl ResponseReader {
    pub(in crate::handshake) fn new(accept: [u8; ACCEPT], terms: Terms) -> Self {
        Self { accept, terms, finder: Finder::default() }
    }

    /// Section 4.1, the items of the server's response.
    pub(in crate::handshake) fn verify<'head>(
        &self,
        headers: Headers<'head>,
    ) -> Result<Accepted<'head>, ResponseError> {
        let known = KnownFields::new(&headers, &self.terms.limits)?;
        // Items 2 and 3: Upgrade has this one value, Connection this among others.
        let upgrades = |value: &[u8]| value.eq_ignore_ascii_case(b"websocket");
        if !(known.upgrade_field.get().is_some_and(upgrades) && known.connection) {
            return Err(ResponseError::NoUpgrade);
        }
        if known.accept.get() != Some(&self.accept) {
            return Err(ResponseError::Accept);
        }
        self.terms.verify(headers, &known)
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

/// Reads the answer to an extended CONNECT.
#[derive(Clone, Debug)]
pub struct ConnectReader {
    terms: Terms,
}

impl ConnectReader {
    pub(in crate::handshake) const fn new(terms: Terms) -> Self {
        Self { terms }
    }

    pub(in crate::handshake) fn verify<'head>(
        &self,
        headers: Headers<'head>,
    ) -> Result<Accepted<'head>, ResponseError> {
        self.terms.verify(headers, &KnownFields::new(&headers, &self.terms.limits)?)
    }
}

/// What a client offered, which bounds what the server can answer.
#[derive(Clone, Debug)]
pub(in crate::handshake) struct Terms {
    offer: Offer,
    /// The names of the extensions.
    extensions: Vec<String>,
    /// What bounds the answer's head.
    pub(in crate::handshake) limits: HeadLimits,
}

impl Terms {
    pub(in crate::handshake) const fn new(
        offer: Offer,
        extensions: Vec<String>,
        limits: HeadLimits,
    ) -> Self {
        Self { offer, extensions, limits }
    }

    /// Checks what the three carriers have in common (section 4.1, items 5 and 6).
    pub(in crate::handshake) fn verify<'head>(
        &self,
        headers: Headers<'head>,
        known: &KnownFields<'head>,
    ) -> Result<Accepted<'head>, ResponseError> {
        // RFC 6455 sections 11.3.2 and 11.3.4: neither header may appear more than once.
        if let FieldValue::Repeated = known.extensions {
            return Err(ResponseError::Repeated);
        }
        let offered = |name: &str| self.extensions.iter().any(|offer| offer == name);
        let extensions = Extensions::new(known.extensions, headers).checked()?;
        extensions.check(offered)?;
        if let FieldValue::Repeated = known.subprotocols {
            return Err(ResponseError::Repeated);
        }
        let subprotocol = self.offer.verify(known.subprotocols.get())?;
        Ok(Accepted { headers, subprotocol, extensions })
    }
}
