//! permessage-deflate: the transform and its negotiation.

mod bounds;
mod codes;
mod inflate;
mod miniz;
mod negotiation;
mod offers;
mod round_trip;
/// What the crate's own tests compare the transform with: RFC 1951 read bit by bit.
#[allow(dead_code)] // it counts more than this package looks at
#[path = "../../../tests/rfc7692/strict.rs"]
mod strict;

pub use inflate::inflate;
pub use negotiation::negotiation;
pub use round_trip::deflate;

use crate::stream::Cuts;
use patchcord::deflate::{Context, Engines, InflateError, Inflater, Pool, WindowBits};

/// The window of 2^`bits` bytes, 8 to 15.
fn context(bits: u8, takeover: bool) -> Context {
    Context { window: WindowBits::new(bits).expect("8 to 15"), takeover }
}

/// Returns a source of engines: its own, one that stays where it is put, one that any other can
/// take, and none that stays.
pub(crate) fn engines(choice: u8) -> Engines {
    match choice % 4 {
        0 => Engines::Owned,
        1 => Engines::Pooled(Pool::default()),
        2 => Engines::Pooled(Pool::new(1)),
        _ => Engines::Pooled(Pool::new(0)),
    }
}

/// What the data of a message comes to.
#[derive(Debug, PartialEq, Eq)]
struct Inflated {
    /// All output, including what came before an error.
    octets: Vec<u8>,
    error: Option<InflateError>,
}

/// How the output came about.
struct Steps {
    inflated: Inflated,
    /// For each piece that caused no error, the bytes given so far and the output so far.
    steps: Vec<(usize, usize)>,
    /// How much was given in all.
    given: usize,
}

/// Feeds the pieces to the inflater, each in memory that ends where the piece ends.
fn run(inflater: &mut Inflater, data: &[u8], cuts: Cuts) -> Steps {
    let (mut octets, mut steps, mut given) = (Vec::new(), Vec::new(), 0);
    let fed = cuts.pieces(data).try_for_each(|piece| {
        given += piece.len();
        inflater.inflate(&Box::<[u8]>::from(piece), &mut octets)?;
        steps.push((given, octets.len()));
        Ok(())
    });
    let error = fed.and_then(|()| inflater.finish()).err();
    if let Some(error) = error {
        assert_eq!(inflater.inflate(b"\x00", &mut Vec::new()), Err(error), "an error is final");
        assert_eq!(inflater.finish(), Err(error), "an error is final");
    }
    Steps { inflated: Inflated { octets, error }, steps, given }
}
