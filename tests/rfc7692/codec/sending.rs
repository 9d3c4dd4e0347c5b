//! The verbs that compress: what is, what is not, and what an error leaves as it was.

use super::*;
use crate::common::{BOTH, Counting, Outcome, Receive, Seen, binary, run, text};
use patchcord::{Encoder, Message, SendBuffer, SendError};

const LONG: &str = "a word and a word and a word and a word and a word and a word and a word";

/// The frames that `send` makes an endpoint write.
fn frames(
    from: &mut Endpoint,
    send: impl FnOnce(&mut Endpoint, &mut Vec<u8>),
) -> Vec<(u8, Vec<u8>)> {
    let mut wire = Vec::new();
    send(from, &mut wire);
    from.side().wrote(&wire)
}

/// What the peer of this end receives.
fn heard(side: Side, agreed: Agreed, wire: &[u8]) -> Outcome {
    let agreed = Agreed { own: agreed.peer, peer: agreed.own };
    run(&mut endpoint(side.peer(), agreed, &Engines::Owned), &[wire])
}

#[test]
fn a_message_is_compressed_from_the_threshold_on() {
    for side in BOTH {
        for threshold in [0, 1, 64, 72, 73] {
            let compression = Compression { threshold, ..Compression::default() };
            for length in [0, 1, 63, 64, 71, 72] {
                let endpoint = Endpoint::new(side, Config::default());
                let mut endpoint =
                    endpoint.with_deflate(agreed(15, true), compression, &Engines::Owned);
                let message = Message::Text(&LONG[..length]);
                let written = frames(&mut endpoint, |endpoint, out| {
                    endpoint.send_compressed(message, out).unwrap();
                });
                let first = if length >= threshold { 0xc1 } else { 0x81 };
                assert_eq!(written[0].0, first, "{length}, from {threshold} on");
                let is_plain = written[0].1 == LONG.as_bytes()[..length];
                assert_eq!(is_plain, first == 0x81, "{length}, from {threshold} on");
            }
        }
    }
}

#[test]
fn nothing_is_compressed_where_it_was_not_agreed_on_or_the_window_is_too_small() {
    for side in BOTH {
        let small = endpoint(side, agreed(8, true), &Engines::Owned);
        for mut endpoint in [Endpoint::open(side), small] {
            let message = [(0x81, LONG.as_bytes().to_vec())];
            let written = frames(&mut endpoint, |endpoint, out| {
                endpoint.send_compressed(Message::Text(LONG), out).unwrap();
            });
            assert_eq!(written, message);
            let written = frames(&mut endpoint, |endpoint, out| {
                let fragment = part(MessageKind::Text, ONLY, LONG.as_bytes());
                endpoint.send_compressed_fragment(fragment, out).unwrap();
            });
            assert_eq!(written, message);
        }
    }
}

#[test]
fn only_the_verbs_that_say_so_compress() {
    for side in BOTH {
        let mut endpoint = endpoint(side, agreed(15, true), &Engines::Owned);
        let mut wire = Vec::new();
        endpoint.send(Message::Text(LONG), &mut wire).unwrap();
        endpoint.send_fragment(part(MessageKind::Text, ONLY, LONG.as_bytes()), &mut wire).unwrap();
        let mut octets = LONG.as_bytes().to_vec();
        let mut out = SendBuffer::new();
        let frame = endpoint.send_in_place(MessageKind::Text, &mut octets, &mut out).unwrap();
        bytes::BufMut::put(&mut wire, frame);
        if let Some(server) = endpoint.server() {
            let frame = server.send_borrowed(Message::Text(LONG), &mut out).unwrap();
            bytes::BufMut::put(&mut wire, frame);
        }
        let plain = (0x81, LONG.as_bytes().to_vec());
        assert!(side.wrote(&wire).into_iter().all(|frame| frame == plain));
    }
}

#[test]
fn rsv1_stands_on_the_first_fragment_alone() {
    for side in BOTH {
        for engines in engines() {
            for takeover in [true, false] {
                let agreed = agreed(12, takeover);
                let mut endpoint = endpoint(side, agreed, &engines);
                let mut wire = Vec::new();
                for kind in [MessageKind::Text, MessageKind::Binary, MessageKind::Text] {
                    let (one, two) = LONG.as_bytes().split_at(40);
                    for (ends, payload) in [
                        (FIRST, &b""[..]),
                        (MIDDLE, one),
                        (MIDDLE, b""),
                        (MIDDLE, two),
                        (LAST, b""),
                    ] {
                        let fragment = part(kind, ends, payload);
                        endpoint.send_compressed_fragment(fragment, &mut wire).unwrap();
                        endpoint.ping(b"between", &mut wire).unwrap();
                    }
                    endpoint.send_compressed_fragment(part(kind, ONLY, one), &mut wire).unwrap();
                }
                let firsts: Vec<u8> = side.wrote(&wire).iter().map(|(first, _)| *first).collect();
                let message = |first: u8| {
                    let fragments = [first, 0x00, 0x00, 0x00, 0x80];
                    fragments.into_iter().flat_map(|f| [f, 0x89]).chain([first | 0x80])
                };
                let expected: Vec<u8> = [0x41, 0x42, 0x41].into_iter().flat_map(message).collect();
                assert_eq!(firsts, expected);
                let mut events = heard(side, agreed, &wire).events;
                events.retain(|event| !matches!(event, Seen::Ping(_)));
                let short = &LONG[..40];
                assert_eq!(
                    events,
                    [
                        text(LONG),
                        text(short),
                        binary(LONG.as_bytes()),
                        binary(short.as_bytes()),
                        text(LONG),
                        text(short)
                    ]
                );
            }
        }
    }
}

