//! What an end wants of permessage-deflate.

use super::parameters::{ClientWindow, Parameters};
use super::{Accepted, NAME, Offer};
use crate::deflate::{Agreed, Context, WindowBits};
use crate::handshake::extension::Extensions;

/// What one end, client or server, wants of the compression in both directions.
///
/// ```
/// use patchcord::deflate::{Context, WindowBits};
/// use patchcord::handshake::extension::Extensions;
/// use patchcord::handshake::extension::deflate::Policy;
///
/// let policy = Policy {
///     own: Context { window: WindowBits::MAX, takeover: false },
///     ..Policy::default()
/// };
/// let offers = Extensions::parse("permessage-deflate; client_max_window_bits")?;
/// let accepted = policy.accept(&offers).ok_or("declined")?;
/// assert_eq!(
///     accepted.to_string(),
///     "permessage-deflate; server_no_context_takeover; client_max_window_bits=11"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What this end compresses with, if the other lets it: no more than that.
    pub own: Context,
    /// What the other end is to compress with: no more than that.
    pub peer: Context,
    /// What holds if the other end cannot limit its window.
    pub otherwise: Otherwise,
}

/// What holds if the other end does not know how to compress with a smaller window.
///
/// It is common: a client that does not offer `client_max_window_bits` cannot be asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Otherwise {
    /// It compresses with 32 KiB, which a pooled connection keeps.
    LargestWindow,
    /// It does not take its context over, so nothing is kept; its messages get longer.
    NoTakeover,
    /// Nothing is compressed.
    Decline,
}

impl Policy {
    /// 11: with 2 KiB, JSON messages of 1 KiB take 15 % more bytes than with 32 (see
    /// [`deflate`](crate::deflate) for figures).
    pub const WINDOW: WindowBits = match WindowBits::new(11) {
        Some(window) => window,
        None => WindowBits::MIN,
    };

    /// What a client offers: this policy, and after it what goes otherwise.
    #[must_use]
    pub fn offer(&self) -> Offer {
        let first = Parameters {
            server_no_context_takeover: !self.peer.takeover,
            client_no_context_takeover: !self.own.takeover,
            server_max_window_bits: limit(self.peer.window),
            client_max_window_bits: Some(match limit(self.own.window) {
                Some(window) => ClientWindow::Limited(window),
                None => ClientWindow::Any,
            }),
        };
        let second = Parameters { server_max_window_bits: None, ..first };
        let second = match self.otherwise {
            _ if first.server_max_window_bits.is_none() => None,
            Otherwise::LargestWindow => Some(second),
            Otherwise::NoTakeover => {
                Some(Parameters { server_no_context_takeover: true, ..second })
            }
            Otherwise::Decline => None,
        };
        Offer::new(self.own, first, second)
    }

    /// What a server accepts of the offers in a request: the first that this policy can take.
    ///
    /// An offer that breaks a rule of RFC 7692 is declined, as is one that asks the server for a
    /// window of 256 bytes, with which it cannot compress. `None` if all are: the answer then
    /// leaves the extension out, and the connection opens without it (section 5.1).
    #[must_use]
    pub fn accept(&self, offers: &Extensions<'_>) -> Option<Accepted> {
        offers
            .iter()
            .filter(|extension| extension.name() == NAME)
            .filter_map(|extension| Parameters::read(&extension).ok())
            .find_map(|offer| self.accept_one(&offer))
    }

    fn accept_one(&self, offer: &Parameters) -> Option<Accepted> {
        let own = Context {
            window: self.own.window.min(offer.server_max_window_bits.unwrap_or(WindowBits::MAX)),
            takeover: self.own.takeover && !offer.server_no_context_takeover,
        };
        if own.window == WindowBits::MIN {
            return None;
        }
        let peer = self.peer_of(offer)?;
        let answer = Parameters {
            server_no_context_takeover: !own.takeover,
            client_no_context_takeover: !peer.takeover,
            // Section 7.1.2.1: what was asked for has to be answered, also if it is 15.
            server_max_window_bits: match offer.server_max_window_bits {
                Some(_) => Some(own.window),
                None => limit(own.window),
            },
            client_max_window_bits: limit(peer.window).map(ClientWindow::Limited),
        };
        Some(Accepted::new(Agreed { own, peer }, &answer))
    }

    /// What the client will compress with, if it is accepted what it offers.
    fn peer_of(&self, offer: &Parameters) -> Option<Context> {
        let takeover = self.peer.takeover && !offer.client_no_context_takeover;
        if let Some(limit) = offer.client_max_window_bits {
            return Some(Context { window: self.peer.window.min(limit.limit()), takeover });
        }
        // Section 7.1.2.2: a client that does not offer the parameter is not answered with it.
        let context = Context { window: WindowBits::MAX, takeover };
        match self.otherwise {
            _ if self.peer.window == WindowBits::MAX => Some(context),
            Otherwise::LargestWindow => Some(context),
            Otherwise::NoTakeover => Some(Context { takeover: false, ..context }),
            Otherwise::Decline => None,
        }
    }
}

impl Default for Policy {
    /// Windows of 2 KiB that are taken over in both directions, or none of a client that cannot
    /// limit its own: an idle connection with engines from a pool keeps less than 5 KiB.
    fn default() -> Self {
        let context = Context { window: Self::WINDOW, takeover: true };
        Self { own: context, peer: context, otherwise: Otherwise::NoTakeover }
    }
}

/// A window as a limit; the largest is none.
fn limit(window: WindowBits) -> Option<WindowBits> {
    (window < WindowBits::MAX).then_some(window)
}
