//! A connection to the judged implementation.
//!
//! [`Wire`] is bytes, [`Opening`] the handshake, [`Conversation`] frames. Whatever a case is about,
//! each frame that arrives is held to all rules for frames.

mod expect;
mod hear;
mod opening;
mod wire;

pub use hear::Heard;
pub use opening::{Agreed, Opening, Target, Text};
pub use wire::Wire;

use crate::case::Role;
use crate::wire::{Deflater, Frame, Inflater};
use std::time::Duration;

/// An open connection.
pub struct Conversation<'wire> {
    pub wire: &'wire mut Wire,
    /// The role of the judged implementation.
    pub role: Role,
    /// How long an expected answer may take.
    pub patience: Duration,
    /// What was agreed on about permessage-deflate.
    pub agreed: Option<Agreed>,
    pub inflater: Option<Inflater>,
    pub deflater: Option<Deflater>,
    /// The message whose fragments have begun: its opcode, whether it is compressed, and its bytes.
    open: Option<(u8, bool, Vec<u8>)>,
    is_closed: bool,
    /// The masking keys of the frames received.
    pub keys: Vec<[u8; 4]>,
    /// How many frames arrived, and how many compressed messages.
    pub frames: usize,
    pub compressed: usize,
    seed: u32,
}

impl<'wire> Conversation<'wire> {
    pub fn new(
        wire: &'wire mut Wire,
        role: Role,
        patience: Duration,
        agreed: Option<Agreed>,
    ) -> Self {
        let inflater = agreed.as_ref().map(Agreed::inflater);
        let deflater = agreed.as_ref().map(Agreed::deflater);
        Self {
            wire,
            role,
            patience,
            agreed,
            inflater,
            deflater,
            open: None,
            is_closed: false,
            keys: Vec::new(),
            frames: 0,
            compressed: 0,
            seed: 0x9e37_79b9,
        }
    }

    /// Returns the bytes of a frame, masked if the implementation is a server.
    pub fn encode(&mut self, frame: &Frame) -> Vec<u8> {
        let key = self.key();
        frame.encode(key)
    }

    /// Returns a masking key, if frames need one. These are for tests: they are predictable.
    pub fn key(&mut self) -> Option<[u8; 4]> {
        self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.role == Role::Server).then(|| self.seed.to_be_bytes())
    }

    pub fn send(&mut self, frame: &Frame) {
        let bytes = self.encode(frame);
        self.wire.write(&bytes);
    }

    /// Sends frames in one write.
    pub fn send_all(&mut self, frames: &[Frame]) {
        let bytes: Vec<u8> = frames.iter().flat_map(|frame| self.encode(frame)).collect();
        self.wire.write(&bytes);
    }

    /// Sends a frame in writes of `size` bytes.
    pub fn send_chopped(&mut self, frame: &Frame, size: usize) {
        let bytes = self.encode(frame);
        for piece in bytes.chunks(size) {
            self.wire.write(piece);
        }
    }

    /// Sends a message in frames of `size` bytes of payload each.
    pub fn send_fragmented(&mut self, message: &Frame, size: usize) {
        let mut bytes = Vec::new();
        let last = message.payload.chunks(size).count().saturating_sub(1);
        for (at, piece) in message.payload.chunks(size).enumerate() {
            let opcode = if at == 0 { message.opcode } else { 0 };
            let rsv = if at == 0 { message.rsv } else { 0 };
            let frame = Frame { fin: at == last, rsv, opcode, payload: piece.to_vec() };
            bytes.extend(self.encode(&frame));
        }
        self.wire.write(&bytes);
    }

    /// Returns the frame that holds the message in its compressed form.
    pub fn compress(&mut self, message: &Frame) -> Frame {
        let Some(deflater) = &mut self.deflater else { return message.clone() };
        Frame { rsv: 4, payload: deflater.message(&message.payload), ..message.clone() }
    }
}
