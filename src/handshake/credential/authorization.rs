//! `Authorization` (RFC 9110 section 11.6.2).

use super::{Credential, CredentialError, Encoding};
use crate::handshake::grammar::{is_token, trim};
use core::{fmt, str};

/// What a client's `Authorization` holds.
///
/// ```
/// use patchcord::handshake::credential::Authorization;
/// use patchcord::handshake::server::{Refusal, Request};
///
/// /// Takes a charging station by the password that was given to it, which is any bytes.
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
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Authorization<'head> {
    /// `Bearer` (RFC 6750).
    Bearer(Credential),
    /// `Token`: not registered, but what speech APIs use.
    Token(Credential),
    /// `Basic` (RFC 7617), which has no charset, so both are bytes. Browsers may send it on their
    /// own, as they do a cookie: look at the origin, too.
    Basic {
        /// What comes before the first colon.
        user: Credential,
        /// What comes behind it, further colons included.
        password: Credential,
    },
    /// Any other scheme, or none: some services take `Authorization: KEY`.
    Other {
        /// The scheme as it was sent, whose case does not matter.
        scheme: Option<&'head str>,
        /// What comes behind the scheme, as it was sent; without one, all of the value.
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
            _ if credential.is_empty() || !is_token(scheme) => {
                Self::Other { scheme: None, credential: Credential::new(value) }
            }
            _ => Self::Other {
                scheme: str::from_utf8(scheme).ok(),
                credential: Credential::new(credential),
            },
        })
    }

    /// RFC 7617 section 2: the first colon divides, since a user's name has none.
    fn basic(encoded: &[u8]) -> Result<Self, CredentialError> {
        let encoded = str::from_utf8(encoded).map_err(|_| CredentialError::Encoding)?;
        let both = Encoding::Base64.decode(encoded).ok_or(CredentialError::Encoding)?;
        let colon = memchr::memchr(b':', &both).ok_or(CredentialError::Encoding)?;
        let (user, password) = both.split_at(colon);
        Ok(Self::Basic { user: Credential::new(user), password: Credential::new(&password[1..]) })
    }
}

/// Without what was sent: a scheme that is not known may be a part of the secret.
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
