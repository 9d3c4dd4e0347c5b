//! permessage-deflate in the codec and on connections: what its frames are, what of them is
//! refused and by which error, what is delivered, and what is sent.
#![cfg(feature = "deflate")]

mod delivery;
mod first_byte;
mod limits;
mod memory;
mod pairs;
mod prepared;
mod room;
mod sending;
mod text;

use crate::common::{Endpoint, Side};
use patchcord::deflate::{
    Agreed, Compression, Context, Deflater, Engines, InflateLimits, Inflater, Level, Pool,
    WindowBits,
};
use patchcord::{Config, Decoder, Delivery, Fragment, Limits, MessageKind};

const DELIVERIES: [Delivery; 2] = [Delivery::Messages, Delivery::Fragments];

/// "Hello" as in RFC 7692 section 7.2.3.1.
const HELLO: &[u8] = b"\xf2\x48\xcd\xc9\xc9\x07\x00";

/// "Hello" again, which refers to the first (section 7.2.3.2).
const AGAIN: &[u8] = b"\xf2\x00\x11\x00\x00";

const NO_BOUNDS: InflateLimits =
    InflateLimits { length: u64::MAX, floor: u64::MAX, ratio: u32::MAX, idle: u64::MAX };

/// Each way to come by an engine. The last pool is too small for anything to stay in it.
fn engines() -> [Engines; 3] {
    [Engines::Owned, Engines::Pooled(Pool::default()), Engines::Pooled(Pool::new(0))]
}

fn context(bits: u8, takeover: bool) -> Context {
    Context { window: WindowBits::new(bits).unwrap(), takeover }
}

/// Both directions alike.
fn agreed(bits: u8, takeover: bool) -> Agreed {
    let context = context(bits, takeover);
    Agreed { own: context, peer: context }
}

/// Everything is worth it.
fn compression(level: u8) -> Compression {
    Compression { level: Level::new(level).unwrap(), threshold: 0, ..Compression::default() }
}

/// A decoder that inflates within the limit of its messages, as that of a connection does.
fn decoder(side: Side, limits: Limits, delivery: Delivery, engines: &Engines) -> Decoder {
    bounded(side, limits, delivery, InflateLimits { length: limits.message, ..NO_BOUNDS }, engines)
}

fn bounded(
    side: Side,
    limits: Limits,
    delivery: Delivery,
    bounds: InflateLimits,
    engines: &Engines,
) -> Decoder {
    let inflater = Inflater::new(Context::default(), bounds, engines);
    side.decoder(limits, delivery).with_inflater(inflater)
}

fn endpoint(side: Side, agreed: Agreed, engines: &Engines) -> Endpoint {
    let compression = Compression { threshold: 0, ..Compression::default() };
    Endpoint::new(side, Config::default()).with_deflate(agreed, compression, engines)
}

/// The data of a message that refers to none before it.
fn deflated(message: &[u8]) -> Vec<u8> {
    let mut deflater = Deflater::new(Context::default(), compression(9), &Engines::Owned).unwrap();
    let mut data = Vec::new();
    deflater.finish(message, &mut data);
    data
}

/// The same without compression: each octet of the message is one of the data.
fn stored(message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len()).unwrap();
    let head = [&[0x00][..], &length.to_le_bytes(), &(!length).to_le_bytes()].concat();
    [&head[..], message, &[0x00]].concat()
}

/// The first byte of a compressed message's only frame.
fn whole(kind: MessageKind) -> u8 {
    if kind == MessageKind::Text { 0xc1 } else { 0xc2 }
}

fn part(kind: MessageKind, ends: (bool, bool), payload: &[u8]) -> Fragment<&[u8]> {
    Fragment { kind, first: ends.0, last: ends.1, payload }
}

const FIRST: (bool, bool) = (true, false);
const MIDDLE: (bool, bool) = (false, false);
const LAST: (bool, bool) = (false, true);
const ONLY: (bool, bool) = (true, true);
