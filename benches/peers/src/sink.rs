//! Where results go: nowhere while time is taken, and into a comparison before that.

use crate::hide;
use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Takes what a [`Cell`](crate::peers::Cell) delivers or encodes.
///
/// While time is taken it adds lengths, and hides the pointers from the optimiser.
#[derive(Default)]
pub struct Sink {
    bytes: u64,
    check: Option<Check>,
}

/// What was delivered, for comparison.
#[derive(Default)]
struct Check {
    messages: Vec<Digest>,
    /// Whether a message arrived in more than one piece.
    in_pieces: bool,
    open: Vec<u8>,
}

/// As much of a message as it takes to tell it from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    pub is_text: bool,
    pub length: usize,
    pub hash: u64,
}

impl Digest {
    pub fn of(is_text: bool, payload: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write(payload);
        Self { is_text, length: payload.len(), hash: hasher.finish() }
    }
}

impl Sink {
    /// Returns a sink that keeps a digest of everything it is given.
    pub fn checking() -> Self {
        Self { bytes: 0, check: Some(Check::default()) }
    }

    /// Returns whether this is the run before the timed ones, in which results are compared.
    pub const fn is_checking(&self) -> bool {
        self.check.is_some()
    }

    /// Takes a whole binary message, unmasked.
    #[inline]
    pub fn binary(&mut self, payload: &[u8]) {
        self.part(false, payload, true);
    }

    /// Takes a whole text message, which the candidate has validated.
    #[inline]
    pub fn text(&mut self, text: &str) {
        self.part(true, text.as_bytes(), true);
    }

    /// Takes a piece of a message, from a candidate that does not join pieces.
    #[inline]
    pub fn part(&mut self, is_text: bool, payload: &[u8], last: bool) {
        hide::consumed(payload);
        self.bytes = self.bytes.wrapping_add(payload.len() as u64);
        if self.check.is_some() {
            self.digest(is_text, payload, last);
        }
    }

    /// Takes encoded bytes, the next ones of the stream that a candidate writes.
    #[inline]
    pub fn wire(&mut self, bytes: &[u8]) {
        self.bytes = self.bytes.wrapping_add(bytes.len() as u64);
        written(bytes);
    }

    /// Restores the contents of a payload that was masked in place: `restore` is not called while
    /// time is taken, since masking takes the same time for any contents.
    #[inline]
    pub fn restore(&self, restore: impl FnOnce()) {
        if self.is_checking() {
            restore();
        }
    }

    /// Returns the messages that were delivered.
    pub fn messages(&self) -> &[Digest] {
        self.check.as_ref().map_or(&[], |check| &check.messages)
    }

    /// Returns whether a message was delivered in more than one piece.
    pub fn is_in_pieces(&self) -> bool {
        self.check.as_ref().is_some_and(|check| check.in_pieces)
    }

    /// Returns all bytes that were taken.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    #[cold]
    fn digest(&mut self, is_text: bool, payload: &[u8], last: bool) {
        let Some(check) = &mut self.check else { return };
        check.open.extend_from_slice(payload);
        check.in_pieces |= !last;
        if last {
            check.messages.push(Digest::of(is_text, &check.open));
            check.open.clear();
        }
    }
}

static IS_RECORDING: AtomicBool = AtomicBool::new(false);
static RECORDED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Takes what is written to the transport.
#[inline]
pub fn written(bytes: &[u8]) {
    hide::consumed(bytes);
    if IS_RECORDING.load(Relaxed) {
        record(bytes);
    }
}

#[cold]
fn record(bytes: &[u8]) {
    RECORDED.lock().expect("no panic while locked").extend_from_slice(bytes);
}

/// Returns all that `work` wrote, to a transport or to [`Sink::wire`].
pub fn recording(work: impl FnOnce()) -> Vec<u8> {
    IS_RECORDING.store(true, Relaxed);
    work();
    IS_RECORDING.store(false, Relaxed);
    std::mem::take(&mut RECORDED.lock().expect("no panic while locked"))
}
