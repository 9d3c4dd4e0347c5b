use super::decode::{Settings, agrees, decoder};
use crate::deflate::engines;
use crate::stream::{Cuts, Seen, run};
use patchcord::deflate::{Compression, Context, Deflater, Level};
use patchcord::{Delivery, Encoder, Fragment, Message, MessageKind, Role};

/// With permessage-deflate agreed on, any cut of a stream gives the events and the error of a naive
/// reading of RFC 6455 and RFC 7692, at the byte that decides, as in `decode`. Messages sent
/// compressed, in one frame or in fragments, arrive like those sent plain.
pub fn compressed(data: &[u8]) {
    let Some((&[choice, seed, how], stream)) = data.split_first_chunk() else { return };
    let context = Context { takeover: how & 0x04 == 0, ..Context::default() };
    let settings = Settings { deflate: Some((context, engines(how))), ..Settings::of(choice) };
    let verdict = agrees(&settings, seed, stream);
    // What was within the limits on this wire may be longer on another.
    let settings = Settings { limits: patchcord::Limits::default(), ..settings };
    let zeros = |bytes: &mut [u8]| bytes.fill(0);
    // A decoder continues behind a Close; a sender of one does not.
    let is_close = |seen: &Seen| matches!(seen, Seen::Close(_));
    let end = verdict.events.iter().position(is_close).map(|at| at + 1);
    let events = &verdict.events[..end.unwrap_or(verdict.events.len())];
    match settings.masked {
        true => said_again(events, &settings, || Encoder::client(zeros), how, seed),
        false => said_again(events, &settings, Encoder::server, how, seed),
    }
}

/// Sends what was heard again, compressed, and then plain.
fn said_again<R: Role>(
    events: &[Seen],
    settings: &Settings,
    make: impl Fn() -> Encoder<R>,
    how: u8,
    seed: u8,
) {
    let Some((context, engines)) = &settings.deflate else { return };
    let level = Level::new(1 + (how >> 4) % 9).expect("1 to 9");
    let compression =
        Compression { level, threshold: usize::from(how & 0x08), ..Compression::default() };
    let deflater = Deflater::new(*context, compression, engines).expect("the largest window");
    let (mut compressing, mut encoder) = (make().with_deflater(deflater), make());
    let (mut compressed, mut plain) = (Vec::new(), Vec::new());
    for event in events {
        say(&mut compressing, event, seed, &mut compressed);
        say_plain(&mut encoder, event, &mut plain);
    }
    for wire in [&compressed, &plain] {
        let heard = run(&mut decoder(settings, Delivery::Messages), wire, Cuts::drawn(seed));
        assert_eq!((heard.events.as_slice(), heard.failure, heard.rest), (events, None, 0));
    }
}

/// Sends long messages in one frame, and short ones in fragments if the seed is odd.
fn say<R: Role>(encoder: &mut Encoder<R>, event: &Seen, seed: u8, out: &mut Vec<u8>) {
    let (kind, octets) = match event {
        Seen::Text(text) => (MessageKind::Text, text.as_bytes()),
        Seen::Binary(octets) => (MessageKind::Binary, octets.as_slice()),
        control => return say_plain(encoder, control, out),
    };
    if seed & 1 == 0 || octets.len() > 600 {
        let message = match event {
            Seen::Text(text) => Message::Text(text),
            _ => Message::Binary(octets),
        };
        return encoder.encode_compressed(message, out).expect("a message");
    }
    let pieces: Vec<&[u8]> = Cuts::drawn(seed).pieces(octets).collect();
    let count = pieces.len().max(1);
    for at in 0..count {
        let payload = pieces.get(at).copied().unwrap_or_default();
        let fragment = Fragment { kind, first: at == 0, last: at + 1 == count, payload };
        encoder.encode_compressed_fragment(fragment, out).expect("a fragment");
    }
}

fn say_plain<R: Role>(encoder: &mut Encoder<R>, event: &Seen, out: &mut Vec<u8>) {
    match event {
        Seen::Text(text) => encoder.encode(Message::Text(text), out),
        Seen::Binary(octets) => encoder.encode(Message::Binary(octets), out),
        Seen::Ping(octets) => encoder.encode_ping(octets, out),
        Seen::Pong(octets) => encoder.encode_pong(octets, out),
        Seen::Close(close) => {
            let code = |code| patchcord::CloseCode::new(code).expect("a code that was accepted");
            let close = close.as_ref().map(|(number, reason)| (code(*number), reason.as_str()));
            encoder
                .encode_close(close.map(|(code, reason)| patchcord::Close::new(code, reason)), out)
        }
        Seen::Part { .. } => return,
    }
    .expect("what was heard can be said");
}
