//! The outcome of a run, for people and for programs.

mod expected;
mod html;
mod json;
mod junit;
mod summary;
mod table;

pub use expected::Expected;
pub use html::html;
pub use json::{from_json, to_json};
pub use junit::junit;
pub use summary::{Count, summary};
pub use table::markdown;

use crate::case::{Outcome, Role};

/// The run of one implementation in one role.
pub struct Report {
    pub implementation: String,
    pub role: Role,
    pub seconds: f64,
    pub cases: Vec<Judged>,
}

/// A case as it is reported.
#[derive(Clone)]
pub struct Judged {
    pub outcome: Outcome,
    pub why: String,
    pub what: String,
    pub autobahn: Vec<String>,
}
