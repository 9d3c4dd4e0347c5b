//! The JSON messages that both services have in common.

use serde_json::{Value, json};

/// Reads a message; null if the text is not JSON, so that it has no type.
pub(crate) fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// Returns a message of this type and nothing else.
pub(crate) fn bare(kind: &str) -> Value {
    json!({ "type": kind })
}

/// The value where a model is named: there is none.
pub(crate) const NO_MODEL: &str = "00000000-0000-0000-0000-000000000000";

pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");
