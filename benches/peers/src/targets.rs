//! The targets that patchcord has to meet, as data, and whether it does.

use crate::case::{Case, Decode, Encode, Form, Request, Role, Sizes};
use crate::cases::{
    CONNECTIONS, ENCODE_SIZES, MASK_SIZES, SAID, TEXT_SIZES, accept, alone, compressed,
    connections, frame_per_read, in_fragments, mask, reads_of, text_of, text_per_read,
};
use crate::deflate::{Deflate, Direction};
use crate::growth::FLAT;
use crate::million;
use crate::payload::Content;
use crate::peers::deflate::POOLED;
use crate::peers::{Class, LIMIT};
use crate::results::{Results, Row};
use crate::stream::Reads;
use crate::weigh::Compressing;
use bench_report::Target;
use patchcord::{Connection, Server};

/// A bound on the medians of one case.
struct Bound {
    case: Case,
    bound: f64,
    against: Against,
}

#[derive(Clone, Copy)]
enum Against {
    /// Our time relative to that of the fastest peer that does the same work.
    BestPeer,
    /// Our time relative to that of the instruction set's fastest loop.
    Limit,
    /// Our time relative to that of the reads and the instruction set's fastest loop.
    Floor,
}

/// Idle bytes of a connection, apart from buffers that can be shared.
const IDLE: f64 = 128.0;

/// Bytes of a connection that compresses, with two windows of 2 KiB.
const SHORT_WINDOWS: f64 = 5.0 * 1024.0;

fn bounds() -> Vec<Bound> {
    let peer = |bound| move |case| Bound { case, bound, against: Against::BestPeer };
    let decode = |size| Case::Decode(Decode::binary(size));
    let encode = |role, form| move |size| Case::Encode(Encode { role, size, form });
    let by_reference = encode(Role::Server, Form::Borrowed);
    let fixed = |size| mask(Sizes::Fixed(size));

    let mut all = Vec::new();
    all.extend(MASK_SIZES.map(fixed).map(peer(1.05)));
    all.push(peer(1.0 / 3.0)(mask(Sizes::Random(60, 180))));
    let large = MASK_SIZES.into_iter().filter(|&size| size >= 640).map(fixed);
    all.extend(large.map(|case| Bound { case, bound: 1.15, against: Against::Limit }));
    all.extend([16, 80, 125, 160].map(decode).map(peer(0.6)));
    all.extend([320, 640, 960].map(decode).map(peer(0.8)));
    all.extend([1920, 3840, 8192, 65_536, 1 << 20].map(decode).map(peer(0.9)));
    let floor = |case| Bound { case, bound: 1.6, against: Against::Floor };
    all.extend([65_536, 1 << 20].map(decode).map(floor));
    all.extend([160, 960].map(frame_per_read).map(peer(0.8)));
    all.extend([(160, 1), (160, 7)].map(reads_of).map(peer(1.0)));
    all.extend([text_per_read(), reads_of((65_536, 1460))].map(peer(0.9)));
    all.extend(CONNECTIONS.map(connections).map(peer(0.9)));
    let texts = [Content::Ascii, Content::Cyrillic]
        .map(|content| TEXT_SIZES.map(|size| text_of(content, size)).map(peer(0.9)));
    all.extend(texts.into_iter().flatten());
    all.push(peer(0.8)(in_fragments(1920, 4)));
    all.extend([in_fragments(65_536, 16), in_fragments(1 << 20, 16)].map(peer(0.9)));
    all.extend(ENCODE_SIZES.map(by_reference).map(peer(0.5)));
    for form in [Form::Contiguous, Form::Borrowed] {
        let (short, long) = ENCODE_SIZES.split_at(3);
        all.extend(short.iter().copied().map(encode(Role::Client, form)).map(peer(0.9)));
        all.extend(long.iter().copied().map(encode(Role::Client, form)).map(peer(0.8)));
    }
    all.extend([Request::Small, Request::Browser].map(accept).map(peer(0.6)));
    all.extend(deflates().map(|deflate| Bound {
        case: Case::Deflate(deflate),
        bound: 1.1,
        against: Against::BestPeer,
    }));
    all
}

/// The cases of a single connection that compresses.
fn deflates() -> impl Iterator<Item = Deflate> {
    [Direction::Send, Direction::Receive].into_iter().flat_map(|direction| {
        let apart = SAID.map(|said| alone(direction, said));
        compressed(direction).into_iter().chain(apart)
    })
}

/// Returns all targets that were measured: a report of all cases has every one.
pub fn targets(results: &Results) -> Vec<Target> {
    let timed = bounds().into_iter().filter_map(|bound| bound.judge(results.row(&bound.case)?));
    let rest = idle(results).into_iter().chain(compressing(results)).chain(growth(results));
    timed.chain(hot_path(results)).chain(rest).collect()
}

