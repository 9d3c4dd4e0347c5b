//! The four parameters, in an offer or in a response.

use super::{AnswerError, NAME};
use crate::deflate::WindowBits;
use crate::handshake::extension::{Extension, Value};
use core::fmt;

/// The parameters of one offer or of one response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parameters {
    pub(super) server_no_context_takeover: bool,
    pub(super) client_no_context_takeover: bool,
    pub(super) server_max_window_bits: Option<WindowBits>,
    pub(super) client_max_window_bits: Option<ClientWindow>,
}

/// The value of `client_max_window_bits`, which an offer may omit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClientWindow {
    Any,
    Limited(WindowBits),
}

impl ClientWindow {
    /// Returns the value that offers a window up to this limit.
    pub(super) const fn from_limit(limit: Option<WindowBits>) -> Self {
        match limit {
            None => Self::Any,
            Some(window) => Self::Limited(window),
        }
    }

    /// Returns the largest window that the client may use.
    pub(super) const fn limit(self) -> WindowBits {
        match self {
            Self::Any => WindowBits::MAX,
            Self::Limited(window) => window,
        }
    }
}

impl Parameters {
    /// Reads the parameters (RFC 7692 section 7.1), each of which may occur once.
    pub(super) fn read(extension: &Extension<'_>) -> Result<Self, AnswerError> {
        let mut read = Self::default();
        for parameter in extension.parameters() {
            let value = parameter.value();
            let repeated = match parameter.name() {
                SERVER_TAKEOVER => set(&mut read.server_no_context_takeover, value)?,
                CLIENT_TAKEOVER => set(&mut read.client_no_context_takeover, value)?,
                SERVER_WINDOW => {
                    let window = window(value.ok_or(AnswerError::Value)?)?;
                    read.server_max_window_bits.replace(window).is_some()
                }
                CLIENT_WINDOW => {
                    let window = match value {
                        None => ClientWindow::Any,
                        Some(value) => ClientWindow::Limited(window(value)?),
                    };
                    read.client_max_window_bits.replace(window).is_some()
                }
                _ => return Err(AnswerError::UnknownParameter),
            };
            if repeated {
                return Err(AnswerError::RepeatedParameter);
            }
        }
        Ok(read)
    }
}

/// Writes them as in the header, after the extension's name.
impl fmt::Display for Parameters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(NAME)?;
        if self.server_no_context_takeover {
            write!(f, "; {SERVER_TAKEOVER}")?;
        }
        if self.client_no_context_takeover {
            write!(f, "; {CLIENT_TAKEOVER}")?;
        }
        if let Some(window) = self.server_max_window_bits {
            write!(f, "; {SERVER_WINDOW}={window}")?;
        }
        match self.client_max_window_bits {
            None => Ok(()),
            Some(ClientWindow::Any) => write!(f, "; {CLIENT_WINDOW}"),
            Some(ClientWindow::Limited(window)) => write!(f, "; {CLIENT_WINDOW}={window}"),
        }
    }
}

const SERVER_TAKEOVER: &str = "server_no_context_takeover";
const CLIENT_TAKEOVER: &str = "client_no_context_takeover";
const SERVER_WINDOW: &str = "server_max_window_bits";
const CLIENT_WINDOW: &str = "client_max_window_bits";

/// Sets a parameter that has no value, and returns whether it was set before.
fn set(flag: &mut bool, value: Option<Value<'_>>) -> Result<bool, AnswerError> {
    match value {
        Some(_) => Err(AnswerError::Value),
        None => Ok(core::mem::replace(flag, true)),
    }
}

/// Parses a window: a decimal integer from 8 to 15 without leading zeros (RFC 7692 section 7.1.2).
fn window(value: Value<'_>) -> Result<WindowBits, AnswerError> {
    let mut windows = (0..=u8::MAX).filter_map(WindowBits::new);
    windows.find(|window| value == *window.as_str()).ok_or(AnswerError::Value)
}
