//! What the examples share: the talk, the command line, and a driver loop for each kind of
//! transport.
//!
//! [`talk`] is an application, the same over every transport. [`websocket`] with [`opening`] and
//! [`lent`] is everything between `patchcord` and a stream of tokio's, and [`nonblocking`] between it
//! and a socket of mio's: copy them and change them. The others are for one example each.

pub mod blocking;
#[path = "../../common/clocks.rs"]
mod clocks;
pub mod command;
pub mod event_loop;
pub mod h2_stream;
pub mod halves;
pub mod http1;
pub mod leaving;
pub mod lent;
pub mod nonblocking;
pub mod opening;
pub mod serving;
pub mod talk;
pub mod tls;
pub mod vectored;
pub mod websocket;

use std::error::Error;

/// The result of an example: an error ends it, and is printed.
pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;
