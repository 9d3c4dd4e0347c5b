//! Any split of a stream is no split: the events, the error, the replies and the final state are
//! those of the stream in one piece, whatever the input is.

use crate::common::{Endpoint, Outcome, Receive, assert_agrees, run};
use crate::properties::hold::hold;
use crate::properties::streams::{Stream, hostile_bytes, legal_bytes, mutated_bytes, streams};
use patchcord::{Config, Timeouts};

fn assert_splits_agree<S: Receive>(make: impl Fn() -> S, stream: &Stream) -> Outcome {
    let whole = run(&mut make(), &[&stream.bytes]);
    assert_agrees(&make, &[&stream.bytes], &whole);
    assert_agrees(&make, &stream.pieces(), &whole);
    if stream.bytes.len() < 2000 {
        assert_agrees(&make, &stream.bytes.chunks(1).collect::<Vec<_>>(), &whole);
    }
    whole
}

/// Of a decoder and of a connection; returns what the decoder came to.
fn any_split_is_no_split(stream: &Stream) -> Outcome {
    let &Stream { side, delivery, limits, .. } = stream;
    let config = Config { limits, delivery, timeouts: Timeouts::default() };
    let connection = assert_splits_agree(|| Endpoint::new(side, config), stream);
    let decoder = assert_splits_agree(|| side.decoder(limits, delivery), stream);
    let taken = connection.events.len();
    assert_eq!(connection.events, decoder.events[..taken], "a connection stops at a Close");
    if taken == decoder.events.len() {
        assert!(connection.error.is_none() || connection.error == decoder.error);
    }
    decoder
}

#[test]
fn any_split_of_a_legal_stream_is_no_split() {
    hold(600, streams(legal_bytes), |stream| drop(any_split_is_no_split(&stream)));
}

#[test]
fn any_split_of_a_stream_of_any_headers_is_no_split() {
    hold(1500, streams(hostile_bytes), |stream| drop(any_split_is_no_split(&stream)));
}

#[test]
fn any_split_of_a_legal_stream_with_errors_is_no_split() {
    hold(600, streams(mutated_bytes), |stream| drop(any_split_is_no_split(&stream)));
}
