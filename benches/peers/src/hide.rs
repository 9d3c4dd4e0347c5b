//! Hides values from the optimiser at the cost of no instruction: `black_box` would write them
//! to memory and read them back.

use std::arch::asm;

/// Returns the same number.
#[inline(always)]
pub fn number(mut number: usize) -> usize {
    // SAFETY: no instruction.
    unsafe { asm!("/* {0} */", inout(reg) number, options(nomem, nostack, preserves_flags)) };
    number
}

/// Returns the same place, with unknown contents.
#[inline(always)]
pub fn place<T>(place: &mut T) -> &mut T {
    let mut address: *mut T = place;
    // SAFETY: no instruction, so that it is the same address.
    unsafe {
        asm!("/* {0} */", inout(reg) address, options(nostack, preserves_flags));
        &mut *address
    }
}

/// Takes bytes as if they were read.
#[inline(always)]
pub fn consumed(bytes: &[u8]) {
    let (start, length) = (bytes.as_ptr(), bytes.len());
    // SAFETY: no instruction.
    unsafe {
        asm!("/* {0} {1} */", in(reg) start, in(reg) length,
            options(readonly, nostack, preserves_flags));
    }
}
