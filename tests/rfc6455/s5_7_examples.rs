//! RFC 6455 section 5.7: its examples, read and written.

use crate::common::{Side, binary, decode, octets, ping, pong, text};
use patchcord::{Encoder, Fragment, Message, MessageKind};

fn part(kind: MessageKind, ends: (bool, bool), payload: &[u8]) -> Fragment<&[u8]> {
    Fragment { kind, first: ends.0, last: ends.1, payload }
}

const FIRST: (bool, bool) = (true, false);
const LAST: (bool, bool) = (false, true);

#[test]
fn the_examples_of_section_5_7_decode() {
    let events = |side, bytes: &[u8]| decode(side, bytes).events;
    assert_eq!(events(Side::Client, b"\x81\x05Hello"), [text("Hello")]);
    let masked = b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    assert_eq!(events(Side::Server, masked), [text("Hello")]);
    assert_eq!(events(Side::Client, b"\x01\x03Hel\x80\x02lo"), [text("Hello")]);
    assert_eq!(events(Side::Client, b"\x89\x05Hello"), [ping(b"Hello")]);
    let masked = b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    assert_eq!(events(Side::Server, masked), [pong(b"Hello")]);
    let sixteen = [&b"\x82\x7e\x01\x00"[..], &octets(256)].concat();
    assert_eq!(events(Side::Client, &sixteen), [binary(&octets(256))]);
    let sixty_four = [&b"\x82\x7f\0\0\0\0\0\x01\0\0"[..], &octets(65536)].concat();
    assert_eq!(events(Side::Client, &sixty_four), [binary(&octets(65536))]);
}

#[test]
fn the_examples_of_section_5_7_encode() {
    let mut key = |bytes: &mut [u8]| bytes.copy_from_slice(&[0x37, 0xfa, 0x21, 0x3d]);
    let mut masked = Vec::new();
    Encoder::client(&mut key).encode(Message::Text("Hello"), &mut masked).unwrap();
    assert_eq!(masked, b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
    let mut server = Encoder::server();
    let mut out = Vec::new();
    server.encode_fragment(part(MessageKind::Text, FIRST, b"Hel"), &mut out).unwrap();
    server.encode_fragment(part(MessageKind::Text, LAST, b"lo"), &mut out).unwrap();
    server.encode_ping(b"Hello", &mut out).unwrap();
    assert_eq!(out, b"\x01\x03Hel\x80\x02lo\x89\x05Hello");
}
