//! Credentials that travel in a handshake: as subprotocols, since a browser cannot set
//! `Authorization`, and in that header.
//!
//! `new WebSocket(url, ["token", KEY])` is all that a page can say to a speech API before the
//! connection is open, so vendors carry keys in `Sec-WebSocket-Protocol`. Three schemes cover
//! them all: see [`Scheme`], and [`vendor`] for those of services in use. Which to choose, what a
//! key may consist of and what a refused page sees is in the [guide](crate::guide::authentication).
//!
//! # Authenticating a browser
//!
//! The page offers a marker and the key; the server takes the key out, checks it before it
//! answers, and selects the marker:
//!
//! ```
//! # #[cfg(feature = "credentials")] {
//! use patchcord::handshake::credential::vendor::DEEPGRAM;
//! use patchcord::handshake::server::{Refusal, Request, Response};
//!
//! fn admit<'head>(request: &Request<'head>) -> Result<Response<'head>, Refusal> {
//!     let mut offers = request.offers();
//!     match offers.take(&DEEPGRAM.scheme)? {
//!         Some(key) if key.matches("the key of this user") => {}
//!         _ => return Err(Refusal::UNAUTHORIZED.with_headers(&[("WWW-Authenticate", "Token")])?),
//!     }
//!     Ok(request.response().with_subprotocol(offers.select(&["token"])?)?)
//! }
//! # let _ = admit;
//! # }
//! ```
//!
//! What keeps that safe, here and in your code:
//!
//! - Whatever the scheme, the entry that holds the secret is out of the offers before one is
//!   selected, so no preference can send it back. [`Scheme::sole`] is the exception that must be
//!   asked for.
//! - What is ambiguous is refused with 400: a marker without a key, two keys, a key twice.
//! - A credential shows nothing in `Debug`, is compared in constant time, and is wiped.
//! - A client refuses to send one over `ws:` to another machine.
//! - Select something or refuse: a browser that offered and gets a 101 without a subprotocol
//!   fails with code 1006, and cannot see why.
//! - Refuse before the 101, with 401 or 403. To accept first and close with 1008 lets a page see
//!   a reason, at the price of a socket for whoever asks.
//! - Decide first which pages may connect: [`Admission`](super::admission::Admission). A key in
//!   a subprotocol is not sent by a foreign page, but the user's cookies are, and a password that
//!   the browser keeps for `Authorization: Basic` can be.
//! - Give pages keys that live for seconds: the handshake is all they are for. Proxies may log
//!   the header. Do not pass it on when you proxy, and do not follow redirects with it.
//! - Do not put keys into the URL: it is logged everywhere.

#[cfg(feature = "credentials")]
mod authorization;
mod encoding;
mod scheme;
#[cfg(feature = "credentials")]
mod taken;
pub mod vendor;

#[cfg(feature = "credentials")]
pub use authorization::Authorization;
pub use encoding::Encoding;
pub(super) use scheme::SchemeKind;
pub use scheme::{NotAToken, Scheme};
#[cfg(feature = "credentials")]
pub use taken::{Credential, CredentialError, NotText};
