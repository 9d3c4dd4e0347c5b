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

/// What stands where a model is named: there is none.
pub(crate) const NO_MODEL: &str = "00000000-0000-0000-0000-000000000000";

pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");