impl Bound {
    fn judge(&self, row: &Row) -> Option<Target> {
        let Self { case, bound, against } = *self;
        let ours = row.ours()?.times.median();
        let rival = match against {
            Against::BestPeer => row.best_peer(),
            Against::Floor => row.floor(),
            Against::Limit => row.best(|entry| entry.candidate.name.starts_with(LIMIT)),
        };
        let rival = rival?;
        let theirs = rival.times.median();
        let unit = format!("of {} ({ours:.1} ns against {theirs:.1} ns)", rival.candidate.name);
        Some(Target { name: case.to_string(), bound, found: ours / theirs, unit })
    }
}

/// Messages that arrive whole or are binary, in one frame; handshakes; and everything that is sent. (Not
/// included: text of which a read brings only a part, which is checked in parts and joined; anything that comes in
/// fragments or is longer than [`Limits::whole_frame`](patchcord::Limits::whole_frame); and whatever is
/// compressed or inflated.)
fn hot_path(results: &Results) -> Option<Target> {
    let is_hot = |row: &&Row| match row.case {
        Case::Decode(decode) => match decode.sizes {
            Sizes::Fixed(size) | Sizes::Random(_, size) => {
                let comes_whole = decode.reads == Reads::Frame || decode.content == Content::Binary;
                let is_short = size <= patchcord::Limits::WHOLE_FRAME as usize;
                decode.fragments == 1 && comes_whole && is_short
            }
        },
        Case::Deflate(_) => false,
        _ => true,
    };
    let entries = results.rows().filter(is_hot).filter_map(Row::ours);
    let most = entries.map(|entry| entry.allocations).reduce(f64::max)?;
    Some(Target {
        name: "allocations per frame on a hot path".into(),
        bound: 0.0,
        found: most,
        unit: "at most".into(),
    })
}

fn idle(results: &Results) -> Vec<Target> {
    let ours = results.weights.iter().find(|weight| weight.candidate.class == Class::Ours);
    let Some(ours) = ours else { return Vec::new() };
    let target = |name: &str, bound, found, unit: &str| Target {
        name: name.into(),
        bound,
        found,
        unit: unit.into(),
    };
    let resident =
        results.million.map_or(f64::NAN, |bytes| bytes as f64 / million::CONNECTIONS as f64);
    vec![
        target(
            "an idle connection",
            IDLE,
            size_of::<Connection<Server>>() as f64,
            "bytes of state",
        ),
        target(
            "an idle connection, after a message each way",
            0.0,
            ours.heap as f64,
            "bytes of heap",
        ),
        target("a million idle connections, resident", IDLE, resident, "bytes each"),
    ]
}

/// Bytes held by a pooled connection with context takeover, relative to the lightest peer's;
/// and in absolute terms, for a window of 2 KiB in each direction.
fn compressing(results: &Results) -> Vec<Target> {
    let all = &results.compressing;
    let is_pooled = |weight: &&Compressing| weight.candidate.name == POOLED;
    let pooled = all.iter().filter(is_pooled).filter(|weight| weight.deflate.takeover);
    let by_peer = pooled.clone().filter_map(|ours| {
        let is_rival = |weight: &&Compressing| {
            weight.candidate.class == Class::Peer && weight.deflate == ours.deflate
        };
        let peers = all.iter().filter(is_rival);
        let lightest = peers.min_by(|a, b| a.bytes.total_cmp(&b.bytes))?;
        let (name, found) = (weight_of(&ours.deflate), ours.bytes / lightest.bytes);
        let unit = format!(
            "of {} ({:.0} against {:.0} bytes)",
            lightest.candidate.name, ours.bytes, lightest.bytes
        );
        Some(Target { name, bound: 0.1, found, unit })
    });
    let short = pooled.filter(|weight| weight.deflate.window == 11).map(|weight| Target {
        name: weight_of(&weight.deflate),
        bound: SHORT_WINDOWS,
        found: weight.bytes,
        unit: "bytes".into(),
    });
    by_peer.chain(short).collect()
}

fn weight_of(deflate: &Deflate) -> String {
    format!("a connection that compresses, pooled, window 2^{}", deflate.window)
}

fn growth(results: &Results) -> Vec<Target> {
    let target = |series: &crate::growth::Series| Target {
        name: format!("time per {} of {}, last / first", series.unit, series.name),
        bound: FLAT,
        found: series.growth(),
        unit: "times".into(),
    };
    results.growth.iter().map(target).collect()
}
