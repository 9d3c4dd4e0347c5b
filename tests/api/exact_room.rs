//! Outputs that have too little room: what is needed, and that nothing changes.

use crate::common::{Counting, Side, decode_in_one_piece, text};
use patchcord::{Close, CloseCode, Encoder, Fragment, Message, MessageKind, Role, SendError};

const FIRST: (bool, bool) = (true, false);
const MIDDLE: (bool, bool) = (false, false);
const LAST: (bool, bool) = (false, true);

fn part(kind: MessageKind, ends: (bool, bool), payload: &[u8]) -> Fragment<&[u8]> {
    Fragment { kind, first: ends.0, last: ends.1, payload }
}

/// Calls a verb with every output that is too small and then with one that fits, and returns
/// what it wrote there.
fn into_exact_space(mut verb: impl FnMut(&mut &mut [u8]) -> Result<(), SendError>) -> Vec<u8> {
    let mut space = [0xee; 200];
    let Err(SendError::BufferTooSmall { needed }) = verb(&mut &mut space[..0]) else {
        panic!("nothing was needed");
    };
    for size in 0..needed {
        let refusal = verb(&mut &mut space[..size]);
        assert_eq!(refusal, Err(SendError::BufferTooSmall { needed }));
        assert_eq!(space, [0xee; 200], "something was written");
    }
    let mut out = &mut space[..needed];
    verb(&mut out).unwrap();
    assert!(out.is_empty());
    space[..needed].to_vec()
}

/// Lets an encoder of each role do the same.
fn with_encoders(mut each: impl FnMut(Side, &mut dyn Encodes)) {
    each(Side::Server, &mut Encoder::server());
    each(Side::Client, &mut Encoder::client(Counting::default()));
}

/// The verbs of an encoder, into a slice.
trait Encodes {
    fn message(&mut self, message: Message<'_>, out: &mut &mut [u8]) -> Result<(), SendError>;
    fn ping(&mut self, payload: &[u8], out: &mut &mut [u8]) -> Result<(), SendError>;
    fn pong(&mut self, payload: &[u8], out: &mut &mut [u8]) -> Result<(), SendError>;
    fn close(&mut self, close: Close<&[u8]>, out: &mut &mut [u8]) -> Result<(), SendError>;
    fn part(&mut self, part: Fragment<&[u8]>, out: &mut &mut [u8]) -> Result<(), SendError>;
}

impl<R: Role> Encodes for Encoder<R> {
    fn message(&mut self, message: Message<'_>, out: &mut &mut [u8]) -> Result<(), SendError> {
        self.encode(message, out)
    }

    fn ping(&mut self, payload: &[u8], out: &mut &mut [u8]) -> Result<(), SendError> {
        self.encode_ping(payload, out)
    }

    fn pong(&mut self, payload: &[u8], out: &mut &mut [u8]) -> Result<(), SendError> {
        self.encode_pong(payload, out)
    }

    fn close(&mut self, close: Close<&[u8]>, out: &mut &mut [u8]) -> Result<(), SendError> {
        self.encode_close(Some(close), out)
    }

    fn part(&mut self, part: Fragment<&[u8]>, out: &mut &mut [u8]) -> Result<(), SendError> {
        self.encode_fragment(part, out)
    }
}

#[test]
fn an_output_that_is_too_small_says_what_is_needed_and_changes_nothing() {
    with_encoders(|side, encoder| {
        let message = into_exact_space(|out| encoder.message(Message::Text("hello"), out));
        assert_eq!(side.wrote(&message), [(0x81, b"hello".to_vec())]);
        let ping = into_exact_space(|out| encoder.ping(&[7; 125], out));
        assert_eq!(side.wrote(&ping), [(0x89, vec![7; 125])]);
        let empty = into_exact_space(|out| encoder.message(Message::Binary(b""), out));
        assert_eq!(side.wrote(&empty), [(0x82, vec![])]);
        let pong = into_exact_space(|out| encoder.pong(b"there?", out));
        assert_eq!(side.wrote(&pong), [(0x8a, b"there?".to_vec())]);
        let close = Close::new(CloseCode::NORMAL, "bye");
        let close = into_exact_space(|out| encoder.close(close, out));
        assert_eq!(side.wrote(&close), [(0x88, b"\x03\xe8bye".to_vec())]);
    });
}

#[test]
fn a_fragment_that_found_no_room_can_be_sent_again() {
    with_encoders(|side, encoder| {
        let parts = [(FIRST, &b"a\xc3"[..]), (MIDDLE, b"\xa9\xe2"), (LAST, b"\x82\xac")];
        let wire: Vec<u8> = parts
            .into_iter()
            .flat_map(|(ends, payload)| {
                into_exact_space(|out| encoder.part(part(MessageKind::Text, ends, payload), out))
            })
            .collect();
        assert_eq!(decode_in_one_piece(side.peer(), &wire).events, [text("aé€")]);
    });
}
