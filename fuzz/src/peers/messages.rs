use super::Because;
use crate::frames::Settings;
use crate::stream::{Cuts, Seen, judge};
use bytes::Buf;
use patchcord::frame::{CloseError, HeaderError, RawHeader};
use patchcord::{
    Close, CloseCode, Config, Connection, Decoder, Delivery, Encoder, Event, Limits, Message,
    ProtocolError, SendBuffer,
};
use std::io::{self, Read, Write};
use tungstenite::error::{CapacityError, Error};
use tungstenite::protocol::frame::coding::{Control, Data, OpCode};
use tungstenite::protocol::frame::{Frame, FrameHeader};
use tungstenite::protocol::{Role, WebSocketConfig, WebSocketContext};

/// tungstenite hears the same messages from a stream as this crate, and fails where it does, except
/// for the known disagreements; what either writes, the other reads.
pub fn messages(data: &[u8]) {
    let Some((&[choice, seed], stream)) = data.split_first_chunk() else { return };
    let settings = Settings { limits: LIMITS, ..Settings::of(choice & 1) };
    let (ours, failure, pending) = match settings.masked {
        true => heard(Connection::server(config()), stream),
        false => heard(Connection::client(zeros as fn(&mut [u8]), config()), stream),
    };
    let at = judge(stream, settings.rules()).at;
    let theirs = Theirs::hear(stream, settings.masked, seed);
    compare(&ours, failure, &theirs, &stream[at..]);
    pongs(&ours, &pending, &theirs);
    for seen in &ours {
        round_trip(seen, seed);
    }
}

/// Limits that both have.
const LIMITS: Limits = Limits {
    whole_frame: Limits::WHOLE_FRAME,
    frame: 1 << 16,
    message: 1 << 18,
    fragments: u32::MAX,
};

fn config() -> Config {
    Config { limits: LIMITS, ..Config::default() }
}

fn zeros(bytes: &mut [u8]) {
    bytes.fill(0);
}

fn heard<R: patchcord::Role>(
    mut connection: Connection<R>,
    stream: &[u8],
) -> (Vec<Seen>, Option<ProtocolError>, Vec<u8>) {
    let mut held = stream.to_vec();
    let mut input = &mut held[..];
    let (mut seen, mut out) = (Vec::new(), SendBuffer::new());
    let failure = loop {
        match connection.receive(&mut input, &mut out) {
            Ok(Some(event)) => seen.push(event.into()),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    (seen, failure, out.chunk().to_vec())
}

/// Returns the payloads of the frames with this opcode in what an end has written.
fn written(mut wire: &[u8], opcode: u8) -> Vec<Vec<u8>> {
    let mut payloads = Vec::new();
    while let Some((header, size)) = RawHeader::parse(wire) {
        let (payload, rest) = wire[size..].split_at(header.length as usize);
        if header.opcode == opcode {
            let mut payload = payload.to_vec();
            if let Some(key) = header.masking_key {
                key.apply(&mut payload);
            }
            payloads.push(payload);
        }
        wire = rest;
    }
    payloads
}

/// Both answer each ping; behind 4 KiB of waiting pongs, this crate answers only the latest.
fn pongs(ours: &[Seen], pending: &[u8], theirs: &Theirs) {
    let pings = |seen: &[Seen]| -> Vec<Vec<u8>> {
        let ping = |seen: &Seen| match seen {
            Seen::Ping(octets) => Some(octets.clone()),
            _ => None,
        };
        seen.iter().filter_map(ping).collect()
    };
    assert_eq!(written(&theirs.wrote, 0xa), pings(&theirs.seen), "tungstenite answers each");
    let heard = pings(ours);
    let answered = written(pending, 0xa);
    assert!(heard.starts_with(&answered), "in their order");
    let length = answered.iter().map(|payload| payload.len() + 2).sum::<usize>();
    assert!(answered == heard || length >= 4096, "{} of {}", answered.len(), heard.len());
}

/// What tungstenite hears.
struct Theirs {
    seen: Vec<Seen>,
    /// What it answers.
    wrote: Vec<u8>,
    /// `None` if it waits for more.
    failure: Option<Error>,
}

/// A stream that arrives in pieces and then blocks; and what is written to it.
struct Pieces<'a> {
    left: Vec<&'a [u8]>,
    wrote: Vec<u8>,
}

impl Read for Pieces<'_> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let Some(piece) = self.left.last_mut() else {
            return Err(io::ErrorKind::WouldBlock.into());
        };
        let read = piece.read(to)?;
        if piece.is_empty() {
            self.left.pop();
        }
        Ok(read)
    }
}

impl Write for Pieces<'_> {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.wrote.write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Theirs {
    fn hear(stream: &[u8], masked: bool, seed: u8) -> Self {
        let mut left: Vec<&[u8]> = Cuts::drawn(seed).pieces(stream).collect();
        left.reverse();
        let mut stream = Pieces { left, wrote: Vec::new() };
        let config = WebSocketConfig::default()
            .read_buffer_size(4096)
            .max_frame_size(Some(LIMITS.frame as usize))
            .max_message_size(Some(LIMITS.message as usize));
        let role = if masked { Role::Server } else { Role::Client };
        let mut socket = WebSocketContext::new(role, Some(config));
        let mut seen = Vec::new();
        let failure = loop {
            match socket.read(&mut stream) {
                Ok(message) => seen.push(event(message)),
                Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => break None,
                Err(error) => break Some(error),
            }
            if let Some(Seen::Close(_)) = seen.last() {
                break None;
            }
        };
        Self { seen, wrote: stream.wrote, failure }
    }
}

