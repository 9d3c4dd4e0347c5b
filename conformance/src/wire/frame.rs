//! Frames: RFC 6455 section 5.2.

/// The opcodes that are defined; any other number can be sent too.
pub struct Opcode;

impl Opcode {
    pub const CONTINUATION: u8 = 0;
    pub const TEXT: u8 = 1;
    pub const BINARY: u8 = 2;
    pub const CLOSE: u8 = 8;
    pub const PING: u8 = 9;
    pub const PONG: u8 = 10;
}

/// A frame, legal or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub fin: bool,
    /// The three reserved bits as a number; RSV1 is 4.
    pub rsv: u8,
    pub opcode: u8,
    pub payload: Vec<u8>,
}

impl Frame {
    pub fn new(opcode: u8, payload: impl Into<Vec<u8>>) -> Self {
        Self { fin: true, rsv: 0, opcode, payload: payload.into() }
    }

    pub fn text(payload: impl Into<Vec<u8>>) -> Self {
        Self::new(Opcode::TEXT, payload)
    }

    pub fn binary(payload: impl Into<Vec<u8>>) -> Self {
        Self::new(Opcode::BINARY, payload)
    }

    pub fn continuation(payload: impl Into<Vec<u8>>) -> Self {
        Self::new(Opcode::CONTINUATION, payload)
    }

    pub fn ping(payload: impl Into<Vec<u8>>) -> Self {
        Self::new(Opcode::PING, payload)
    }

    pub fn pong(payload: impl Into<Vec<u8>>) -> Self {
        Self::new(Opcode::PONG, payload)
    }

    pub fn close(code: u16, reason: impl AsRef<[u8]>) -> Self {
        Self::new(Opcode::CLOSE, [&code.to_be_bytes(), reason.as_ref()].concat())
    }

    /// Returns the same frame without FIN: more of its message follows.
    pub fn open(self) -> Self {
        Self { fin: false, ..self }
    }

    pub fn rsv(self, rsv: u8) -> Self {
        Self { rsv, ..self }
    }

    pub fn first_byte(&self) -> u8 {
        u8::from(self.fin) << 7 | self.rsv << 4 | self.opcode
    }

    /// Returns the bytes of the frame, masked if there is a key.
    pub fn encode(&self, key: Option<[u8; 4]>) -> Vec<u8> {
        let mut bytes = header(self.first_byte(), self.payload.len() as u64, key);
        bytes.extend(masked(&self.payload, key.unwrap_or_default()));
        bytes
    }
}

fn masked(payload: &[u8], key: [u8; 4]) -> impl Iterator<Item = u8> + '_ {
    payload.iter().zip(key.into_iter().cycle()).map(|(byte, key)| byte ^ key)
}

/// Returns a header with the shortest form of the length.
pub fn header(first: u8, length: u64, key: Option<[u8; 4]>) -> Vec<u8> {
    let mask = if key.is_some() { 0x80 } else { 0 };
    let mut bytes = vec![first];
    match length {
        0..=125 => bytes.push(mask | length as u8),
        126..=0xffff => {
            bytes.push(mask | 126);
            bytes.extend((length as u16).to_be_bytes());
        }
        _ => {
            bytes.push(mask | 127);
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes.extend(key.unwrap_or_default().iter().take(if key.is_some() { 4 } else { 0 }));
    bytes
}

/// A frame as it was read, with the facts that only the wire shows.
pub struct Parsed {
    pub frame: Frame,
    pub key: Option<[u8; 4]>,
    /// Whether its length had its shortest form.
    pub is_minimal: bool,
    pub size: usize,
}

/// Parses the frame at the front of the input, if it is complete.
pub fn parse(input: &[u8]) -> Option<Parsed> {
    let (&first, &second) = (input.first()?, input.get(1)?);
    let (length, at) = match second & 0x7f {
        126 => (u64::from(u16::from_be_bytes(array(input, 2)?)), 4),
        127 => (u64::from_be_bytes(array(input, 2)?), 10),
        short => (u64::from(short), 2),
    };
    let key = if second & 0x80 != 0 { Some(array(input, at)?) } else { None };
    let start = if key.is_some() { at + 4 } else { at };
    let end = start.checked_add(usize::try_from(length).ok()?)?;
    let payload = masked(input.get(start..end)?, key.unwrap_or_default()).collect();
    let frame = Frame { fin: first & 0x80 != 0, rsv: first >> 4 & 7, opcode: first & 0xf, payload };
    let is_minimal = header(first, length, None).len() == at;
    Some(Parsed { frame, key, is_minimal, size: end })
}

fn array<const N: usize>(input: &[u8], at: usize) -> Option<[u8; N]> {
    input.get(at..at + N)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of RFC 6455 section 5.7.
    #[test]
    fn the_examples_of_section_5_7_are_these_bytes() {
        assert_eq!(Frame::text("Hello").encode(None), b"\x81\x05Hello");
        let masked = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
        let key = [0x37, 0xfa, 0x21, 0x3d];
        assert_eq!(Frame::text("Hello").encode(Some(key)), masked);
        let parsed = parse(masked).expect("a whole frame");
        assert_eq!((parsed.frame, parsed.key, parsed.size), (Frame::text("Hello"), Some(key), 11));
        assert_eq!(Frame::text("Hel").open().encode(None), b"\x01\x03Hel");
        assert_eq!(Frame::binary([0; 256]).encode(None)[..4], [0x82, 0x7e, 0x01, 0x00]);
        assert_eq!(header(0x82, 65536, None), [0x82, 0x7f, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn a_length_that_is_longer_than_it_must_be_is_seen() {
        assert!(!parse(b"\x82\x7e\x00\x01a").expect("a whole frame").is_minimal);
        assert!(parse(b"\x82\x01a").expect("a whole frame").is_minimal);
        assert!(parse(b"\x82\x7e\x00\x01").is_none(), "a payload is awaited");
    }
}
