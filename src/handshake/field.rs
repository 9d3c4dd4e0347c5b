//! Header fields that a caller adds to a message, checked once when they are added.

use super::grammar::{is_token, is_value};
use super::limits::HeadLimits;
use super::secret::Secret;
use alloc::string::String;
use alloc::vec::Vec;
use core::{fmt, str};

/// A header field of a message to be sent.
///
/// `Debug` shows only the name.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field<'text> {
    /// The name, in the case that the carrier wants.
    pub name: &'text str,
    /// The value.
    pub value: &'text str,
    /// True if the value may be a credential, and must be neither indexed (RFC 7541 section 7.1.3)
    /// nor logged.
    pub sensitive: bool,
}

impl<'text> Field<'text> {
    pub(super) const fn new(name: &'text str, value: &'text str) -> Self {
        Self { name, value, sensitive: false }
    }
}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Header fields to be sent, whose names and values were checked. The values are wiped when they
/// are dropped.
///
/// `Debug` shows only the names. For the fields of a message that was read, see
/// [`Headers`](super::Headers).
#[derive(Clone, Default)]
pub struct Fields(Vec<Owned>);

#[derive(Clone)]
struct Owned {
    name: String,
    value: Secret,
    secret: bool,
}

impl Fields {
    pub(super) const NONE: Self = Self(Vec::new());

    /// Returns an iterator over the fields, in the order in which they are to be sent.
    pub fn iter(&self) -> impl Iterator<Item = Field<'_>> {
        self.0.iter().map(|field| Field {
            name: &field.name,
            value: &field.value,
            sensitive: field.secret || COOKIES.iter().any(|cookie| is(cookie, &field.name)),
        })
    }

    /// Returns whether one of them is a credential. Cookies do not count, since their purpose is
    /// not known.
    pub(super) fn has_secret(&self) -> bool {
        self.0.iter().any(|field| field.secret)
    }

    /// Adds a field that was checked already, or that this crate made.
    pub(super) fn push(&mut self, field: Field<'_>) {
        let value = Secret::from(String::from(field.value));
        self.0.push(Owned { name: field.name.into(), value, secret: field.sensitive });
    }

    /// Adds a field of the caller's; `reserved` names the fields that the message writes itself.
    pub(super) fn add(&mut self, field: Field<'_>, reserved: &[&str]) -> Result<(), FieldError> {
        let fault = if !is_token(field.name.as_bytes()) {
            FieldFault::Name
        } else if reserved.iter().any(|other| is(other, field.name)) {
            FieldFault::Reserved
        } else if !is_value(field.value.as_bytes()) {
            FieldFault::Value
        } else if self.0.len() >= HeadLimits::LINES {
            FieldFault::TooMany
        } else {
            self.push(field);
            return Ok(());
        };
        Err(FieldError::new(self.0.len(), field.name, fault))
    }

    /// Adds these fields, none of which the caller declared secret.
    pub(super) fn add_all(
        mut self,
        fields: &[(&str, &str)],
        reserved: &[&str],
    ) -> Result<Self, FieldError> {
        for (name, value) in fields {
            let sensitive = CREDENTIALS.iter().any(|credential| is(credential, name));
            self.add(Field { name, value, sensitive }, reserved)?;
        }
        Ok(self)
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter().map(|field| field.name)).finish()
    }
}

/// The fields that always hold a credential.
const CREDENTIALS: [&str; 2] = ["Authorization", "Proxy-Authorization"];

/// The fields that may hold a credential.
const COOKIES: [&str; 2] = ["Cookie", "Set-Cookie"];

fn is(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// An error: a header field cannot be added to a message. Nothing was added.
///
/// It names the field, and never shows its value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FieldError {
    index: usize,
    name: [u8; FieldError::SHOWN],
    fault: FieldFault,
}

/// The reason why a header field cannot be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldFault {
    /// The name is not a token (RFC 9110 section 5.1).
    Name,
    /// The value contains a control character (section 5.5).
    Value,
    /// The message writes this field itself.
    Reserved,
    /// There are [`HeadLimits::LINES`](super::HeadLimits::LINES) fields already; most peers accept
    /// no more.
    TooMany,
}

impl FieldError {
    /// The number of bytes of a name that are kept; few registered names are longer.
    const SHOWN: usize = 40;

    fn new(index: usize, name: &str, fault: FieldFault) -> Self {
        let mut shown = [0; Self::SHOWN];
        // A name that is not a token may be anything, and is not repeated.
        let name = if fault == FieldFault::Name { "" } else { name };
        shown.iter_mut().zip(name.bytes()).for_each(|(place, byte)| *place = byte);
        Self { index, name: shown, fault }
    }

    /// The index of the field among those added.
    #[must_use]
    pub const fn index(&self) -> usize {
        self.index
    }

    /// The name of the field, cut to 40 characters; empty if it is not a token.
    #[must_use]
    pub fn name(&self) -> &str {
        let name = self.name.split(|&byte| byte == 0).next().unwrap_or_default();
        str::from_utf8(name).unwrap_or_default()
    }

    /// The reason.
    #[must_use]
    pub const fn fault(&self) -> FieldFault {
        self.fault
    }
}

impl fmt::Debug for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldError")
            .field("index", &self.index)
            .field("name", &self.name())
            .field("fault", &self.fault)
            .finish()
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (index, name) = (self.index, self.name());
        match self.fault {
            FieldFault::Name => write!(f, "the name of header field {index} is not a token"),
            FieldFault::Value => {
                write!(f, "the value of header field {index}, {name}, contains a control character")
            }
            FieldFault::Reserved => {
                write!(f, "header field {index}, {name}, is written by the handshake itself")
            }
            FieldFault::TooMany => {
                write!(
                    f,
                    "header field {index}, {name}, is one more than a request or response may have"
                )
            }
        }
    }
}

impl core::error::Error for FieldError {}
