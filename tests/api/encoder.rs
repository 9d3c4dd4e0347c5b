//! One direction alone: an encoder and a decoder with no connection around them.

use crate::common::{
    BOTH, Counting, Seen, Side, close, decode_in_one_piece, octets, ping, pong, text,
};
use patchcord::{
    Client, Close, CloseCode, Encoder, Fragment, Message, MessageKind, Prepared, Role, SendError,
    Server,
};

fn server() -> Encoder<Server> {
    Encoder::server()
}

fn client() -> Encoder<Client<Counting>> {
    Encoder::client(Counting::default())
}

fn bye() -> Option<Close<&'static [u8]>> {
    Some(Close::new(CloseCode::GOING_AWAY, "bye"))
}

fn everything<R: Role>(mut encoder: Encoder<R>) -> Vec<u8> {
    let mut out = Vec::new();
    encoder.encode(Message::Text("whole"), &mut out).unwrap();
    let part = Fragment { kind: MessageKind::Text, first: true, last: false, payload: &b"be"[..] };
    encoder.encode_fragment(part, &mut out).unwrap();
    encoder.encode_ping(b"ping", &mut out).unwrap();
    encoder.encode_pong(b"pong", &mut out).unwrap();
    let part = Fragment { first: false, last: true, payload: &b"gun"[..], ..part };
    encoder.encode_fragment(part, &mut out).unwrap();
    encoder.encode_close(bye(), &mut out).unwrap();
    encoder.encode_pong(b"", &mut out).unwrap();
    out
}

#[test]
fn a_decoder_reads_what_an_encoder_writes() {
    for side in BOTH {
        let wire = match side {
            Side::Server => everything(server()),
            Side::Client => everything(client()),
        };
        let events = decode_in_one_piece(side.peer(), &wire).events;
        // The pong behind the Close means nothing (RFC 6455 section 1.4).
        let expected: [Seen; 5] =
            [text("whole"), ping(b"ping"), pong(b"pong"), text("begun"), close(1001, "bye")];
        assert_eq!(events, expected);
    }
}

fn assert_only_pongs<R: Role>(mut encoder: Encoder<R>, side: Side) {
    let (mut out, closed) = (Vec::new(), Err(SendError::Closed));
    encoder.encode_close(None, &mut out).unwrap();
    assert_eq!(side.wrote(&out), [(0x88, vec![])]);
    out.clear();
    let part = Fragment { kind: MessageKind::Binary, first: true, last: true, payload: &b"x"[..] };
    assert_eq!(encoder.encode(Message::Text("x"), &mut out), closed);
    assert_eq!(encoder.encode_fragment(part, &mut out), closed);
    assert_eq!(encoder.encode_in_place(MessageKind::Binary, &mut [0]).err(), closed.err());
    assert_eq!(encoder.encode_ping(b"", &mut out), closed);
    assert_eq!(encoder.encode_close(bye(), &mut out), closed);
    assert!(out.is_empty());
    encoder.encode_pong(b"still here", &mut out).unwrap();
    assert_eq!(side.wrote(&out), [(0x8a, b"still here".to_vec())]);
}

#[test]
fn nothing_but_pongs_follows_a_close() {
    assert_only_pongs(server(), Side::Server);
    assert_only_pongs(client(), Side::Client);
}

fn assert_control_is_short<R: Role>(mut encoder: Encoder<R>) {
    let (long, reason) = ([0; 126], "r".repeat(124));
    let mut out = Vec::new();
    let refused = |length| Err(SendError::ControlTooLong { length });
    assert_eq!(encoder.encode_ping(&long, &mut out), refused(126));
    assert_eq!(encoder.encode_pong(&long, &mut out), refused(126));
    let close = Close::new(CloseCode::NORMAL, &reason);
    assert_eq!(encoder.encode_close(Some(close), &mut out), refused(124));
    assert!(out.is_empty());
    encoder.encode_ping(&long[..125], &mut out).unwrap();
    encoder.encode_pong(&long[..125], &mut out).unwrap();
    let close = Close::new(CloseCode::NORMAL, &reason[..123]);
    encoder.encode_close(Some(close), &mut out).unwrap();
    assert!(out.len() >= 3 * 127);
}

#[test]
fn a_control_frame_that_would_be_too_long_is_refused_and_changes_nothing() {
    assert_control_is_short(server());
    assert_control_is_short(client());
}

fn assert_close_needs_room<R: Role>(mut encoder: Encoder<R>) {
    let mut space = [0; 20];
    let mut whole = Vec::new();
    for size in 0.. {
        match encoder.encode_close(bye(), &mut &mut space[..size]) {
            Err(SendError::BufferTooSmall { needed }) => {
                assert!(needed > size);
                encoder.encode_ping(b"", &mut whole).unwrap();
            }
            sent => {
                assert_eq!(sent, Ok(()));
                break;
            }
        }
    }
    assert_eq!(encoder.encode_ping(b"", &mut whole), Err(SendError::Closed));
}

#[test]
fn a_close_that_found_no_room_was_not_sent() {
    assert_close_needs_room(server());
    assert_close_needs_room(client());
}

fn needed<R: Role>(mut encoder: Encoder<R>, payload: &[u8]) -> (usize, usize) {
    let message = Message::Binary(payload);
    let refusal = encoder.encode(message, &mut &mut [0_u8; 0][..]);
    let Err(SendError::BufferTooSmall { needed }) = refusal else { panic!("{refusal:?}") };
    let mut out = Vec::new();
    encoder.encode(message, &mut out).unwrap();
    (needed, out.len())
}

#[test]
fn the_room_that_is_needed_is_the_size_of_the_frame() {
    for length in [0, 1, 125, 126, 127, 65535, 65536] {
        for (needed, size) in [needed(server(), &octets(length)), needed(client(), &octets(length))]
        {
            assert_eq!(needed, size, "{length}");
        }
    }
}

#[test]
fn a_prepared_message_is_refused_where_a_message_would_be() {
    let prepared = Prepared::new(Message::Binary(&[7; 300]));
    let mut encoder = Encoder::server();
    let mut copied = Vec::new();
    encoder.encode(Message::Binary(&[7; 300]), &mut copied).unwrap();
    assert_eq!(encoder.encode_prepared(&prepared).unwrap(), copied);

    let part = Fragment { kind: MessageKind::Text, first: true, last: false, payload: &b"a"[..] };
    encoder.encode_fragment(part, &mut Vec::new()).unwrap();
    assert_eq!(encoder.encode_prepared(&prepared), Err(SendError::FragmentOrder));

    let mut encoder = Encoder::server();
    encoder.encode_close(None, &mut Vec::new()).unwrap();
    assert_eq!(encoder.encode_prepared(&prepared), Err(SendError::Closed));
}
