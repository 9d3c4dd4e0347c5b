//! Another inflater, driven by the rules of RFC 7692: miniz_oxide for the blocks, and the bit-by-bit
//! reading for where a message ends.

use super::Inflated;
use super::bounds::{UNIT, idle, most};
use super::strict::Strict;
use miniz_oxide::inflate::TINFLStatus as Status;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_HAS_MORE_INPUT, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};
use patchcord::deflate::{Context, InflateError, InflateLimits, WindowBits};

pub(super) struct Miniz {
    context: Context,
    bounds: InflateLimits,
    /// What a message may refer to: the end of those before it.
    history: Vec<u8>,
    strict: Strict,
}

impl Miniz {
    pub(super) fn new(context: Context, bounds: InflateLimits) -> Self {
        let strict = Strict::new(WindowBits::MAX.bits(), context.takeover);
        Self { context, bounds, history: Vec::new(), strict }
    }

    /// Inflates the data of a message.
    pub(super) fn message(&mut self, data: &[u8]) -> Inflated {
        if !self.context.takeover {
            self.history.clear();
        }
        let mut stream = Stream::new(core::mem::take(&mut self.history));
        let inflated = stream.units(data, &self.bounds);
        let octets = stream.octets();
        // RFC 7692 section 7.2.3.4: data may end with a final block.
        let strictly = self.strict.message(data);
        let ends = stream.is_over || strictly.as_ref() == Ok(&octets);
        let error = inflated.err().or((!ends).then_some(InflateError::Unfinished));
        self.history = stream.room;
        if self.strict.is_fresh() {
            self.history.clear(); // a final block ended, if only with the omitted bytes
        }
        // RFC 7692 section 7.1.2: a message reaches no farther into those before it.
        let old = self.history.len().saturating_sub(self.context.window.size());
        self.history.drain(..old);
        Inflated { octets, error }
    }
}

/// One message.
struct Stream {
    engine: DecompressorOxide,
    /// The bytes the engine may refer to, then what it wrote since the last final block.
    room: Vec<u8>,
    /// Where this message begins in `room`.
    start: usize,
    /// What came before the last final block.
    before: Vec<u8>,
    /// Whether a final block ended with the last byte.
    is_over: bool,
}

impl Stream {
    fn new(history: Vec<u8>) -> Self {
        let (engine, start) = (DecompressorOxide::new(), history.len());
        Self { engine, room: history, start, before: Vec::new(), is_over: false }
    }

    fn octets(&self) -> Vec<u8> {
        [&self.before, &self.room[self.start..]].concat()
    }

    fn written(&self) -> u64 {
        (self.before.len() + self.room.len() - self.start) as u64
    }

    fn units(&mut self, data: &[u8], bounds: &InflateLimits) -> Result<(), InflateError> {
        for (before, unit) in data.chunks(UNIT).enumerate() {
            let (limit, error) = most(bounds, before + 1);
            self.unit(unit, limit)?;
            if self.written() > limit {
                return Err(error);
            }
            idle(bounds, before * UNIT + unit.len(), self.written())?;
        }
        Ok(())
    }

    /// Inflates until nothing more comes out, or one byte more than the limit.
    fn unit(&mut self, mut unit: &[u8], limit: u64) -> Result<(), InflateError> {
        const FLAGS: u32 = TINFL_FLAG_HAS_MORE_INPUT | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
        loop {
            let at = self.room.len();
            let room = (limit.saturating_add(1) - self.written()).min(16 * 1024) as usize;
            self.room.resize(at + room, 0);
            let (status, read, written) =
                decompress(&mut self.engine, unit, &mut self.room, at, FLAGS);
            self.room.truncate(at + written);
            unit = &unit[read..];
            self.is_over = status == Status::Done;
            match status {
                _ if self.written() > limit => return Ok(()),
                Status::Done if unit.is_empty() => self.again(),
                Status::Done => {
                    self.again();
                    continue;
                }
                Status::HasMoreOutput => continue,
                Status::NeedsMoreInput => {}
                _ => return Err(InflateError::Data),
            }
            return Ok(());
        }
    }

    /// RFC 7692 section 7.2.1: more blocks may follow a final one, and they refer to nothing before it.
    fn again(&mut self) {
        self.engine = DecompressorOxide::new();
        self.before = self.octets();
        (self.room, self.start) = (Vec::new(), 0);
    }
}
