//! Traffic for fuzzers: what is said to be meant is what is heard, and all forms of lengths occur.
#![cfg(feature = "arbitrary")]

use arbitrary::Unstructured;
use patchcord::arbitrary::{LegalFrames, Sender};
use patchcord::frame::{LengthForm, RawHeader};
use patchcord::{Decoder, Delivery, Event, Limits};

/// Bytes of no meaning, in pieces of 600.
fn noise() -> impl Iterator<Item = Vec<u8>> {
    let mut state = 6455_u64;
    let mut byte = move || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 56) as u8
    };
    std::iter::repeat_with(move || std::iter::repeat_with(&mut byte).take(600).collect())
}

fn streams(count: usize) -> impl Iterator<Item = LegalFrames> {
    let frames = |bytes: Vec<u8>| Unstructured::new(&bytes).arbitrary().ok();
    noise().filter_map(frames).take(count)
}

fn heard(frames: &LegalFrames) -> Vec<Event<Vec<u8>>> {
    let mut decoder = match frames.sender {
        Sender::Client => Decoder::server(Limits::default(), Delivery::Messages),
        Sender::Server => Decoder::client(Limits::default(), Delivery::Messages),
    };
    let mut bytes = frames.bytes.clone();
    let (mut input, mut heard) = (&mut bytes[..], Vec::new());
    while let Some(event) = decoder.decode(&mut input).expect("a legal stream") {
        heard.push(owned(event));
    }
    assert!(input.is_empty(), "whole frames");
    heard
}

fn owned(event: Event<patchcord::Payload<'_>>) -> Event<Vec<u8>> {
    let text = |text: &str| patchcord::Text::new(text.as_bytes().to_vec()).unwrap();
    match event {
        Event::Text(said) => Event::Text(text(&said)),
        Event::Binary(octets) => Event::Binary(octets.into_vec()),
        Event::Ping(octets) => Event::Ping(octets.into_vec()),
        Event::Pong(octets) => Event::Pong(octets.into_vec()),
        Event::Close(close) => Event::Close(
            close.map(|close| patchcord::Close { code: close.code, reason: text(&close.reason) }),
        ),
        Event::Fragment(_) => unreachable!("messages come whole"),
    }
}

#[test]
fn what_legal_frames_mean_is_what_is_heard_of_them() {
    let mut kinds = [0; 5];
    for frames in streams(2000) {
        assert_eq!(heard(&frames), frames.events);
        for event in &frames.events {
            kinds[match event {
                Event::Text(_) => 0,
                Event::Binary(_) => 1,
                Event::Ping(_) => 2,
                Event::Pong(_) => 3,
                _ => 4,
            }] += 1;
        }
    }
    assert!(kinds.iter().all(|count| *count > 50), "{kinds:?}");
}

#[test]
fn few_bytes_of_a_fuzzer_make_lengths_of_every_form() {
    let mut forms = [0; 3];
    for frames in streams(2000) {
        let mut rest = &frames.bytes[..];
        while let Some((header, size)) = RawHeader::parse(rest) {
            forms[match header.form {
                LengthForm::Seven => 0,
                LengthForm::Sixteen => 1,
                LengthForm::SixtyFour => 2,
            }] += 1;
            rest = &rest[size + header.length as usize..];
        }
    }
    assert!(forms.iter().all(|count| *count > 10), "{forms:?}");
}
