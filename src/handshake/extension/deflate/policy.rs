//! What an end wants of permessage-deflate.

use super::parameters::{ClientWindow, Parameters};
use super::{DeflateAnswer, DeflateOffer, NAME};
use crate::deflate::{Agreed, Context, WindowBits};
use crate::handshake::extension::Extensions;

/// What one end, client or server, wants of the compression in both directions.
///
/// The default opens with every peer that was tried (`docs/interop.md`), but for one that does not
/// keep what it agrees to. What an end compresses with needs no word to the other, which inflates a
/// window of 2 KiB as it inflates one of 32 (RFC 7692 section 7.1.2), so the default says nothing of
/// it:
///
/// ```
/// use patchcord::handshake::extension::Extensions;
/// use patchcord::handshake::extension::deflate::Policy;
///
/// assert_eq!(
///     Policy::default().offer().to_string(),
///     "permessage-deflate; client_max_window_bits"
/// );
/// let offers = Extensions::parse("permessage-deflate; client_max_window_bits")?; // Chromium
/// let accepted = Policy::default().accept(&offers).ok_or("declined")?;
/// assert_eq!(accepted.to_string(), "permessage-deflate");
/// assert_eq!(accepted.agreed().own.window, Policy::WINDOW);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # The offer
///
/// Chromium, Node and most libraries offer `permessage-deflate; client_max_window_bits`, so a server
/// that does not take it does not open with them either. There is one offer alone, since some servers
/// judge the first: `nhooyr.io/websocket` 1.8.7 answers 400 if that asks for
/// `server_max_window_bits`. And it has the parameter, because Node's `ws` with a limit for its
/// clients (`clientMaxWindowBits: 12`) answers 400 to an offer without it. A server that refuses the
/// parameter is known from one report, which does not name it (`ninenines/gun`, issue 371): use
/// [`OwnWindow::Unsaid`] there.
///
/// # The answer
///
/// It has nothing that was not asked for, though RFC 7692 allows a server more. Of the clients that
/// were tried, `nhooyr.io/websocket` 1.8.7 and Netty 4.1.48 fail on a `server_max_window_bits` that
/// they did not ask for; Jetty 9.4 and Mojolicious 9.31 open, and then take their context over in
/// spite of a `client_no_context_takeover`.
///
/// # Small windows, by choice
///
/// An idle connection keeps as much as its peer may refer to: the last 32 KiB of what the peer sent
/// compressed. With [`SMALL`](Self::SMALL) it is 2 KiB, at the price of peers that do not open.
///
/// ```
/// use patchcord::handshake::extension::Extensions;
/// use patchcord::handshake::extension::deflate::Policy;
///
/// let offers = Extensions::parse("permessage-deflate; client_max_window_bits")?;
/// let accepted = Policy::SMALL.accept(&offers).ok_or("declined")?;
/// assert_eq!(accepted.to_string(), "permessage-deflate; client_max_window_bits=11");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What this end compresses with, if the other lets it: no more than that.
    pub own: Context,
    /// What the other end is told of that.
    pub own_window: OwnWindow,
    /// What the other end is to compress with: no more than that. Less than
    /// [`Context::default`] is asked for in the handshake, as there is no other way.
    pub peer: Context,
    /// What holds if the other end cannot limit its window.
    pub fallback: Fallback,
}

/// What the other end is told of what this one compresses with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OwnWindow {
    /// Nothing, and a client does not let its server ask for less: its offer is
    /// `permessage-deflate`.
    Unsaid,
    /// Nothing, and a client lets its server ask for less: its offer is
    /// `permessage-deflate; client_max_window_bits`.
    Adjustable,
    /// All of it, so that the other end can keep less to inflate with: a client offers
    /// `client_max_window_bits=11`, and a server answers `server_max_window_bits=11` unasked, which
    /// some clients refuse.
    Announced,
}

