//! The proof that a server understood the request: `Sec-WebSocket-Accept` (RFC 6455 section 4.2.2,
//! item 5.4).

use super::grammar::table;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// Appended to the key before hashing (section 1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The length of a `Sec-WebSocket-Key`: 16 bytes in base64 (section 4.1).
pub(super) const KEY: usize = 24;

/// The length of a `Sec-WebSocket-Accept`: a SHA-1 hash in base64.
pub(super) const ACCEPT: usize = 28;

/// Returns the `Sec-WebSocket-Key` for this nonce.
pub(super) fn key(nonce: [u8; 16]) -> [u8; KEY] {
    encode(&nonce)
}

/// Returns the `Sec-WebSocket-Accept` for a key, which is hashed as it was received.
pub(super) fn accept(key: &[u8; KEY]) -> [u8; ACCEPT] {
    let mut hash = Sha1::new();
    hash.update(key);
    hash.update(GUID);
    encode(&hash.finalize())
}

/// Returns whether this could be 16 bytes in base64: 22 letters of the alphabet and two of padding.
///
/// The unused bits of the last letter are ignored: the example of RFC 6455 section 4.1,
/// `AQIDBAUGBwgJCgsMDQ4PEC==`, has some of them set.
pub(super) fn is_key(value: &[u8]) -> bool {
    match value.split_first_chunk::<22>() {
        Some((letters, padding)) => padding == b"==" && letters.iter().all(|&c| BASE64[c as usize]),
        None => false,
    }
}

const BASE64: [bool; 256] = table(b"+/");

fn encode<const N: usize>(bytes: &[u8]) -> [u8; N] {
    let mut text = [b'='; N];
    // This cannot fail: the buffer has the length of the text, and both lengths are constants of
    // this file.
    let _ = STANDARD.encode_slice(bytes, &mut text);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accept_of_section_1_3() {
        assert_eq!(&accept(b"dGhlIHNhbXBsZSBub25jZQ=="), b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn the_key_of_section_4_1_is_taken_though_it_is_not_canonical() {
        assert!(is_key(b"AQIDBAUGBwgJCgsMDQ4PEC=="));
        assert!(is_key(&key([0xff; 16])));
        for bad in [&b""[..], b"AQIDBAUGBwgJCgsMDQ4PEC=", b"AQIDBAUGBwgJCgsMDQ4PE===", b"bad"] {
            assert!(!is_key(bad));
        }
    }
}
