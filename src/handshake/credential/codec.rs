//! How secrets are made to fit tokens.

use super::secret::{Secret, SecretBytes};
use crate::handshake::field::is_tchar;
use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// How a secret is made to fit a token (RFC 9110 section 5.6.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Codec {
    /// As it is; it must be a token already.
    #[default]
    Raw,
    /// Base64 with the URL-safe alphabet, without padding.
    Base64Url,
    /// Base64 with the standard alphabet, without padding; a secret whose encoding has a `/` in
    /// it cannot be sent.
    Base64,
    /// Percent-encoding of every byte that no token has, and of `%`.
    Percent,
}

const URL_SAFE: GeneralPurpose = engine(&alphabet::URL_SAFE);
const STANDARD: GeneralPurpose = engine(&alphabet::STANDARD);

const fn engine(alphabet: &alphabet::Alphabet) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(alphabet, config)
}

impl Codec {
    /// Appends the encoding of `secret` to `to`; whether it is a token is not looked at.
    pub(in crate::handshake) fn encode(self, secret: &str, to: &mut String) {
        match self {
            Self::Raw => to.push_str(secret),
            Self::Base64Url => URL_SAFE.encode_string(secret, to),
            Self::Base64 => STANDARD.encode_string(secret, to),
            Self::Percent => secret.bytes().for_each(|byte| percent(byte, to)),
        }
    }

    /// The secret of which `text` is the encoding; `None` if it is none, or not text.
    ///
    /// Base64 is taken in either alphabet and with or without padding: clients mix them up.
    pub(in crate::handshake) fn decode(self, text: &str) -> Option<Secret> {
        // No encoding is shorter than what it encodes.
        let mut secret = SecretBytes::with_capacity(text.len());
        let bytes = secret.bytes();
        match self {
            Self::Raw => bytes.extend_from_slice(text.as_bytes()),
            Self::Base64Url | Self::Base64 => {
                let standard = text.contains(['+', '/']);
                if standard { &STANDARD } else { &URL_SAFE }.decode_vec(text, bytes).ok()?;
            }
            Self::Percent => unpercent(text.as_bytes(), bytes)?,
        }
        Secret::from_bytes(secret)
    }
}

fn percent(byte: u8, to: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    if is_tchar(byte) && byte != b'%' {
        return to.push(byte.into());
    }
    to.push('%');
    to.push(DIGITS[usize::from(byte >> 4)].into());
    to.push(DIGITS[usize::from(byte & 0xf)].into());
}

fn unpercent(mut text: &[u8], to: &mut Vec<u8>) -> Option<()> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let escaped = |high: u8, low: u8| Some((digit(high)? * 16 + digit(low)?) as u8);
    while let [first, rest @ ..] = text {
        let (byte, after) = match (first, rest) {
            (b'%', [high, low, after @ ..]) => (escaped(*high, *low)?, after),
            (b'%', _) => return None,
            (plain, after) => (*plain, after),
        };
        to.push(byte);
        text = after;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_codec_decodes_what_it_encoded() {
        for codec in [Codec::Raw, Codec::Base64Url, Codec::Base64, Codec::Percent] {
            for secret in ["", "k", "sk-1_2.3~", "a(b)%/ ü🎧", "user:pass", "ab?", "ab>"] {
                let mut text = String::new();
                codec.encode(secret, &mut text);
                assert_eq!(codec.decode(&text).as_deref(), Some(secret), "{codec:?} {text}");
            }
        }
    }

    #[test]
    fn base64_is_decoded_in_either_alphabet_and_with_or_without_padding() {
        for codec in [Codec::Base64Url, Codec::Base64] {
            for text in ["YWI/", "YWI_"] {
                assert_eq!(codec.decode(text).as_deref(), Some("ab?"));
            }
            for text in ["YQ", "YQ=="] {
                assert_eq!(codec.decode(text).as_deref(), Some("a"));
            }
            for bad in ["Y", "Y*", "_w"] {
                assert!(codec.decode(bad).is_none(), "{bad}");
            }
        }
    }

    #[test]
    fn a_cut_or_wrong_escape_is_refused() {
        for bad in ["%", "%4", "a%4", "%zz", "%ff", "a%0d%0a"] {
            assert!(Codec::Percent.decode(bad).is_none());
        }
    }
}
