//! The server's side: reads a request, and accepts or refuses it (RFC 6455 section 4.2).

mod error;
mod refusal;
mod request;

pub use error::RequestError;
pub use refusal::Refusal;
pub use request::{Request, RequestReader};