/// Whether a message is compressed, its first fragment says.
#[test]
fn the_verbs_for_fragments_do_not_mix_inside_of_a_message() {
    for side in BOTH {
        for compressed in [true, false] {
            let mut endpoint = endpoint(side, agreed(15, true), &Engines::Owned);
            let mut wire = Vec::new();
            let send = |endpoint: &mut Endpoint, compressed, ends, out: &mut Vec<u8>| {
                let fragment = part(MessageKind::Text, ends, b"part ");
                match compressed {
                    true => endpoint.send_compressed_fragment(fragment, out),
                    false => endpoint.send_fragment(fragment, out),
                }
            };
            send(&mut endpoint, compressed, FIRST, &mut wire).unwrap();
            let before = wire.clone();
            for ends in [FIRST, MIDDLE, LAST, ONLY] {
                let refused = send(&mut endpoint, !compressed, ends, &mut wire);
                assert_eq!(refused, Err(SendError::FragmentOrder));
            }
            for ends in [FIRST, ONLY] {
                let refused = send(&mut endpoint, compressed, ends, &mut wire);
                assert_eq!(refused, Err(SendError::FragmentOrder));
            }
            let binary = part(MessageKind::Binary, LAST, b"");
            let refused = endpoint.send_compressed_fragment(binary, &mut wire);
            assert_eq!(refused, Err(SendError::FragmentOrder));
            let refused = endpoint.send_compressed(Message::Text(LONG), &mut wire);
            assert_eq!(refused, Err(SendError::FragmentOrder));
            assert_eq!(wire, before, "nothing was written");
            send(&mut endpoint, compressed, LAST, &mut wire).unwrap();
            endpoint.send_compressed(Message::Text(LONG), &mut wire).unwrap();
            let events = heard(side, agreed(15, true), &wire).events;
            assert_eq!(events, [text("part part "), text(LONG)]);
        }
    }
}

#[test]
fn compressed_text_is_checked_before_it_is_compressed() {
    for side in BOTH {
        let mut endpoint = endpoint(side, agreed(15, true), &Engines::Owned);
        let mut wire = Vec::new();
        let mut send = |endpoint: &mut Endpoint, ends, octets: &[u8]| {
            endpoint.send_compressed_fragment(part(MessageKind::Text, ends, octets), &mut wire)
        };
        assert!(matches!(send(&mut endpoint, ONLY, b"a\xff"), Err(SendError::InvalidUtf8(_))));
        assert!(matches!(send(&mut endpoint, ONLY, b"a\xc3"), Err(SendError::InvalidUtf8(_))));
        send(&mut endpoint, FIRST, b"caf\xc3").unwrap();
        assert!(matches!(send(&mut endpoint, MIDDLE, b"\x28"), Err(SendError::InvalidUtf8(_))));
        send(&mut endpoint, MIDDLE, b"\xa9").unwrap();
        send(&mut endpoint, LAST, b"").unwrap();
        assert_eq!(heard(side, agreed(15, true), &wire).events, [text("caf\u{e9}")]);
    }
}

#[test]
fn nothing_compressed_follows_a_close() {
    for side in BOTH {
        let mut endpoint = endpoint(side, agreed(15, true), &Engines::Owned);
        endpoint.close_with(1000, "").unwrap();
        let mut wire = Vec::new();
        let refused = endpoint.send_compressed(Message::Text(LONG), &mut wire);
        assert_eq!(refused, Err(SendError::Closed));
        for ends in [FIRST, MIDDLE, LAST, ONLY] {
            let fragment = part(MessageKind::Text, ends, b"a");
            let refused = endpoint.send_compressed_fragment(fragment, &mut wire);
            assert_eq!(refused, Err(SendError::Closed));
        }
        assert!(wire.is_empty());
    }
}

/// A peer's data frames may still come once a Close was sent (section 5.5.1).
#[test]
fn a_compressed_message_is_received_while_the_connection_closes() {
    for side in BOTH {
        let mut endpoint = endpoint(side, agreed(15, true), &Engines::Owned);
        endpoint.close_with(1000, "").unwrap();
        let bytes = side.frames(&[(0xc1, HELLO), (0xc1, AGAIN), (0x88, b"\x03\xe8")]);
        let outcome = run(&mut endpoint, &[&bytes]);
        assert_eq!(outcome.events[..2], [text("Hello"), text("Hello")]);
        assert_eq!(endpoint.after().0, Some(endpoint.state()));
    }
}

/// The keys of a client mask what was compressed.
#[test]
fn an_encoder_alone_compresses_for_a_decoder_alone() {
    let deflater =
        |engines: &Engines| Deflater::new(context(9, true), compression(1), engines).unwrap();
    for engines in engines() {
        let mut client = Encoder::client(Counting::default()).with_deflater(deflater(&engines));
        let mut server = Encoder::server().with_deflater(deflater(&engines));
        let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
        for _ in 0..3 {
            client.encode_compressed(Message::Text(LONG), &mut to_server).unwrap();
            server.encode_compressed(Message::Text(LONG), &mut to_client).unwrap();
        }
        assert_eq!(Side::Client.wrote(&to_server), Side::Server.wrote(&to_client));
        for (side, wire) in [(Side::Server, to_server), (Side::Client, to_client)] {
            assert!(wire.len() < LONG.len(), "three times: {}", wire.len());
            let mut decoder = decoder(side, Limits::default(), Delivery::Messages, &engines);
            assert_eq!(run(&mut decoder, &[&wire]).events, [text(LONG), text(LONG), text(LONG)]);
        }
    }
}
