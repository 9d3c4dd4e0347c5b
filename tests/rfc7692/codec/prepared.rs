//! One message for many: compressed once, and sent so where every context stands alone.

use super::*;
use crate::common::{binary, run, text};
use crate::rfc7692::messages::{Numbers, transcript};
use crate::rfc7692::strict::Strict;
use bytes::{Buf, Bytes};
use patchcord::{Connection, Message, Prepared, SendBuffer, SendError};

fn window(bits: u8) -> WindowBits {
    WindowBits::new(bits).unwrap()
}

fn server(context: Context, engines: &Engines) -> Connection<patchcord::Server> {
    let agreed = Agreed { own: context, peer: context };
    Connection::server(Config::default()).with_deflate(agreed, compression(1), engines)
}

/// The frame that a prepared message is on this connection.
fn send(server: &mut Connection<patchcord::Server>, prepared: &Prepared) -> Bytes {
    let mut out = SendBuffer::new();
    server.send_prepared(prepared, &mut out).unwrap();
    out.copy_to_bytes(out.remaining())
}

fn client(context: Context) -> Endpoint {
    endpoint(Side::Client, Agreed { own: context, peer: context }, &Engines::Owned)
}

fn transcripts() -> String {
    String::from_utf8(transcript(&mut Numbers(67), 5000)).unwrap()
}

#[test]
fn a_prepared_message_goes_compressed_without_takeover_and_within_the_window_and_else_plain() {
    let message = transcripts();
    let plain =
        [&[0x81, 126][..], &(message.len() as u16).to_be_bytes(), message.as_bytes()].concat();
    for bits in 9..=15 {
        let prepared = Prepared::compressed(Message::Text(&message), Level::SMALLEST, window(bits));
        let mut same = None;
        for agreed in 8..=15 {
            for takeover in [true, false] {
                for engines in engines() {
                    let context = context(agreed, takeover);
                    let mut server = server(context, &engines);
                    let frame = send(&mut server, &prepared);
                    let is_compressed = !takeover && bits <= agreed;
                    assert_eq!(frame[0] == 0xc1, is_compressed, "{bits} for {agreed}, {takeover}");
                    match is_compressed {
                        true => assert_eq!(*same.get_or_insert(frame.clone()), frame),
                        false => assert_eq!(frame, plain),
                    }
                    let heard = run(&mut client(context), &[&frame]);
                    assert_eq!((heard.error, heard.events), (None, vec![text(&message)]));
                }
            }
        }
        let frames = Side::Server.wrote(&same.unwrap());
        assert!(frames[0].1.len() < message.len() / 2);
        let mut strict = Strict::new(bits, false);
        assert_eq!(strict.message(&frames[0].1).as_deref(), Ok(message.as_bytes()), "{bits}");
    }
}

#[test]
fn all_connections_share_the_bytes_of_either_form() {
    let message = transcripts();
    let prepared = Prepared::compressed(Message::Text(&message), Level::FASTEST, window(11));
    for takeover in [true, false] {
        let mut servers = [(); 3].map(|()| server(context(11, takeover), &Engines::Owned));
        let outs = servers.each_mut().map(|server| {
            let mut out = SendBuffer::new();
            server.send_prepared(&prepared, &mut out).unwrap();
            out
        });
        let [first, ..] = outs.each_ref().map(|out| out.chunk().as_ptr_range());
        assert!(outs.iter().all(|out| out.chunk().as_ptr_range() == first));
        assert_eq!(outs[0].chunk()[0] == 0xc1, !takeover);
    }
}

/// Neither end's context is disturbed: what comes before and behind is inflated.
#[test]
fn a_prepared_message_stands_between_others() {
    let message = transcripts();
    for bits in [9, 11] {
        let prepared = Prepared::compressed(Message::Text(&message), Level::FASTEST, window(bits));
        for takeover in [true, false] {
            for engines in engines() {
                let context = context(10, takeover);
                let (mut server, mut client) = (server(context, &engines), client(context));
                let mut out = SendBuffer::new();
                for _ in 0..3 {
                    server.send_compressed(Message::Text(&message), &mut out).unwrap();
                    server.send_prepared(&prepared, &mut out).unwrap();
                    server.send(Message::Text(&message), &mut out).unwrap();
                }
                let heard = run(&mut client, &[&out.copy_to_bytes(out.remaining())]);
                assert_eq!((heard.error, heard.events), (None, vec![text(&message); 9]));
            }
        }
    }
}

#[test]
fn a_prepared_message_of_any_length_is_received() {
    let noise = Numbers(71).octets(70_000);
    for length in [0, 1, 5, 100, 125, 126, 1000, 65_535, 65_536, 70_000] {
        for message in [&noise[..length], &vec![b'a'; length]] {
            let prepared =
                Prepared::compressed(Message::Binary(message), Level::SMALLEST, window(15));
            let context = context(15, false);
            let frame = send(&mut server(context, &Engines::Owned), &prepared);
            assert!(frame.len() <= length + 10, "what does not compress goes plain: {length}");
            let heard = run(&mut client(context), &[&frame]);
            assert_eq!((heard.error, heard.events), (None, vec![binary(message)]));
        }
    }
}

#[test]
fn a_prepared_message_goes_plain_where_nothing_was_agreed_on_or_for_no_window() {
    let message = transcripts();
    let prepared = Prepared::compressed(Message::Text(&message), Level::FASTEST, window(9));
    let frame = send(&mut Connection::server(Config::default()), &prepared);
    assert_eq!(frame[0], 0x81);
    let prepared = Prepared::compressed(Message::Text(&message), Level::FASTEST, window(8));
    let frame = send(&mut server(context(15, false), &Engines::Owned), &prepared);
    assert_eq!(frame[0], 0x81, "no engine compresses with 256 bytes");
    let prepared = Prepared::new(Message::Text(&message));
    let frame = send(&mut server(context(15, false), &Engines::Owned), &prepared);
    assert_eq!(frame[0], 0x81, "it was not prepared for that");
}

#[test]
fn a_prepared_message_keeps_the_order_of_fragments() {
    let prepared = Prepared::compressed(Message::Text("a"), Level::FASTEST, window(9));
    let mut server = server(context(15, false), &Engines::Owned);
    let mut out = SendBuffer::new();
    server.send_compressed_fragment(part(MessageKind::Text, FIRST, b"a"), &mut out).unwrap();
    let before = out.remaining();
    let refused = Err(SendError::FragmentOrder);
    assert_eq!(server.send_prepared(&prepared, &mut out), refused);
    assert_eq!(out.remaining(), before);
    server.send_compressed_fragment(part(MessageKind::Text, LAST, b"b"), &mut out).unwrap();
    server.send_prepared(&prepared, &mut out).unwrap();
    let wire = out.copy_to_bytes(out.remaining());
    let heard = run(&mut client(context(15, false)), &[&wire]);
    assert_eq!((heard.error, heard.events), (None, vec![text("ab"), text("a")]));
    server.close(None, &mut out).unwrap();
    assert_eq!(server.send_prepared(&prepared, &mut out), Err(SendError::Closed));
    assert_eq!(out.chunk(), b"\x88\x00");
}
