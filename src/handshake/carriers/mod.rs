//! How a handshake travels: as the bytes of HTTP/1.1, as the fields of HTTP/2 and HTTP/3, or as the
//! `http` crate's types. Each message has one verb for each: `write`, `to_fields`, `to_http`.

mod fields;
mod http1;
mod http1_server;
#[cfg(feature = "http")]
mod http_types;

#[cfg(feature = "http")]
pub use http_types::{HttpRequest, HttpResponse};
