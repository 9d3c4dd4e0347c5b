//! Writing a frame to a buffer.

use crate::codec::SendError;
use crate::frame::{Header, HeaderBytes};
use crate::mask::{self, MaskingKey};
use alloc::vec::Vec;
use bytes::BufMut;

/// Appends a frame to any [`BufMut`].
#[inline(always)]
pub(super) fn put(
    header: Header,
    key: Option<MaskingKey>,
    payload: &[u8],
    out: &mut impl BufMut,
) -> Result<(), SendError> {
    let header = header.with_masking_key(key).encode();
    if mask::put_behind((header.padded(), header.len()), key, payload, out) {
        return Ok(());
    }
    put_in_pieces(header, key, payload, out, |_, _| {})
}

/// Appends a frame to a `Vec` that grows at most once: masking appends in pieces, and each could
/// make it grow again.
#[inline(always)]
pub(super) fn append(
    header: Header,
    key: Option<MaskingKey>,
    payload: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), SendError> {
    let header = header.with_masking_key(key).encode();
    if mask::append_behind((header.padded(), header.len()), key, payload, out) {
        return Ok(());
    }
    put_in_pieces(header, key, payload, out, Vec::reserve)
}

/// Appends a frame to a buffer that has no contiguous room for it. `grow` may first make room for
/// the given number of bytes. The header is passed by value, so that only this function keeps it in
/// memory.
#[cold]
#[inline(never)]
fn put_in_pieces<B: BufMut>(
    header: HeaderBytes,
    key: Option<MaskingKey>,
    payload: &[u8],
    out: &mut B,
    grow: impl FnOnce(&mut B, usize),
) -> Result<(), SendError> {
    let needed = header.len() + payload.len();
    grow(out, needed);
    if out.remaining_mut() < needed {
        return Err(SendError::BufferTooSmall { needed });
    }
    out.put_slice(&header);
    mask::put(key, payload, out);
    Ok(())
}
