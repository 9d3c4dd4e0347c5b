//! RFC 7692: what is agreed on, and what is then sent.

mod messages;
mod negotiation;
mod payloads;
mod volume;

use crate::case::Case;

pub fn cases() -> Vec<Case> {
    [messages::cases(), volume::cases(), negotiation::cases()].into_iter().flatten().collect()
}
