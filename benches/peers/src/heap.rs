//! An allocator that counts, when told to.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::Relaxed};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static IS_COUNTING: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicI64 = AtomicI64::new(0);

/// What some work did to the heap.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heap {
    /// How often memory was allocated or resized.
    pub allocations: u64,
    /// How many more bytes are in use than before, as requested.
    pub bytes: i64,
}

/// Counts while `work` is done, and never while time is taken.
pub fn count<T>(work: impl FnOnce() -> T) -> (T, Heap) {
    ALLOCATIONS.store(0, Relaxed);
    BYTES.store(0, Relaxed);
    IS_COUNTING.store(true, Relaxed);
    let done = work();
    IS_COUNTING.store(false, Relaxed);
    (done, Heap { allocations: ALLOCATIONS.load(Relaxed), bytes: BYTES.load(Relaxed) })
}

struct Counting;

impl Counting {
    #[inline]
    fn note(allocations: u64, bytes: i64) {
        if IS_COUNTING.load(Relaxed) {
            ALLOCATIONS.fetch_add(allocations, Relaxed);
            BYTES.fetch_add(bytes, Relaxed);
        }
    }
}

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::note(1, layout.size() as i64);
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::note(1, layout.size() as i64);
        // SAFETY: as the caller promised.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        Self::note(0, -(layout.size() as i64));
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(memory, layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::note(1, size as i64 - layout.size() as i64);
        // SAFETY: as the caller promised.
        unsafe { System.realloc(memory, layout, size) }
    }
}
