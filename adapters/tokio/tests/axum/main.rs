//! The feature `axum`: programs that differ from axum's by their imports alone, and what they gain.
//!
//! Each program is compiled twice, with axum's `ws` and with this package's, and has to behave the same.
#![allow(clippy::duplicate_mod)] // that is the point

mod gains;
mod http2;
mod ours;
mod same;
mod served;
mod theirs;
