//! The same bytes for this crate and for others: if they disagree without a reason, one is wrong.

mod authority;
mod frames;
mod heads;
mod known;
mod messages;

pub use frames::frames;
pub use heads::heads;
pub use known::{KNOWN, Known, met};
pub use messages::messages;

pub(crate) use known::Because;
