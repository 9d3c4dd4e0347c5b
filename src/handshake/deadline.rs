//! How long an opening handshake may take, on the caller's clock.

use core::time::Duration;

/// The time by which a handshake must be over; without one, whoever connects and says nothing
/// holds a socket for ever.
///
/// It counts from the start, and not from the last byte: a byte now and then earns no more time.
///
/// ```
/// use patchcord::handshake::Deadline;
/// use std::time::{Duration, Instant};
///
/// let start = Instant::now(); // the caller's clock
/// let deadline = Deadline::after(start.elapsed(), Deadline::SPAN);
/// // before each read, as a socket's timeout:
/// match deadline.left(start.elapsed()) {
///     Some(left) => assert!(left <= Duration::from_secs(10)),
///     None => println!("too late: close the socket, perhaps after a 408"),
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline {
    by: Duration,
}

impl Deadline {
    /// 10 s: some round trips over a bad mobile network, and TLS before them.
    pub const SPAN: Duration = Duration::from_secs(10);

    /// A deadline this long after `now`, which is the time since a fixed point of the caller's.
    #[must_use]
    pub const fn after(now: Duration, span: Duration) -> Self {
        Self { by: now.saturating_add(span) }
    }

    /// When it is, on the same scale.
    #[must_use]
    pub const fn at(self) -> Duration {
        self.by
    }

    /// How much time is left, which is never zero; `None` once the deadline has passed.
    #[must_use]
    pub fn left(self, now: Duration) -> Option<Duration> {
        self.by.checked_sub(now).filter(|left| !left.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_passes_exactly_when_it_is_due() {
        let ns = Duration::from_nanos;
        let deadline = Deadline::after(ns(5), ns(10));
        assert_eq!(deadline.at(), ns(15));
        assert_eq!(deadline.left(ns(5)), Some(ns(10)));
        assert_eq!(deadline.left(ns(14)), Some(ns(1)));
        assert_eq!(deadline.left(ns(15)), None);
        assert_eq!(deadline.left(ns(16)), None);
        assert_eq!(Deadline::after(ns(5), Duration::MAX).at(), Duration::MAX);
    }
}
