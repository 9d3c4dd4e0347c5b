//! Time, measured by how often a byte is looked at.

/// How often each byte of a head may be looked at while it is read or answered, and how many steps
/// do not depend on the length. Sixteen are for comparing the offers with each other.
#[cfg(fuzzing)]
const MOST: (usize, usize) = (30, 2048);

/// Returns the result of `work`. Under a fuzzer, for which the crate counts its steps, their number must be
/// in proportion to `bytes`.
pub(crate) fn in_proportion<R>(bytes: usize, work: impl FnOnce() -> R) -> R {
    #[cfg(fuzzing)]
    {
        let mut result = None;
        let steps = patchcord::handshake::counted(|| result = Some(work()));
        assert!(steps <= MOST.1 + MOST.0 * bytes, "{steps} steps for {bytes} bytes");
        result.expect("work that was done")
    }
    #[cfg(not(fuzzing))]
    {
        let _ = bytes;
        work()
    }
}