/// What holds if the other end does not know how to compress with a smaller window.
///
/// It is common: a client that does not offer `client_max_window_bits` cannot be asked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fallback {
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

    /// The default, but that the other end has to use a window of 2 KiB, or none if it is a client
    /// that cannot limit its own: an idle connection with engines from a pool keeps less than 5 KiB.
    ///
    /// Some clients do not keep to its answers, and some servers refuse its offers: see
    /// [above](Self#small-windows-by-choice).
    pub const SMALL: Self = {
        let context = Context { window: Self::WINDOW, takeover: true };
        Self {
            own: context,
            own_window: OwnWindow::Adjustable,
            peer: context,
            fallback: Fallback::NoTakeover,
        }
    };

    /// What a client offers: this policy, and after it what goes otherwise.
    #[must_use]
    pub fn offer(&self) -> DeflateOffer {
        let announces = self.own_window == OwnWindow::Announced;
        let first = Parameters {
            server_no_context_takeover: !self.peer.takeover,
            client_no_context_takeover: announces && !self.own.takeover,
            server_max_window_bits: limit(self.peer.window),
            client_max_window_bits: match self.own_window {
                OwnWindow::Unsaid => None,
                OwnWindow::Adjustable => Some(ClientWindow::Any),
                OwnWindow::Announced => Some(ClientWindow::of(limit(self.own.window))),
            },
        };
        let second = Parameters { server_max_window_bits: None, ..first };
        let second = match self.fallback {
            _ if first.server_max_window_bits.is_none() => None,
            Fallback::LargestWindow => Some(second),
            Fallback::NoTakeover => Some(Parameters { server_no_context_takeover: true, ..second }),
            Fallback::Decline => None,
        };
        DeflateOffer::new(self.own, first, second)
    }

    /// What a server accepts of the offers in a request: the first that this policy can take.
    ///
    /// An offer that breaks a rule of RFC 7692 is declined, as is one that asks the server for a
    /// window of 256 bytes, with which it cannot compress. `None` if all are: the answer then
    /// leaves the extension out, and the connection opens without it (section 5.1).
    #[must_use]
    pub fn accept(&self, offers: &Extensions<'_>) -> Option<DeflateAnswer> {
        offers
            .iter()
            .filter(|extension| extension.name() == NAME)
            .filter_map(|extension| Parameters::read(&extension).ok())
            .find_map(|offer| self.accept_one(&offer))
    }

    fn accept_one(&self, offer: &Parameters) -> Option<DeflateAnswer> {
        let own = Context {
            window: self.own.window.min(offer.server_max_window_bits.unwrap_or(WindowBits::MAX)),
            takeover: self.own.takeover && !offer.server_no_context_takeover,
        };
        if own.window == WindowBits::MIN {
            return None;
        }
        let peer = self.peer_of(offer)?;
        let announces = self.own_window == OwnWindow::Announced;
        let answer = Parameters {
            // Section 7.1.1.1: what was asked for has to be answered.
            server_no_context_takeover: offer.server_no_context_takeover
                || (announces && !own.takeover),
            client_no_context_takeover: !peer.takeover,
            // Section 7.1.2.1: the same, also if it is 15. Less than that is allowed, and Netty
            // before 4.1.66 fails (netty/netty, pull request 11394).
            server_max_window_bits: match offer.server_max_window_bits {
                _ if announces && own.window < WindowBits::MAX => Some(own.window),
                asked => asked,
            },
            client_max_window_bits: limit(peer.window).map(ClientWindow::Limited),
        };
        Some(DeflateAnswer::new(Agreed { own, peer }, &answer))
    }

    /// What the client will compress with, if it is accepted what it offers.
    fn peer_of(&self, offer: &Parameters) -> Option<Context> {
        let takeover = self.peer.takeover && !offer.client_no_context_takeover;
        if let Some(limit) = offer.client_max_window_bits {
            return Some(Context { window: self.peer.window.min(limit.limit()), takeover });
        }
        // Section 7.1.2.2: a client that does not offer the parameter is not answered with it.
        let context = Context { window: WindowBits::MAX, takeover };
        match self.fallback {
            _ if self.peer.window == WindowBits::MAX => Some(context),
            Fallback::LargestWindow => Some(context),
            Fallback::NoTakeover => Some(Context { takeover: false, ..context }),
            Fallback::Decline => None,
        }
    }
}

impl Default for Policy {
    /// Windows of 2 KiB for what this end sends, taken over and without a word of it; and whatever
    /// the other end has.
    fn default() -> Self {
        Self {
            own: Context { window: Self::WINDOW, takeover: true },
            own_window: OwnWindow::Adjustable,
            peer: Context { window: WindowBits::MAX, takeover: true },
            fallback: Fallback::LargestWindow,
        }
    }
}

/// A window as a limit; the largest is none.
fn limit(window: WindowBits) -> Option<WindowBits> {
    (window < WindowBits::MAX).then_some(window)
}
