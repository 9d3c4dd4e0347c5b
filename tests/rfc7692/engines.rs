//! What a peer hears does not depend on where engines come from, nor on what other connections do
//! with them: live, pooled, and pooled with lending in between are the same, for any data.
#![cfg(feature = "deflate")]

use super::blocks::{Bits, Block, End, message};
use patchcord::deflate::{
    Context, Engines, InflateError, InflateLimits, Inflater, Pool, WindowBits,
};
use proptest::prelude::*;

/// "Hello" (RFC 7692 section 7.2.3.1), with BFINAL set in the block that is cut off.
const FINAL_HELLO: &[u8] = b"\xf2\x48\xcd\xc9\xc9\x07\x04";

/// "Hello" again, which refers to the first (section 7.2.3.2).
const AGAIN: &[u8] = b"\xf2\x00\x11\x00\x00";

/// What came out, and how it ended.
type Heard = Vec<(Vec<u8>, Result<(), InflateError>)>;

/// One message: its data, and where that is cut.
type Sent = (Vec<u8>, usize);

/// Hears messages, and lets others work wherever `lends` says so: before a part, and before an end.
fn hear(
    inflater: &mut Inflater,
    messages: &[Sent],
    lends: &[bool],
    mut other: impl FnMut(),
) -> Heard {
    let mut lends = lends.iter().cycle();
    let mut heard = Heard::new();
    for (data, cut) in messages {
        let mut out = Vec::new();
        let (one, two) = data.split_at(*cut);
        let inflated = [one, two].into_iter().try_for_each(|part| {
            if *lends.next().unwrap() {
                other();
            }
            inflater.inflate(part, &mut out)
        });
        if *lends.next().unwrap() {
            other();
        }
        let ended = inflated.and_then(|()| inflater.finish());
        heard.push((out, ended));
        if ended.is_err() {
            break;
        }
    }
    heard
}

/// Hears each message by one call.
fn at_once(inflater: &mut Inflater, messages: &[Sent]) -> Heard {
    let mut heard = Heard::new();
    for (data, _) in messages {
        let mut out = Vec::new();
        let ended = inflater.message(data, &mut out);
        heard.push((out, ended));
        if ended.is_err() {
            break;
        }
    }
    heard
}

/// The work of another connection, which leaves its plaintext and its state in an engine: it is
/// long enough to be given one.
fn works(inflater: &mut Inflater) {
    let mut noise = vec![0x00, 0x00, 0x10, 0xff, 0xef];
    noise.extend((0..0x1000_u32).map(|i| (i * 7 % 251) as u8));
    noise.push(0x00);
    inflater.inflate(&noise, &mut Vec::new()).unwrap();
    inflater.finish().unwrap();
}

fn assert_same_from_all_engines(context: Context, messages: &[Sent], lends: &[bool]) -> Heard {
    let new = |engines: &Engines| Inflater::new(context, InflateLimits::default(), engines);
    let whole: Vec<Sent> = messages.iter().map(|(data, _)| (data.clone(), data.len())).collect();
    let live = hear(&mut new(&Engines::Owned), &whole, &[false], || ());
    assert_eq!(hear(&mut new(&Engines::Owned), messages, &[false], || ()), live, "live, cut");
    assert_eq!(at_once(&mut new(&Engines::Owned), messages), live, "live, at once");
    for kept in [0, 1, 2] {
        let pool = Engines::Pooled(Pool::new(kept));
        for lends in [&[false][..], &[true], lends] {
            let (mut one, mut other) = (new(&pool), new(&pool));
            let heard = hear(&mut one, messages, lends, || works(&mut other));
            assert_eq!(heard, live, "a pool of {kept}, lending {lends:?}");
        }
    }
    live
}

