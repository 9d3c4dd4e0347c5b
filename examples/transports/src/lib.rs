//! What the examples share: what is said, the command line, and the pieces for users of tokio.
//!
//! [`talk`] is an application, the same over every transport. [`opening`] and [`websocket`] are
//! all that lies between `patchcord` and a stream of tokio's: copy them and change them. The others
//! are for one example each.

pub mod blocking;
#[path = "../../common/clocks.rs"]
mod clocks;
pub mod command;
pub mod h2_stream;
pub mod halves;
pub mod nonblocking;
pub mod opening;
pub mod talk;
pub mod tls;
pub mod vectored;
pub mod websocket;

use std::error::Error;

/// What an example comes to: an error ends it, and is told.
pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;
