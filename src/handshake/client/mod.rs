//! The client's side: writes a request and reads the response (RFC 6455 section 4.1).
//!
//! Begin with [`Request`]: writing it returns the reader of its response. The [crate's
//! client](crate#a-client) shows the loop around both, with a socket.

mod answer;
mod challenge;
mod error;
mod parse;
pub mod proxy;
mod reader;
mod redirect;
mod request;

pub use answer::{Accepted, Answer, Refused, Response};
pub use challenge::Challenge;
pub use error::{ResponseError, WriteError};
pub(super) use parse::parse;
pub use reader::{ConnectReader, ResponseReader};
pub use redirect::{MAX_REDIRECTS, Redirect, RedirectError};
pub use request::Request;
