//! WebSockets of a server that hyper runs, over HTTP/1.1 and over HTTP/2.
//!
//! A request that hyper has read is judged and answered here, and hyper gives its connection, or its
//! stream of HTTP/2, away for it. With axum, its own names are in the module `axum`.

mod agreement;
mod requested;
mod upgraded;

pub use requested::{Opening, Requested};
#[cfg(feature = "axum")]
pub(crate) use requested::{UNLIMITED, Unfit};
pub use upgraded::Upgraded;
