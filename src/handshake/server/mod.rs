//! The server's side: reads a request, and accepts or refuses it (RFC 6455 section 4.2).

mod agreement;
pub(super) mod check;
mod error;
mod head;
mod refusal;
mod request;

pub use agreement::Agreement;
pub use error::RequestError;
pub use head::{AuthorizationKind, RequestHead};
pub use refusal::Refusal;
pub use request::{Request, RequestReader};
