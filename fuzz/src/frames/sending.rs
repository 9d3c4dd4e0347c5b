//! What one end has said and not yet written, by RFC 6455 to the letter: a queue of frames.

use crate::stream::Seen;
use bytes::Buf;
use std::collections::VecDeque;
use std::io::IoSlice;

/// `SendBuffer` documents 4 KiB: this many bytes of pongs wait before another one replaces the latest.
const MOST_PONGS: usize = 4096;

/// Why a frame was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The caller asked for it.
    Said,
    Pong,
    /// A pong that would have come late, put before a Close: other pongs do not wait for it.
    LatePong,
    /// Time made it due.
    Ping,
    Close,
}

/// A frame that has to be there, as far as it can be foreseen.
pub(super) struct Expected {
    pub(super) why: Why,
    /// FIN, RSV and opcode; if there is no payload, RSV1 may be set beside them.
    pub(super) first: u8,
    /// `None` if it is compressed.
    pub(super) payload: Option<Vec<u8>>,
}

impl Expected {
    pub(super) fn plain(why: Why, first: u8, payload: &[u8]) -> Self {
        Self { why, first, payload: Some(payload.to_vec()) }
    }
}

/// What left in one write.
pub(super) struct Left {
    pub(super) count: usize,
    /// It included the last byte of a ping that time made due.
    pub(super) ping: bool,
}

/// The frames that wait; the first may have left in part.
#[derive(Default)]
pub(super) struct Sending {
    is_masked: bool,
    waits: VecDeque<(Why, Vec<u8>)>,
    /// The total length of the pongs of which some still wait.
    pongs: usize,
    /// The payload of the pong that waits for them.
    late: Option<Vec<u8>>,
    is_closed: bool,
}

impl Sending {
    pub(super) fn new(is_masked: bool) -> Self {
        Self { is_masked, ..Self::default() }
    }

    /// Checks that the next bytes to write are those that waited, followed by these frames and no others.
    pub(super) fn grew(&mut self, out: &impl Buf, expected: Vec<Expected>) {
        // A frame has two slices at most, its header and its payload.
        let content = content(out, 2 * (self.waits.len() + expected.len()) + 1);
        let mut tail = &content[..];
        for (_, bytes) in &self.waits {
            tail = tail.strip_prefix(&bytes[..]).expect("what waited has changed");
        }
        for frame in expected {
            let length = self.check(tail, &frame);
            assert!(!self.is_closed || frame.why == Why::Pong, "{:?} after a Close", frame.why);
            self.is_closed |= frame.why == Why::Close;
            self.waits.push_back((frame.why, tail[..length].to_vec()));
            tail = &tail[length..];
        }
        assert!(tail.is_empty(), "these bytes were never said: {tail:?}");
        self.is_bounded();
    }

    /// Checks for a frame of the shortest form, masked only by a client, and returns its length.
    fn check(&self, wire: &[u8], expected: &Expected) -> usize {
        let &[first, second, ..] = wire else { panic!("{:?} is missing", expected.why) };
        let compressed = if expected.payload.is_none() { first & 0x40 } else { 0 };
        assert_eq!(first, expected.first | compressed);
        assert_eq!(second & 0x80 != 0, self.is_masked, "RFC 6455 section 5.1");
        let (length, header) = match second & 0x7f {
            126 => (usize::from(u16::from_be_bytes([wire[2], wire[3]])), 4),
            127 => panic!("nothing here is that long"),
            short => (short.into(), 2),
        };
        assert_eq!(length > 125, header == 4, "the shortest form");
        let key = if self.is_masked { &wire[header..header + 4] } else { &[] };
        let start = header + key.len();
        let masked = wire[start..start + length].iter().enumerate();
        let payload = masked.map(|(at, byte)| byte ^ key.get(at % 4).unwrap_or(&0));
        if let Some(expected) = &expected.payload {
            assert!(payload.eq(expected.iter().copied()), "the payload of {first:x}");
        }
        start + length
    }

    /// Pongs are bounded: the maximum, the one that exceeds it, one that comes late, and one
    /// before a Close.
    fn is_bounded(&self) {
        let pongs = self.waits.iter().filter(|(why, _)| matches!(why, Why::Pong | Why::LatePong));
        let longest = 2 + if self.is_masked { 4 } else { 0 } + 125;
        let bytes: usize = pongs.map(|(_, bytes)| bytes.len()).sum();
        assert!(bytes < MOST_PONGS + 3 * longest, "{bytes} bytes of pongs");
    }

