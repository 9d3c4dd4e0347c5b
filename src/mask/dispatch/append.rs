//! What is masked on its way into memory that nothing was in before.
#![allow(unsafe_code)]

use super::{apply_copy, copy};
use crate::mask::MaskingKey;
use alloc::vec::Vec;
use bytes::BufMut;
use bytes::buf::UninitSlice;

pub(in crate::mask) fn put(key: MaskingKey, from: &[u8], out: &mut impl BufMut) -> usize {
    let mut done = 0;
    while done < from.len() && out.has_remaining_mut() {
        let chunk = out.chunk_mut();
        // SAFETY: only initialised bytes are written through the slice, below.
        let chunk = unsafe { chunk.as_uninit_slice_mut() };
        let written = apply_copy(key.rotated(done).0, &from[done..], chunk).len();
        // SAFETY: `apply_copy` initialised that many bytes at the start of the chunk.
        unsafe { out.advance_mut(written) };
        done += written;
    }
    done
}

/// Appends the first bytes of `front`, so many, and then `from`, masked if there is a key, if one
/// piece of `out` has room for both; says whether it did.
#[inline(always)]
pub(crate) fn put_behind(
    front: (&[u8; 16], usize),
    key: Option<MaskingKey>,
    from: &[u8],
    out: &mut impl BufMut,
) -> bool {
    let Some(end) = fill(front, key, from, out.chunk_mut()) else { return false };
    // SAFETY: `fill` initialised the first `end` bytes of the chunk.
    unsafe { out.advance_mut(end) };
    true
}

/// The same for a `Vec`, which is asked for its room once: as a `BufMut`, it would grow if it had
/// none, and look again whether the frame fits.
#[inline(always)]
pub(crate) fn append_behind(
    front: (&[u8; 16], usize),
    key: Option<MaskingKey>,
    from: &[u8],
    out: &mut Vec<u8>,
) -> bool {
    let room = UninitSlice::uninit(out.spare_capacity_mut());
    let Some(end) = fill(front, key, from, room) else { return false };
    // SAFETY: `fill` initialised the first `end` bytes behind those that are there.
    unsafe { out.set_len(out.len() + end) };
    true
}

/// Writes a frame to the start of `chunk`, and returns its length; `None` if it does not fit. What
/// one store of the front would reach beyond is not written: nothing behind the frame is.
#[inline(always)]
fn fill(
    (front, size): (&[u8; 16], usize),
    key: Option<MaskingKey>,
    from: &[u8],
    chunk: &mut UninitSlice,
) -> Option<usize> {
    let end = size.saturating_add(from.len());
    if end < 8 || chunk.len() < end {
        return None;
    }
    // Copies of a fixed size are one store each; what is too much of the front is overwritten by
    // what follows. Not 16 bytes at once: the front was stored in halves just now, and such a load
    // would wait for both.
    let (head, rest) = front.split_at(8);
    chunk[..8].copy_from_slice(head);
    if size > 8 {
        if end < 16 {
            return None; // not so: such a header declares 64 KiB and more
        }
        chunk[8..16].copy_from_slice(rest);
    }
    let to = &mut chunk[size..end];
    match key {
        // SAFETY: only initialised bytes are written through the slice.
        Some(key) => copy(key.0, from, unsafe { to.as_uninit_slice_mut() }),
        None => to.copy_from_slice(from),
    }
    Some(end) // the front initialised the first `size` bytes, and the match those up to here
}