#[test]
fn a_final_block_that_is_cut_off_ends_the_window_for_all_engines() {
    let context = Context::default();
    for cut in 0..=FINAL_HELLO.len() {
        let messages = [(FINAL_HELLO.to_vec(), cut), (AGAIN.to_vec(), 2)];
        let heard = assert_same_from_all_engines(context, &messages, &[true, false]);
        assert_eq!(heard[0], (b"Hello".to_vec(), Ok(())), "it is legal (RFC 7692 section 7.2.3.4)");
        assert_eq!(heard[1], (b"H".to_vec(), Err(InflateError::Data)), "nothing there");
    }
    // What refers to nothing before it goes on.
    let messages = vec![(FINAL_HELLO.to_vec(), 3); 3];
    let heard = assert_same_from_all_engines(context, &messages, &[true, false, false]);
    assert_eq!(heard, vec![(b"Hello".to_vec(), Ok(())); 3]);
}

#[test]
fn what_refers_beyond_the_window_into_an_earlier_message_is_refused_from_all_engines() {
    let first = message(&[Block::stored(400)], End::Flush);
    for (bits, distance, is_heard) in
        [(8, 256, true), (8, 257, false), (9, 400, true), (9, 401, false), (15, 400, true)]
    {
        let context = Context { window: WindowBits::new(bits).unwrap(), takeover: true };
        let second = message(&[Block::far(distance)], End::Flush);
        let messages = [(first.clone(), 7), (second, 1)];
        let heard = assert_same_from_all_engines(context, &messages, &[true]);
        assert_eq!(heard[1].1.is_ok(), is_heard, "{distance} back, window of 2^{bits}");
    }
}

fn sent() -> impl Strategy<Value = Sent> {
    let blocks = prop::collection::vec(any::<(u8, u16, bool)>(), 0..5);
    let junk = prop_oneof![9 => Just(None), 1 => any::<(u16, u8)>().prop_map(Some)];
    (blocks, 0..4_u8, junk, any::<u16>()).prop_map(|(blocks, end, junk, cut)| {
        let blocks: Vec<Block> = blocks.into_iter().map(Block::drawn).collect();
        let mut data = message(&blocks, End::drawn(end));
        if let Some((at, octet)) = junk
            && let length @ 1.. = data.len()
        {
            data[usize::from(at) % length] = octet;
        }
        let cut = usize::from(cut) % (data.len() + 1);
        (data, cut)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_stream_is_heard_alike_from_all_engines_whatever_is_lent_in_between(
        bits in 8..=15_u8,
        takeover in prop::bool::weighted(0.9),
        messages in prop::collection::vec(sent(), 1..6),
        lends in prop::collection::vec(any::<bool>(), 1..8),
    ) {
        let context = Context { window: WindowBits::new(bits).unwrap(), takeover };
        assert_same_from_all_engines(context, &messages, &lends);
    }
}

/// Data that ends inside of the header of a block, which the bytes that are left away complete: its
/// end comes two bits before theirs.
fn completed_by_the_tail(before: u16) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.block(&Block::stored(before));
    (0..2).for_each(|_| bits.block(&Block::empty()));
    bits.put(0b100, 3);
    bits.put(0, 5); // 257 literals
    bits.put(25, 5); // 26 distances
    bits.put(15, 4);
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let five = |symbol| if symbol == 0 { 1 } else { 5 * u32::from(symbol != 15 && symbol != 18) };
    order.into_iter().for_each(|symbol| bits.put(five(symbol), 3));
    // The end of a block has six bits, all of them set.
    (1..=6).for_each(|length| bits.code(0b10000 + length - 1, 5));
    bits.put(0, 250);
    bits.code(0b10000 + 5, 5);
    bits.code(0b11111, 5); // repeat no length, and here it is cut: three times, and once, or ten times
    bits.octets
}

#[test]
fn data_that_ends_inside_of_a_block_is_unfinished_though_the_tail_would_complete_it() {
    let again = message(&[Block::far(3)], End::Flush);
    for before in [10, 600] {
        let data = completed_by_the_tail(before);
        let messages = [(data.clone(), data.len() / 2), (again.clone(), 1)];
        let heard = assert_same_from_all_engines(Context::default(), &messages, &[true, false]);
        assert_eq!(heard[0].1, Err(InflateError::Unfinished), "{before}");
    }
}
