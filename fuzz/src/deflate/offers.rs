//! RFC 7692 section 7.1 read naively: what an offer or an answer says, as text.

use crate::handshake::list;
use patchcord::handshake::extension::deflate::AnswerError;

/// The parameters of an offer, or of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) server_no_context_takeover: bool,
    pub(super) client_no_context_takeover: bool,
    pub(super) server_max_window_bits: Option<u8>,
    /// The inner one is the value, which an offer may omit.
    pub(super) client_max_window_bits: Option<Option<u8>>,
}

/// Each permessage-deflate in a list of extensions, or what is wrong with it.
pub(super) fn said(value: &str) -> Vec<Result<Said, AnswerError>> {
    let parts = list(value).unwrap_or_default();
    let named = parts.into_iter().filter(|(name, _)| name == "permessage-deflate");
    named.map(|(_, parameters)| read(&parameters)).collect()
}

type Parameters = [(String, Option<String>)];

fn read(parameters: &Parameters) -> Result<Said, AnswerError> {
    let mut said = Said::default();
    for (at, (name, value)) in parameters.iter().enumerate() {
        match (name.as_str(), value) {
            ("server_no_context_takeover", None) => said.server_no_context_takeover = true,
            ("client_no_context_takeover", None) => said.client_no_context_takeover = true,
            ("server_max_window_bits", Some(value)) => {
                said.server_max_window_bits = Some(bits(value)?);
            }
            ("client_max_window_bits", value) => {
                said.client_max_window_bits = Some(value.as_deref().map(bits).transpose()?);
            }
            (
                "server_no_context_takeover"
                | "client_no_context_takeover"
                | "server_max_window_bits",
                _,
            ) => return Err(AnswerError::Value),
            _ => return Err(AnswerError::UnknownParameter),
        }
        if parameters[..at].iter().any(|(earlier, _)| earlier == name) {
            return Err(AnswerError::RepeatedParameter);
        }
    }
    Ok(said)
}

/// Section 7.1.2: a decimal number from 8 to 15 without leading zeros.
fn bits(value: &str) -> Result<u8, AnswerError> {
    let known = ["8", "9", "10", "11", "12", "13", "14", "15"];
    let at = known.iter().position(|bits| *bits == value).ok_or(AnswerError::Value)?;
    Ok(8 + at as u8)
}
