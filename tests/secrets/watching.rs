//! An allocator that looks for a secret in each block before that goes.
#![allow(unsafe_code, reason = "an allocator cannot be written without; it is the tests' alone")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// What a secret has in it that nothing else has, as it is and in base64 at a multiple of three.
pub(crate) const NEEDLES: [&str; 2] = ["needle-in-hay12", "bmVlZGxlLWluLWhheTEy"];

thread_local! {
    static WATCHED: Cell<bool> = const { Cell::new(false) };
    static FOUND: Cell<usize> = const { Cell::new(0) };
}

struct Watching;

#[global_allocator]
static ALLOCATOR: Watching = Watching;

// SAFETY: each call is handed on to the system's allocator; looking at a block changes nothing.
unsafe impl GlobalAlloc for Watching {
    // Zeroed, so that the whole block may be looked at when it is freed.
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the rules of this call, which are the same.
        unsafe { System.alloc_zeroed(layout) }
    }

    // The trait's own `realloc` copies and comes here, with what it leaves behind.
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if WATCHED.get() {
            // SAFETY: the block was made by `alloc` with this layout, is initialised, and still there.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            let has = |needle: &str| bytes.windows(needle.len()).any(|at| at == needle.as_bytes());
            if NEEDLES.into_iter().any(has) {
                FOUND.set(FOUND.get() + 1);
            }
        }
        // SAFETY: as above.
        unsafe { System.dealloc(block, layout) }
    }
}

/// How many blocks that `work` frees have a secret in them.
pub(crate) fn found<R>(work: impl FnOnce() -> R) -> usize {
    FOUND.set(0);
    WATCHED.set(true);
    let result = work();
    WATCHED.set(false);
    drop(result); // what is handed out is the caller's
    FOUND.get()
}
