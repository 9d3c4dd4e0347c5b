//! What the benchmarks share: the sizes of audio, frames as bytes, request heads.
#![allow(dead_code)] // each benchmark uses a part of it

use criterion::{Criterion, Throughput};
use patchcord::frame::{Header, Opcode};
use patchcord::handshake::admission::Admission;
use patchcord::handshake::server::RequestReader;
use patchcord::{
    Connection, Event, Fragment, InvalidUtf8, MaskingKey, MessageKind, ReceiveBuffer, Role,
    SendBuffer, Utf8,
};
use std::hint::black_box;
use std::time::Duration;

/// Rounds so short that all rows together take some minutes. For narrower intervals: `-- --measurement-time 5`.
pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
}

/// Payloads by the audio that they carry, and three sizes beyond.
pub(crate) const PAYLOADS: [(usize, &str); 9] = [
    (16, "16 B"),
    (160, "160 B, 20 ms of mu-law"),
    (320, "320 B, 20 ms of PCM at 8 kHz"),
    (640, "640 B, 20 ms of PCM at 16 kHz"),
    (1920, "1920 B, 20 ms of PCM at 48 kHz"),
    (3840, "3840 B, 20 ms of stereo PCM at 48 kHz"),
    (8 << 10, "8 KiB"),
    (64 << 10, "64 KiB"),
    (1 << 20, "1 MiB"),
];

/// The payloads of [`PAYLOADS`] that are one frame of audio.
pub(crate) fn audio() -> impl Iterator<Item = (usize, &'static str)> {
    PAYLOADS.into_iter().filter(|(_, name)| name.contains(" ms of "))
}

/// The throughput of this many frames or payloads, with this many bytes of payload in all.
pub(crate) fn throughput(elements: usize, bytes: usize) -> Throughput {
    Throughput::ElementsAndBytes { elements: elements as u64, bytes: bytes as u64 }
}

/// The lengths of 20 ms of Opus at a variable rate, in bytes.
pub(crate) const OPUS: (usize, usize) = (60, 180);

/// Applied to the texts below it gives other valid text, so a text that is decoded in place
/// again and again is UTF-8 each time.
pub(crate) const KEY: [u8; 4] = [1; 4];

/// Scripts with one and with two bytes per letter, and a letter of each.
pub(crate) const LETTERS: [(&str, &str); 2] = [("ASCII", "a"), ("Cyrillic", "д")];

/// Returns `size` bytes of that letter.
pub(crate) fn text(letter: &str, size: usize) -> String {
    letter.repeat(size / letter.len())
}

/// A masked frame, as a client sends it.
pub(crate) fn frame(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    masked(Header::new(opcode, payload.len() as u64).expect("a legal header"), payload)
}

/// A masked fragment.
pub(crate) fn fragment(part: Fragment<&[u8]>) -> Vec<u8> {
    let opcode = match (part.first, part.kind) {
        (true, MessageKind::Text) => Opcode::Text,
        (true, MessageKind::Binary) => Opcode::Binary,
        (false, _) => Opcode::Continuation,
    };
    let header = Header::new(opcode, part.payload.len() as u64).expect("a legal header");
    let header = header.with_fin(part.last).expect("a data frame");
    masked(header, part.payload)
}

fn masked(header: Header, payload: &[u8]) -> Vec<u8> {
    let key = MaskingKey::from(KEY);
    let mut frame = header.with_masking_key(Some(key)).encode().to_vec();
    key.put(payload, &mut frame);
    frame
}

/// 1,920 bytes, 20 ms of PCM at 48 kHz, in 4 masked fragments.
pub(crate) fn in_4_fragments() -> Vec<u8> {
    let part =
        |i| Fragment { kind: MessageKind::Binary, first: i == 0, last: i == 3, payload: &[7; 480] };
    (0..4).flat_map(|i| fragment(part(i).as_ref())).collect()
}

/// `count` lengths from `low` to `high` that no branch predictor can learn, the same each time.
pub(crate) fn lengths((low, high): (usize, usize), count: usize) -> Vec<usize> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        low + (state >> 33) as usize % (high - low + 1)
    };
    (0..count).map(|_| next()).collect()
}

/// Bytes whose first begins a cache line, wherever the heap is.
pub(crate) struct Lines {
    bytes: Vec<u8>,
    start: usize,
}

impl Lines {
    pub(crate) fn new(content: &[u8]) -> Self {
        let mut bytes = vec![0; content.len() + 63];
        let start = bytes.as_ptr().align_offset(64);
        bytes[start..start + content.len()].copy_from_slice(content);
        Self { bytes, start }
    }

    pub(crate) fn bytes(&mut self) -> &mut [u8] {
        let end = self.bytes.len() - 63 + self.start;
        &mut self.bytes[self.start..end]
    }
}

/// The loop in the documentation of `Connection`, with a copy of `bytes` instead of the
/// read; returns how many bytes of payload arrived.
#[inline]
pub(crate) fn read_and_receive<R: Role>(
    connection: &mut Connection<R>,
    buffer: &mut ReceiveBuffer,
    out: &mut SendBuffer,
    bytes: &[u8],
) -> usize {
    buffer.space()[..bytes.len()].copy_from_slice(bytes);
    buffer.filled(bytes.len());
    let mut input = buffer.unconsumed();
    let mut heard = 0;
    while let Ok(Some(Event::Binary(octets))) = connection.receive(&mut input, out) {
        heard += black_box(octets).len();
    }
    heard
}

/// Checks a text in pieces of `size` bytes.
#[inline]
pub(crate) fn check(text: &[u8], size: usize) -> Result<(), InvalidUtf8> {
    let mut utf8 = Utf8::new();
    text.chunks(size).try_for_each(|piece| utf8.feed(piece))?;
    utf8.finish()
}

/// Reads a request and accepts it.
#[inline]
pub(crate) fn accept(mut head: &[u8], out: &mut Vec<u8>) {
    let mut reader = RequestReader::new(Admission::any());
    let request = reader.read(&mut head).expect("a legal head").expect("a whole head");
    request.response().write(out).expect("room");
}

/// 161 bytes: what a minimal client sends.
pub(crate) const SMALL_HEAD: &[u8] =
    b"GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

/// 14 fields, as Chromium sends them, with a key among the subprotocols.
pub(crate) const BROWSER_HEAD: &[u8] = b"GET /v1/listen?model=nova-3&encoding=linear16&sample_rate=16000 HTTP/1.1\r\n\
    Host: api.example.com\r\nConnection: Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36\r\n\
    Upgrade: websocket\r\nOrigin: https://app.example.com\r\nSec-WebSocket-Version: 13\r\n\
    Accept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-US,en;q=0.9\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\
    Sec-WebSocket-Protocol: token, 0123456789abcdef0123456789abcdef01234567\r\n\r\n";
