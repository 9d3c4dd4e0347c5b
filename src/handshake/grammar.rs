//! The grammar shared by several header fields (RFC 9110 section 5.6).

use super::steps;

/// Returns whether `text` is a token: one or more characters, none of which is a delimiter (section
/// 5.6.2).
pub(super) const fn is_token(text: &[u8]) -> bool {
    // A loop by hand: iterators cannot be used in a `const fn`.
    let mut at = 0;
    while at < text.len() {
        if !is_tchar(text[at]) {
            return false;
        }
        at += 1;
    }
    at > 0
}

/// Returns whether a token may contain this character.
#[inline]
pub(super) const fn is_tchar(byte: u8) -> bool {
    TCHARS[byte as usize]
}

const TCHARS: [bool; 256] = table(b"!#$%&'*+-.^_`|~");

/// Returns a table that is true for letters, digits and the bytes in `others`.
pub(super) const fn table(others: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = (byte as u8).is_ascii_alphanumeric();
        byte += 1;
    }
    let mut i = 0;
    while i < others.len() {
        table[others[i] as usize] = true;
        i += 1;
    }
    table
}

/// Returns whether each byte is allowed as it is, or belongs to a percent sign with two hexadecimal
/// digits after it (RFC 3986 section 2.1).
pub(super) fn is_escaped(text: &str, may_stand: impl Fn(u8) -> bool) -> bool {
    let mut bytes = text.bytes();
    let is_digit = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
    while let Some(byte) = bytes.next() {
        let is_byte = byte == b'%' && is_digit(bytes.next()) && is_digit(bytes.next());
        if !is_byte && (byte == b'%' || !may_stand(byte)) {
            return false;
        }
    }
    true
}

/// Splits a comma-separated list into its elements. Empty elements, which a recipient must
/// tolerate, are left out (section 5.6.1.2).
pub(super) fn elements(value: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    let mut rest = Some(value);
    core::iter::from_fn(move || {
        let value = rest?;
        let (element, after) = match memchr::memchr(b',', value) {
            Some(comma) => (&value[..comma], Some(&value[comma + 1..])),
            None => (value, None),
        };
        rest = after;
        steps::count(1 + element.len());
        Some(trim(element))
    })
    .filter(|element| !element.is_empty())
}

/// Returns whether a list contains this element, ignoring case.
#[inline]
pub(super) fn contains(value: &[u8], element: &str) -> bool {
    let element = element.as_bytes();
    // Most lists are exactly this one element, in this very spelling.
    value == element || elements(value).any(|other| other.eq_ignore_ascii_case(element))
}

/// Removes the spaces and tabs around a value.
pub(super) fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// Returns whether `value` may be the value of a header field: without control characters, no line
/// can end inside it (section 5.5).
pub(super) fn is_value(value: &[u8]) -> bool {
    value.iter().all(|&byte| byte == b'\t' || byte >= b' ' && byte != 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_no_delimiter_no_space_and_no_control_character() {
        for byte in 0..=255u8 {
            let delimiter = b"\"(),/:;<=>?@[\\]{}".contains(&byte);
            assert_eq!(is_tchar(byte), byte.is_ascii_graphic() && !delimiter, "{byte:#x}");
        }
    }
}
