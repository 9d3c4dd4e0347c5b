//! RFC 6455 section 4, each role by itself.

mod accepted;
mod client;
mod refused;

use crate::case::Case;

pub fn cases() -> Vec<Case> {
    [accepted::cases(), refused::cases(), client::cases()].into_iter().flatten().collect()
}
