//! How a connection went, in one line.

use patchcord::{CloseCode, ClosedBy, State};
use serde_json::Value;
use std::{fmt, io};

/// What is known at the end of a connection.
#[derive(Default)]
pub(crate) struct Report {
    /// The path of the request, without its query, where clients put keys; empty if it was not looked at.
    pub(crate) path: String,
    /// The status of the refusal, if it was one.
    pub(crate) refused: Option<u16>,
    /// How the connection ended, if it was open.
    pub(crate) state: Option<State>,
    /// Why it ended, if not as it should.
    pub(crate) failed: Option<io::Error>,
    /// The reason in the peer's Close.
    pub(crate) reason: String,
    /// Bytes of frames on the wire.
    pub(crate) received: usize,
    pub(crate) sent: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, refused, state, failed, reason, received, sent } = self;
        write!(f, "{} ", if path.is_empty() { "-" } else { path })?;
        if let Some(status) = refused {
            return write!(f, "refused {status}");
        }
        match state {
            Some(State::Closed { by, code }) => {
                let by = if *by == ClosedBy::Local { "us" } else { "peer" };
                let reason = Value::from(reason.as_str()); // quoted
                write!(f, "closed by={by} code={} reason={reason}", Code(*code))?;
            }
            Some(State::Failed(error)) => write!(f, "failed: {error};")?,
            Some(State::Expired(expired)) => write!(f, "lost: {expired};")?,
            _ => match failed {
                Some(error) => write!(f, "lost: {error};")?,
                None => f.write_str("lost")?,
            },
        }
        write!(f, " received={received} sent={sent}")
    }
}

/// A status code, or `-` if there was none.
struct Code(Option<CloseCode>);

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(code) => code.fmt(f),
            None => f.write_str("-"),
        }
    }
}
