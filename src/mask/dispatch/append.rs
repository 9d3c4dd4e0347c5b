//! Masking into uninitialised memory.
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

/// Appends the first bytes of `front`, as many as its number says, and then `from`, masked if there
/// is a key. It does so only if the next chunk of `out` has room for both, and returns whether it
/// did.
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

/// As [`put_behind`], for a `Vec`. It checks the room once: a full `Vec` grows when it is asked for
/// a chunk as a `BufMut`, and would then be checked again.
#[inline(always)]
pub(crate) fn append_behind(
    front: (&[u8; 16], usize),
    key: Option<MaskingKey>,
    from: &[u8],
    out: &mut Vec<u8>,
) -> bool {
    let room = UninitSlice::uninit(out.spare_capacity_mut());
    let Some(end) = fill(front, key, from, room) else { return false };
    // SAFETY: `fill` initialised the first `end` bytes of the spare capacity.
    unsafe { out.set_len(out.len() + end) };
    true
}

/// Writes a frame to the start of `chunk`, and returns its length; returns `None` if it does not
/// fit, or is too short for a store of 8 bytes. No byte behind the frame is written.
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
    // A copy of a fixed size is one store. It may copy too much of the front: the payload
    // overwrites that. It is not 16 bytes at once, since the front has just been stored in halves,
    // and a load of both would wait for the two stores.
    let (head, rest) = front.split_at(8);
    chunk[..8].copy_from_slice(head);
    if size > 8 {
        if end < 16 {
            return None; // never: a header of 10 or 14 bytes declares 64 KiB or more
        }
        chunk[8..16].copy_from_slice(rest);
    }
    let to = &mut chunk[size..end];
    match key {
        // SAFETY: only initialised bytes are written through the slice.
        Some(key) => copy(key.0, from, unsafe { to.as_uninit_slice_mut() }),
        None => to.copy_from_slice(from),
    }
    Some(end) // the front initialised the first `size` bytes, and the match the rest
}
