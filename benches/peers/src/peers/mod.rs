//! The candidates, and what each has to provide.

pub mod deflate;
mod fastwebsockets;
mod floors;
pub mod masks;
mod nexus_web;
mod patchcord;
mod sockudo_ws;
mod soketto;
mod tokio_websockets;
mod tungstenite;
mod web_socket;
mod websocket_sans_io;
mod wtx;
mod yawc;

pub use floors::{FLOOR, LIMIT};

use crate::case::Case;
use crate::payload::Content;
use crate::sink::Sink;
use crate::stream::Source;

/// One way to do the work: a crate, with its default configuration or another that its
/// documentation names.
pub struct Candidate {
    /// The crate's name, and in brackets what differs from its default.
    pub name: &'static str,
    pub class: Class,
    /// How it is driven, for the table: one phrase.
    pub driven: &'static str,
    /// Prepares the work of a row, outside the time that is taken; `None` if the crate
    /// has nothing for it.
    pub cell: fn(&Case) -> Option<Box<dyn Cell>>,
    /// Returns a server's open connection on this transport, with no message seen yet; `None` if the
    /// crate has no such thing.
    pub connect: Option<fn(Source) -> Box<dyn Exchange>>,
}

impl Candidate {
    /// Returns what it leaves out of the work that patchcord does, in cases where it is measured beside it;
    /// verification shows whether messages arrive whole.
    pub fn leaves(&self, case: &Case) -> Option<&'static str> {
        match (self.package(), case) {
            ("nexus-web", Case::Decode(decode)) if decode.content != Content::Binary => {
                Some("it checks no text that spans reads, and gets none of those")
            }
            _ => None,
        }
    }

    /// Returns the crate's name.
    pub fn package(&self) -> &'static str {
        self.name.split(' ').next().unwrap_or_default()
    }

    /// Returns whether this is the first candidate of its crate.
    pub fn is_default(&self) -> bool {
        let first = all().find(|candidate| candidate.package() == self.package());
        first.is_some_and(|first| first.name == self.name)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Ours,
    Peer,
    /// What the machine allows, whatever does the work: never counted as a peer.
    Floor,
}

/// Work in progress.
pub trait Cell {
    /// Does the work `operations` times, and reports the results to `sink`:
    ///
    /// | case | an operation | reported by |
    /// |---|---|---|
    /// | mask | masks one payload | [`masks::cell`] does it |
    /// | decode | delivers the next message; connections take turns | `binary`, `text`, `part` |
    /// | encode | hands the frame of the next of [`payloads`](crate::case::Encode::payloads) to the transport, nothing held back at the end of `run` | [`Source`]'s `write`, or `wire` |
    /// | deflate | sends or receives a message of a connection that compresses | as decode, and as encode |
    /// | accept | a new connection's request is read and accepted | [`Source`]'s `write`, or `wire` |
    ///
    /// The sequence of messages continues from one call to the next.
    fn run(&mut self, operations: u64, sink: &mut Sink);
}

/// A connection to weigh. It holds what each connection needs, and nothing that a thread
/// can share among its connections.
pub trait Exchange {
    /// Receives the next message, 160 bytes of binary, and sends `answer`, of the same length.
    fn exchange(&mut self, answer: &[u8], sink: &mut Sink);
}

/// A cell that repeats one operation.
#[allow(clippy::unnecessary_wraps, reason = "it is what Candidate::cell returns")]
pub fn each(operation: impl FnMut(&mut Sink) + 'static) -> Option<Box<dyn Cell>> {
    Some(Box::new(Each(operation)))
}

struct Each<F>(F);

impl<F: FnMut(&mut Sink)> Cell for Each<F> {
    #[inline(never)]
    fn run(&mut self, operations: u64, sink: &mut Sink) {
        for _ in 0..operations {
            (self.0)(sink);
        }
    }
}

/// All candidates, in the order of the tables.
pub fn all() -> impl Iterator<Item = &'static Candidate> {
    [
        patchcord::CANDIDATES,
        tungstenite::CANDIDATES,
        fastwebsockets::CANDIDATES,
        tokio_websockets::CANDIDATES,
        wtx::CANDIDATES,
        yawc::CANDIDATES,
        soketto::CANDIDATES,
        web_socket::CANDIDATES,
        nexus_web::CANDIDATES,
        websocket_sans_io::CANDIDATES,
        sockudo_ws::CANDIDATES,
        floors::CANDIDATES,
    ]
    .into_iter()
    .flatten()
    .chain(deflate::all().map(|compressor| &compressor.candidate))
}
