//! A counter of the bytes that the readers of heads look at, which tests compare with the length of
//! the heads. In other builds nothing is counted, and none of this is compiled in.

#[cfg(all(feature = "std", any(test, fuzzing)))]
std::thread_local!(static STEPS: core::cell::Cell<usize> = const { core::cell::Cell::new(0) });

/// Notes that `bytes` were looked at once.
#[inline(always)]
pub(super) fn count(bytes: usize) {
    #[cfg(all(feature = "std", any(test, fuzzing)))]
    STEPS.with(|steps| steps.set(steps.get() + bytes));
    #[cfg(not(all(feature = "std", any(test, fuzzing))))]
    let _ = bytes;
}

/// Returns how many bytes `work` looks at in this thread.
#[cfg(all(feature = "std", any(test, fuzzing)))]
#[cfg_attr(not(fuzzing), allow(unreachable_pub, reason = "a fuzzer is another crate"))]
pub fn counted(work: impl FnOnce()) -> usize {
    let before = STEPS.get();
    work();
    STEPS.get() - before
}

#[cfg(all(test, feature = "std"))]
mod tests;
