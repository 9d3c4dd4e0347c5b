//! What a peer could send: legal streams, streams of any headers, and legal ones with errors in
//! them.

use crate::common::{BOTH, Side, frame};
use patchcord::frame::{LengthForm, RawHeader};
use patchcord::{Delivery, Limits, MaskingKey};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A receiving end, and the bytes that it is given in pieces.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    pub(crate) side: Side,
    pub(crate) delivery: Delivery,
    pub(crate) limits: Limits,
    pub(crate) bytes: Vec<u8>,
    pub(crate) cuts: Vec<Index>,
}

impl Stream {
    pub(crate) fn pieces(&self) -> Vec<&[u8]> {
        pieces(&self.bytes, &self.cuts)
    }
}

pub(crate) fn pieces<'a>(bytes: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    cuts.sort_unstable();
    let ends = cuts.iter().copied().chain([bytes.len()]);
    let starts = [0].into_iter().chain(cuts.iter().copied());
    starts.zip(ends).map(|(start, end)| &bytes[start..end]).collect()
}

pub(crate) fn cuts() -> impl Strategy<Value = Vec<Index>> {
    vec(any::<Index>(), 0..8)
}

pub(crate) fn sides() -> impl Strategy<Value = Side> {
    select(&BOTH[..])
}

pub(crate) fn deliveries() -> impl Strategy<Value = Delivery> {
    select(&[Delivery::Messages, Delivery::Fragments][..])
}

/// Limits of which some are met by the streams below, and others are out of their reach.
pub(crate) fn limits() -> impl Strategy<Value = Limits> {
    let whole = prop_oneof![0_u32..8, 100..300_u32, Just(Limits::WHOLE_FRAME)];
    let frame = prop_oneof![1 => 0_u64..400, 3 => Just(Limits::FRAME)];
    let message = prop_oneof![1 => 0_u64..600, 3 => Just(Limits::MESSAGE)];
    let fragments = prop_oneof![1 => 0_u32..4, 3 => Just(Limits::FRAGMENTS)];
    (whole, frame, message, fragments).prop_map(|(whole, frame, message, fragments)| Limits {
        whole_frame: whole,
        frame,
        message,
        fragments,
    })
}

/// Lengths around those at which a form or a path changes.
fn lengths() -> impl Strategy<Value = usize> {
    prop_oneof![8 => 0..20_usize, 4 => 120..132_usize, 2 => 0..500_usize, 1 => 65_530..65_540_usize]
}

pub(crate) fn octets() -> impl Strategy<Value = Vec<u8>> {
    (lengths(), any::<u8>()).prop_map(|(length, seed)| {
        (0..length).map(|i| (i as u8).wrapping_mul(7).wrapping_add(seed)).collect()
    })
}

/// Text with characters of one to four bytes.
pub(crate) fn texts() -> impl Strategy<Value = String> {
    let short = vec(any::<char>(), 0..40).prop_map(String::from_iter);
    let long = (any::<char>(), 0..300_usize).prop_map(|(c, count)| {
        let ascii = "a long run, so that vectors are used: ".repeat(count / 30);
        ascii + &String::from_iter(std::iter::repeat_n(c, count))
    });
    prop_oneof![4 => short, 1 => long]
}

/// One message in any fragments, with control frames between them.
#[derive(Clone, Debug)]
struct Sent {
    opcode: u8,
    payload: Vec<u8>,
    cuts: Vec<Index>,
    between: Vec<(u8, Vec<u8>)>,
    key: [u8; 4],
}

/// What a ping can carry.
pub(crate) fn bodies() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![vec(any::<u8>(), 0..=125), vec(any::<u8>(), 125), vec(any::<u8>(), 0)]
}

fn control() -> impl Strategy<Value = (u8, Vec<u8>)> {
    (select(&[0x89_u8, 0x8a][..]), bodies())
}

fn sent() -> impl Strategy<Value = Sent> {
    let data = prop_oneof![
        texts().prop_map(|text| (0x1, text.into_bytes())),
        octets().prop_map(|octets| (0x2, octets)),
    ];
    (data, vec(any::<Index>(), 0..4), vec(control(), 0..3), any::<[u8; 4]>()).prop_map(
        |((opcode, payload), cuts, between, key)| Sent { opcode, payload, cuts, between, key },
    )
}

impl Sent {
    fn write(&self, side: Side, out: &mut Vec<u8>) {
        let parts = pieces(&self.payload, &self.cuts);
        let mut between = self.between.iter();
        let key = (side == Side::Server).then_some(self.key);
        for (index, part) in parts.iter().enumerate() {
            let opcode = if index == 0 { self.opcode } else { 0x0 };
            let fin = if index + 1 == parts.len() { 0x80 } else { 0 };
            out.extend(frame(fin | opcode, key, part));
            if let Some((first, payload)) = between.next() {
                out.extend(frame(*first, key, payload));
            }
        }
    }
}

