//! The encodings that make secrets fit into tokens.

use crate::handshake::grammar::is_tchar;
#[cfg(feature = "credentials")]
use crate::handshake::secret::SecretBytes;
use alloc::string::String;
#[cfg(feature = "credentials")]
use alloc::vec::Vec;
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use core::str;

/// The encoding that makes a secret fit into a token (RFC 9110 section 5.6.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// No encoding: the secret must already be a token.
    #[default]
    Raw,
    /// Base64 with the URL-safe alphabet, without padding.
    Base64Url,
    /// Base64 with the standard alphabet, without padding. A secret whose encoding contains a `/`
    /// cannot be sent.
    Base64,
    /// Percent-encoding of `%` and of every byte that a token cannot contain.
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

impl Encoding {
    /// Appends the encoding of `secret` to `to`, whether or not the result is a token. Returns
    /// `None` if the result would not even be text.
    pub(in crate::handshake) fn encode(self, secret: &[u8], to: &mut String) -> Option<()> {
        match self {
            Self::Raw => to.push_str(str::from_utf8(secret).ok()?),
            Self::Base64Url => URL_SAFE.encode_string(secret, to),
            Self::Base64 => STANDARD.encode_string(secret, to),
            Self::Percent => secret.iter().for_each(|&byte| percent(byte, to)),
        }
        Some(())
    }

    /// Decodes `text`; `None` if it is not a valid encoding.
    ///
    /// Base64 is accepted in either alphabet, with or without padding, because clients mix them up.
    #[cfg(feature = "credentials")]
    pub(in crate::handshake) fn decode(self, text: &str) -> Option<SecretBytes> {
        // No encoding is shorter than the secret, so the buffer never moves, which would leave a
        // copy that is not wiped.
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
        Some(secret)
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

#[cfg(feature = "credentials")]
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

#[cfg(all(test, feature = "credentials"))]
mod tests {
    use super::*;

    fn decoded(encoding: Encoding, text: &str) -> Option<Vec<u8>> {
        encoding.decode(text).map(|secret| secret.to_vec())
    }

    #[test]
    fn every_encoding_decodes_what_it_encoded() {
        let bytes: Vec<u8> = (0..=255).collect();
        let texts =
            ["", "k", "sk-1_2.3~", "a(b)%/ ü🎧", "user:pass", "ab?", "ab>"].map(str::as_bytes);
        for secret in texts.into_iter().chain([&bytes[..], b"\xff", b"a\r\n"]) {
            for encoding in [Encoding::Base64Url, Encoding::Base64, Encoding::Percent] {
                let mut text = String::new();
                assert_eq!(encoding.encode(secret, &mut text), Some(()));
                assert_eq!(
                    decoded(encoding, &text).as_deref(),
                    Some(secret),
                    "{encoding:?} {text}"
                );
            }
            let mut text = String::new();
            let raw = Encoding::Raw.encode(secret, &mut text);
            assert_eq!(raw.is_some(), str::from_utf8(secret).is_ok());
            assert!(raw.is_none() || decoded(Encoding::Raw, &text).as_deref() == Some(secret));
        }
    }

    #[test]
    fn base64_is_decoded_in_either_alphabet_and_with_or_without_padding() {
        for encoding in [Encoding::Base64Url, Encoding::Base64] {
            for (text, secret) in [("YWI/", "ab?"), ("YWI_", "ab?"), ("YQ", "a"), ("YQ==", "a")] {
                assert_eq!(decoded(encoding, text).as_deref(), Some(secret.as_bytes()));
            }
            for bad in ["Y", "Y*"] {
                assert_eq!(decoded(encoding, bad), None, "{bad}");
            }
        }
    }

    #[test]
    fn a_cut_or_wrong_escape_is_refused() {
        for bad in ["%", "%4", "a%4", "%zz"] {
            assert_eq!(decoded(Encoding::Percent, bad), None);
        }
    }
}
