//! `Sec-WebSocket-Extensions`: offers and responses, read without allocation (RFC 6455 section
//! 9.1).
//!
//! ```text
//! extensions = 1#( token *( ";" token [ "=" ( token / quoted-string ) ] ) )
//! ```

#[cfg(feature = "deflate")]
pub mod deflate;
mod scanner;

use super::head::{FieldValue, Headers};
use core::fmt;
use scanner::{Elements, Scanner};

/// The header's name.
pub(super) const NAME: &str = "Sec-WebSocket-Extensions";

/// The offer of Chromium and Node, whose grammar need not be checked every time.
const BROWSER_OFFER: &[u8] = b"permessage-deflate; client_max_window_bits";

/// The extensions in all the header lines of a head, or in a single value.
///
/// ```
/// use patchcord::handshake::extension::Extensions;
///
/// let value = r#"x-webkit-deflate-frame, permessage-deflate; client_max_window_bits="10""#;
/// let extensions = Extensions::parse(value)?;
/// let deflate = extensions.iter().find(|extension| extension.name() == "permessage-deflate");
/// let bits = deflate.unwrap().parameters().next().unwrap();
/// assert_eq!(bits.name(), "client_max_window_bits");
/// assert!(bits.value().is_some_and(|bits| bits == "10"));
/// # Ok::<(), patchcord::handshake::extension::ExtensionsError>(())
/// ```
#[doc(alias = "Sec-WebSocket-Extensions")]
#[derive(Clone, Copy)]
pub struct Extensions<'text> {
    field: FieldValue<'text>,
    headers: Headers<'text>,
}

impl<'text> Extensions<'text> {
    /// Parses one value of the header. An empty value has no extensions.
    ///
    /// # Errors
    /// When it breaks the grammar.
    pub fn parse(value: &'text str) -> Result<Self, ExtensionsError> {
        Self::new(FieldValue::Single(value.as_bytes()), Headers::from_list(&[])).checked()
    }

    /// The extensions in the lines of a head.
    pub(super) const fn new(field: FieldValue<'text>, headers: Headers<'text>) -> Self {
        Self { field, headers }
    }

    /// Checks the grammar of all values.
    pub(super) fn checked(self) -> Result<Self, ExtensionsError> {
        let (mut is_blank, mut count) = (true, 0);
        for value in self.values() {
            if value == BROWSER_OFFER {
                count += 1;
                continue;
            }
            let mut elements = Elements(Scanner(value));
            while let Some(element) = elements.next_element() {
                element?;
                count += 1;
            }
            is_blank &= value.iter().all(|byte| b" \t".contains(byte));
        }
        // RFC 9110 section 5.6.1: empty elements are tolerated, but not a list of nothing else.
        // Accepting an empty line is a choice: proxies and libraries that remove extensions leave
        // one behind, and 16 of 19 servers accept it.
        if count == 0 && !is_blank { Err(ExtensionsError) } else { Ok(self) }
    }

    /// Returns an iterator over the extensions, in the order in which they were written.
    pub fn iter(&self) -> impl Iterator<Item = Extension<'text>> + use<'text> {
        let elements = |value| Elements(Scanner(value));
        self.values().flat_map(move |value| {
            let mut elements = elements(value);
            core::iter::from_fn(move || elements.next_element()?.ok())
        })
    }

    /// Checks a response against these offers.
    ///
    /// Each search continues after the last match, and starts over only if that finds nothing: most
    /// responses are in the order of the offers.
    pub(super) fn check_against(&self, offers: &Extensions<'_>) -> Result<(), NotOffered> {
        let mut rest = offers.iter();
        for answer in self.iter() {
            let is_same = |offer: Extension<'_>| offer.name() == answer.name();
            if !rest.any(is_same) {
                rest = offers.iter();
                rest.any(is_same).then_some(()).ok_or(NotOffered)?;
            }
        }
        Ok(())
    }

    /// Checks a response against the names that were offered.
    pub(super) fn check(&self, offered: impl Fn(&str) -> bool) -> Result<(), NotOffered> {
        if self.iter().all(|extension| offered(extension.name())) {
            Ok(())
        } else {
            Err(NotOffered)
        }
    }

    /// Returns whether there are no extensions.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    fn values(&self) -> impl Iterator<Item = &'text [u8]> + use<'text> {
        self.field.values(self.headers, NAME)
    }
}

/// Returns the extensions in a value that this crate wrote.
#[cfg(feature = "deflate")]
const fn from_value(value: &str) -> Extensions<'_> {
    Extensions::new(FieldValue::Single(value.as_bytes()), Headers::from_list(&[]))
}

impl fmt::Debug for Extensions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Writes them as in the header, on one line.
impl fmt::Display for Extensions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, extension) in self.iter().enumerate() {
            f.write_str(if i > 0 { ", " } else { "" })?;
            fmt::Display::fmt(&extension, f)?;
        }
        Ok(())
    }
}

