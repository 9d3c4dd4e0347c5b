//! The body of a Close: a status code and a reason (RFC 6455 sections 5.5.1 and 7.4).

use super::MAX_CONTROL_PAYLOAD;
use crate::payload::{PayloadBytes, Text};
use core::fmt;
use core::num::NonZeroU16;

/// A status code that may stand in a Close frame (section 7.4).
///
/// These are 1000 to 1003 and 1007 to 1014 (the IANA registry of close codes), and 3000 to 4999 for
/// libraries, frameworks and applications. 1005, 1006 and 1015 only ever report that something was
/// *not* received, so they are not values of this type.
/// *not* received, so they are no value of this type.
///
/// ```
/// use patchcord::CloseCode;
///
/// assert_eq!(CloseCode::GOING_AWAY.get(), 1001);
/// assert_eq!(CloseCode::new(4401).map(CloseCode::get), Some(4401)); // an application's own
/// assert_eq!(CloseCode::new(1006), None); // for reports, and never on the wire
///
/// assert_eq!(u16::from(CloseCode::GOING_AWAY), 1001);
/// assert_eq!(CloseCode::try_from(4401)?.get(), 4401); // the same check, for `?`
/// # Ok::<(), patchcord::frame::CloseError>(())
/// ```
#[doc(alias("close code", "status code"))]
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CloseCode(NonZeroU16);

impl CloseCode {
    /// 1000: the connection has fulfilled its purpose.
    pub const NORMAL: Self = Self::known(1000);
    /// 1001: the server is going down, or the user has left the page.
    pub const GOING_AWAY: Self = Self::known(1001);
    /// 1002: the peer broke the protocol.
    pub const PROTOCOL_ERROR: Self = Self::known(1002);
    /// 1003: this kind of data cannot be accepted.
    pub const UNSUPPORTED_DATA: Self = Self::known(1003);
    /// 1007: the data does not match the message's type, such as text that is not UTF-8.
    pub const INVALID_PAYLOAD: Self = Self::known(1007);
    /// 1008: the message violates a policy, and no other code fits.
    pub const POLICY_VIOLATION: Self = Self::known(1008);
    /// 1009: a message is too big to be processed.
    pub const TOO_BIG: Self = Self::known(1009);
    /// 1010: the server did not negotiate an extension that the client needs.
    pub const MANDATORY_EXTENSION: Self = Self::known(1010);
    /// 1011: an unexpected condition keeps the server from continuing.
    pub const INTERNAL_ERROR: Self = Self::known(1011);
    /// 1012: the service is restarting.
    pub const SERVICE_RESTART: Self = Self::known(1012);
    /// 1013: try again later.
    pub const TRY_AGAIN_LATER: Self = Self::known(1013);
    /// 1014: a gateway received an invalid response from its server.
    pub const BAD_GATEWAY: Self = Self::known(1014);

    /// The size of a code on the wire, in bytes.
    pub(crate) const SIZE: usize = 2;

    /// Checks a number; `None` if a Close frame must not carry it.
    #[must_use]
    pub const fn new(code: u16) -> Option<Self> {
        match code {
            1000..=1003 | 1007..=1014 | 3000..=4999 => Some(Self::known(code)),
            _ => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0.get()
    }

    const fn known(code: u16) -> Self {
        match NonZeroU16::new(code) {
            Some(code) => Self(code),
            None => Self(NonZeroU16::MAX), // no caller passes 0
        }
    }
}

impl From<CloseCode> for u16 {
    fn from(code: CloseCode) -> Self {
        code.get()
    }
}

impl TryFrom<u16> for CloseCode {
    type Error = CloseError;

    fn try_from(code: u16) -> Result<Self, CloseError> {
        Self::new(code).ok_or(CloseError::InvalidCode(code))
    }
}

impl fmt::Debug for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CloseCode({self})")
    }
}

