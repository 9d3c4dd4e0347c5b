//! Every cell is checked before its time is taken: it has to deliver what was sent.

use crate::case::{Accept, Case, Decode, Encode, Role};
use crate::deflate::{Deflate, Direction, RSV1, Reference};
use crate::peers::{Cell, masks};
use crate::sink::{Digest, Sink, recording};
use crate::wire::take_frame;

/// The fewest bytes of payload that are compared in one cell.
const BYTES: usize = 256 * 1024;

/// How messages are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivered {
    Whole,
    /// At least one in more than one piece, for its user to join.
    InPieces,
}

/// Runs the cell untimed, and returns what is wrong with it, if anything.
pub fn verify(case: &Case, cell: &mut dyn Cell) -> Result<Delivered, String> {
    let whole = |()| Delivered::Whole;
    match case {
        Case::Mask(mask) => {
            delivered(cell, 300, |turn| Digest::of(false, &masks::expected(mask, turn)))
        }
        Case::Decode(decode) => {
            let messages = decode.wire().messages;
            let rounds = |turn| messages[turn / decode.connections % messages.len()];
            delivered(cell, decode_operations(decode, messages.len()), rounds)
        }
        Case::Encode(encode) => encoded(cell, encode).map(whole),
        Case::Accept(accept) => accepted(cell, accept).map(whole),
        Case::Deflate(deflate @ Deflate { direction: Direction::Receive, .. }) => {
            let messages = deflate.wire().messages;
            let rounds = |turn| messages[turn / deflate.connections % messages.len()];
            delivered(cell, deflate_operations(deflate), rounds)
        }
        Case::Deflate(deflate) => deflated(cell, deflate).map(whole),
    }
}

/// All messages of the wire once and a few again, on every connection.
fn decode_operations(decode: &Decode, messages: usize) -> usize {
    match decode.connections {
        1 => messages + messages.min(3),
        count => 3 * count,
    }
}

/// Returns as many as it takes to fill each window; on one connection, all messages and a few again.
fn deflate_operations(deflate: &Deflate) -> usize {
    match deflate.connections {
        1 => deflate.ring() + 3,
        count => ((1 << deflate.window) / deflate.size + 3) * count,
    }
}

/// Runs in calls of changing length, so that the state between two calls is checked too.
fn delivered(
    cell: &mut dyn Cell,
    operations: usize,
    expected: impl Fn(usize) -> Digest,
) -> Result<Delivered, String> {
    let mut sink = Sink::checking();
    cell.run(1, &mut sink);
    cell.run(operations as u64 / 2, &mut sink);
    cell.run((operations - 1 - operations / 2) as u64, &mut sink);
    let messages = sink.messages();
    if messages.len() != operations {
        return Err(format!("{} messages instead of {operations}", messages.len()));
    }
    match (0..operations).find(|&turn| messages[turn] != expected(turn)) {
        None if sink.is_in_pieces() => Ok(Delivered::InPieces),
        None => Ok(Delivered::Whole),
        Some(turn) => {
            Err(format!("message {turn} is {:?} instead of {:?}", messages[turn], expected(turn)))
        }
    }
}

fn encoded(cell: &mut dyn Cell, encode: &Encode) -> Result<(), String> {
    let operations = (BYTES / (encode.size + 1)).clamp(3, 500);
    let written = recording(|| cell.run(operations as u64, &mut Sink::checking()));
    let mut payloads = encode.payloads::<Vec<u8>>();
    let mut rest = &written[..];
    let mut keys = Vec::new();
    for turn in 0..operations {
        let frame = take_frame(&mut rest).ok_or_else(|| format!("frame {turn} is not one"))?;
        if frame.first != 0x82 || frame.key.is_some() != (encode.role == Role::Client) {
            return Err(format!("the header of frame {turn} is wrong"));
        }
        if frame.payload != *payloads.turn() {
            return Err(format!("the payload of frame {turn} is wrong"));
        }
        keys.extend(frame.key);
    }
    keys.sort_unstable();
    keys.dedup();
    // RFC 6455 section 5.3: a fresh key for each frame. Of 500 random ones, two may be equal.
    if encode.role == Role::Client && keys.len() + 1 < operations {
        return Err(format!("{} masking keys for {operations} frames", keys.len()));
    }
    match rest.is_empty() {
        true => Ok(()),
        false => Err(format!("{} bytes too many", rest.len())),
    }
}

/// Inflates each connection's frames, one after the other, by themselves.
fn deflated(cell: &mut dyn Cell, deflate: &Deflate) -> Result<(), String> {
    let operations = deflate_operations(deflate);
    let written = recording(|| cell.run(operations as u64, &mut Sink::checking()));
    let reference = || Reference::new(deflate.takeover);
    let mut references: Vec<_> = (0..deflate.connections).map(|_| reference()).collect();
    let mut payloads = deflate.payloads(|bytes| bytes);
    let mut rest = &written[..];
    for turn in 0..operations {
        let frame = take_frame(&mut rest).ok_or_else(|| format!("frame {turn} is not one"))?;
        let opcode = if deflate.is_text() { 1 } else { 2 };
        if frame.first & !RSV1 != 0x80 | opcode || frame.key.is_some() {
            return Err(format!("the header of frame {turn} is wrong"));
        }
        // RFC 7692 section 6: each message is compressed or not.
        let payload = match frame.first & RSV1 {
            0 => Some(frame.payload),
            _ => references[turn % deflate.connections].inflated(&frame.payload, deflate.size),
        };
        if payload.as_ref() != Some(payloads.turn()) {
            return Err(format!("the payload of frame {turn} is wrong"));
        }
    }
    match rest.is_empty() {
        true => Ok(()),
        false => Err(format!("{} bytes too many", rest.len())),
    }
}

fn accepted(cell: &mut dyn Cell, _: &Accept) -> Result<(), String> {
    const OPERATIONS: usize = 10;
    let written = recording(|| cell.run(OPERATIONS as u64, &mut Sink::checking()));
    let written = String::from_utf8(written).map_err(|error| error.to_string())?;
    let responses: Vec<_> = written.split_inclusive("\r\n\r\n").collect();
    if responses.len() != OPERATIONS {
        return Err(format!("{} responses instead of {OPERATIONS}", responses.len()));
    }
    responses.into_iter().try_for_each(accepts)
}

/// RFC 6455 section 4.2.2, with the key and the accept value of section 1.3.
fn accepts(response: &str) -> Result<(), String> {
    let mut lines = response.strip_suffix("\r\n\r\n").ok_or("no end of the head")?.split("\r\n");
    let status = lines.next().unwrap_or_default();
    let fields: Vec<_> = lines.filter_map(|line| line.split_once(':')).collect();
    let value = |name: &str| {
        let mut named = fields.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name));
        named.next().map_or("", |(_, value)| value.trim())
    };
    let is_right = status.starts_with("HTTP/1.1 101 ")
        && value("Upgrade").eq_ignore_ascii_case("websocket")
        && value("Connection").eq_ignore_ascii_case("Upgrade")
        && value("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        && value("Sec-WebSocket-Protocol").is_empty()
        && value("Sec-WebSocket-Extensions").is_empty();
    is_right.then_some(()).ok_or_else(|| format!("the response is wrong: {response:?}"))
}