/// One extension: its name and parameters.
#[derive(Clone, Copy)]
pub struct Extension<'text> {
    name: &'text str,
    parameters: &'text [u8],
}

impl<'text> Extension<'text> {
    /// The name, which is case-sensitive.
    #[must_use]
    pub const fn name(&self) -> &'text str {
        self.name
    }

    /// Returns an iterator over the parameters, in the order in which they were written; a name may
    /// occur twice.
    pub fn parameters(&self) -> impl Iterator<Item = Parameter<'text>> + use<'text> {
        let mut scanner = Scanner(self.parameters);
        core::iter::from_fn(move || scanner.parameter().ok().flatten())
    }
}

impl fmt::Debug for Extension<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Writes it as in the header, in its simplest form.
impl fmt::Display for Extension<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        for parameter in self.parameters() {
            write!(f, "; {}", parameter.name)?;
            if let Some(value) = parameter.value {
                write!(f, "={value}")?;
            }
        }
        Ok(())
    }
}

/// A parameter of an extension.
#[derive(Clone, Copy, Debug)]
pub struct Parameter<'text> {
    name: &'text str,
    value: Option<Value<'text>>,
}

impl<'text> Parameter<'text> {
    /// The name.
    #[must_use]
    pub const fn name(&self) -> &'text str {
        self.name
    }

    /// The value, if it has one.
    #[must_use]
    pub const fn value(&self) -> Option<Value<'text>> {
        self.value
    }
}

/// The value of a parameter: a token, or a quoted string that is a token once unescaped.
#[derive(Clone, Copy)]
pub struct Value<'text>(&'text [u8]);

impl<'text> Value<'text> {
    /// Returns an iterator over the characters of the value, unescaped: `"1\0"` is `10`.
    pub fn chars(&self) -> impl Iterator<Item = char> + use<'text> {
        let mut bytes = self.0.iter();
        core::iter::from_fn(move || match bytes.next()? {
            b'\\' => bytes.next().copied().map(char::from),
            &byte => Some(char::from(byte)),
        })
    }
}

impl PartialEq<str> for Value<'_> {
    fn eq(&self, other: &str) -> bool {
        self.chars().eq(other.chars())
    }
}

impl PartialEq<&str> for Value<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.chars().try_for_each(|c| fmt::Write::write_char(f, c))
    }
}

/// An error: a `Sec-WebSocket-Extensions` header breaks its grammar (RFC 6455 section 9.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExtensionsError;

impl fmt::Display for ExtensionsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the extensions break the grammar of their header")
    }
}

impl core::error::Error for ExtensionsError {}

/// An error: a response has an extension that was not offered (RFC 6455 section 9.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotOffered;

impl fmt::Display for NotOffered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the response has an extension that was not offered")
    }
}

impl core::error::Error for NotOffered {}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    fn written(value: &str) -> Option<Vec<String>> {
        let extensions = Extensions::parse(value).ok()?;
        Some(extensions.iter().map(|extension| extension.to_string()).collect())
    }

    #[test]
    fn offers_are_read_and_written() {
        for (value, expected) in [
            ("foo", &["foo"][..]),
            ("foo, bar; baz=2", &["foo", "bar; baz=2"]),
            ("foo; bar; baz=2", &["foo; bar; baz=2"]),
            ("foo; x=10, foo;y", &["foo; x=10", "foo; y"]),
            ("foo ;\tx = \"1\\0\" ; y,", &["foo; x=10; y"]),
            (", ,foo,,bar", &["foo", "bar"]),
            ("", &[]),
            (" \t", &[]),
        ] {
            assert_eq!(
                written(value).as_deref(),
                Some(expected.iter().map(|s| s.to_string()).collect::<Vec<_>>().as_slice()),
                "{value}"
            );
        }
    }

    #[test]
    fn what_breaks_the_grammar_is_refused() {
        for bad in [
            ",",
            " , ",
            ";",
            "foo;",
            "foo;;",
            "foo;;bar",
            "foo; =1",
            "foo; x=",
            "foo bar",
            "foo; x=\"",
            "foo; x=\"\"",
            "foo; x=\"a b\"",
            "foo; x=\"a,b\"",
            "foo; x=\"a\\",
            "foo; x=\"a\"b",
            "foo/bar",
            "\"foo\"",
            "foo; x=(y)",
            "foo; x=1, bar;",
            "foo\u{e9}",
        ] {
            assert_eq!(written(bad), None, "{bad}");
        }
    }

    #[test]
    fn an_unclosed_string_of_escapes_is_read_in_one_pass() {
        let mut value = String::from("a; b=\"");
        value.extend(core::iter::repeat_n("\\c", 100_000)); // CVE-2020-7662: exponential there
        assert_eq!(written(&value), None);
    }
}
