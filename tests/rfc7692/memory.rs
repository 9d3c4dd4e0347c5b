//! What permessage-deflate keeps for a connection that is idle, counted by the allocator.
#![cfg(feature = "deflate")]

use super::blocks::Bits;
use super::messages::{Numbers, transcript};
use allocation_counter::measure;
use patchcord::deflate::{
    Agreed, Compression, Context, Deflater, Engines, InflateLimits, Inflater, Level, Pool,
    WindowBits,
};
use patchcord::handshake::extension::Extensions;
use patchcord::handshake::extension::deflate::Policy;

/// Both directions of a connection, as one is held: in one allocation.
type Directions = Box<(Deflater, Inflater)>;

fn open(bits: u8, takeover: bool, engines: &Engines) -> Directions {
    let context = Context { window: WindowBits::new(bits).unwrap(), takeover };
    open_as(Agreed { own: context, peer: context }, engines)
}

fn open_as(agreed: Agreed, engines: &Engines) -> Directions {
    let deflater = agreed.deflater(Compression::default(), engines).unwrap();
    Box::new((deflater, agreed.inflater(InflateLimits::default(), engines)))
}

/// Sends a message, and receives its like.
fn talk((deflater, inflater): &mut (Deflater, Inflater), message: &[u8]) {
    let (mut data, mut out) = (Vec::with_capacity(message.len()), Vec::new());
    deflater.finish(message, &mut data);
    inflater.inflate(&data, &mut out).unwrap();
    inflater.finish().unwrap();
    assert_eq!(out, message);
}

/// The bytes that each of so many connections holds after three messages each way.
fn held(connections: usize, bits: u8, takeover: bool, engines: &Engines) -> u64 {
    let mut numbers = Numbers(23);
    let messages: Vec<_> = (0..3).map(|_| transcript(&mut numbers, 3000)).collect();
    talk(&mut open(bits, takeover, engines), &messages[0]); // the pool has its engines
    let mut all: Vec<Directions> = Vec::with_capacity(connections);
    let held = measure(|| {
        for _ in 0..connections {
            let mut directions = open(bits, takeover, engines);
            messages.iter().for_each(|message| talk(&mut directions, message));
            all.push(directions);
        }
    });
    u64::try_from(held.bytes_current).unwrap() / connections as u64
}

#[test]
fn an_idle_pooled_connection_holds_less_than_5_kib_with_windows_of_2_kib() {
    let each = held(1000, 11, true, &Engines::Pooled(Pool::default()));
    assert!((4 * 1024 - 262..5 * 1024).contains(&each), "{each} bytes");
}

#[test]
fn an_idle_pooled_connection_holds_its_windows_and_nothing_else() {
    for bits in 9..=12 {
        let window = 1 << bits;
        let each = held(100, bits, true, &Engines::Pooled(Pool::default()));
        assert!((2 * window - 262..2 * window + 256).contains(&each), "{bits}: {each} bytes");
    }
    let each = held(100, 15, false, &Engines::Pooled(Pool::default()));
    assert!(each < 512, "without takeover: {each} bytes");
}

/// What a server by its default policy agrees on with a browser.
fn with_a_browser(policy: Policy) -> Agreed {
    let offers = Extensions::parse("permessage-deflate; client_max_window_bits").unwrap();
    policy.accept(&offers).unwrap().agreed()
}

/// What an idle end keeps of so many bytes that it said, and of as many that its peer did.
fn kept(policy: Policy, bytes: usize) -> (i64, i64) {
    let agreed = with_a_browser(policy);
    let peer = Agreed { own: agreed.peer, peer: agreed.own };
    let engines = Engines::Pooled(Pool::default());
    let said = &transcript(&mut Numbers(47), 2 * bytes)[..bytes];
    talk(&mut open_as(agreed, &engines), &transcript(&mut Numbers(3), 9000)); // the pool has its engines
    let (mut data, mut out) = (Vec::with_capacity(2 * bytes), Vec::with_capacity(bytes + 65_536));
    let mut directions = open_as(agreed, &engines);
    let own = measure(|| directions.0.finish(said, &mut data)).bytes_current;
    data.clear();
    open_as(peer, &Engines::Owned).0.finish(said, &mut data);
    let other = measure(|| directions.1.message(&data, &mut out).unwrap()).bytes_current;
    assert_eq!(out, said);
    (own, other)
}

#[test]
fn an_idle_pooled_connection_of_the_default_policy_holds_2_kib_and_the_last_32_kib_of_its_peer() {
    // An engine refers to 262 bytes less than its window has, and no more of it is kept.
    for (policy, bytes, held) in [
        (Policy::default(), 1000, (1000, 1000)),
        (Policy::default(), 8000, (2048 - 262, 8000)),
        (Policy::default(), 100_000, (2048 - 262, 32 * 1024)),
        (Policy::SMALL, 1000, (1000, 1000)),
        (Policy::SMALL, 8000, (2048 - 262, 2048)),
        (Policy::SMALL, 100_000, (2048 - 262, 2048)),
    ] {
        let own = kept(policy, bytes);
        assert_eq!(own, held, "{policy:?}, {bytes} bytes");
    }
}

/// What the pool is for.
#[test]
fn a_live_connection_holds_hundreds_of_kilobytes() {
    for (bits, least) in [(11, 250 * 1024), (15, 400 * 1024)] {
        let each = held(10, bits, true, &Engines::Owned);
        assert!((least..450 * 1024).contains(&each), "{bits}: {each} bytes");
    }
}

