//! The negotiation of permessage-deflate (RFC 7692 section 7.1).
//!
//! A server picks from the offers of a request, and a client checks the response:
//!
//! ```
//! use patchcord::handshake::Url;
//! use patchcord::handshake::client::{Answer, Request};
//! use patchcord::handshake::extension::deflate::Policy;
//! use patchcord::handshake::admission::Admission;
//! use patchcord::handshake::server::RequestReader;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let mut entropy = |bytes: &mut [u8]| bytes.fill(7);
//! // The client offers.
//! let offer = Policy::default().offer();
//! let request = Request::new(Url::parse("ws://127.0.0.1:9001/")?).with_extensions(offer.extensions());
//! let mut bytes = Vec::new();
//! let mut reader = request.write(&mut entropy, &mut bytes)?;
//!
//! // The server accepts the first offer that its policy allows, or continues without compression.
//! let mut written = Vec::new();
//! let request = RequestReader::new(Admission::any()).read(&mut &bytes[..])?.ok_or("cut")?;
//! let accepted = Policy::default().accept(&request.extensions());
//! let mut response = request.response();
//! if let Some(accepted) = &accepted {
//!     response = response.with_extensions(accepted.extensions())?;
//! }
//! response.write(&mut written)?;
//!
//! // The client checks the response, and closes the connection if it breaks a rule.
//! let mut input = &written[..];
//! let Some(Answer::Accepted(open)) = reader.read(&mut input)? else { return Err("refused".into()) };
//! let agreed = offer.verify(&open.extensions())?;
//!
//! let accepted = accepted.map(|accepted| accepted.agreed()).ok_or("declined")?;
//! let agreed = agreed.ok_or("declined")?;
//! assert!(agreed.own.window <= accepted.peer.window && accepted.own.window <= agreed.peer.window);
//! # Ok(())
//! # }
//! ```
//!
//! The agreed parameters make a [`Deflater`](crate::deflate::Deflater) and an
//! [`Inflater`](crate::deflate::Inflater).

mod answer;
mod error;
mod offer;
mod parameters;
mod policy;

pub use answer::DeflateAnswer;
pub use error::AnswerError;
pub use offer::DeflateOffer;
pub use policy::{Fallback, OwnWindow, Policy};

/// The extension's name.
const NAME: &str = "permessage-deflate";
