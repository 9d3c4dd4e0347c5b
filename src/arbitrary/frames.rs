//! Streams of frames.

use super::values::{border, length};
use crate::codec::{Event, Message};
use crate::frame::{Close, Header, LengthForm, MAX_CONTROL_PAYLOAD, Opcode, RawHeader};
use crate::mask::MaskingKey;
use crate::payload::Text;
use alloc::vec::Vec;
use arbitrary::{Arbitrary, Result, Unstructured};

/// The most frames of one stream: enough for every order of frames, and few enough to be fast.
const MOST_FRAMES: u32 = 24;

/// The most fragments of a message, not counting the last.
const MOST_FRAGMENTS: u32 = 5;

/// The sender of frames, which decides whether they are masked (RFC 6455 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// The client: its frames are masked.
    Client,
    /// The server: its frames are not masked.
    Server,
}

impl<'a> Arbitrary<'a> for Sender {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        u.choose(&[Self::Client, Self::Server]).copied()
    }
}

impl Sender {
    fn key(self, u: &mut Unstructured<'_>) -> Result<Option<MaskingKey>> {
        match self {
            Self::Client => u.arbitrary().map(Some),
            Self::Server => Ok(None),
        }
    }
}

/// Complete frames that one peer may send to the other: messages, in one frame or in fragments with
/// control frames between them, and possibly a Close at the end. Text is UTF-8, split anywhere.
/// Some messages have a length next to a boundary between the three forms of a length, however few
/// bytes the fuzzer gave.
///
/// Their meaning comes with them, so that an implementation is compared with that meaning, and not
/// with this crate:
///
/// ```
/// use arbitrary::Unstructured;
/// use patchcord::arbitrary::{LegalFrames, Sender};
/// use patchcord::{Decoder, Delivery, Event, Limits};
///
/// # fn main() -> arbitrary::Result<()> {
/// let mut u = Unstructured::new(b"what a fuzzer gives");
/// let LegalFrames { mut bytes, events, .. } = LegalFrames::from_sender(Sender::Server, &mut u)?;
/// let mut decoder = Decoder::client(Limits::default(), Delivery::Messages);
/// let mut input = &mut bytes[..];
/// for event in events {
///     let heard = decoder.decode(&mut input).expect("a legal stream");
///     match (event, heard) {
///         (Event::Text(said), Some(Event::Text(heard))) => assert_eq!(*said, *heard),
///         (Event::Binary(said), Some(Event::Binary(heard))) => assert_eq!(*said, *heard),
///         (_, heard) => assert!(heard.is_some()), // a ping, a pong or a Close
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegalFrames {
    /// The sender of the frames.
    pub sender: Sender,
    /// The frames.
    pub bytes: Vec<u8>,
    /// The events that a receiver gets, in order. A message appears whole, when its last fragment
    /// arrives.
    pub events: Vec<Event<Vec<u8>>>,
}

impl LegalFrames {
    /// Makes frames of this sender.
    ///
    /// # Errors
    /// When the fuzzer's bytes run out.
    pub fn from_sender(sender: Sender, u: &mut Unstructured<'_>) -> Result<Self> {
        let mut frames = Self { sender, bytes: Vec::new(), events: Vec::new() };
        u.arbitrary_loop(None, Some(MOST_FRAMES), |u| {
            frames.message(u)?;
            Ok(core::ops::ControlFlow::Continue(()))
        })?;
        // Negated, since `ratio` is true once the fuzzer's bytes are used up: exhausted input then
        // gives the shorter stream.
        if !u.ratio(3, 4)? {
            frames.close(u)?;
        }
        Ok(frames)
    }

    fn close(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let close: Option<Close<&[u8]>> = u.arbitrary()?;
        let body = close.map(|close| {
            let mut body = close.code.get().to_be_bytes().to_vec();
            body.extend_from_slice(close.reason.as_bytes());
            body
        });
        self.push(Opcode::Close, true, &body.unwrap_or_default(), u)?;
        let owned = |close: Close<&[u8]>| {
            let reason = Text::new(close.reason.as_bytes().to_vec()).ok()?;
            Some(Close { code: close.code, reason })
        };
        self.events.push(Event::Close(close.and_then(owned)));
        Ok(())
    }

    /// Adds a message, in as many frames as the fuzzer's bytes say.
    fn message(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let (mut opcode, event, payload) = message(u)?;
        let mut rest = payload.as_slice();
        for _ in 0..u.int_in_range(0..=MOST_FRAGMENTS)? {
            let (part, after) =
                rest.split_at_checked(u.choose_index(rest.len() + 1)?).unwrap_or((rest, &[]));
            self.push(opcode, false, part, u)?;
            (opcode, rest) = (Opcode::Continuation, after);
            self.control(u)?;
        }
        self.push(opcode, true, rest, u)?;
        self.events.push(event);
        self.control(u)
    }