#[test]
fn a_connection_that_compressed_nothing_yet_has_neither_engine_nor_window() {
    for engines in [Engines::Owned, Engines::Pooled(Pool::default())] {
        let opened = measure(|| drop(open(15, true, &engines)));
        assert!(opened.bytes_max < 512, "{engines:?}: {} bytes", opened.bytes_max);
    }
}

#[test]
fn a_window_grows_with_what_was_sent_up_to_its_size() {
    let engines = Engines::Pooled(Pool::default());
    let mut directions = open(15, true, &engines);
    talk(&mut open(15, true, &engines), &Numbers(3).octets(1000)); // the pool has its engines
    let mut sent = 0;
    let mut numbers = Numbers(29);
    let mut kept = 0;
    for _ in 0..60 {
        let message = transcript(&mut numbers, 1000);
        let grown = measure(|| talk(&mut directions, &message));
        sent += message.len() as i64;
        kept += grown.bytes_current;
        let most = 2 * (2 * sent).min(32 * 1024);
        assert!(kept <= most, "{kept} bytes after {sent}");
    }
    assert_eq!(kept, 2 * 32 * 1024 - 262);
}

/// A block without compression.
fn stored(length: u16) -> Vec<u8> {
    let head = [&[0x00][..], &length.to_le_bytes(), &(!length).to_le_bytes()].concat();
    [&head[..], &vec![b'x'; length.into()]].concat()
}

#[test]
fn a_pool_keeps_as_many_engines_as_it_was_told_and_no_more() {
    for kept in [0, 1, 4, 16] {
        let engines = Engines::Pooled(Pool::new(kept));
        let mut inflaters: Vec<_> = (0..20).map(|_| open(11, true, &engines)).collect();
        let flood = measure(|| {
            // Twenty peers begin a message each, and then all end it.
            for (_, inflater) in inflaters.iter_mut().map(|directions| &mut **directions) {
                inflater.inflate(&stored(600), &mut Vec::new()).unwrap();
            }
            for (_, inflater) in inflaters.iter_mut().map(|directions| &mut **directions) {
                inflater.inflate(b"\x00", &mut Vec::new()).unwrap();
                inflater.finish().unwrap();
            }
        });
        assert!(flood.bytes_max > 20 * 40 * 1024, "each has an engine while it is open");
        let rest = flood.bytes_current - 20 * 600; // the windows
        let (least, most) = (kept as i64 * 46 * 1024, kept as i64 * 50 * 1024);
        assert!((least..most + 20 * 100 + 1024).contains(&rest), "{kept}: {rest} bytes");
    }
}

/// Data of each kind of block, each of which goes on: stored, fixed, and with codes of its own.
fn beginnings() -> [Vec<u8>; 3] {
    let text = transcript(&mut Numbers(43), 9000);
    let compression = Compression { level: Level::SMALLEST, ..Compression::default() };
    let mut deflater = Deflater::new(Context::default(), compression, &Engines::Owned).unwrap();
    let mut dynamic = Vec::new();
    deflater.finish(&text, &mut dynamic);
    assert_eq!(dynamic[0] & 0x06, 0x04, "a block with codes of its own");
    let mut fixed = Bits::default();
    fixed.put(0b010, 3);
    (0..2000).for_each(|i| fixed.code(0x30 + i % 100, 8)); // literals
    [stored(2000), fixed.octets, dynamic]
}

#[test]
fn an_open_message_costs_four_times_what_came_and_4_kib_until_512_bytes_came_or_1_kib_came_out() {
    for data in beginnings() {
        for engines in [Engines::Owned, Engines::Pooled(Pool::default())] {
            for size in [1, 7, 100] {
                let mut directions = open(15, true, &engines);
                let mut message = Vec::new();
                let mut part = data.chunks(size);
                let mut held = 0;
                for arrived in (size..512).step_by(size) {
                    let part = part.next().unwrap();
                    let more = measure(|| directions.1.inflate(part, &mut message).unwrap());
                    held += more.bytes_current;
                    if message.len() >= 1024 {
                        assert!(arrived > 200, "{arrived}");
                        break;
                    }
                    let most = 4 * arrived + 4096;
                    assert!(held < most as i64, "{held} bytes of {arrived}");
                }
                part.take(512).for_each(|part| {
                    held +=
                        measure(|| directions.1.inflate(part, &mut message).unwrap()).bytes_current;
                });
                assert!(held > 48 * 1024, "an engine went on");
            }
        }
    }
}

#[test]
fn an_inflater_that_failed_lets_go_of_its_engine_and_its_window() {
    for engines in [Engines::Owned, Engines::Pooled(Pool::new(1))] {
        let mut directions = open(15, true, &engines);
        let refused = measure(|| {
            let mut message = Vec::new();
            directions.1.inflate(&stored(2000), &mut message).unwrap();
            assert!(directions.1.inflate(b"\x07", &mut message).is_err());
        });
        assert_eq!(refused.bytes_current, 0, "{engines:?}");
    }
}

#[test]
fn a_pool_at_work_allocates_nothing_but_what_comes_out() {
    let engines = Engines::Pooled(Pool::default());
    let mut connections: Vec<_> = (0..10).map(|_| open(11, true, &engines)).collect();
    let message = transcript(&mut Numbers(31), 3000);
    connections.iter_mut().for_each(|directions| talk(directions, &message));
    for directions in &mut connections {
        let (mut data, mut out) = (Vec::with_capacity(8192), Vec::with_capacity(32 * 1024));
        let counted = measure(|| {
            let (deflater, inflater) = &mut **directions;
            deflater.finish(&message, &mut data);
            inflater.inflate(&data, &mut out).unwrap();
            inflater.finish().unwrap();
        });
        assert_eq!(counted.count_total, 0);
    }
}
