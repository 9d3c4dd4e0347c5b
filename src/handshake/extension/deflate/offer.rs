//! The client's offers, and the check of the server's response.

use super::parameters::{ClientWindow, Parameters};
use super::{AnswerError, NAME};
use crate::deflate::{Agreed, Context, WindowBits};
use crate::handshake::extension::{Extensions, from_value};
use alloc::string::{String, ToString};
use core::fmt;

/// A client's offers of permessage-deflate: one or two, depending on its policy.
#[derive(Clone, Debug)]
pub struct DeflateOffer {
    own: Context,
    first: Parameters,
    second: Option<Parameters>,
    value: String,
}

impl DeflateOffer {
    pub(super) fn new(own: Context, first: Parameters, second: Option<Parameters>) -> Self {
        let mut value = first.to_string();
        if let Some(second) = &second {
            value = [&value, ", ", &second.to_string()].concat();
        }
        Self { own, first, second, value }
    }

    /// The offers, for [`Request::with_extensions`](crate::handshake::client::Request::with_extensions).
    #[must_use]
    pub const fn extensions(&self) -> Extensions<'_> {
        from_value(self.value.as_str())
    }

    /// Checks the server's response. Returns `None` if the server declined, and nothing is
    /// compressed.
    ///
    /// # Errors
    /// When the response breaks a rule of RFC 7692, or agrees to something that was not offered.
    /// The client must fail the connection then (section 7.1).
    pub fn verify(&self, answer: &Extensions<'_>) -> Result<Option<Agreed>, AnswerError> {
        let mut answers = answer.iter().filter(|extension| extension.name() == NAME);
        let Some(answer) = answers.next() else { return Ok(None) };
        if answers.next().is_some() {
            return Err(AnswerError::Repeated);
        }
        let answer = Parameters::read(&answer)?;
        // Section 7.1.2.2: in a response, the parameter must have a value.
        if answer.client_max_window_bits == Some(ClientWindow::Any) {
            return Err(AnswerError::Value);
        }
        match (answers_to(&self.first, &answer), &self.second) {
            (Err(_), Some(second)) => answers_to(second, &answer)?,
            (first, _) => first?,
        }
        Ok(Some(self.agreed(&answer)))
    }

    fn agreed(&self, answer: &Parameters) -> Agreed {
        let limit = answer.client_max_window_bits.map_or(WindowBits::MAX, ClientWindow::limit);
        Agreed {
            own: Context {
                window: self.own.window.min(limit),
                takeover: self.own.takeover && !answer.client_no_context_takeover,
            },
            peer: Context {
                window: answer.server_max_window_bits.unwrap_or(WindowBits::MAX),
                takeover: !answer.server_no_context_takeover,
            },
        }
    }
}

/// Writes them as in the header.
impl fmt::Display for DeflateOffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.value)
    }
}

/// Checks whether a response is a valid answer to this offer.
fn answers_to(offer: &Parameters, answer: &Parameters) -> Result<(), AnswerError> {
    if offer.server_no_context_takeover && !answer.server_no_context_takeover {
        return Err(AnswerError::ServerTakeover);
    }
    let server = answer.server_max_window_bits.unwrap_or(WindowBits::MAX);
    if offer.server_max_window_bits.is_some_and(|asked| server > asked) {
        return Err(AnswerError::ServerWindow);
    }
    if answer.client_max_window_bits.is_some() && offer.client_max_window_bits.is_none() {
        return Err(AnswerError::ClientWindow);
    }
    // Section 7.1.2.2: the window that the client offered for itself is a hint that the server may
    // ignore. So the response may name a larger one, of which this end uses less. Node's `ws`
    // responds like this.
    Ok(())
}
