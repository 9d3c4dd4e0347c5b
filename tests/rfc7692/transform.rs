//! permessage-deflate, the transform: what is compressed can be inflated, by a peer that takes
//! RFC 1951 and RFC 7692 by their letters.
#![cfg(feature = "deflate")]

use super::messages::{Numbers, mixed, transcript};
use super::strict::{Refused, Strict};
use patchcord::deflate::{
    Agreed, Compression, Context, Deflater, Engines, InflateError, InflateLimits, Inflater, Level,
    Pool, WindowBits,
};

fn context(bits: u8, takeover: bool) -> Context {
    Context { window: WindowBits::new(bits).unwrap(), takeover }
}

fn compression(level: u8) -> Compression {
    Compression { level: Level::new(level).unwrap(), ..Compression::default() }
}

fn deflater(context: Context, level: u8, engines: &Engines) -> Deflater {
    Deflater::new(context, compression(level), engines).unwrap()
}

fn inflater(context: Context, engines: &Engines) -> Inflater {
    Inflater::new(context, InflateLimits::default(), engines)
}

fn deflated(deflater: &mut Deflater, message: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    deflater.finish(message, &mut data);
    data
}

fn inflated(inflater: &mut Inflater, data: &[u8]) -> Result<Vec<u8>, InflateError> {
    let mut message = Vec::new();
    inflater.inflate(data, &mut message)?;
    inflater.finish()?;
    Ok(message)
}

/// Each way to come by an engine. The second pool is too small for anything to stay in it.
fn engines() -> [Engines; 3] {
    [Engines::Owned, Engines::Pooled(Pool::default()), Engines::Pooled(Pool::new(0))]
}

#[test]
fn every_window_level_and_source_of_engines_round_trips_and_never_reaches_beyond_its_window() {
    for bits in 9..=15 {
        for takeover in [false, true] {
            for level in [1, 3, 6, 9] {
                for engines in engines() {
                    let context = context(bits, takeover);
                    let mut deflater = deflater(context, level, &engines);
                    let mut inflater = inflater(context, &engines);
                    let mut strict = Strict::new(bits, takeover);
                    for message in mixed(&mut Numbers(7), 1 << bits) {
                        let data = deflated(&mut deflater, &message);
                        let case = format!("{context:?}, level {level}, {engines:?}");
                        assert_eq!(strict.message(&data).as_ref(), Ok(&message), "{case}");
                        assert_eq!(inflated(&mut inflater, &data).as_ref(), Ok(&message), "{case}");
                    }
                    assert!(strict.farthest > 100, "the window is used: {}", strict.farthest);
                }
            }
        }
    }
}

#[test]
fn the_strict_inflater_refuses_what_is_one_octet_beyond_the_window() {
    for (bits, reach) in [(8, false), (9, true)] {
        let mut strict = Strict::new(bits, true);
        strict.message(&stored(300)).unwrap();
        let refused = Err(Refused::TooFar(257));
        let expected = if reach { Ok(vec![43, 44, 45]) } else { refused };
        assert_eq!(strict.message(&length_3("10000 0000000")), expected);
    }
}

#[test]
fn a_window_of_256_bytes_is_inflated_and_never_compressed_with() {
    assert!(Deflater::new(context(8, true), Compression::default(), &Engines::Owned).is_none());
    let agreed = Agreed { own: context(8, true), peer: context(8, true) };
    for engines in engines() {
        assert!(agreed.deflater(Compression::default(), &engines).is_none());
        let mut inflater = agreed.inflater(InflateLimits::default(), &engines);
        // A peer with such a window repeats what is 256 octets back.
        let first: Vec<u8> = (0..=255).collect();
        assert_eq!(inflated(&mut inflater, &stored(256)), Ok(first));
        let far = length_3("01111 111111");
        assert_eq!(Strict::new(8, true).message(&far), Err(Refused::TooFar(256)), "nothing there");
        assert_eq!(inflated(&mut inflater, &far), Ok(vec![0, 1, 2]));
    }
}

/// The numbers from 0 on, in a block without compression, flushed.
fn stored(length: u16) -> Vec<u8> {
    let mut data = vec![0x00];
    data.extend(length.to_le_bytes());
    data.extend((!length).to_le_bytes());
    data.extend((0..length).map(|i| i as u8));
    data.push(0x00);
    data
}

/// A fixed block with one match of 3 octets, flushed: its header is 0 10, the length is 0000001,
/// then comes the distance, the end is 0000000, and an empty stored block begins.
fn length_3(distance: &str) -> Vec<u8> {
    let bits = format!("0 10  0000001  {distance}  0000000  0 00");
    let bits: Vec<bool> = bits.chars().filter(|c| *c != ' ').map(|c| c == '1').collect();
    let byte = |bits: &[bool]| bits.iter().rev().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
    bits.chunks(8).map(byte).collect()
}

