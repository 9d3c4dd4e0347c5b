//! The client's side: writes a request, and reads the answer (RFC 6455 section 4.1).
//!
//! [`Request`] is where to begin: what writes it returns the [`ResponseReader`] of its answer. The
//! [crate's client](crate#a-client) has the loop around both, with a socket.

mod answer;
mod challenge;
mod error;
pub mod proxy;
mod redirect;
mod request;
mod response;

pub use answer::{Answer, Open, Response};
pub use challenge::Challenge;
pub use error::{ResponseError, WriteError};
pub use redirect::{MAX_REDIRECTS, Redirect, RedirectError};
pub use request::Request;
pub use response::ResponseReader;
pub(super) use response::Terms;
