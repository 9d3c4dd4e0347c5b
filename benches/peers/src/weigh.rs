//! What an idle connection costs.

use crate::case::Decode;
use crate::cases::{self, SAID};
use crate::deflate::{Deflate, Direction};
use crate::heap::count;
use crate::payload::Content;
use crate::peers::{self, Candidate, Exchange, deflate};
use crate::sink::{Sink, recording};
use crate::stream::{Reads, Source};
use crate::wire::take_frame;

/// The length of the messages exchanged, in bytes.
pub const MESSAGE: usize = 160;

/// Bytes of a server's open connection, its own struct and the heap; without its transport.
pub struct Weight {
    pub candidate: &'static Candidate,
    /// Before the first message.
    pub opened: i64,
    /// After a message of 160 bytes each way.
    pub exchanged: i64,
    /// How much of the latter is not the struct.
    pub heap: i64,
}

/// Weighs the candidates that have connections, or returns why one could not be weighed.
pub fn weigh_all() -> Vec<Result<Weight, String>> {
    let weighed = peers::all().filter_map(|candidate| {
        let connect = candidate.connect?;
        let weight = check(connect).map(|()| weigh(candidate, connect));
        Some(weight.map_err(|error| format!("{}: idle: {error}", candidate.name)))
    });
    weighed.collect()
}

fn source() -> Source {
    let decode = Decode { reads: Reads::Frame, ..Decode::binary(MESSAGE) };
    decode.sources().remove(0)
}

/// Checks that messages arrive; this also allocates what threads share.
fn check(connect: fn(Source) -> Box<dyn Exchange>) -> Result<(), String> {
    let answer = Content::Binary.payload(MESSAGE, 1);
    let mut sink = Sink::checking();
    let mut connection = connect(source());
    let written = recording(|| {
        connection.exchange(&answer, &mut sink);
        connection.exchange(&answer, &mut sink);
    });
    let messages = Decode::binary(MESSAGE).wire().messages;
    if sink.messages() != &messages[..2] {
        return Err("the messages did not arrive".into());
    }
    let mut rest = &written[..];
    let is_right = |rest: &mut &[u8]| {
        take_frame(rest).is_some_and(|frame| frame.first == 0x82 && frame.payload == answer)
    };
    match is_right(&mut rest) && is_right(&mut rest) && rest.is_empty() {
        true => Ok(()),
        false => Err("the answers were not sent".into()),
    }
}

fn weigh(candidate: &'static Candidate, connect: fn(Source) -> Box<dyn Exchange>) -> Weight {
    let (source, answer) = (source(), [7; MESSAGE]);
    let (mut connection, opening) = count(|| connect(source));
    let ((), exchange) = count(|| connection.exchange(&answer, &mut Sink::default()));
    let opened = opening.bytes - size_of::<Source>() as i64;
    let exchanged = opened + exchange.bytes;
    // The box holds the struct, and the transport in it.
    let own = size_of_val(&*connection) as i64 - size_of::<Source>() as i64;
    Weight { candidate, opened, exchanged, heap: exchanged - own }
}

/// How many connections that compress are open at once.
pub const COMPRESSING: usize = 10_000;

/// Bytes of each of [`COMPRESSING`] connections.
pub struct Compressing {
    pub candidate: &'static Candidate,
    pub deflate: Deflate,
    pub bytes: f64,
}

/// The windows, and whether they are taken over.
pub fn windows() -> [Deflate; 3] {
    let alone = cases::alone(Direction::Send, SAID[0]);
    [(15, true), (11, true), (15, false)].map(|(window, takeover)| Deflate {
        window,
        takeover,
        connections: COMPRESSING,
        ..alone
    })
}

/// Weighs all candidates that compress; their cells were verified.
pub fn weigh_compressing(admits: impl Fn(&Candidate) -> bool) -> Vec<Compressing> {
    let weigh = |deflate: Deflate| {
        let admitted = deflate::all().filter(|compressor| admits(&compressor.candidate));
        admitted.filter_map(move |compressor| {
            let candidate = &compressor.candidate;
            eprintln!("{COMPRESSING} connections of {}", candidate.name);
            let bytes = (compressor.weigh)(&deflate, COMPRESSING)?;
            Some(Compressing { candidate, deflate, bytes })
        })
    };
    windows().into_iter().flat_map(weigh).collect()
}