#[test]
fn the_examples_of_section_7_2_3_are_inflated() {
    for engines in engines() {
        let mut inflater = inflater(Context::default(), &engines);
        for (data, message) in [
            (&b"\xf2\x48\xcd\xc9\xc9\x07\x00"[..], "Hello"), // 7.2.3.1
            (b"\xf2\x00\x11\x00\x00", "Hello"),              // 7.2.3.2: the window is shared
            (b"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", "Hello"), // 7.2.3.3: stored
            (b"\xf3\x48\xcd\xc9\xc9\x07\x00\x00", "Hello"),  // 7.2.3.4: BFINAL
            (b"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", "Hello"), // 7.2.3.5
            (b"\x00", ""),                                   // 7.2.3.6
        ] {
            assert_eq!(inflated(&mut inflater, data).as_deref(), Ok(message.as_bytes()));
            let mut strict = Strict::new(15, true);
            strict.message(b"\xf2\x48\xcd\xc9\xc9\x07\x00").unwrap();
            assert_eq!(strict.message(data).as_deref(), Ok(message.as_bytes()));
        }
    }
}

#[test]
fn the_examples_of_section_7_2_3_are_written() {
    // Level 1, and an engine that is told the window, find a shorter second one than 7.2.3.2.
    for engines in &engines()[..2] {
        let mut taking = deflater(context(15, true), 6, engines);
        assert_eq!(deflated(&mut taking, b"Hello"), b"\xf2\x48\xcd\xc9\xc9\x07\x00"); // 7.2.3.1
        assert_eq!(deflated(&mut taking, b"Hello"), b"\xf2\x00\x11\x00\x00"); // 7.2.3.2
        assert_eq!(deflated(&mut taking, b""), b"\x00"); // 7.2.3.6
        let mut fresh = deflater(context(15, false), 1, engines);
        for _ in 0..3 {
            assert_eq!(deflated(&mut fresh, b"Hello"), b"\xf2\x48\xcd\xc9\xc9\x07\x00");
        }
    }
}

#[test]
fn data_gives_the_same_message_at_every_split() {
    let mut numbers = Numbers(3);
    let messages =
        [b"Hello".to_vec(), transcript(&mut numbers, 600), b"".to_vec(), numbers.octets(80)];
    for engines in engines() {
        let context = context(11, true);
        let mut deflater = deflater(context, 6, &engines);
        let all: Vec<_> = messages.iter().map(|m| deflated(&mut deflater, m)).collect();
        for at in 0..all.iter().map(Vec::len).max().unwrap() {
            let mut inflater = inflater(context, &engines);
            for (data, message) in all.iter().zip(&messages) {
                let mut out = Vec::new();
                let (one, two) = data.split_at(at.min(data.len()));
                for part in [one, two] {
                    inflater.inflate(part, &mut out).unwrap();
                }
                inflater.finish().unwrap();
                assert_eq!(&out, message, "split at {at}");
            }
        }
        let mut inflater = inflater(context, &engines);
        for (data, message) in all.iter().zip(&messages) {
            let mut out = Vec::new();
            data.iter().for_each(|octet| inflater.inflate(&[*octet], &mut out).unwrap());
            inflater.finish().unwrap();
            assert_eq!(&out, message, "octet by octet");
        }
    }
}

#[test]
fn a_message_compressed_in_parts_can_be_inflated_as_they_arrive() {
    let message = transcript(&mut Numbers(5), 3000);
    for engines in engines() {
        for takeover in [false, true] {
            for size in [1, 7, 100, 1000, 2999, 4000] {
                let context = context(10, takeover);
                let mut deflater = deflater(context, 1, &engines);
                let mut inflater = inflater(context, &engines);
                let mut strict = Strict::new(10, takeover);
                for round in 0..3 {
                    let (mut all, mut out) = (Vec::new(), Vec::new());
                    deflater.deflate(b"", &mut all);
                    assert!(all.is_empty(), "an empty first fragment");
                    for (i, part) in message.chunks(size).enumerate() {
                        let mut data = Vec::new();
                        deflater.deflate(part, &mut data);
                        deflater.deflate(b"", &mut data); // an empty fragment in between
                        inflater.inflate(&data, &mut out).unwrap();
                        assert_eq!(out.len(), message.len().min((i + 1) * size), "held back");
                        all.extend(data);
                    }
                    let mut data = Vec::new();
                    deflater.finish(b"", &mut data);
                    assert_eq!(data, [0x00], "section 7.2.3.6");
                    inflater.inflate(&data, &mut out).unwrap();
                    inflater.finish().unwrap();
                    all.extend(data);
                    assert_eq!(out, message, "round {round}");
                    assert_eq!(strict.message(&all).as_ref(), Ok(&message));
                }
            }
        }
    }
}

