use super::guard::{Place, guarded};
use crate::stream::Cuts;
use core::mem::MaybeUninit;
use patchcord::MaskingKey;

/// Masking in place, while copying and in pieces is what section 5.3 says octet by octet. Masking
/// twice is the identity, and no byte beside the payload is read or written.
pub fn mask(data: &[u8]) {
    let Some((&[a, b, c, d, seed], payload)) = data.split_first_chunk() else { return };
    let key = [a, b, c, d];
    for place in [Place::Start, Place::End] {
        mask_at(key, payload, place);
    }
    beside(key, payload, usize::from(seed % 64));
    in_pieces(key, payload, seed);
}

fn naive(key: [u8; 4], payload: &[u8]) -> Vec<u8> {
    payload.iter().enumerate().map(|(i, octet)| octet ^ key[i % 4]).collect()
}

/// Masks between two pages that may not be touched.
pub fn mask_at(key: [u8; 4], payload: &[u8], place: Place) {
    let expected = naive(key, payload);
    guarded(payload.len(), place, |one, other| {
        one.copy_from_slice(payload);
        MaskingKey::from(key).apply(one);
        assert_eq!(one, expected, "in place, {place:?}");
        let mut room: &mut [u8] = other;
        assert_eq!(MaskingKey::from(key).put(one, &mut room), payload.len());
        assert_eq!(other, payload, "copied, {place:?}");
    });
}

/// Masks at any alignment, between bytes that are watched.
fn beside(key: [u8; 4], payload: &[u8], alignment: usize) {
    const GUARD: u8 = 0xee;
    let place = alignment..alignment + payload.len();
    let mut buffer = vec![GUARD; place.end + 64];
    buffer[place.clone()].copy_from_slice(payload);
    MaskingKey::from(key).apply(&mut buffer[place.clone()]);
    assert_eq!(buffer[place.clone()], naive(key, payload));
    let mut around = buffer[..alignment].iter().chain(&buffer[place.end..]);
    assert!(around.all(|byte| *byte == GUARD), "a byte beside the payload was written");
    let mut room = vec![MaybeUninit::new(GUARD); payload.len() + alignment];
    let copied = MaskingKey::from(key).apply_copy(payload, &mut room);
    assert_eq!(copied, naive(key, payload), "as many bytes as the shorter side has");
    let short = payload.len() - payload.len().min(alignment);
    let copied = MaskingKey::from(key).apply_copy(payload, &mut room[..short]);
    assert_eq!(copied, &naive(key, payload)[..short]);
}

/// RFC 6455 section 5.3: octet i meets octet i modulo 4 of the key, also in the middle.
fn in_pieces(key: [u8; 4], payload: &[u8], seed: u8) {
    let (mut placed, mut put) = (Vec::new(), Vec::new());
    for piece in Cuts::drawn(seed).pieces(payload) {
        let key = MaskingKey::from(key).rotated(placed.len());
        let mut own = piece.to_vec().into_boxed_slice();
        key.apply(&mut own);
        placed.extend_from_slice(&own);
        assert_eq!(key.put(piece, &mut put), piece.len());
    }
    let expected = naive(key, payload);
    assert_eq!((&placed, &put), (&expected, &expected), "in pieces");
    let half = payload.len() / 2;
    let (mut first, mut second) = (vec![0; half], vec![0; payload.len() - half]);
    let mut chained = bytes::BufMut::chain_mut(&mut first[..], &mut second[..]);
    MaskingKey::from(key).put(payload, &mut chained);
    assert_eq!([first, second].concat(), expected, "into two buffers");
}
