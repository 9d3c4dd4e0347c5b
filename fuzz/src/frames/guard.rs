//! Bytes between two pages that may not be touched: a read or write beside them is a fault, even
//! where address sanitizer does not look, as in hand-written vector code.

use core::cell::RefCell;

/// The most bytes that are guarded at once: more than the widest loop treats as a special case.
const ROOM: usize = 8 * 4096;

/// Where a payload lies between the pages.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// Its first byte is the first one above the lower page.
    Start,
    /// Its last byte is the last one below the upper page.
    End,
}

std::thread_local! {
    static PAGES: RefCell<[Pages; 2]> = RefCell::new([Pages::new(), Pages::new()]);
}

/// Hands `run` two areas of `length` bytes each, as they were left; `None` if that is too long.
pub(super) fn guarded<T>(
    length: usize,
    place: Place,
    run: impl FnOnce(&mut [u8], &mut [u8]) -> T,
) -> Option<T> {
    let start = match place {
        Place::Start => 0,
        Place::End => ROOM.checked_sub(length)?,
    };
    let range = start..(length <= ROOM).then_some(start + length)?;
    PAGES.with_borrow_mut(|[one, other]| {
        Some(run(&mut one.bytes()[range.clone()], &mut other.bytes()[range]))
    })
}

#[cfg(unix)]
struct Pages(*mut u8);

#[cfg(unix)]
impl Pages {
    /// Above any page in use: 64 KiB on some aarch64 systems.
    const PAGE: usize = 64 * 1024;

    fn new() -> Self {
        let (protection, kind) = (libc::PROT_NONE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        let size = 2 * Self::PAGE + ROOM;
        // SAFETY: a mapping at an address of the system's choice takes nobody's memory.
        let start = unsafe { libc::mmap(core::ptr::null_mut(), size, protection, kind, -1, 0) };
        assert_ne!(start, libc::MAP_FAILED, "no memory");
        let room = start.cast::<u8>().wrapping_add(Self::PAGE);
        // SAFETY: the range lies in the mapping made above, which nothing else knows.
        let opened =
            unsafe { libc::mprotect(room.cast(), ROOM, libc::PROT_READ | libc::PROT_WRITE) };
        assert_eq!(opened, 0, "the room cannot be opened");
        Self(room)
    }

    fn bytes(&mut self) -> &mut [u8] {
        // SAFETY: `ROOM` bytes behind the pointer are mapped, zeroed by the system, readable and
        // writable as long as the program runs, and only this value lends them.
        unsafe { core::slice::from_raw_parts_mut(self.0, ROOM) }
    }
}

/// Without pages, memory that ends where a payload ends, for a sanitizer to watch.
#[cfg(not(unix))]
struct Pages(Box<[u8]>);

#[cfg(not(unix))]
impl Pages {
    fn new() -> Self {
        Self(vec![0; ROOM].into_boxed_slice())
    }

    fn bytes(&mut self) -> &mut [u8] {
        &mut self.0
    }
}