    /// The pong that a ping asks for, unless it has to come late.
    pub(super) fn pong(&mut self, ping: &[u8]) -> Option<Expected> {
        if self.pongs < MOST_PONGS {
            self.pongs += 2 + if self.is_masked { 4 } else { 0 } + ping.len();
            return Some(Expected::plain(Why::Pong, 0x8a, ping));
        }
        self.late = Some(ping.to_vec());
        None
    }

    /// A Close, unless one was said, and before it the pong that would have come late.
    pub(super) fn close(&mut self, body: &[u8]) -> Vec<Expected> {
        if self.is_closed {
            return Vec::new();
        }
        let late = self.late.take().map(|payload| Expected::plain(Why::LatePong, 0x8a, &payload));
        late.into_iter().chain([Expected::plain(Why::Close, 0x88, body)]).collect()
    }

    /// Checks that these bytes left: the next ones, and no others.
    pub(super) fn left(&mut self, written: &[u8]) -> Left {
        let (mut rest, mut left) = (written, Left { count: written.len(), ping: false });
        while !rest.is_empty() {
            let (why, bytes) = self.waits.front_mut().expect("nothing waits, and bytes left");
            let count = rest.len().min(bytes.len());
            assert_eq!(
                rest[..count],
                bytes[..count],
                "the bytes that left are not those that were said"
            );
            bytes.drain(..count);
            rest = &rest[count..];
            if bytes.is_empty() {
                left.ping |= *why == Why::Ping;
                self.waits.pop_front();
            }
        }
        if !self.is_waiting(Why::Pong) {
            self.pongs = 0;
        }
        left
    }

    /// The late pong, once no other waits.
    pub(super) fn late(&mut self) -> Vec<Expected> {
        let late = if self.pongs == 0 { self.late.take() } else { None };
        late.and_then(|payload| self.pong(&payload)).into_iter().collect()
    }

    pub(super) fn is_waiting(&self, why: Why) -> bool {
        self.waits.iter().any(|(waits, _)| *waits == why)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waits.is_empty()
    }

    pub(super) const fn is_closed(&self) -> bool {
        self.is_closed
    }
}

/// All that would be written, as slices and as one.
fn content(out: &impl Buf, most: usize) -> Vec<u8> {
    let mut slices = vec![IoSlice::new(&[]); most];
    let count = out.chunks_vectored(&mut slices);
    let slices: Vec<&[u8]> = slices[..count].iter().map(|slice| &**slice).collect();
    let content = slices.concat();
    assert_eq!(content.len(), out.remaining());
    assert!(content.starts_with(out.chunk()));
    assert_eq!(out.chunk().is_empty(), content.is_empty());
    content
}

/// A transport that is offered one slice, or several at once, and takes `count` bytes. Returns
/// what it took, and whether that ended inside a slice, which shows that it is full.
pub(super) fn take(out: &mut impl Buf, count: usize, vectored: bool) -> (Vec<u8>, bool) {
    let mut slices = [IoSlice::new(&[]); 4];
    let offered = if vectored { out.chunks_vectored(&mut slices) } else { 1 };
    if !vectored {
        slices[0] = IoSlice::new(out.chunk());
    }
    let (mut taken, mut is_full) = (Vec::new(), false);
    for slice in &slices[..offered] {
        let of_slice = (count - taken.len()).min(slice.len());
        taken.extend_from_slice(&slice[..of_slice]);
        is_full |= 0 < of_slice && of_slice < slice.len();
    }
    out.advance(taken.len());
    (taken, is_full)
}

/// The body of a Close.
pub(super) fn body(close: Option<(u16, &str)>) -> Vec<u8> {
    close.map_or(Vec::new(), |(code, reason)| [&code.to_be_bytes(), reason.as_bytes()].concat())
}

/// FIN and the opcode of a message in one frame.
pub(super) const fn opcode(seen: &Seen) -> u8 {
    if matches!(seen, Seen::Text(_)) { 0x81 } else { 0x82 }
}
