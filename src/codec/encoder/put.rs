//! A frame onto what takes it.

use crate::codec::SendError;
use crate::frame::{Header, HeaderBytes};
use crate::mask::{self, MaskingKey};
use alloc::vec::Vec;
use bytes::BufMut;

/// Appends a frame.
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

/// The same to what grows, once: masking appends in pieces, and each of them might double it.
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

/// Appends a frame to what has no room for it in one piece, or none at all; `grow` may make room for
/// so many bytes first. The header is passed by value, so that it is in memory here alone.
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
