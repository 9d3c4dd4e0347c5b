//! What two ends agreed on.

use super::{Compression, Deflater, Engines, InflateLimits, Inflater, WindowBits};

/// How one direction is compressed (RFC 7692 sections 7.1.1 and 7.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context {
    /// How far back the data refers at most.
    pub window: WindowBits,
    /// Whether a message may refer to those before it. Small messages compress about twice as
    /// well then, and the window is kept between them.
    pub takeover: bool,
}

impl Default for Context {
    /// What holds where nothing else was agreed: the largest window, taken over.
    fn default() -> Self {
        Self { window: WindowBits::MAX, takeover: true }
    }
}

/// What the two ends of a connection agreed on, seen from one of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Agreed {
    /// What this end compresses with. That may be less than the other was told, which inflates it
    /// all the same.
    pub own: Context,
    /// What the other end compresses with at most.
    pub peer: Context,
}

impl Agreed {
    /// What compresses the messages that this end sends: see [`Deflater::new`].
    #[must_use]
    pub fn deflater(&self, compression: Compression, engines: &Engines) -> Option<Deflater> {
        Deflater::new(self.own, compression, engines)
    }

    /// What inflates the messages of the other end.
    #[must_use]
    pub fn inflater(&self, limits: InflateLimits, engines: &Engines) -> Inflater {
        Inflater::new(self.peer, limits, engines)
    }
}
