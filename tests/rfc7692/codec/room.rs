//! The room that a verb asks for before it compresses: enough for whatever is sent, so that
//! nothing that the peer's window has to see is ever lost.

use super::*;
use crate::common::{BOTH, Counting, binary, run};
use crate::rfc7692::messages::{Numbers, transcript};
use patchcord::{Encoder, Message, Role, SendError, Server};

/// The largest header, and what documentation and code promise for the data.
fn promised(length: usize) -> usize {
    14 + length + length / 8 + 64
}

/// PayloadBytes that have the longest codes of a fixed block, and repeat nothing.
fn costly(numbers: &mut Numbers, length: usize) -> Vec<u8> {
    (0..length).map(|_| 144 + (numbers.next() >> 20) as u8 % 112).collect()
}

fn sorts(numbers: &mut Numbers, length: usize) -> [Vec<u8>; 4] {
    [costly(numbers, length), numbers.octets(length), vec![0xff; length], vec![0; length]]
}

fn encoder(agreed: Agreed, compression: Compression, engines: &Engines) -> Encoder<Server> {
    let deflater = Deflater::new(agreed.own, compression, engines).unwrap();
    Encoder::server().with_deflater(deflater)
}

/// Sends a message into exactly the room that is asked for; with a byte less it is refused, and
/// that changes nothing.
fn send_tightly(
    encoder: &mut Encoder<Server>,
    room: &mut [u8],
    send: impl Fn(&mut Encoder<Server>, &mut &mut [u8]) -> Result<(), SendError>,
) -> usize {
    let (needed, mut too_small) = (room.len(), &mut room[1..]);
    let refused = send(encoder, &mut too_small);
    assert_eq!(refused, Err(SendError::BufferTooSmall { needed }));
    assert_eq!(too_small.len(), needed - 1, "nothing was written");
    let mut out = &mut room[..];
    send(encoder, &mut out).unwrap();
    needed - out.len()
}

fn assert_fits(agreed: Agreed, level: u8, engines: &Engines, lengths: impl Iterator<Item = usize>) {
    let open = |side| Endpoint::new(side, Config::default());
    let compression = compression(level);
    let mut server = encoder(agreed, compression, engines);
    let mut client = open(Side::Client).with_deflate(agreed, compression, engines);
    let mut numbers = Numbers(43);
    for length in lengths {
        for message in sorts(&mut numbers, length) {
            let mut room = vec![0; promised(length)];
            let written = send_tightly(&mut server, &mut room, |server, out| {
                server.encode_compressed(Message::Binary(&message), out)
            });
            let heard = run(&mut client, &[&room[..written]]);
            assert_eq!((heard.error, heard.events), (None, vec![binary(&message)]), "{length}");
        }
    }
}

#[test]
fn every_short_message_fits_the_room_that_is_asked_for() {
    for level in [1, 6, 9] {
        for engines in &engines()[..2] {
            assert_fits(agreed(11, true), level, engines, 0..=2000);
        }
    }
}

#[test]
fn messages_around_every_size_of_a_block_fit_the_room_that_is_asked_for() {
    let lengths = [4095, 8191, 16_383, 16_384, 16_385, 65_535];
    for level in 1..=9 {
        let engines = &engines()[usize::from(level) % 2];
        for (bits, takeover) in [(9, true), (15, false)] {
            assert_fits(agreed(bits, takeover), level, engines, lengths.into_iter());
        }
    }
}

#[test]
fn a_long_message_of_the_most_costly_octets_fits() {
    for level in [1, 2, 6] {
        let message = costly(&mut Numbers(47), 1_000_000);
        let mut deflater =
            Deflater::new(context(9, true), compression(level), &Engines::Owned).unwrap();
        let mut data = Vec::new();
        deflater.finish(&message, &mut data);
        let most = promised(message.len()) - 14;
        assert!(data.len() <= most, "level {level}: {} of {most}", data.len());
    }
}

