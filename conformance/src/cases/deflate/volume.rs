//! Autobahn's groups 12 and 13: many compressed messages of many sizes, with payloads of five kinds and
//! with seven sets of parameters.

use super::payloads::{ALL, Payload, json};
use crate::case::{Case, Level, Parameters, case};
use crate::conversation::Conversation;
use crate::wire::Frame;
use Level::Must;
use std::time::Duration;

/// The size of a message, and of its fragments if it has more than one.
const SIZES: [(usize, usize); 18] = [
    (16, 0),
    (64, 0),
    (256, 0),
    (1024, 0),
    (4096, 0),
    (8192, 0),
    (16384, 0),
    (32768, 0),
    (65536, 0),
    (131_072, 0),
    (8192, 256),
    (16384, 256),
    (32768, 256),
    (65536, 256),
    (131_072, 256),
    (131_072, 1024),
    (131_072, 4096),
    (131_072, 32768),
];

/// At least this many bytes of messages are sent, several of the largest window. Autobahn sends
/// 1,000 messages, of which the later ones meet nothing new.
const ENOUGH: usize = 128 << 10;
/// The fewest and the most messages.
const COUNT: (usize, usize) = (4, 100);

const PATIENCE: Duration = Duration::from_secs(20);

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let [plain, ..] = parameters();
    for (group, payload) in ALL.into_iter().enumerate() {
        for (at, size) in SIZES.into_iter().enumerate() {
            let like = format!("12.{}.{}", group + 1, at + 1);
            cases.push(many(&payload, size, payload.name.to_owned(), plain.clone()).like(like));
        }
    }
    let payload = Payload { name: "json", is_text: true, make: json };
    for (group, parameters) in parameters().into_iter().enumerate() {
        for (at, size) in SIZES.into_iter().enumerate() {
            let like = format!("13.{}.{}", group + 1, at + 1);
            cases.push(many(&payload, size, name(&parameters), parameters.clone()).like(like));
        }
    }
    cases
}

/// The parameters the implementation is asked for, in Autobahn's order.
fn parameters() -> [Parameters; 7] {
    let of = |no_takeover, window_bits| Parameters {
        no_takeover,
        window_bits,
        has_fallbacks: false,
        offers_no_takeover: true,
    };
    let with_fallbacks = Parameters { has_fallbacks: true, ..of(true, Some(9)) };
    [
        of(false, None),
        of(true, None),
        of(false, Some(9)),
        of(false, Some(15)),
        of(true, Some(9)),
        of(true, Some(15)),
        with_fallbacks,
    ]
}

fn name(parameters: &Parameters) -> String {
    let takeover = if parameters.no_takeover { "no-takeover" } else { "takeover" };
    let window = parameters.window_bits.map(|bits| format!("-{bits}-bits")).unwrap_or_default();
    let fallbacks = if parameters.has_fallbacks { "-or-less" } else { "" };
    format!("{takeover}{window}{fallbacks}")
}

fn many(
    payload: &Payload,
    (size, fragment): (usize, usize),
    name: String,
    parameters: Parameters,
) -> Case {
    let (make, is_text) = (payload.make, payload.is_text);
    let count = (ENOUGH / size).clamp(COUNT.0, COUNT.1);
    let in_fragments =
        if fragment > 0 { format!("-in-fragments-of-{fragment}") } else { String::new() };
    let id = format!("deflate/{name}-of-{size}-bytes{in_fragments}");
    let what = format!(
        "{count} compressed messages of {size} bytes come back, and the echoes keep to the parameters"
    );
    let talk = move |peer: &mut Conversation| {
        peer.patience = peer.patience.max(PATIENCE);
        let all = make(size * count);
        for message in all.chunks(size) {
            let frame = if is_text { Frame::text(message) } else { Frame::binary(message) };
            let compressed = peer.compress(&frame);
            match fragment {
                0 => peer.send(&compressed),
                // Autobahn cuts the compressed data, as TCP would.
                size => peer.send_fragmented(&compressed, size),
            }
            peer.expect_echo(&frame)?;
        }
        peer.close()
    };
    case(Must, id, "RFC 7692 7.2", what, talk).deflating(parameters)
}
