//! The three carriers of a handshake: the bytes of HTTP/1.1, the fields of HTTP/2 and HTTP/3, and
//! the `http` crate's types. Each message has one method for each carrier: `write`, `to_fields`,
//! `to_http`.

mod fields;
mod http1;
mod http1_server;
#[cfg(feature = "http")]
mod http_types;

#[cfg(feature = "http")]
pub use http_types::{HttpRequest, HttpResponse};