/// The body of a Close that ends a stream, if one does.
fn ending() -> impl Strategy<Value = Option<Vec<u8>>> {
    let code = prop_oneof![select(&[1000_u16, 1001, 1011, 3000, 4999][..])];
    let body = (code, vec(any::<char>(), 0..20)).prop_map(|(code, reason)| {
        let reason = String::from_iter(reason);
        [&code.to_be_bytes(), reason.as_bytes()].concat()
    });
    proptest::option::of(prop_oneof![Just(Vec::new()), body])
}

/// What keeps every rule, but perhaps no limit; cut off anywhere or not at all.
pub(crate) fn legal_bytes(side: Side) -> impl Strategy<Value = Vec<u8>> {
    let end = proptest::option::weighted(0.3, any::<Index>());
    (vec(sent(), 0..5), ending(), end).prop_map(move |(messages, ending, end)| {
        let mut bytes = Vec::new();
        messages.iter().for_each(|message| message.write(side, &mut bytes));
        if let Some(body) = ending {
            bytes.extend(side.frame(0x88, &body));
        }
        if let Some(end) = end {
            bytes.truncate(end.index(bytes.len() + 1));
        }
        bytes
    })
}

pub(crate) fn forms() -> impl Strategy<Value = LengthForm> {
    select(&[LengthForm::Seven, LengthForm::Sixteen, LengthForm::SixtyFour][..])
}

/// Any header at all, with lengths of every size.
pub(crate) fn raw_headers() -> impl Strategy<Value = RawHeader> {
    let masking_key = proptest::option::of(any::<[u8; 4]>().prop_map(MaskingKey::from));
    let length = prop_oneof![0..130_u64, 0..70_000_u64, any::<u64>()];
    (any::<bool>(), 0..8_u8, 0..16_u8, masking_key, length, forms()).prop_map(
        |(fin, rsv, opcode, masking_key, length, form)| RawHeader {
            fin,
            rsv,
            opcode,
            masking_key,
            length,
            form,
        },
    )
}

/// A header that is likely to be taken, so that what follows it is looked at too.
fn plausible(side: Side) -> impl Strategy<Value = RawHeader> {
    let opcode = select(&[0x0_u8, 0x1, 0x2, 0x8, 0x9, 0xa][..]);
    let masking_key = (side == Side::Server).then_some(MaskingKey::from([1, 2, 3, 4]));
    let form = prop_oneof![6 => Just(LengthForm::Seven), 1 => Just(LengthForm::Sixteen)];
    (any::<bool>(), opcode, 0..40_u64, form).prop_map(move |(fin, opcode, length, form)| {
        RawHeader {
            fin: fin || opcode > 0x2,
            opcode,
            masking_key,
            length,
            form,
            ..RawHeader::default()
        }
    })
}

/// Headers of every kind, each with some bytes behind it: as many as it says, or others.
pub(crate) fn hostile_bytes(side: Side) -> impl Strategy<Value = Vec<u8>> {
    let header = prop_oneof![1 => raw_headers(), 3 => plausible(side)];
    let octet = prop_oneof![4 => b'a'..=b'z', 1 => any::<u8>()];
    let unit = (header, vec(octet, 0..60), prop::bool::weighted(0.8));
    vec(unit, 0..8).prop_map(|units| {
        let mut bytes = Vec::new();
        for (header, mut payload, honest) in units {
            if honest && header.length < 1000 {
                payload.resize(header.length as usize, b'x');
            }
            if let Some(key) = header.masking_key {
                key.apply(&mut payload);
            }
            bytes.extend_from_slice(&header.encode());
            bytes.extend(payload);
        }
        bytes
    })
}

#[derive(Clone, Copy, Debug)]
enum Error {
    Flip(u8),
    Replace(u8),
    Insert(u8),
    Remove,
}

fn errors() -> impl Strategy<Value = Error> {
    prop_oneof![
        (0..8_u8).prop_map(Error::Flip),
        any::<u8>().prop_map(Error::Replace),
        any::<u8>().prop_map(Error::Insert),
        Just(Error::Remove),
    ]
}

/// Legal bytes with one to three errors in them.
pub(crate) fn mutated_bytes(side: Side) -> impl Strategy<Value = Vec<u8>> {
    (legal_bytes(side), vec((any::<Index>(), errors()), 1..4)).prop_map(|(mut bytes, errors)| {
        for (at, error) in errors {
            let at = at.index(bytes.len() + 1);
            match (error, bytes.get_mut(at)) {
                (Error::Flip(bit), Some(byte)) => *byte ^= 1 << bit,
                (Error::Replace(value), Some(byte)) => *byte = value,
                (Error::Remove, Some(_)) => drop(bytes.remove(at)),
                (Error::Insert(value), _) => bytes.insert(at, value),
                (_, None) => {}
            }
        }
        bytes
    })
}

/// A stream of the bytes that `bytes` makes for its side.
pub(crate) fn streams<S: Strategy<Value = Vec<u8>>>(
    bytes: impl Fn(Side) -> S + Clone,
) -> impl Strategy<Value = Stream> {
    sides().prop_flat_map(move |side| {
        (deliveries(), limits(), bytes(side), cuts()).prop_map(
            move |(delivery, limits, bytes, cuts)| Stream { side, delivery, limits, bytes, cuts },
        )
    })
}
