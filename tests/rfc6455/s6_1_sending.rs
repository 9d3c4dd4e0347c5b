//! What goes out: each verb in both roles, undone where it cannot be done, and read by a peer.

use crate::common::{BOTH, Endpoint, Side, binary, decode_in_one_piece, letters, octets, text};
use bytes::{Buf, BufMut};
use patchcord::{
    Delivery, Event, Fragment, InvalidUtf8, Limits, Message, MessageKind, Prepared, SendBuffer,
    SendError, SharedMessage,
};

const BORDERS: [usize; 9] = [0, 1, 125, 126, 127, 65534, 65535, 65536, 65537];

fn part(kind: MessageKind, ends: (bool, bool), payload: &[u8]) -> Fragment<&[u8]> {
    Fragment { kind, first: ends.0, last: ends.1, payload }
}

const FIRST: (bool, bool) = (true, false);
const MIDDLE: (bool, bool) = (false, false);
const LAST: (bool, bool) = (false, true);
const ONLY: (bool, bool) = (true, true);

fn written(frame: impl Buf) -> Vec<u8> {
    let mut wire = Vec::new();
    wire.put(frame);
    wire
}

fn shared(message: Message<'_>) -> SharedMessage {
    match message {
        Message::Text(text) => SharedMessage::Text(text.to_owned().into()),
        Message::Binary(payload) => SharedMessage::Binary(payload.to_vec().into()),
    }
}

/// The same message through each verb that this end has.
fn sent_by_every_verb(side: Side, message: Message<'_>) -> Vec<Vec<u8>> {
    let (kind, payload) = match message {
        Message::Text(text) => (MessageKind::Text, text.as_bytes()),
        Message::Binary(octets) => (MessageKind::Binary, octets),
    };
    let mut endpoint = Endpoint::open(side);
    let (mut sent, mut fragment) = (Vec::new(), Vec::new());
    endpoint.send(message, &mut sent).unwrap();
    endpoint.send_fragment(part(kind, ONLY, payload), &mut fragment).unwrap();
    let mut payload = payload.to_vec();
    let mut out = SendBuffer::new();
    let in_place = written(endpoint.send_in_place(kind, &mut payload, &mut out).unwrap());
    let mut wires = vec![sent, fragment, in_place];
    if let Some(server) = endpoint.server() {
        wires.push(written(server.send_borrowed(message, &mut out).unwrap()));
        server.send_prepared(&Prepared::new(message), &mut out).unwrap();
        wires.push(written(&mut out));
        server.send_shared(shared(message), &mut out).unwrap();
        wires.push(written(&mut out));
    }
    assert!(out.is_empty());
    wires
}

#[test]
fn a_length_is_written_in_its_minimal_form() {
    for side in BOTH {
        for length in BORDERS {
            let octets = octets(length);
            for wire in sent_by_every_verb(side, Message::Binary(&octets)) {
                let size = match length {
                    0..126 => 2,
                    126..0x1_0000 => 4,
                    _ => 10,
                };
                let key = if side == Side::Client { 4 } else { 0 };
                assert_eq!(wire.len(), size + key + length);
                assert_eq!(side.wrote(&wire), [(0x82, octets.clone())]);
            }
        }
    }
}

#[test]
fn what_one_end_sends_the_other_receives() {
    for side in BOTH {
        for length in (0..300).chain(BORDERS) {
            let octets = octets(length);
            for wire in sent_by_every_verb(side, Message::Binary(&octets)) {
                let seen = decode_in_one_piece(side.peer(), &wire);
                assert_eq!((seen.events, seen.rest), (vec![binary(&octets)], 0));
            }
            let letters = letters(length);
            for wire in sent_by_every_verb(side, Message::Text(&letters)) {
                let seen = decode_in_one_piece(side.peer(), &wire);
                assert_eq!((seen.events, seen.rest), (vec![text(&letters)], 0));
            }
        }
    }
}

#[test]
fn several_frames_share_one_output_buffer() {
    for side in BOTH {
        let (mut endpoint, mut out) = (Endpoint::open(side), Vec::new());
        endpoint.send(Message::Text("one"), &mut out).unwrap();
        endpoint.ping(b"two", &mut out).unwrap();
        endpoint.send(Message::Binary(b"three"), &mut out).unwrap();
        endpoint.hear(0x89, b"four").unwrap();
        endpoint.flush(&mut out);
        let frames = side.wrote(&out);
        let expected: [(u8, &[u8]); 4] =
            [(0x81, b"one"), (0x89, b"two"), (0x82, b"three"), (0x8a, b"four")];
        assert_eq!(frames, expected.map(|(first, payload)| (first, payload.to_vec())));
        assert!(endpoint.pending().is_empty());
    }
}

#[test]
fn fragments_go_out_as_first_continuations_and_last() {
    for side in BOTH {
        for (kind, opcode) in [(MessageKind::Text, 0x01), (MessageKind::Binary, 0x02)] {
            let (mut endpoint, mut out) = (Endpoint::open(side), Vec::new());
            for (ends, payload) in [(FIRST, &b"a"[..]), (MIDDLE, b""), (MIDDLE, b"b"), (LAST, b"c")]
            {
                endpoint.send_fragment(part(kind, ends, payload), &mut out).unwrap();
                endpoint.ping(b"", &mut out).unwrap();
            }
            let frames = side.wrote(&out);
            let firsts: Vec<u8> = frames.iter().map(|frame| frame.0).collect();
            assert_eq!(firsts, [opcode, 0x89, 0x00, 0x89, 0x00, 0x89, 0x80, 0x89]);
            let joined = decode_in_one_piece(side.peer(), &out).events;
            let expected = if kind == MessageKind::Text { text("abc") } else { binary(b"abc") };
            assert!(joined.contains(&expected));
        }
    }
}

