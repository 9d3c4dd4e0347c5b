//! The JSON messages that both services have in common.

use serde_json::{Value, json};

/// A message; null if the text is no JSON, which is of no type then.
pub(crate) fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// A message of this type and nothing else.
pub(crate) fn bare(kind: &str) -> Value {
    json!({ "type": kind })
}

/// The answer to a message that makes no sense.
pub(crate) fn error(description: &str) -> Value {
    json!({ "type": "Error", "description": description })
}