    /// Adds a ping, a pong or nothing.
    fn control(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let (opcode, event): (_, fn(_) -> _) = match u.int_in_range(0..=5)? {
            0 => (Opcode::Ping, Event::Ping),
            1 => (Opcode::Pong, Event::Pong),
            _ => return Ok(()),
        };
        let octets: &[u8] = u.arbitrary()?;
        let octets = octets.get(..MAX_CONTROL_PAYLOAD).unwrap_or(octets);
        self.events.push(event(octets.to_vec()));
        self.push(opcode, true, octets, u)
    }

    fn push(
        &mut self,
        opcode: Opcode,
        fin: bool,
        octets: &[u8],
        u: &mut Unstructured<'_>,
    ) -> Result<()> {
        let key = self.sender.key(u)?;
        let header = Header::new(opcode, octets.len() as u64)
            .map_err(|_| arbitrary::Error::IncorrectFormat)?;
        let header = header.with_fin(fin).unwrap_or(header);
        self.bytes.extend_from_slice(&header.with_masking_key(key).encode());
        crate::mask::put(key, octets, &mut self.bytes);
        Ok(())
    }
}

/// One in this many messages is long, and none once the fuzzer's bytes are used up.
const ONE_LONG: u16 = 12;

/// Makes a message: its opcode, the event that a receiver gets, and its payload.
fn message(u: &mut Unstructured<'_>) -> Result<(Opcode, Event<Vec<u8>>, Vec<u8>)> {
    let message: Message<'_> = u.arbitrary()?;
    let (opcode, mut payload) = match message {
        Message::Text(text) => (Opcode::Text, text.as_bytes().to_vec()),
        Message::Binary(octets) => (Opcode::Binary, octets.to_vec()),
    };
    if !u.ratio(ONE_LONG - 1, ONE_LONG)? {
        payload = lengthened(&payload, border(u)?);
    }
    let event = match opcode {
        Opcode::Text => Text::new(payload.clone()).map(Event::Text),
        _ => Ok(Event::Binary(payload.clone())),
    };
    Ok((opcode, event.map_err(|_| arbitrary::Error::IncorrectFormat)?, payload))
}

/// Repeats the payload up to a length, and fills up with `x`, so that text stays text.
fn lengthened(payload: &[u8], length: usize) -> Vec<u8> {
    let times = length.checked_div(payload.len()).unwrap_or(0);
    let mut long = payload.repeat(times);
    long.resize(length, b'x');
    long
}

impl<'a> Arbitrary<'a> for LegalFrames {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Self::from_sender(u.arbitrary()?, u)
    }
}

/// Frames that may break any rule: in the header, the length, the masking, the place in a message,
/// or the text.
///
/// Most are nearly legal, so that the frames after them are examined, too; the last one may be cut
/// short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnyFrames {
    /// The sender whose rules they nearly follow.
    pub sender: Sender,
    /// The frames.
    pub bytes: Vec<u8>,
}

impl AnyFrames {
    /// Makes frames that nearly follow this sender's rules.
    ///
    /// # Errors
    /// When the fuzzer's bytes run out.
    pub fn from_sender(sender: Sender, u: &mut Unstructured<'_>) -> Result<Self> {
        let mut frames = Self { sender, bytes: Vec::new() };
        u.arbitrary_loop(None, Some(MOST_FRAMES), |u| {
            frames.push(u)?;
            Ok(core::ops::ControlFlow::Continue(()))
        })?;
        if !u.ratio(7, 8)? {
            frames.bytes.truncate(u.choose_index(frames.bytes.len() + 1)?);
        }
        Ok(frames)
    }

    fn push(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let octets: &[u8] = u.arbitrary()?;
        let header = match u.int_in_range(0..=9)? {
            0 => u.arbitrary()?,
            1 => RawHeader { length: length(u)?, ..self.likely(octets, u)? },
            _ => self.likely(octets, u)?,
        };
        self.bytes.extend_from_slice(&header.encode());
        crate::mask::put(header.masking_key, octets, &mut self.bytes);
        Ok(())
    }

    /// Makes a header that tells the length of its payload, nearly always in the shortest form.
    fn likely(&self, octets: &[u8], u: &mut Unstructured<'_>) -> Result<RawHeader> {
        let opcode: Opcode = u.arbitrary()?;
        let length = octets.len() as u64;
        let form = match (!u.ratio(39, 40)?, length) {
            (true, _) => u.arbitrary()?,
            (false, ..126) => LengthForm::Seven,
            (false, 126..0x1_0000) => LengthForm::Sixteen,
            (false, _) => LengthForm::SixtyFour,
        };
        let fin = u.ratio(2, 3)? || opcode.is_control();
        let masking_key = self.sender.key(u)?;
        Ok(RawHeader { fin, rsv: 0, opcode: opcode as u8, masking_key, length, form })
    }
}

impl<'a> Arbitrary<'a> for AnyFrames {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Self::from_sender(u.arbitrary()?, u)
    }
}
