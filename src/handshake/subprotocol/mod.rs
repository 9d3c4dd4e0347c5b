//! `Sec-WebSocket-Protocol`: offered, selected and verified (RFC 6455 sections 1.9, 4.1, 4.2.2
//! and 11.3.4).
//!
//! A client makes an [`Offer`], a server reads [`Offers`] and selects one of them, and the client's
//! reader fails if the selected one was not offered. Credentials among the entries are handled by
//! [`credential`](super::credential).

mod entries;
mod offer;
mod offers;
#[cfg(feature = "credentials")]
mod take;

pub(super) use entries::OfferLines;
pub use entries::OffersError;
pub use offer::{MAX_ENTRY, Offer, OfferError, SubprotocolError};
pub use offers::{Offers, SelectionError, Subprotocol};

/// The header's name.
pub(super) const NAME: &str = "Sec-WebSocket-Protocol";

/// The most entries that a request may offer: more than any application lists, and few enough to
/// compare each with every other.
pub const MAX_OFFERED: usize = 32;
