//! `Authorization` (RFC 9110 section 11.6.2).

use super::{Credential, CredentialError, Encoding};
use crate::handshake::grammar::{is_token, trim};
use core::{fmt, str};

/// The contents of a client's `Authorization` header.
///
/// ```
/// use patchcord::handshake::credential::Authorization;
/// use patchcord::handshake::server::{Refusal, Request};
///
/// /// Admits a charging station by its password, which may be any bytes.
/// fn admit(request: &Request<'_>, station: &str, secret: &[u8]) -> Result<(), Refusal> {
///     match request.authorization()? {
///         Some(Authorization::Basic { user, password })
///             if user.matches(station) && password.matches(secret) => Ok(()),
///         _ => Err(Refusal::UNAUTHORIZED.with_headers(&[("WWW-Authenticate", "Basic")])?),
///     }
/// }
/// # let head = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
/// #     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
/// #     Authorization: Basic Q1AxOv8A/g==\r\n\r\n";
/// # use patchcord::handshake::{admission::Admission, server::RequestReader};
/// # let mut reader = RequestReader::new(Admission::any());
/// # let request = reader.read(&mut &head[..]).unwrap().unwrap();
/// # assert!(admit(&request, "CP1", &[0xff, 0, 0xfe]).is_ok());
/// # assert!(admit(&request, "CP1", &[0xff]).is_err());
/// ```
#[doc(alias("bearer token", "JWT", "basic auth"))]
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authorization<'head> {
    /// `Bearer` (RFC 6750).
    Bearer(Credential),
    /// `Token`, which is not registered, but is used by speech APIs.
    Token(Credential),
    /// `Basic` (RFC 7617). It has no charset, so both parts are bytes. Browsers may send it
    /// unasked, as they do with cookies: check the origin, too.
    Basic {
        /// The part before the first colon.
        user: Credential,
        /// The part after the first colon, including any further colons.
        password: Credential,
    },
    /// Any other scheme, or no scheme: some services expect `Authorization: KEY`.
    Other {
        /// The scheme as it was sent; it is case-insensitive.
        scheme: Option<&'head str>,
        /// The text after the scheme, as it was sent; without a scheme, the whole value.
        credential: Credential,
    },
}

impl<'head> Authorization<'head> {
    /// Reads the value of the header.
    pub(in crate::handshake) fn read(value: &'head [u8]) -> Result<Self, CredentialError> {
        let end = value.iter().position(|&byte| byte == b' ').unwrap_or(value.len());
        let (scheme, rest) = value.split_at(end);
        let credential = trim(rest);
        let is = |name: &str| scheme.eq_ignore_ascii_case(name.as_bytes());
        if credential.is_empty()
            && (scheme.is_empty() || is("Bearer") || is("Token") || is("Basic"))
        {
            return Err(CredentialError::Missing);
        }
        Ok(match scheme {
            _ if is("Bearer") => Self::Bearer(Credential::new(credential)),
            _ if is("Token") => Self::Token(Credential::new(credential)),
            _ if is("Basic") => return Self::basic(credential),
            // A single word, or a first word that cannot be a scheme: all of it is the key.
            _ if credential.is_empty() || !is_token(scheme) => {
                Self::Other { scheme: None, credential: Credential::new(value) }
            }
            _ => Self::Other {
                scheme: str::from_utf8(scheme).ok(),
                credential: Credential::new(credential),
            },
        })
    }

    /// Decodes `Basic`. The first colon separates the two parts, since a user name cannot contain
    /// one (RFC 7617 section 2).
    fn basic(encoded: &[u8]) -> Result<Self, CredentialError> {
        let encoded = str::from_utf8(encoded).map_err(|_| CredentialError::Encoding)?;
        let both = Encoding::Base64.decode(encoded).ok_or(CredentialError::Encoding)?;
        let colon = memchr::memchr(b':', &both).ok_or(CredentialError::Encoding)?;
        let (user, password) = both.split_at(colon);
        Ok(Self::Basic { user: Credential::new(user), password: Credential::new(&password[1..]) })
    }
}

/// Hides what was sent: an unknown scheme may be part of the secret.
impl fmt::Debug for Authorization<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bearer(_) => "Bearer(..)",
            Self::Token(_) => "Token(..)",
            Self::Basic { .. } => "Basic { .. }",
            Self::Other { .. } => "Other { .. }",
        })
    }
}