#[test]
fn fragments_fit_the_room_that_is_asked_for() {
    let mut numbers = Numbers(53);
    for level in [1, 6, 9] {
        for engines in engines() {
            let agreed = agreed(10, true);
            let open = |side| Endpoint::new(side, Config::default());
            let mut server = encoder(agreed, compression(level), &engines);
            let mut client = open(Side::Client).with_deflate(agreed, compression(level), &engines);
            for length in (0..300).chain([1000, 5000, 40_000]) {
                let parts = sorts(&mut numbers, length);
                let mut wire = Vec::new();
                for (i, payload) in parts.iter().enumerate() {
                    let ends = (i == 0, i + 1 == parts.len());
                    let mut room = vec![0; promised(length)];
                    let written = send_tightly(&mut server, &mut room, |server, out| {
                        server.encode_compressed_fragment(
                            part(MessageKind::Binary, ends, payload),
                            out,
                        )
                    });
                    wire.extend_from_slice(&room[..written]);
                }
                let heard = run(&mut client, &[&wire]);
                assert_eq!((heard.error, heard.events), (None, vec![binary(&parts.concat())]));
            }
        }
    }
}

/// What follows refers to what was sent, and to nothing that was refused for want of room.
fn assert_no_room_changes_nothing<R: Role>(side: Side, sender: Encoder<R>, engines: &Engines) {
    let mut numbers = Numbers(59);
    let [one, two] = [(); 2].map(|()| transcript(&mut numbers, 1500));
    let agreed = agreed(15, true);
    let compression = Compression { threshold: 0, ..Compression::default() };
    let deflater = Deflater::new(agreed.own, compression, engines).unwrap();
    let mut sender = sender.with_deflater(deflater);
    let mut receiver = endpoint(side.peer(), agreed, engines);
    let mut wire = Vec::new();
    sender.encode_compressed(Message::Binary(&one), &mut wire).unwrap();
    for room in [0, 13, 14, 1500, promised(two.len()) - 1] {
        let mut small = vec![0; room];
        let refused = sender.encode_compressed(Message::Binary(&two), &mut &mut small[..]);
        let needed = promised(two.len());
        assert_eq!(refused, Err(SendError::BufferTooSmall { needed }));
        let fragment = part(MessageKind::Binary, FIRST, &two);
        let refused = sender.encode_compressed_fragment(fragment, &mut &mut small[..]);
        assert_eq!(refused, Err(SendError::BufferTooSmall { needed }));
        assert!(small.iter().all(|byte| *byte == 0), "nothing was written");
    }
    sender.encode_compressed(Message::Binary(&two), &mut wire).unwrap();
    sender.encode_compressed(Message::Binary(&two), &mut wire).unwrap();
    let heard = run(&mut receiver, &[&wire]);
    assert_eq!(heard.error, None);
    assert_eq!(heard.events, [binary(&one), binary(&two), binary(&two)]);
    let frames = side.wrote(&wire);
    assert!(frames[2].1.len() < frames[1].1.len() / 4, "the window is used");
}

#[test]
fn a_message_that_found_no_room_is_not_in_the_window() {
    for engines in engines() {
        assert_no_room_changes_nothing(Side::Server, Encoder::server(), &engines);
        let client = Encoder::client(Counting::default());
        assert_no_room_changes_nothing(Side::Client, client, &engines);
    }
}

/// Without takeover nothing refers to a message, so one that grew is sent as it was.
#[test]
fn what_does_not_compress_goes_plain_where_nothing_is_taken_over() {
    let noise = Numbers(61).octets(1000);
    for side in BOTH {
        for engines in engines() {
            for (takeover, first) in [(false, 0x82), (true, 0xc2)] {
                let mut sender = endpoint(side, agreed(15, takeover), &engines);
                let mut receiver = endpoint(side.peer(), agreed(15, takeover), &engines);
                let mut wire = Vec::new();
                let words = b"again and again and again and again";
                for message in [&noise[..], words, &noise, words] {
                    sender.send_compressed(Message::Binary(message), &mut wire).unwrap();
                }
                let frames = side.wrote(&wire);
                assert_eq!(frames.iter().map(|f| f.0).collect::<Vec<_>>()[..2], [first, 0xc2]);
                assert_eq!(frames[0].1 == noise, !takeover);
                assert_eq!(frames[2].0, first);
                let heard = run(&mut receiver, &[&wire]);
                let [noise, words] = [&noise[..], words].map(binary);
                assert_eq!(heard.error, None);
                assert_eq!(heard.events, [noise.clone(), words.clone(), noise, words]);
            }
        }
    }
}
