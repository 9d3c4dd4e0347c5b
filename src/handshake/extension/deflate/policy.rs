//! The policy of one end for permessage-deflate.

use super::parameters::{ClientWindow, Parameters};
use super::{DeflateAnswer, DeflateOffer, NAME};
use crate::deflate::{Agreed, Context, WindowBits};
use crate::handshake::extension::Extensions;

/// The compression that one end, client or server, wants in both directions.
///
/// The default works with every peer that was tried (`docs/interop.md`), except for one that breaks
/// its own agreements. An end that compresses with a smaller window does not have to tell the
/// other, which inflates a window of 2 KiB in the same way as one of 32 KiB (RFC 7692 section
/// 7.1.2). So the default says nothing about it:
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
/// Chromium, Node and most libraries offer `permessage-deflate; client_max_window_bits`, so a
/// server that does not accept this cannot be used by them either. There is only one offer, because
/// some servers look only at the first: `nhooyr.io/websocket` 1.8.7 responds with 400 if that one
/// asks for `server_max_window_bits`. The offer has the parameter, because Node's `ws`, when it
/// limits its clients (`clientMaxWindowBits: 12`), responds with 400 to an offer without it. Only
/// one report mentions a server that refuses the parameter, without naming it (`ninenines/gun`,
/// issue 371): use [`OwnWindow::Unsaid`] for such a server.
///
/// # The answer
///
/// The response contains nothing that was not asked for, although RFC 7692 allows it. Of the
/// clients that were tried, `nhooyr.io/websocket` 1.8.7 and Netty 4.1.48 fail on a
/// `server_max_window_bits` that they did not ask for; Jetty 9.4 and Mojolicious 9.31 open the
/// connection and then take over their context despite a `client_no_context_takeover`.
///
/// # Small windows, by choice
///
/// An idle connection keeps as much as its peer may refer to: the last 32 KiB of what the peer sent
/// compressed. With [`SMALL`](Self::SMALL) it keeps 2 KiB, but some peers then fail to open.
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
#[doc(alias("permessage-deflate", "compression"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The most that this end compresses with, if the other end allows it.
    pub own: Context,
    /// How much the other end is told about `own`.
    pub own_window: OwnWindow,
    /// The most that the other end may compress with. If it is less than [`Context::default`], it
    /// is negotiated in the handshake, which is the only way to ask for it.
    pub peer: Context,
    /// The fallback if the other end cannot limit its window.
    pub fallback: Fallback,
}

/// How much the other end is told about the compression of this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OwnWindow {
    /// Nothing. A client does not let its server ask for less, either: its offer is
    /// `permessage-deflate`.
    Unsaid,
    /// Nothing. A client lets its server ask for less: its offer is `permessage-deflate;
    /// client_max_window_bits`.
    Adjustable,
    /// Everything, so that the other end can reserve less memory for inflating. A client offers
    /// `client_max_window_bits=11`; a server responds with `server_max_window_bits=11` without
    /// being asked, which some clients refuse.
    Announced,
}

/// The fallback if the other end cannot compress with a smaller window.
///
/// This is common: a client that does not offer `client_max_window_bits` cannot be asked to use
/// less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fallback {
    /// The other end compresses with 32 KiB, which a pooled connection keeps.
    LargestWindow,
    /// The other end does not take over its context, so nothing is kept, but its messages get
    /// longer.
    NoTakeover,
    /// Nothing is compressed.
    Decline,
}

impl Policy {
    /// 11, which is 2 KiB: JSON messages of 1 KiB take 15 % more bytes than with 32 KiB (see
    /// [`deflate`](crate::deflate) for figures).
    pub const WINDOW: WindowBits = match WindowBits::new(11) {
        Some(window) => window,
        None => WindowBits::MIN,
    };

    /// The default, except that the other end has to use a window of 2 KiB, or no takeover if it is
    /// a client that cannot limit its window. An idle connection with engines from a pool keeps
    /// less than 5 KiB.
    ///
    /// Some clients do not honour its responses, and some servers refuse its offers: see
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

    /// Makes a client's offers: this policy first, and the fallback after it.
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
                OwnWindow::Announced => Some(ClientWindow::from_limit(limit(self.own.window))),
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

    /// Accepts the first offer in a request that this policy allows.
    ///
    /// An offer that breaks a rule of RFC 7692 is declined. So is one that asks the server for a
    /// window of 256 bytes, with which it cannot compress. Returns `None` if all are declined: the
    /// response then omits the extension, and the connection opens without it (section 5.1).
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
        // zlib inflates a window of 256 bytes, but cannot compress with one.
        if own.window == WindowBits::MIN {
            return None;
        }
        let peer = self.peer_of(offer)?;
        let announces = self.own_window == OwnWindow::Announced;
        let answer = Parameters {
            // Section 7.1.1.1: this must be confirmed if it was asked for.
            server_no_context_takeover: offer.server_no_context_takeover
                || (announces && !own.takeover),
            client_no_context_takeover: !peer.takeover,
            // Section 7.1.2.1: this must be confirmed, too, even if it is 15. A smaller value would
            // be allowed, but Netty before 4.1.66 fails on it (netty/netty, pull request 11394).
            server_max_window_bits: match offer.server_max_window_bits {
                _ if announces && own.window < WindowBits::MAX => Some(own.window),
                asked => asked,
            },
            client_max_window_bits: limit(peer.window).map(ClientWindow::Limited),
        };
        Some(DeflateAnswer::new(Agreed { own, peer }, &answer))
    }

    /// Returns what the client will compress with if its offer is accepted.
    fn peer_of(&self, offer: &Parameters) -> Option<Context> {
        let takeover = self.peer.takeover && !offer.client_no_context_takeover;
        if let Some(limit) = offer.client_max_window_bits {
            return Some(Context { window: self.peer.window.min(limit.limit()), takeover });
        }
        // Section 7.1.2.2: if a client does not offer the parameter, the response must not contain
        // it.
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
    /// Returns the default policy: this end uses a window of 2 KiB with takeover and says nothing
    /// about it, and the other end may use whatever it likes.
    fn default() -> Self {
        Self {
            own: Context { window: Self::WINDOW, takeover: true },
            own_window: OwnWindow::Adjustable,
            peer: Context { window: WindowBits::MAX, takeover: true },
            fallback: Fallback::LargestWindow,
        }
    }
}

/// Returns the window as a limit, or `None` for the largest.
fn limit(window: WindowBits) -> Option<WindowBits> {
    (window < WindowBits::MAX).then_some(window)
}