#[test]
fn a_fragment_out_of_order_is_refused_and_changes_nothing() {
    for side in BOTH {
        let (mut endpoint, mut out) = (Endpoint::open(side), Vec::new());
        let refused = Err(SendError::FragmentOrder);
        for ends in [MIDDLE, LAST] {
            assert_eq!(
                endpoint.send_fragment(part(MessageKind::Binary, ends, b"x"), &mut out),
                refused
            );
        }
        endpoint.send_fragment(part(MessageKind::Binary, FIRST, b"a"), &mut out).unwrap();
        for (kind, ends) in [
            (MessageKind::Binary, FIRST),
            (MessageKind::Binary, ONLY),
            (MessageKind::Text, FIRST),
            (MessageKind::Text, MIDDLE),
            (MessageKind::Text, LAST),
        ] {
            assert_eq!(endpoint.send_fragment(part(kind, ends, b"x"), &mut out), refused);
        }
        endpoint.send_fragment(part(MessageKind::Binary, LAST, b"b"), &mut out).unwrap();
        assert_eq!(
            endpoint.send_fragment(part(MessageKind::Binary, LAST, b"x"), &mut out),
            refused
        );
        endpoint.send(Message::Text("next"), &mut out).unwrap();
        let seen = decode_in_one_piece(side.peer(), &out);
        assert_eq!(seen.events, [binary(b"ab"), text("next")]);
    }
}

#[test]
fn a_message_inside_a_fragmented_one_is_refused() {
    for side in BOTH {
        let (mut endpoint, mut out) = (Endpoint::open(side), Vec::new());
        endpoint.send_fragment(part(MessageKind::Text, FIRST, b"a"), &mut out).unwrap();
        let (before, mut payload) = (out.len(), *b"kept");
        let refused = Some(SendError::FragmentOrder);
        assert_eq!(endpoint.send(Message::Text("x"), &mut out).err(), refused);
        let mut waits = SendBuffer::new();
        let in_place = endpoint.send_in_place(MessageKind::Binary, &mut payload, &mut waits).err();
        assert_eq!(in_place, refused);
        if let Some(server) = endpoint.server() {
            let message = Message::Binary(b"x");
            assert_eq!(server.send_borrowed(message, &mut waits).err(), refused);
            let prepared = server.send_prepared(&Prepared::new(message), &mut waits);
            assert_eq!(prepared.err(), refused);
        }
        assert!(waits.is_empty());
        assert_eq!((out.len(), &payload), (before, b"kept"));
        endpoint.send_fragment(part(MessageKind::Text, LAST, b"b"), &mut out).unwrap();
        assert_eq!(decode_in_one_piece(side.peer(), &out).events, [text("ab")]);
    }
}

#[test]
fn text_may_be_cut_inside_a_character_between_fragments() {
    let message = "añ€🎧";
    for side in BOTH {
        for cut in 0..=message.len() {
            let (head, tail) = message.as_bytes().split_at(cut);
            let (mut endpoint, mut out) = (Endpoint::open(side), Vec::new());
            endpoint.send_fragment(part(MessageKind::Text, FIRST, head), &mut out).unwrap();
            endpoint.send_fragment(part(MessageKind::Text, LAST, tail), &mut out).unwrap();
            assert_eq!(decode_in_one_piece(side.peer(), &out).events, [text(message)]);
        }
    }
}

#[test]
fn text_that_is_not_utf_8_is_refused_and_changes_nothing() {
    for side in BOTH {
        let (mut endpoint, mut out) = (Endpoint::open(side), Vec::new());
        let refused = |at| Err(SendError::InvalidUtf8(InvalidUtf8 { at }));
        let mut send = |endpoint: &mut Endpoint, ends, payload| {
            endpoint.send_fragment(part(MessageKind::Text, ends, payload), &mut out)
        };
        assert_eq!(send(&mut endpoint, FIRST, b"ab\xff"), refused(2));
        assert_eq!(send(&mut endpoint, FIRST, b"caf\xc3"), Ok(()));
        assert_eq!(send(&mut endpoint, MIDDLE, b"x"), refused(0));
        assert!(matches!(send(&mut endpoint, LAST, b""), Err(SendError::InvalidUtf8(_))));
        assert_eq!(send(&mut endpoint, MIDDLE, b"\xa9 \xf0\xff"), refused(3));
        assert_eq!(send(&mut endpoint, LAST, b"\xa9"), Ok(()));
        assert_eq!(decode_in_one_piece(side.peer(), &out).events, [text("café")]);
    }
}

#[test]
fn a_fragment_that_was_received_can_be_sent_on() {
    for side in BOTH {
        let mut bytes = side.frames(&[(0x01, b"caf\xc3"), (0x00, b""), (0x80, b"\xa9")]);
        let mut decoder = side.decoder(Limits::default(), Delivery::Fragments);
        let (mut input, mut out) = (&mut bytes[..], Vec::new());
        let mut endpoint = Endpoint::open(side);
        while let Some(Event::Fragment(part)) = decoder.decode(&mut input).unwrap() {
            endpoint.send_fragment(part.as_ref(), &mut out).unwrap();
        }
        assert_eq!(side.wrote(&out).len(), 3);
        assert_eq!(decode_in_one_piece(side.peer(), &out).events, [text("café")]);
    }
}
