//! The parameters that two ends agreed on.

use super::{Compression, Deflater, Engines, InflateLimits, Inflater, WindowBits};

/// The compression of one direction (RFC 7692 sections 7.1.1 and 7.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// The window: how far back the data may refer.
    pub window: WindowBits,
    /// True if a message may refer to the messages before it (context takeover). Small messages
    /// then compress about twice as well, and the window is kept between them.
    #[doc(alias = "no_context_takeover")]
    pub takeover: bool,
}

impl Default for Context {
    /// The largest window, with takeover: the parameters in force when nothing else was agreed.
    fn default() -> Self {
        Self { window: WindowBits::MAX, takeover: true }
    }
}

/// The parameters that both ends of a connection agreed on, as seen from one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreed {
    /// The compression that this end applies. It may use less than the other end was told: the
    /// other end inflates that all the same.
    pub own: Context,
    /// The most that the other end may use.
    pub peer: Context,
}

impl Agreed {
    /// Makes the deflater for the messages that this end sends: see [`Deflater::new`].
    #[must_use]
    pub fn deflater(&self, compression: Compression, engines: &Engines) -> Option<Deflater> {
        Deflater::new(self.own, compression, engines)
    }

    /// Makes the inflater for the messages that the other end sends.
    #[must_use]
    pub fn inflater(&self, limits: InflateLimits, engines: &Engines) -> Inflater {
        Inflater::new(self.peer, limits, engines)
    }
}
