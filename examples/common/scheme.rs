//! A scheme of credentials, as command lines name it.

use patchcord::handshake::credential::{Codec, Scheme};
use std::error::Error;

/// A [`Scheme`] with its text.
pub(crate) struct OwnedScheme {
    form: Form,
    text: String,
    codec: Codec,
}

enum Form {
    Pair,
    Prefix,
    Sole,
}

impl OwnedScheme {
    /// Reads `pair:token`, `prefix:bearer.`, `sole:auth.,base64url`.
    pub(crate) fn parse(scheme: &str) -> Result<Self, Box<dyn Error>> {
        let (form, rest) = scheme.split_once(':').ok_or("a scheme is FORM:TEXT")?;
        let form = match form {
            "pair" => Form::Pair,
            "prefix" => Form::Prefix,
            "sole" => Form::Sole,
            _ => return Err(format!("'{form}' is none of pair, prefix, sole").into()),
        };
        let (text, codec) = match rest.split_once(',') {
            None => (rest, Codec::Raw),
            Some((text, "base64url")) => (text, Codec::Base64Url),
            Some((text, "base64")) => (text, Codec::Base64),
            Some((text, "percent")) => (text, Codec::Percent),
            Some((_, codec)) => return Err(format!("'{codec}' is no encoding").into()),
        };
        let scheme = Self { form, text: text.to_owned(), codec };
        if !scheme.get().is_valid() {
            return Err(format!("'{text}' cannot stand in a header").into());
        }
        Ok(scheme)
    }

    /// The marker of a pair, which can be selected.
    pub(crate) fn marker(&self) -> Option<&str> {
        matches!(self.form, Form::Pair).then_some(self.text.as_str())
    }

    pub(crate) fn get(&self) -> Scheme<'_> {
        let (text, codec) = (self.text.as_str(), self.codec);
        match self.form {
            Form::Pair => Scheme::Pair { marker: text },
            Form::Prefix => Scheme::Prefixed { prefix: text, codec },
            Form::Sole => Scheme::Sole { prefix: text, codec },
        }
    }
}
