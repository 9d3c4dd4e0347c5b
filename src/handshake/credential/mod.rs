//! Credentials in a handshake: among the subprotocols, since a browser cannot set `Authorization`,
//! and in that header.
//!
//! Before the connection is open, a page can pass a key to a speech API only by `new WebSocket(url,
//! ["token", KEY])`, so vendors carry keys in `Sec-WebSocket-Protocol`. Three schemes cover all of
//! them: see [`Scheme`], and [`vendor`] for the services that use them. Which one to choose, what a
//! key may consist of and what a refused page sees is in the [guide](crate::guide::authentication).
//!
//! # Authenticating a browser
//!
//! The page offers a marker and the key. The server takes the key out, checks it before it
//! responds, and selects the marker:
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
//! The rules that keep this safe, here and in your code:
//!
//! - In every scheme, the entry that holds the secret is removed from the offers before one is
//!   selected, so no preference can send it back. [`Scheme::sole`] is the one exception, and must
//!   be requested explicitly.
//! - Ambiguous requests are refused with 400: a marker without a key, two keys, the same key twice.
//! - A credential is not shown by `Debug`, is compared in constant time, and is wiped.
//! - A client refuses to send a credential over `ws:` to another machine.
//! - Select something or refuse: a browser that made an offer and gets a 101 without a subprotocol
//!   fails with code 1006, and cannot see why.
//! - Refuse before the 101, with 401 or 403. If you accept first and then close with 1008, the page
//!   can see a reason, but anyone who asks costs you a socket.
//! - Decide first which pages may connect: [`Admission`](super::admission::Admission). A foreign
//!   page cannot send a key that it does not have, but the browser sends the user's cookies along,
//!   and may send a password that it keeps for `Authorization: Basic`.
//! - Give pages keys that are valid for seconds, since they are needed only for the handshake.
//!   Proxies may log the header. Do not forward it when you proxy, and do not send it to where a
//!   redirect leads.
//! - Do not put keys into URLs: they are logged everywhere.

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
