//! RFC 6455 sections 5 and 8.1 read naively: the whole stream is at hand, and is judged frame by frame,
//! with no state beyond what the text asks for. Slow, and as short as it can be.

use super::Seen;
use patchcord::deflate::Inflater;
use patchcord::frame::{CloseError, HeaderError, Rsv};
use patchcord::{Limits, MessageKind, ProtocolError};

/// What a stream should come to.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) events: Vec<Seen>,
    /// The error, and how many bytes of the stream decide it.
    pub(crate) failure: Option<(ProtocolError, usize)>,
    /// Where the frame begins that fails or is incomplete.
    pub(crate) at: usize,
}

/// A frame's header, as far as nothing in it is wrong.
struct Frame {
    fin: bool,
    opcode: u8,
    compressed: bool,
    key: Option<[u8; 4]>,
    header: usize,
    length: u64,
}

enum Stop {
    /// The bytes end.
    Incomplete,
    /// This is wrong, and it shows after this many bytes of the frame.
    Wrong(ProtocolError, usize),
}

struct Message {
    kind: MessageKind,
    compressed: bool,
    octets: Vec<u8>,
    /// How many of them are complete characters, if it is a text.
    checked: usize,
    declared: u64,
    frames: u32,
}

/// The rules a peer has to keep.
pub(crate) struct Rules<'a> {
    /// Whether it has to mask.
    pub(crate) masked: bool,
    pub(crate) limits: &'a Limits,
    /// Inflates compressed messages byte by byte, if that was agreed on; the target
    /// `inflate` compares it with another inflater.
    pub(crate) inflater: Option<Inflater>,
}

/// Judges what a peer sends.
pub(crate) fn judge(stream: &[u8], mut rules: Rules<'_>) -> Verdict {
    let mut verdict = Verdict::default();
    let mut open = None;
    // Section 1.4: anything behind a Close is discarded.
    while !matches!(verdict.events.last(), Some(Seen::Close(_))) {
        let frame = &stream[verdict.at..];
        match next(frame, &mut rules, &mut open, &mut verdict.events) {
            Ok(size) => verdict.at += size,
            Err(Stop::Incomplete) => return verdict,
            Err(Stop::Wrong(error, size)) => {
                verdict.failure = Some((error, verdict.at + size));
                return verdict;
            }
        }
    }
    verdict
}

/// Judges the frame at the front of `bytes`, and returns its size.
fn next(
    bytes: &[u8],
    rules: &mut Rules<'_>,
    open: &mut Option<Message>,
    events: &mut Vec<Seen>,
) -> Result<usize, Stop> {
    let frame = header(bytes, rules, open.as_ref())?;
    let there = &bytes[frame.header..];
    let whole = there.len() as u64 >= frame.length;
    let there = if whole { &there[..frame.length as usize] } else { there };
    let key = frame.key.unwrap_or_default();
    let octets: Vec<u8> = there.iter().enumerate().map(|(i, octet)| octet ^ key[i % 4]).collect();
    if frame.opcode >= 0x8 {
        if !whole {
            return Err(Stop::Incomplete);
        }
        events.push(match frame.opcode {
            0x9 => Seen::Ping(octets),
            0xa => Seen::Pong(octets),
            _ => close(&octets, frame.header + there.len())?,
        });
        return Ok(frame.header + there.len());
    }
    let mut message = open.take().unwrap_or_else(|| Message {
        kind: if frame.opcode == 0x1 { MessageKind::Text } else { MessageKind::Binary },
        compressed: frame.compressed,
        octets: Vec::new(),
        checked: 0,
        declared: 0,
        frames: 0,
    });
    message.declared += frame.length;
    message.frames += 1;
    // The payload of a frame that is delivered whole is not looked at before all of it has arrived.
    let waits =
        message.kind == MessageKind::Binary && frame.length <= rules.limits.whole_frame.into();
    if waits && !whole {
        return Err(Stop::Incomplete);
    }
    let ends = whole && frame.fin;
    let appended = match &mut rules.inflater {
        Some(inflater) if message.compressed => message.inflate(&octets, ends, inflater),
        _ => message.append(&octets, ends),
    };
    appended.map_err(|(error, count)| {
        Stop::Wrong(error, frame.header + if waits { octets.len() } else { count })
    })?;
    if !whole {
        return Err(Stop::Incomplete);
    }
    if frame.fin {
        events.push(Seen::message(message.kind, message.octets));
    } else {
        *open = Some(message);
    }
    Ok(frame.header + there.len())
}

impl Message {
    /// Appends a part as it stands. If it is wrong, returns the error and how many bytes show it.
    fn append(&mut self, octets: &[u8], ends: bool) -> Result<(), (ProtocolError, usize)> {
        let before = self.octets.len();
        self.octets.extend_from_slice(octets);
        self.text(ends).map_err(|(error, at)| (error, at - before))
    }

    /// Appends the inflated data. An error in the text is reported before an error in
    /// the data behind it.
    fn inflate(
        &mut self,
        data: &[u8],
        ends: bool,
        inflater: &mut Inflater,
    ) -> Result<(), (ProtocolError, usize)> {
        for (at, octet) in data.iter().enumerate() {
            let inflated = inflater.inflate(&[*octet], &mut self.octets);
            self.text(false).map_err(|(error, _)| (error, at + 1))?;
            inflated.map_err(|error| (error.into(), at + 1))?;
        }
        if ends {
            inflater.finish().map_err(|error| (error.into(), data.len()))?;
            self.text(true).map_err(|(error, _)| (error, data.len()))?;
        }
        Ok(())
    }

