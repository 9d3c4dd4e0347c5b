//! What one end wrote, judged frame by frame as it leaves.

use super::fingerprint::Fingerprint;
use patchcord::frame::RawHeader;
use std::collections::VecDeque;

pub(crate) const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xa;

/// The rules of RFC 6455 that a sender keeps, and what it owes its peer.
pub(crate) struct Wire {
    masks: bool,
    /// The start of a frame whose end has not left.
    begun: Vec<u8>,
    /// A message was begun, and its last fragment has not left.
    is_inside: bool,
    /// The code of the Close that left; 0 stands for one without.
    closed: Option<u16>,
    /// The pings that were heard and not yet answered.
    owed: VecDeque<Vec<u8>>,
}

impl Wire {
    pub(crate) fn new(masks: bool) -> Self {
        Self { masks, begun: Vec::new(), is_inside: false, closed: None, owed: VecDeque::new() }
    }

    /// Whether what left ends with a whole frame.
    pub(crate) fn is_between_frames(&self) -> bool {
        self.begun.is_empty()
    }

    pub(crate) fn closed(&self) -> Option<u16> {
        self.closed
    }

    pub(crate) fn heard_ping(&mut self, payload: &[u8]) {
        self.owed.push_back(payload.to_vec());
    }

    /// Whether the latest ping has its answer (section 5.5.3).
    pub(crate) fn is_answered(&self) -> bool {
        self.owed.is_empty()
    }

    pub(crate) fn left(&mut self, bytes: &[u8]) {
        self.begun.extend_from_slice(bytes);
        while let Some((header, size)) = RawHeader::parse(&self.begun) {
            let end = size + header.length as usize;
            if self.begun.len() < end {
                break;
            }
            let mut payload = self.begun[size..end].to_vec();
            self.begun.drain(..end);
            if let Some(key) = header.masking_key {
                key.apply(&mut payload);
            }
            self.frame(&header, &payload);
        }
    }

    fn frame(&mut self, header: &RawHeader, payload: &[u8]) {
        let RawHeader { fin, opcode, .. } = *header;
        assert_eq!(header.masking_key.is_some(), self.masks, "section 5.1");
        assert!(self.closed.is_none() || opcode == PONG, "{opcode:#x} behind a Close");
        match opcode {
            0 => {
                assert!(self.is_inside, "a continuation of nothing");
                self.is_inside = !fin;
            }
            TEXT | BINARY => {
                assert!(!self.is_inside, "a message inside a message");
                self.is_inside = !fin;
            }
            CLOSE => {
                let code = payload.first_chunk().map_or(0, |code| u16::from_be_bytes(*code));
                self.closed = Some(code);
            }
            PING => {}
            PONG => self.pong(payload),
            _ => panic!("opcode {opcode:#x}"),
        }
    }

    /// A pong answers the ping that it repeats, and those before it.
    fn pong(&mut self, payload: &[u8]) {
        let ping = self.owed.iter().position(|ping| ping == payload);
        let ping = ping.expect("a pong that no ping asks for, or asks for again");
        self.owed.drain(..=ping);
    }

    pub(crate) fn fingerprint(&self, to: &mut Fingerprint) {
        to.bytes(&self.begun);
        to.number(u64::from(self.is_inside));
        to.number(self.closed.map_or(u64::MAX, u64::from));
        to.number(self.owed.len() as u64);
        self.owed.iter().for_each(|ping| to.bytes(ping));
    }
}
