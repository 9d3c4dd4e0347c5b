//! The opening handshake: heads, lists, credentials, URLs.

mod admitted;
mod credentials;
mod extensions;
mod generated;
mod head;
mod redirect;
mod request;
mod response;
mod steps;
mod subprotocols;
mod url;

pub use credentials::credentials;
pub use extensions::extensions;
pub use generated::generated_heads;
pub use request::handshake_request;
pub use response::handshake_response;
pub use subprotocols::subprotocols;
pub use url::url;

pub(crate) use extensions::list;
pub(crate) use head::{Field, disguised, request_with, write};
pub(crate) use steps::in_proportion;