    /// RFC 6455 section 8.1: returns where a text is wrong, and how many bytes show it.
    fn text(&mut self, ends: bool) -> Result<(), (ProtocolError, usize)> {
        if self.kind == MessageKind::Binary {
            return Ok(());
        }
        let rest = &self.octets[self.checked..];
        let valid = core::str::from_utf8(rest).map_or_else(|error| error.valid_up_to(), str::len);
        let length = self.octets.len();
        let wrong = match first_bad(rest).map(|at| self.checked + at) {
            Some(at) if at < length => Some((at, at + 1)),
            Some(at) if ends => Some((at, at)),
            _ => None,
        };
        self.checked += valid;
        wrong.map_or(Ok(()), |(at, size)| Err((ProtocolError::InvalidUtf8 { at: at as u64 }, size)))
    }
}

/// Returns the first byte after which the text can no longer be valid, by the standard library; the
/// length of the text if it breaks off inside a character.
pub(crate) fn first_bad(text: &[u8]) -> Option<usize> {
    let valid = core::str::from_utf8(text).err()?.valid_up_to();
    let rest = &text[valid..];
    let bad =
        |end: &usize| core::str::from_utf8(&rest[..=*end]).is_err_and(|e| e.error_len().is_some());
    Some(valid + (0..rest.len().min(4)).find(bad).unwrap_or(rest.len()))
}

fn wrong<T>(error: impl Into<ProtocolError>, size: usize) -> Result<T, Stop> {
    Err(Stop::Wrong(error.into(), size))
}

/// Section 5.2, field by field in the order of arrival.
fn header(bytes: &[u8], rules: &Rules<'_>, open: Option<&Message>) -> Result<Frame, Stop> {
    let byte = |at: usize| bytes.get(at).copied().ok_or(Stop::Incomplete);
    let Rules { masked, limits, ref inflater } = *rules;
    let (fin, opcode) = (byte(0)? & 0x80 != 0, byte(0)? & 0xf);
    let control = opcode >= 0x8;
    if ![0x0, 0x1, 0x2, 0x8, 0x9, 0xa].contains(&opcode) {
        return wrong(HeaderError::ReservedOpcode, 1);
    }
    if control && !fin {
        return wrong(HeaderError::FragmentedControl, 1);
    }
    // RFC 7692 section 6: RSV1 on the first frame of a message says that it is compressed.
    let rsv = byte(0)? & 0x70;
    let compressed = rsv == 0x40 && [0x1, 0x2].contains(&opcode) && inflater.is_some();
    if rsv != 0 && !compressed {
        return wrong(ProtocolError::ReservedBits(Rsv::from_first_byte(byte(0)?)), 1);
    }
    if !control && (opcode == 0x0) != open.is_some() {
        let inside = open.is_some();
        let error = if inside {
            ProtocolError::MessageInsideMessage
        } else {
            ProtocolError::NothingToContinue
        };
        return wrong(error, 1);
    }
    if !control && open.map_or(0, |message| message.frames) >= limits.fragments {
        return wrong(ProtocolError::TooManyFragments, 1);
    }
    let second = byte(1)?;
    match (second & 0x80 != 0, masked) {
        (false, true) => return wrong(ProtocolError::NotMasked, 2),
        (true, false) => return wrong(ProtocolError::Masked, 2),
        _ => {}
    }
    if control && second & 0x7f > 125 {
        return wrong(HeaderError::ControlTooLong, 2);
    }
    if opcode == 0x8 && second & 0x7f == 1 {
        return wrong(HeaderError::CloseTooShort, 2);
    }
    let (length, size) = length(bytes)?;
    let declared = open.map_or(0, |message| message.declared);
    if !control && length > limits.frame {
        return wrong(ProtocolError::FrameTooLong, size);
    }
    if !control && length > limits.message.saturating_sub(declared) {
        return wrong(ProtocolError::MessageTooLong, size);
    }
    if !masked {
        return Ok(Frame { fin, opcode, compressed, key: None, header: size, length });
    }
    let key = [byte(size)?, byte(size + 1)?, byte(size + 2)?, byte(size + 3)?];
    Ok(Frame { fin, opcode, compressed, key: Some(key), header: size + 4, length })
}

/// The length, and where in the header it ends.
fn length(bytes: &[u8]) -> Result<(u64, usize), Stop> {
    let byte = |at: usize| bytes.get(at).copied().ok_or(Stop::Incomplete);
    let number = |from: usize, to: usize| {
        (from..to).try_fold(0, |n: u64, at| Ok(n << 8 | u64::from(byte(at)?)))
    };
    match byte(1)? & 0x7f {
        126 => match number(2, 4)? {
            0..126 => wrong(HeaderError::LengthNotMinimal, 4),
            length => Ok((length, 4)),
        },
        127 => {
            if byte(2)? & 0x80 != 0 {
                return wrong(HeaderError::LengthTopBit, 3);
            }
            if number(2, 8)? == 0 {
                return wrong(HeaderError::LengthNotMinimal, 8);
            }
            Ok((number(2, 10)?, 10))
        }
        short => Ok((short.into(), 2)),
    }
}

/// Sections 5.5.1 and 7.4.
fn close(body: &[u8], size: usize) -> Result<Seen, Stop> {
    let [high, low, reason @ ..] = body else { return Ok(Seen::Close(None)) };
    let code = u16::from_be_bytes([*high, *low]);
    if ![1000..1004, 1007..1015, 3000..5000].iter().any(|codes| codes.contains(&code)) {
        return wrong(CloseError::InvalidCode(code), size);
    }
    match core::str::from_utf8(reason) {
        Ok(reason) => Ok(Seen::Close(Some((code, reason.to_owned())))),
        Err(_) => wrong(CloseError::ReasonNotUtf8, size),
    }
}
