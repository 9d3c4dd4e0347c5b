//! The readers of responses, which verify them (RFC 6455 section 4.1).

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

/// Reads the response to one upgrade request, however it is split.
#[doc(alias("Sec-WebSocket-Accept", "accept_key"))]
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

    /// Checks the server's response (section 4.1, the numbered items).
    pub(in crate::handshake) fn verify<'head>(
        &self,
        headers: Headers<'head>,
    ) -> Result<Accepted<'head>, ResponseError> {
        let known = KnownFields::new(&headers, &self.terms.limits)?;
        // Items 2 and 3: `Upgrade` has exactly this value; `Connection` lists its value, possibly
        // among others.
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

/// Hides the proof that the server has to give.
impl fmt::Debug for ResponseReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseReader")
            .field("terms", &self.terms)
            .field("finder", &self.finder)
            .finish_non_exhaustive()
    }
}

/// Reads the response to an extended CONNECT.
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

/// The client's offers, which limit what the server may answer.
#[derive(Clone, Debug)]
pub(in crate::handshake) struct Terms {
    offer: Offer,
    /// The names of the extensions.
    extensions: Vec<String>,
    /// The limits on the head of the response.
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

    /// Checks the rules that the three carriers share (section 4.1, items 5 and 6).
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