fn event(message: tungstenite::Message) -> Seen {
    match message {
        tungstenite::Message::Text(text) => Seen::Text(text.to_string()),
        tungstenite::Message::Binary(octets) => Seen::Binary(octets.to_vec()),
        tungstenite::Message::Ping(octets) => Seen::Ping(octets.to_vec()),
        tungstenite::Message::Pong(octets) => Seen::Pong(octets.to_vec()),
        tungstenite::Message::Close(close) => {
            Seen::Close(close.map(|close| (close.code.into(), close.reason.to_string())))
        }
        tungstenite::Message::Frame(frame) => panic!("a raw frame: {frame}"),
    }
}

/// `last` begins with the frame that fails or is incomplete.
fn compare(ours: &[Seen], failure: Option<ProtocolError>, theirs: &Theirs, last: &[u8]) {
    let Some(failure) = failure else {
        let same = theirs.seen == ours && theirs.failure.is_none();
        return assert!(
            same || code_1014(ours, theirs),
            "{ours:?}, tungstenite {:?} {:?}",
            theirs.seen,
            theirs.failure
        );
    };
    let before = theirs.seen.get(..ours.len());
    assert_eq!(before, Some(ours), "what comes before the error");
    let because = match (failure, &theirs.failure) {
        (_, None) if !is_whole(last) => Because::Waits,
        (ProtocolError::Header(HeaderError::LengthNotMinimal), _) => Because::LongForms,
        // The same holds for a control frame, whose length has only one form.
        (ProtocolError::Header(HeaderError::ControlTooLong), _)
            if RawHeader::parse(last).is_some_and(|(header, _)| header.length <= 125) =>
        {
            Because::LongForms
        }
        (ProtocolError::Close(CloseError::InvalidCode(_)), None) => {
            let said = Seen::Close(Some((1002, "Protocol violation".into())));
            assert_eq!(theirs.seen[ours.len()..], [said]);
            Because::BadCloseCode
        }
        (ProtocolError::Header(HeaderError::LengthTopBit), Some(Error::Capacity(_))) => {
            Because::TopBit
        }
        (
            ProtocolError::FrameTooLong | ProtocolError::MessageTooLong,
            Some(Error::Capacity(error)),
        ) => {
            return assert!(matches!(error, CapacityError::MessageTooLong { .. }));
        }
        (_, Some(Error::Protocol(_) | Error::Utf8(_) | Error::Capacity(_))) => {
            return assert_eq!(theirs.seen.len(), ours.len(), "both fail");
        }
        (failure, theirs) => panic!("{failure:?}, and tungstenite {theirs:?}"),
    };
    assert!(because.excuses());
}

/// A Close with 1014, which tungstenite treats as forbidden.
fn code_1014(ours: &[Seen], theirs: &Theirs) -> bool {
    let said = [Seen::Close(Some((1002, "Protocol violation".into())))];
    let Some((Seen::Close(Some((1014, _))), before)) = ours.split_last() else { return false };
    let same = theirs.seen.strip_prefix(before).is_some_and(|rest| rest == said);
    same && theirs.failure.is_none() && Because::Code1014.excuses()
}

/// Returns whether the first frame is complete, whatever it says.
fn is_whole(bytes: &[u8]) -> bool {
    RawHeader::parse(bytes)
        .is_some_and(|(header, size)| (bytes.len() - size) as u64 >= header.length)
}

/// Checks that what one end writes, the other reads.
fn round_trip(seen: &Seen, seed: u8) {
    let key = [seed, 0x5a, !seed, 0x3c];
    let mut wire = Vec::new();
    let mut encoder =
        Encoder::client(|bytes: &mut [u8]| bytes.copy_from_slice(&key[..bytes.len()]));
    let opcode = match seen {
        Seen::Text(text) => {
            encoder.encode(Message::Text(text), &mut wire).expect("a message");
            OpCode::Data(Data::Text)
        }
        Seen::Binary(octets) => {
            encoder.encode(Message::Binary(octets), &mut wire).expect("a message");
            OpCode::Data(Data::Binary)
        }
        Seen::Ping(octets) => {
            encoder.encode_ping(octets, &mut wire).expect("a ping");
            OpCode::Control(Control::Ping)
        }
        Seen::Pong(octets) => {
            encoder.encode_pong(octets, &mut wire).expect("a pong");
            OpCode::Control(Control::Pong)
        }
        Seen::Close(close) => {
            let code = |code| CloseCode::new(code).expect("a code that was accepted");
            let close = close.as_ref().map(|(number, reason)| Close::new(code(*number), reason));
            encoder.encode_close(close, &mut wire).expect("a Close");
            OpCode::Control(Control::Close)
        }
        Seen::Part { .. } => return,
    };
    let theirs = Theirs::hear(&wire, true, seed);
    assert!(theirs.seen == [seen.clone()] || code_1014(core::slice::from_ref(seen), &theirs));
    assert!(theirs.failure.is_none());
    let header = FrameHeader { opcode, mask: Some(key), ..FrameHeader::default() };
    let mut written = Vec::new();
    let frame = Frame::from_payload(header, payload(seen).into());
    frame.format(&mut written).expect("a vector has room");
    assert_eq!(written, wire, "both write the same frame");
    let mut decoder = Decoder::server(LIMITS, Delivery::Messages);
    let event: Option<Event<_>> = decoder.decode(&mut &mut written[..]).expect("a legal frame");
    assert_eq!(event.map(Seen::from).as_ref(), Some(seen));
}

fn payload(seen: &Seen) -> Vec<u8> {
    match seen {
        Seen::Text(text) => text.clone().into_bytes(),
        Seen::Binary(octets) | Seen::Ping(octets) | Seen::Pong(octets) => octets.clone(),
        Seen::Close(Some((code, reason))) => [&code.to_be_bytes(), reason.as_bytes()].concat(),
        Seen::Close(None) | Seen::Part { .. } => Vec::new(),
    }
}
