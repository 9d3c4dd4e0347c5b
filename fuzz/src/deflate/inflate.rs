use super::bounds::{BOUNDS, UNIT, most};
use super::codes::are_odd;
use super::miniz::Miniz;
use super::{Inflated, Steps, context, engines, run};
use crate::peers::Because;
use crate::stream::{Cuts, Script};
use patchcord::deflate::{Context, Engines, InflateLimits, Inflater, Pool};

/// Any bytes come to the same message or to the same error, at the same byte and with the same
/// output before it, however they are cut, wherever engines come from, and whatever others do with
/// these between messages or between the pieces of one. They come to what miniz_oxide makes of them,
/// except for the table, and to no more bytes than the bounds allow.
pub fn inflate(data: &[u8]) {
    let Some((&[choice, other, seed], rest)) = data.split_first_chunk() else { return };
    let context = context(8 + (choice & 0x07), choice & 0x08 == 0);
    let bounds = BOUNDS[usize::from(choice >> 4 & 0x07)];
    let inflater = |engines: &Engines| Inflater::new(context, bounds, engines);
    let pooled = engines(other);
    let lender = Pool::new(1);
    let mut ours = Ours {
        bounds,
        peer: Miniz::new(context, bounds),
        whole: inflater(&Engines::Owned),
        cut: inflater(&Engines::Owned),
        octets: inflater(&Engines::Owned),
        at_once: inflater(&Engines::Owned),
        pooled: [inflater(&pooled), inflater(&pooled)],
        lent: inflater(&Engines::Pooled(lender.clone())),
        other: Inflater::new(
            Context::default(),
            InflateLimits::default(),
            &Engines::Pooled(lender),
        ),
    };
    let mut script = Script(rest);
    let times = 1 + usize::from(other >> 4);
    for message in 0..MOST_MESSAGES {
        let Some(data) = message_data(&mut script, times) else { break };
        if !ours.message(&data, seed.wrapping_add(message)) {
            break;
        }
    }
}

const MOST_MESSAGES: u8 = 10;

/// Data above this is not repeated; more than one unit, so that the ratio grows.
const LONGEST: usize = 3 * UNIT;

/// Reads a message as long as its first byte says; with 255, all that is left, several times over.
fn message_data(script: &mut Script<'_>, times: usize) -> Option<Vec<u8>> {
    match script.0 {
        [] => None,
        [0xff, rest @ ..] => {
            script.0 = &[];
            Some(rest.repeat(times.min(1 + LONGEST / (rest.len() + 1))))
        }
        _ => Some(script.octets().to_vec()),
    }
}

/// Inflaters that have to agree.
struct Ours {
    bounds: InflateLimits,
    peer: Miniz,
    whole: Inflater,
    cut: Inflater,
    octets: Inflater,
    /// It has an engine from the first byte on.
    at_once: Inflater,
    /// The two take each other's engines.
    pooled: [Inflater; 2],
    /// The other inflater takes this one's engine, when the seed says so.
    lent: Inflater,
    other: Inflater,
}

/// The work of another connection: "Hello" (RFC 7692 section 7.2.3.1) behind 600 uncompressed
/// bytes, enough to need an engine.
const WORK: [&[u8]; 3] = [b"\x00\x58\x02\xa7\xfd", &[b'w'; 600], b"\xf2\x48\xcd\xc9\xc9\x07\x00"];

impl Ours {
    /// Returns whether there may be a next message.
    fn message(&mut self, data: &[u8], seed: u8) -> bool {
        let inflated = run(&mut self.whole, data, Cuts::None).inflated;
        let length = inflated.octets.len() as u64;
        let (most, _) = most(&self.bounds, data.len().div_ceil(UNIT).max(1));
        assert!(length <= most.saturating_add(1), "{length} bytes, and {most} are allowed");
        let cut = run(&mut self.cut, data, Cuts::drawn(seed));
        assert_eq!(cut.inflated, inflated, "cut, and whole");
        if data.len() <= 600 {
            let octets = run(&mut self.octets, data, Cuts::Every(1));
            assert_eq!(octets.inflated, inflated, "byte by byte");
            in_step(&cut, &octets);
        }
        let mut octets = Vec::new();
        let error = self.at_once.message(data, &mut octets).err();
        assert_eq!(Inflated { octets, error }, inflated, "by one call, and in parts");
        let theirs = self.peer.message(data);
        let is_same = is_same(&inflated, &theirs, data);
        for (inflater, cuts) in self.pooled.iter_mut().zip([Cuts::None, Cuts::drawn(seed)]) {
            let pooled = run(inflater, data, cuts).inflated;
            assert_eq!(pooled, inflated, "pooled, and live");
        }
        assert_eq!(self.lend(data, seed), inflated, "lent to another in between, and live");
        is_same && inflated.error.is_none()
    }
}

impl Ours {
    /// Lends the engine to another before each piece for which the seed has a bit, and before the end.
    fn lend(&mut self, data: &[u8], seed: u8) -> Inflated {
        let mut octets = Vec::new();
        let mut lends = (0..8).cycle().map(|bit| seed >> bit & 1 == 1);
        let mut other = |lends: Option<bool>| {
            if lends == Some(true) {
                let work =
                    WORK.iter().try_for_each(|part| self.other.inflate(part, &mut Vec::new()));
                work.and_then(|()| self.other.finish()).expect("data of ours");
            }
        };
        let fed = Cuts::drawn(seed).pieces(data).take(16).try_for_each(|piece| {
            other(lends.next());
            self.lent.inflate(piece, &mut octets)
        });
        let given: usize = Cuts::drawn(seed).pieces(data).take(16).map(<[u8]>::len).sum();
        let fed = fed.and_then(|()| self.lent.inflate(&data[given..], &mut octets));
        other(lends.next());
        let error = fed.and_then(|()| self.lent.finish()).err();
        Inflated { octets, error }
    }
}

/// Checks that output depends only on the bytes given so far, and so does the place of the error.
fn in_step(cut: &Steps, octets: &Steps) {
    for (given, length) in &cut.steps {
        assert_eq!(octets.steps.get(given - 1), Some(&(*given, *length)), "held back, or early");
    }
    assert!(cut.given >= octets.given, "an error before the byte that decides it");
}

/// Returns whether both say the same.
fn is_same(ours: &Inflated, theirs: &Inflated, data: &[u8]) -> bool {
    if ours == theirs {
        return true;
    }
    let (one, other) = (&ours.octets, &theirs.octets);
    // The bytes that the sender omits may complete the codes of a block.
    let is_odd = are_odd(&[data, b"\x00\x00\xff\xff"].concat())
        && (one.starts_with(other) || other.starts_with(one));
    assert!(is_odd && Because::Codes.excuses(), "{ours:?}, miniz_oxide {theirs:?}");
    false
}
