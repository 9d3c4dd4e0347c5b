use super::strict::Strict;
use super::{context, engines};
use crate::stream::{Cuts, Script};
use patchcord::deflate::{Compression, Deflater, Engines, InflateLimits, Inflater, Level};

/// Whatever two ends say, in parts or at once, with any window, level and takeover each, with
/// their own engines or a shared pool, comes out of any cut of the data unchanged, as soon as its
/// data is there; RFC 1951 read to the letter agrees, and nothing refers back beyond the window.
pub fn deflate(data: &[u8]) {
    let Some((&[first, second, choice, seed], script)) = data.split_first_chunk() else { return };
    let (own, other) = (engines(choice), engines(choice >> 2));
    let mut directions =
        [Direction::new(first, &own, &other), Direction::new(second, &other, &own)];
    let mut script = Script(script);
    for cut in 0..MOST_PARTS {
        let Some(operation) = script.byte() else { break };
        let direction = &mut directions[usize::from(operation >> 7)];
        let part = direction.part(operation, &mut script);
        direction.say(&part, operation & 0x40 == 0, seed.wrapping_add(cut));
    }
    directions
        .iter_mut()
        .filter(|direction| direction.is_open)
        .for_each(|direction| direction.say(b"", true, seed));
}

/// Enough for both directions to take each other's engines several times.
const MOST_PARTS: u8 = 16;

/// One direction of a connection: an end that compresses, and one that inflates.
struct Direction {
    deflater: Deflater,
    inflaters: [Inflater; 2],
    strict: Strict,
    /// All that was said.
    said: Vec<u8>,
    /// The open message: its data, and what it became.
    is_open: bool,
    data: Vec<u8>,
    message: Vec<u8>,
    heard: [Vec<u8>; 2],
}

impl Direction {
    fn new(choice: u8, from: &Engines, to: &Engines) -> Self {
        let context = context(9 + (choice & 0x07) % 7, choice & 0x08 == 0);
        let level = Level::new(1 + (choice >> 4) % 9).expect("1 to 9");
        let compression = Compression { level, ..Compression::default() };
        let inflater = |engines| Inflater::new(context, InflateLimits::default(), engines);
        Self {
            deflater: Deflater::new(context, compression, from).expect("a window of 512 or more"),
            inflaters: [inflater(to), inflater(&Engines::Owned)],
            strict: Strict::new(context.window.bits(), context.takeover),
            said: Vec::new(),
            is_open: false,
            data: Vec::new(),
            message: Vec::new(),
            heard: Default::default(),
        }
    }

    /// Returns what is said next: literal bytes, something said before, a run, noise, or JSON.
    fn part(&self, operation: u8, script: &mut Script<'_>) -> Vec<u8> {
        match operation & 0x07 {
            0x3 | 0x4 => {
                let (distance, length) = (script.number(), script.number() % LONGEST);
                let start = self.said.len().saturating_sub(distance);
                let end = self.said.len().min(start + length);
                self.said[start..end].to_vec()
            }
            0x5 => vec![script.byte().unwrap_or(0); script.number() % LONGEST],
            0x6 => noise(script.byte().unwrap_or(0), script.number() % LONGEST),
            0x7 => transcript(script.octets()),
            _ => script.octets().to_vec(),
        }
    }

    fn say(&mut self, part: &[u8], last: bool, seed: u8) {
        let start = self.data.len();
        match last {
            false => self.deflater.deflate(part, &mut self.data),
            true => self.deflater.finish(part, &mut self.data),
        }
        self.said.extend_from_slice(part);
        self.message.extend_from_slice(part);
        self.is_open = !last;
        for (inflater, heard) in self.inflaters.iter_mut().zip(&mut self.heard) {
            for piece in Cuts::drawn(seed).pieces(&self.data[start..]) {
                inflater.inflate(&Box::from(piece), heard).expect("what was compressed");
            }
            assert!(*heard == self.message, "what is said is heard when its data is there");
        }
        if last {
            self.end();
        }
    }

    fn end(&mut self) {
        for (inflater, heard) in self.inflaters.iter_mut().zip(&mut self.heard) {
            inflater.finish().expect("a message that was finished");
            heard.clear();
        }
        let strictly = self.strict.message(&self.data);
        assert_eq!(strictly.as_ref(), Ok(&self.message), "RFC 1951 to the letter");
        self.data.clear();
        self.message.clear();
    }
}

/// More than two of the smallest windows, and little enough to read bit by bit.
const LONGEST: usize = 1200;

fn noise(seed: u8, length: usize) -> Vec<u8> {
    let mut state = u64::from(seed) + 1;
    let mut octet = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 56) as u8
    };
    (0..length).map(|_| octet()).collect()
}

/// Returns a speech recognizer's output: one word per byte.
fn transcript(words: &[u8]) -> Vec<u8> {
    const WORDS: [&str; 8] = ["so", "the", "connection", "was", "open", "when", "you", "heard"];
    let word = |(at, octet): (usize, &u8)| {
        let word = WORDS[usize::from(octet % 8)];
        format!("{{\"word\":\"{word}\",\"start\":{at}.{octet:03},\"confidence\":0.9{octet}}},")
    };
    let words: String = words.iter().enumerate().map(word).collect();
    format!("{{\"type\":\"Results\",\"is_final\":true,\"words\":[{words}]}}").into_bytes()
}
