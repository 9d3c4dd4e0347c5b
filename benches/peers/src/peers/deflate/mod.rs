//! Candidates that compress (RFC 7692): whole connections, each driven by a [`Session`].

mod patchcord;
mod sockudo_ws;
mod wtx;
mod yawc;

use super::{Candidate, Cell, each};
use crate::case::Case;
use crate::deflate::{Deflate, Direction};
use crate::heap::count;
use crate::sink::Sink;
use crate::stream::Source;

/// patchcord with an engine for each connection.
pub const LIVE: &str = "patchcord (live)";
/// patchcord with engines that connections share.
pub const POOLED: &str = "patchcord (pooled)";

/// A candidate, and how its connections are weighed.
pub struct Compressor {
    pub candidate: Candidate,
    pub weigh: fn(&Deflate, usize) -> Option<f64>,
}

pub const CANDIDATES: &[&[Compressor]] =
    &[patchcord::CANDIDATES, wtx::CANDIDATES, yawc::CANDIDATES, sockudo_ws::CANDIDATES];

pub fn all() -> impl Iterator<Item = &'static Compressor> {
    CANDIDATES.iter().copied().flatten()
}

/// A server's open connection, with what each connection needs and nothing that they share.
trait Session: Sized + 'static {
    /// What connections share.
    type Shared;
    /// A message to send, in the form that needs no copy.
    type Payload: 'static;

    /// `None` if the crate cannot do this.
    fn shared(deflate: &Deflate) -> Option<Self::Shared>;
    fn open(shared: &Self::Shared, source: Source) -> Self;
    fn payload(is_text: bool, bytes: Vec<u8>) -> Self::Payload;
    /// Reports the next message to `sink`.
    fn receive(&mut self, sink: &mut Sink);
    /// Hands the compressed message to the transport, or to `sink`.
    fn send(&mut self, payload: &mut Self::Payload, sink: &mut Sink);
}

/// The counterpart of [`Candidate::cell`] for a session.
fn cell<S: Session>(case: &Case) -> Option<Box<dyn Cell>> {
    let Case::Deflate(deflate) = case else { return None };
    let shared = S::shared(deflate)?;
    let mut connections = deflate.connections(|source| S::open(&shared, source));
    match deflate.direction {
        Direction::Receive => each(move |sink| connections.turn().receive(sink)),
        Direction::Send => {
            let mut payloads = deflate.payloads(|bytes| S::payload(deflate.is_text(), bytes));
            each(move |sink| connections.turn().send(payloads.turn(), sink))
        }
    }
}

/// Returns the bytes of each of `connections` connections, their own struct and the heap, without the
/// transport, after as many messages each way as fill the windows, with its share of what all
/// have in common.
fn weigh<S: Session>(deflate: &Deflate, connections: usize) -> Option<f64> {
    S::shared(deflate)?;
    let source = deflate.source();
    let mut payloads = deflate.payloads(|bytes| S::payload(deflate.is_text(), bytes));
    let messages = (1 << deflate.window) / deflate.size + 2;
    // What a thread has once for all connections must exist before.
    exchange(&mut S::open(&S::shared(deflate)?, source.clone()), &mut payloads, messages);

    let (open, heap) = count(|| {
        let shared = S::shared(deflate)?;
        let open = |_| S::open(&shared, source.clone());
        let mut open: Vec<_> = (0..connections).map(open).collect();
        for connection in &mut open {
            exchange(connection, &mut payloads, messages);
        }
        Some((open, shared))
    });
    drop(open);
    Some(heap.bytes as f64 / connections as f64 - size_of::<Source>() as f64)
}

fn exchange<S: Session>(
    connection: &mut S,
    payloads: &mut crate::turns::Ring<S::Payload>,
    messages: usize,
) {
    let mut sink = Sink::default();
    for _ in 0..messages {
        connection.receive(&mut sink);
        connection.send(payloads.turn(), &mut sink);
    }
}