impl fmt::Display for CloseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// The body of a Close frame, if it has one: why the connection is closed.
///
/// ```
/// use patchcord::{Close, CloseCode};
///
/// let close = Close::parse(b"\x03\xe8bye")?.expect("a body");
/// assert_eq!(close.code, CloseCode::NORMAL);
/// assert_eq!(&*close.reason, "bye");
/// assert_eq!(Close::parse(b"")?, None);
/// assert!(Close::parse(b"\x03\xed").is_err()); // 1005 is never sent
/// # Ok::<(), patchcord::frame::CloseError>(())
/// ```
#[doc(alias = "CloseFrame")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close<P: PayloadBytes> {
    /// The status code.
    pub code: CloseCode,
    /// The reason, up to 123 bytes; meant for logs, not for users (section 7.1.6).
    pub reason: Text<P>,
}

impl<'body> Close<&'body [u8]> {
    /// The most bytes that a reason can have.
    pub const MAX_REASON: usize = MAX_CONTROL_PAYLOAD - CloseCode::SIZE;

    /// Makes a body from a code and a reason.
    #[must_use]
    pub fn new(code: CloseCode, reason: &'body str) -> Self {
        Self { code, reason: Text::from(reason) }
    }

    /// Makes a body from a code and as much of the reason as fits, cut between two characters.
    ///
    /// ```
    /// use patchcord::{Close, CloseCode};
    ///
    /// let reason = "é".repeat(62); // 124 bytes, one more than fit
    /// let close = Close::cut(CloseCode::INTERNAL_ERROR, &reason);
    /// assert_eq!(close.reason.len(), 122);
    /// ```
    #[must_use]
    pub fn cut(code: CloseCode, reason: &'body str) -> Self {
        let longest = reason.len().min(Self::MAX_REASON);
        let cut = (0..=longest).rev().find_map(|end| reason.get(..end)); // at most three steps back
        Self::new(code, cut.unwrap_or_default())
    }

    /// Writes the body to the front of `to` and returns it; `None` if the reason is too long.
    pub(crate) fn encode<'to>(&self, to: &'to mut [u8; MAX_CONTROL_PAYLOAD]) -> Option<&'to [u8]> {
        let length = CloseCode::SIZE + self.reason.len();
        let (code, reason) = to.get_mut(..length)?.split_at_mut_checked(CloseCode::SIZE)?;
        code.copy_from_slice(&self.code.get().to_be_bytes());
        reason.copy_from_slice(self.reason.as_bytes());
        to.get(..length)
    }

    /// Parses the unmasked payload of a Close frame; `None` if it is empty.
    ///
    /// # Errors
    /// When the body is one byte long, has a code that must not be sent, or has a reason that is
    /// not UTF-8.
    pub fn parse(body: &'body [u8]) -> Result<Option<Self>, CloseError> {
        match body.split_at_checked(CloseCode::SIZE) {
            _ if body.is_empty() => Ok(None),
            Some((code, reason)) => Self::from_parts(code, reason).map(Some),
            None => Err(CloseError::TooShort),
        }
    }
}

impl<P: PayloadBytes> Close<P> {
    /// Makes a body from its two parts, and checks them.
    pub(crate) fn from_parts(code: &[u8], reason: P) -> Result<Self, CloseError> {
        let code = u16::from_be_bytes(code.try_into().map_err(|_| CloseError::TooShort)?);
        // The code precedes the reason on the wire, so its error precedes, too.
        let code = CloseCode::try_from(code)?;
        let reason = Text::new(reason).map_err(|_| CloseError::ReasonNotUtf8)?;
        Ok(Self { code, reason })
    }
}

/// An error in the body of a Close frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CloseError {
    /// The body is one byte long, but a status code takes two (section 5.5.1).
    TooShort,
    /// The status code must not be sent (section 7.4).
    InvalidCode(u16),
    /// The reason is not UTF-8 (section 5.5.1).
    ReasonNotUtf8,
}

impl CloseError {
    /// The section of RFC 6455 with the broken rule.
    #[must_use]
    pub const fn section(self) -> &'static str {
        match self {
            Self::InvalidCode(_) => "7.4",
            Self::TooShort | Self::ReasonNotUtf8 => "5.5.1",
        }
    }
}

impl fmt::Display for CloseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort => f.write_str("the body of a close frame is one byte long"),
            Self::InvalidCode(code) => write!(f, "close code {code} must not be sent"),
            Self::ReasonNotUtf8 => f.write_str("the reason of a close frame is not valid UTF-8"),
        }
    }
}

impl core::error::Error for CloseError {}
