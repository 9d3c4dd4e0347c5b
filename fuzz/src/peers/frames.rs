use super::Because;
use crate::frames::{Settings, decoder};
use crate::stream::{Cuts, Seen, judge, run};
use patchcord::frame::{Header, HeaderError, RawHeader};
use patchcord::{Delivery, Limits, MessageKind};
use std::io::Cursor;
use tungstenite::protocol::frame::FrameHeader;
use websocket_sans_io::{Opcode, WebsocketFrameDecoder, WebsocketFrameEvent};

/// Two other decoders see the same frames: tungstenite reads each header alike, and
/// websocket-sans-io, fed in other pieces, hands out the same payloads, joined to the same
/// messages, as far as a stream is legal.
pub fn frames(data: &[u8]) {
    let Some((&[choice, seed], stream)) = data.split_first_chunk() else { return };
    let settings = Settings { limits: Limits::default(), ..Settings::of(choice & 1) };
    let ours = run(&mut decoder(&settings, Delivery::Messages), stream, Cuts::None);
    let verdict = judge(stream, settings.rules());
    headers(&stream[..verdict.at], settings.masked);
    last_header(&stream[verdict.at..]);
    let theirs = sans_io(stream, seed, verdict.at);
    assert_eq!(theirs, ours.events, "websocket-sans-io");
    if verdict.failure.is_some() {
        // Whatever this crate refuses, it accepts: its errors are of a type without values.
        assert!(goes_on(&stream[verdict.at..]) && Because::NoRules.excuses());
    }
}

/// Returns whether websocket-sans-io accepts all of these bytes, which begin with an illegal frame.
fn goes_on(bytes: &[u8]) -> bool {
    let (mut decoder, mut held) = (WebsocketFrameDecoder::new(), bytes.to_vec());
    let mut input = &mut held[..];
    loop {
        let result = decoder.add_data(input).unwrap_or_else(|never| match never {});
        if result.consumed_bytes == 0 && result.event.is_none() {
            return input.is_empty();
        }
        input = &mut input[result.consumed_bytes..];
    }
}

/// The headers of legal frames.
fn headers(mut stream: &[u8], masked: bool) {
    while let Some((header, size)) = Header::parse(stream).expect("legal frames") {
        let (theirs, length, read) = tungstenite_header(stream).expect("legal").expect("whole");
        assert_eq!((length, read), (header.length(), size));
        assert_eq!(theirs.mask, header.masking_key().map(|key| key.to_bytes()));
        assert_eq!(theirs.mask.is_some(), masked);
        assert_eq!(
            (theirs.is_final, u8::from(theirs.opcode)),
            (header.fin(), header.opcode() as u8)
        );
        let mut written = Vec::new();
        theirs.format(length, &mut written).expect("a vector has room");
        assert_eq!(written, stream[..size], "both write it back unchanged");
        stream = &stream[size + header.length() as usize..];
    }
    assert!(stream.is_empty());
}

type Parsed = Result<Option<(FrameHeader, u64, usize)>, tungstenite::Error>;

fn tungstenite_header(bytes: &[u8]) -> Parsed {
    let mut cursor = Cursor::new(bytes);
    let parsed = FrameHeader::parse(&mut cursor)?;
    Ok(parsed.map(|(header, length)| (header, length, cursor.position() as usize)))
}

/// The header that fails or is cut short.
fn last_header(bytes: &[u8]) {
    let (ours, theirs) = (Header::parse(bytes), tungstenite_header(bytes));
    let raw = RawHeader::parse(bytes);
    match (ours, theirs) {
        (Ok(Some((header, size))), Ok(Some((_, length, read)))) => {
            assert_eq!((length, read), (header.length(), size));
        }
        (Ok(None), Ok(None)) => assert_eq!(raw, None),
        (Err(HeaderError::ReservedOpcode), Err(_)) => {}
        // It knows no other rule about headers.
        (Err(error), Ok(Some((_, length, read)))) => {
            let (raw, size) = raw.expect("a whole header");
            let long = error == HeaderError::LengthNotMinimal || raw.length < 126;
            let reason = if long { Because::LongForms } else { Because::Waits };
            assert_eq!((length, read), (raw.length, size));
            assert!(reason.excuses());
        }
        (Err(_), Ok(None)) => assert!(raw.is_none() && Because::Waits.excuses()),
        (ours, theirs) => panic!("{ours:?}, and tungstenite {theirs:?}"),
    }
}

/// The events of another decoder for frames that lie before `end`, joined by the opcode of the
/// message that it remembers.
fn sans_io(stream: &[u8], seed: u8, end: usize) -> Vec<Seen> {
    let mut decoder = WebsocketFrameDecoder::new();
    let (mut seen, mut message, mut control) = (Vec::new(), Vec::new(), Vec::new());
    for piece in Cuts::drawn(seed).pieces(&stream[..end]) {
        let mut held = piece.to_vec();
        let mut input = &mut held[..];
        loop {
            let result = decoder.add_data(input).unwrap_or_else(|never| match never {});
            let (taken, rest) = input.split_at_mut(result.consumed_bytes);
            let of_control = |opcode| !matches!(opcode, Opcode::Text | Opcode::Binary);
            match result.event {
                Some(WebsocketFrameEvent::PayloadChunk { original_opcode }) => {
                    let to = if of_control(original_opcode) { &mut control } else { &mut message };
                    to.extend_from_slice(taken);
                }
                Some(WebsocketFrameEvent::End { frame_info, original_opcode })
                    if frame_info.fin =>
                {
                    let to = if of_control(original_opcode) { &mut control } else { &mut message };
                    seen.push(event(original_opcode, core::mem::take(to)));
                }
                Some(_) => {}
                None if result.consumed_bytes == 0 => break,
                None => {}
            }
            input = rest;
        }
    }
    assert!(decoder.eof_valid(), "whole frames");
    seen
}

fn event(opcode: Opcode, octets: Vec<u8>) -> Seen {
    match opcode {
        Opcode::Text => Seen::message(MessageKind::Text, octets),
        Opcode::Binary => Seen::message(MessageKind::Binary, octets),
        Opcode::Ping => Seen::Ping(octets),
        Opcode::Pong => Seen::Pong(octets),
        Opcode::ConnectionClose => Seen::Close(octets.split_first_chunk().map(|(code, reason)| {
            let reason = String::from_utf8(reason.to_vec()).expect("a reason that was accepted");
            (u16::from_be_bytes(*code), reason)
        })),
        other => panic!("a legal frame with {other:?}"),
    }
}
