//! A scheme of credentials, as command lines write it.

use patchcord::handshake::credential::{Encoding, Scheme};
use std::error::Error;

/// Reads `pair:token`, `prefix:bearer.`, `sole:auth.,base64url`; the text is kept for good.
pub(crate) fn parse(scheme: &str) -> Result<Scheme<'static>, Box<dyn Error>> {
    let (form, rest) = scheme.split_once(':').ok_or("a scheme is FORM:TEXT")?;
    let (text, encoding) = match rest.split_once(',') {
        None => (rest, Encoding::Raw),
        Some((text, "base64url")) => (text, Encoding::Base64Url),
        Some((text, "base64")) => (text, Encoding::Base64),
        Some((text, "percent")) => (text, Encoding::Percent),
        Some((_, encoding)) => return Err(format!("'{encoding}' is not an encoding").into()),
    };
    let text: &'static str = text.to_owned().leak();
    let scheme = match form {
        "pair" => Scheme::pair(text),
        "prefix" => Scheme::prefixed(text, encoding),
        "sole" => Scheme::sole(text, encoding),
        _ => return Err(format!("'{form}' is not pair, prefix or sole").into()),
    };
    scheme.map_err(|_| format!("'{text}' cannot be part of a header").into())
}