/// A peer cannot tell whether engines are shared: each connection's stream stands by itself.
#[test]
fn a_hundred_connections_on_one_pool_are_inflated_by_ordinary_peers() {
    for takeover in [false, true] {
        let engines = Engines::Pooled(Pool::new(3));
        let mut numbers = Numbers(11);
        let mut connections: Vec<_> = (0..100)
            .map(|i| {
                let context = context(9 + i % 7, takeover);
                let level = [1, 6][usize::from(i) % 2];
                let live = inflater(context, &Engines::Owned);
                (
                    deflater(context, level, &engines),
                    inflater(context, &engines),
                    live,
                    Strict::new(9 + i % 7, takeover),
                )
            })
            .collect();
        for _ in 0..1000 {
            let at = numbers.below(connections.len());
            let length = numbers.below(2500);
            let message = transcript(&mut numbers, length);
            let (deflater, pooled, live, strict) = &mut connections[at];
            let data = deflated(deflater, &message);
            assert_eq!(strict.message(&data).as_ref(), Ok(&message));
            assert_eq!(inflated(pooled, &data).as_ref(), Ok(&message));
            assert_eq!(inflated(live, &data).as_ref(), Ok(&message));
        }
    }
}

/// Messages that are open at the same time each have an engine, however few are kept.
#[test]
fn open_messages_of_several_connections_do_not_mix() {
    let engines = Engines::Pooled(Pool::new(1));
    let context = context(12, true);
    let mut numbers = Numbers(13);
    let messages: Vec<_> = (0..5).map(|_| transcript(&mut numbers, 1500)).collect();
    let mut deflaters: Vec<_> = messages.iter().map(|_| deflater(context, 1, &engines)).collect();
    let mut inflaters: Vec<_> = messages.iter().map(|_| inflater(context, &engines)).collect();
    for _ in 0..3 {
        let mut outs = vec![Vec::new(); messages.len()];
        for at in 0..10 {
            for (i, message) in messages.iter().enumerate() {
                let part = &message[message.len() * at / 10..message.len() * (at + 1) / 10];
                let mut data = Vec::new();
                match at {
                    9 => deflaters[i].finish(part, &mut data),
                    _ => deflaters[i].deflate(part, &mut data),
                }
                inflaters[i].inflate(&data, &mut outs[i]).unwrap();
            }
        }
        inflaters.iter_mut().for_each(|inflater| inflater.finish().unwrap());
        assert_eq!(outs, messages);
    }
}

/// Live, pooled, and pooled with nobody else there have to say the same.
#[test]
fn context_takeover_makes_the_second_message_short_and_its_absence_does_not() {
    let message = Numbers(17).octets(600);
    for engines in engines() {
        let mut taking = deflater(context(11, true), 1, &engines);
        let first = deflated(&mut taking, &message).len();
        let second = deflated(&mut taking, &message).len();
        assert!(first > 600 && second < 30, "{first} and {second}");
        let mut fresh = deflater(context(11, false), 1, &engines);
        let first = deflated(&mut fresh, &message);
        assert_eq!(deflated(&mut fresh, &message), first);
        // In a window of 512 bytes it is too far back already.
        let mut small = deflater(context(9, true), 1, &engines);
        deflated(&mut small, &message);
        assert!(deflated(&mut small, &message).len() > 600);
    }
}

/// An engine that goes on knows other strings of its window than one that was told the window: so
/// bytes say whose engine was lent.
#[test]
fn a_pool_lends_the_engine_that_was_idle_for_longest() {
    let mut numbers = Numbers(7);
    let [first, second] = [(); 2].map(|()| transcript(&mut numbers, 2000));
    let after = |engines: &Engines| {
        let mut deflater = deflater(context(15, true), 1, engines);
        deflated(&mut deflater, &first);
        deflated(&mut deflater, &second)
    };
    let (own, told) = (after(&Engines::Owned), after(&Engines::Pooled(Pool::new(0))));
    assert_ne!(own, told);
    let engines = Engines::Pooled(Pool::new(3));
    let mut all: Vec<_> = (0..4).map(|_| deflater(context(15, true), 1, &engines)).collect();
    // Three messages at the same time make three engines, which come back in this order.
    all[..3].iter_mut().for_each(|deflater| deflater.deflate(&first, &mut Vec::new()));
    for at in [1, 0, 2] {
        assert_eq!(deflated(&mut all[at], b""), b"\x00");
    }
    deflated(&mut all[3], &first); // a stranger
    assert_eq!(deflated(&mut all[0], &second), own, "still there");
    assert_eq!(deflated(&mut all[2], &second), own, "still there");
    assert_eq!(deflated(&mut all[1], &second), told, "lent to the stranger");
}

#[test]
fn engines_of_a_pool_work_on_many_threads() {
    fn moves<T: Send + Sync>() {}
    moves::<(Deflater, Inflater, Pool)>();
    let engines = Engines::Pooled(Pool::new(2));
    std::thread::scope(|scope| {
        for seed in 1..=4 {
            let engines = engines.clone();
            scope.spawn(move || {
                let context = context(11, true);
                let mut deflater = deflater(context, 1, &engines);
                let mut inflater = inflater(context, &engines);
                let mut numbers = Numbers(seed);
                for _ in 0..300 {
                    let message = transcript(&mut numbers, 800);
                    let data = deflated(&mut deflater, &message);
                    assert_eq!(inflated(&mut inflater, &data), Ok(message));
                }
            });
        }
    });
}
