//! What the packages beside this one share that measure: how times are kept, what is asked of
//! them, what the machine is said to be, how reports begin, and how charts look.

mod document;
mod machine;
mod panels;
pub mod style;
mod targets;
mod times;

pub use document::{head, list, round};
pub use machine::{Machine, version};
pub use panels::{Bar, Panel, panels};
pub use targets::{Target, tell};
pub use times::Times;

/// A number with as many digits as tell something.
#[must_use]
pub fn figure(number: f64) -> String {
    match number {
        _ if number < 10.0 => format!("{number:.1}"),
        _ if number < 10_000.0 => format!("{number:.0}"),
        _ => format!("{:.1} k", number / 1000.0),
    }
}
