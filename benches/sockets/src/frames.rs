//! Frames, encoded before any time is taken.

use crate::case::{Case, Content};

/// FIN, and the opcodes of RFC 6455 section 5.2.
pub const TEXT: u8 = 0x81;
pub const BINARY: u8 = 0x82;
pub const CLOSE: u8 = 0x88;
pub const PING: u8 = 0x89;
pub const PONG: u8 = 0x8a;

/// The longest payload of a control frame (RFC 6455 section 5.5).
pub const CONTROL: usize = 125;

const MASK: u8 = 0x80;

/// What a client sends at once, and what comes back.
pub struct Exchange {
    pub request: Vec<u8>,
    pub reply: Vec<u8>,
    /// Bytes of each frame of the reply.
    pub frame: usize,
    pub messages: usize,
    /// Whether exactly the sent bytes come back, with no control frame between them.
    pub is_raw: bool,
}

impl Exchange {
    pub fn new(case: &Case, is_raw: bool) -> Self {
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let (mut request, mut reply) = (Vec::new(), Vec::new());
        for _ in 0..case.in_flight {
            let (first, payload) = match case.content {
                Content::Binary => (BINARY, random.bytes(case.size)),
                Content::Text => (TEXT, random.text(case.size)),
            };
            masked(first, &payload, random.key(), &mut request);
            plain(first, &payload, &mut reply);
        }
        if is_raw {
            reply.clone_from(&request);
        }
        let (frame, messages) = (reply.len() / case.in_flight, case.in_flight);
        Self { request, reply, frame, messages, is_raw }
    }

    /// Returns the first of the frames, without the last half of its payload.
    pub fn half(case: &Case) -> Vec<u8> {
        let mut request = Self::new(case, true).request;
        request.truncate(request.len() / case.in_flight - case.size / 2);
        request
    }
}

/// Appends a client's frame.
pub fn masked(first: u8, payload: &[u8], key: [u8; 4], out: &mut Vec<u8>) {
    header(first, payload.len(), MASK, out);
    out.extend(key);
    out.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
}

/// Appends a server's frame.
pub fn plain(first: u8, payload: &[u8], out: &mut Vec<u8>) {
    header(first, payload.len(), 0, out);
    out.extend(payload);
}

/// RFC 6455 section 5.2: the length in 7 bits, or 126 with 16, or 127 with 64.
fn header(first: u8, length: usize, mask: u8, out: &mut Vec<u8>) {
    out.push(first);
    match length {
        0..=125 => out.push(mask | length as u8),
        126..=0xffff => {
            out.push(mask | 126);
            out.extend((length as u16).to_be_bytes());
        }
        _ => {
            out.push(mask | 127);
            out.extend((length as u64).to_be_bytes());
        }
    }
}

/// Xorshift: the same in each run.
pub struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() >> 32) as u8).collect()
    }

    /// Returns printable ASCII.
    pub fn text(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| b' ' + (self.next() >> 32) as u8 % 95).collect()
    }

    /// Returns a masking key without a zero byte.
    pub fn key(&mut self) -> [u8; 4] {
        (self.next() as u32 | 0x0101_0101).to_be_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clients_frame_is_masked_and_a_servers_is_not() {
        let (mut sent, mut back) = (Vec::new(), Vec::new());
        masked(TEXT, b"Hello", [0x37, 0xfa, 0x21, 0x3d], &mut sent);
        plain(TEXT, b"Hello", &mut back);
        // RFC 6455 section 5.7
        assert_eq!(sent, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
        assert_eq!(back, b"\x81\x05Hello");
    }

    #[test]
    fn lengths_have_the_least_bytes() {
        let heads = [
            (125, "827d"),
            (126, "827e007e"),
            (65_535, "827effff"),
            (65_536, "827f0000000000010000"),
        ];
        for (length, head) in heads {
            let mut frame = Vec::new();
            plain(BINARY, &vec![7; length], &mut frame);
            let hex: String = frame[..head.len() / 2].iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!((&*hex, frame.len()), (head, head.len() / 2 + length));
        }
    }

    #[test]
    fn half_a_frame_lacks_half_of_its_payload() {
        let case = Case::binary(1024, 1, 1);
        let whole = Exchange::new(&case, true).request;
        assert_eq!(Exchange::half(&case), whole[..8 + 512]);
    }
}
