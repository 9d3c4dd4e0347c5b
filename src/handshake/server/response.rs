//! The response that opens a connection.

use super::{Carrier, Upgrade};
use crate::handshake::extension::{self, Extensions, NotOffered};
use crate::handshake::field::{Field, FieldError, Fields};
use crate::handshake::subprotocol::{self, OfferLines, Subprotocol};
use alloc::string::{String, ToString};
use core::fmt;

/// The response that opens a connection: everything after it is frames.
///
/// It belongs to the [request](super::Request::response) that it answers, and accepts nothing that
/// this request did not offer.
///
/// ```
/// # use patchcord::handshake::{admission::Admission, server::RequestReader};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let bytes = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
/// #     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
/// #     Sec-WebSocket-Protocol: chat\r\n\r\n";
/// # let request = RequestReader::new(Admission::any()).read(&mut &bytes[..])?.ok_or("cut")?;
/// # let mut out = Vec::new();
/// let response = request
///     .response()
///     .with_subprotocol(request.offers().select(&["chat"])?)?
///     .with_headers(&[("Set-Cookie", "seat=12; HttpOnly; Secure")])?;
/// response.write(&mut out)?;
/// # assert!(out.ends_with(b"Protocol: chat\r\nSet-Cookie: seat=12; HttpOnly; Secure\r\n\r\n"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "the response is not sent until it is written"]
pub struct Response<'head, C = Upgrade> {
    pub(in crate::handshake) carrier: C,
    /// The lines in which the request offers subprotocols.
    lines: OfferLines<'head>,
    /// The extensions that the request offers.
    offered: Extensions<'head>,
    subprotocol: Option<Subprotocol<'head>>,
    extensions: Option<String>,
    headers: Fields,
}

/// The fields that the response writes itself, and those that say where a body ends.
const OWN: [&str; 7] = [
    "Upgrade",
    "Connection",
    "Sec-WebSocket-Accept",
    subprotocol::NAME,
    extension::NAME,
    "Content-Length",
    "Transfer-Encoding",
];

impl<'head, C: Carrier> Response<'head, C> {
    pub(super) const fn new(
        carrier: C,
        lines: OfferLines<'head>,
        offered: Extensions<'head>,
    ) -> Self {
        let headers = Fields::NONE;
        Self { carrier, lines, offered, subprotocol: None, extensions: None, headers }
    }

    /// Selects a subprotocol, or none.
    ///
    /// # Errors
    /// When the subprotocol belongs to another request.
    #[doc(alias = "Sec-WebSocket-Protocol")]
    pub fn with_subprotocol(
        self,
        selected: impl Into<Option<Subprotocol<'head>>>,
    ) -> Result<Self, ForeignSubprotocol> {
        let subprotocol = selected.into();
        match subprotocol.is_none_or(|name| self.lines.hold(name)) {
            true => Ok(Self { subprotocol, ..self }),
            false => Err(ForeignSubprotocol),
        }
    }

    /// The selected subprotocol. It may be the entry with the credential, so do not log it blindly.
    #[must_use]
    pub const fn subprotocol(&self) -> Option<&'head str> {
        match self.subprotocol {
            Some(subprotocol) => Some(subprotocol.as_str()),
            None => None,
        }
    }

    /// Agrees to these extensions. If there are none, the header is left out, since an empty one
    /// breaks some clients.
    ///
    /// # Errors
    /// When an extension was not offered (RFC 6455 section 9.1).
    #[doc(alias = "Sec-WebSocket-Extensions")]
    pub fn with_extensions(self, answer: Extensions<'_>) -> Result<Self, NotOffered> {
        answer.check_against(&self.offered)?;
        Ok(Self { extensions: (!answer.is_empty()).then(|| answer.to_string()), ..self })
    }

    /// Adds header fields, such as `Set-Cookie`.
    ///
    /// # Errors
    /// When a name is not a token, a value contains a control character, or the response writes the
    /// field itself; the error tells which field and why.
    pub fn with_headers(self, fields: &[(&str, &str)]) -> Result<Self, FieldError> {
        Ok(Self { headers: self.headers.add_all(fields, &OWN)?, ..self })
    }

    /// Returns the fields except those of an upgrade.
    pub(in crate::handshake) fn fields(&self) -> impl Iterator<Item = Field<'_>> {
        let subprotocol = self.subprotocol.map(|selected| Field {
            name: subprotocol::NAME,
            value: selected.as_str(),
            sensitive: selected.is_secret(),
        });
        let extensions = self.extensions.as_deref();
        let extensions = extensions.map(|value| Field::new(extension::NAME, value));
        subprotocol.into_iter().chain(extensions).chain(self.headers.iter())
    }
}

/// Shows the names of the header fields and no values: they can be cookies, and the subprotocol can
/// be a secret.
impl<C: Carrier> fmt::Debug for Response<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("subprotocol", &self.subprotocol)
            .field("extensions", &self.extensions)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

/// An error: the selected subprotocol belongs to another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForeignSubprotocol;

impl fmt::Display for ForeignSubprotocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the selected subprotocol belongs to another request")
    }
}

impl core::error::Error for ForeignSubprotocol {}
