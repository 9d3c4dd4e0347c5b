//! `Debug` shows no secret and no key of any public type, and `Display` none either, but for what a
//! caller was handed to read: the payload of a message. A public type without a row fails.
#![cfg(all(
    feature = "arbitrary",
    feature = "credentials",
    feature = "deflate",
    feature = "getrandom",
    feature = "http",
    feature = "std"
))]

mod handshake;

use bytes::Buf;
use patchcord::arbitrary::{AnyFrames, AnyHead, LegalFrames, RequestHead, ResponseHead, Sender};
use patchcord::codec::{Client, Server};
use patchcord::deflate::{
    Agreed, Compression, Context, Deflater, Engines, InflateError, InflateLimits, Inflater, Level,
    Pool, WindowBits,
};
use patchcord::frame::{
    CloseError, Header, HeaderBytes, HeaderError, LengthForm, Opcode, RawHeader, Rsv,
};
use patchcord::handshake::admission::InvalidEntry;
use patchcord::handshake::client::{ResponseError, WriteError};
use patchcord::handshake::credential::{Credential, CredentialError, Encoding, Scheme};
use patchcord::handshake::extension::Extensions;
use patchcord::handshake::extension::deflate::{AnswerError, Fallback, OwnWindow, Policy};
use patchcord::handshake::server::{Refusal, RequestError};
use patchcord::handshake::subprotocol::{
    OfferError, OffersError, SelectionError, SubprotocolError,
};
use patchcord::handshake::{BufferTooSmall, FieldFault, HeadLimits, UrlError};
use patchcord::*;
use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::fs;
use std::path::Path;

/// What no output may have in it; its first four bytes are the masking key.
const SECRET: &str = "S3CRetMark";
const KEY: [u8; 4] = *b"S3CR";

/// Whether bytes are shown in one of the forms that Rust gives them, over however many lines.
fn shows(text: &str) -> bool {
    let joined: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let numbers = |radix: fn(&u8) -> String| KEY.iter().map(radix).collect::<Vec<_>>();
    let (decimal, hex) = (numbers(|byte| byte.to_string()), numbers(|byte| format!("{byte:02x}")));
    let word = [u32::from_be_bytes(KEY), u32::from_le_bytes(KEY)].map(|word| word.to_string());
    let forms = [decimal.join(","), hex.join(","), hex.concat(), hex.join("\\x")];
    joined.contains("S3CR") || forms.iter().chain(&word).any(|form| joined.contains(form))
}

#[derive(Default)]
struct Rows {
    names: Vec<&'static str>,
    /// What was shown that must not be.
    shown: Vec<String>,
}

impl Rows {
    /// A value with the secret in it, which it does not show.
    fn hides(&mut self, name: &'static str, value: &impl Debug) {
        let text = format!("{value:?} {value:#?}");
        assert!(text.trim() != "", "{name} shows nothing, not even what it is");
        self.shown.extend(shows(&text).then(|| format!("{name}: {text}")));
        self.names.push(name);
    }

    /// The same, and as `Display` either.
    fn hides_all(&mut self, name: &'static str, value: &(impl Debug + Display)) {
        self.hides(name, value);
        let text = format!("{value} {value:#}");
        assert!(text.trim() != "", "{name} displays nothing");
        self.shown.extend(shows(&text).then(|| format!("{name}: {text}")));
    }

    /// A value of a type that has no place for a secret: nothing borrowed, and nothing on the heap.
    fn is_plain<T: Copy + Debug + 'static>(&mut self, name: &'static str, value: T) {
        self.hides(name, &value);
    }

    /// An error of such a type, which says something.
    fn is_an_error<T: Copy + Error + 'static>(&mut self, name: &'static str, value: T) {
        self.hides_all(name, &value);
    }

    /// A value that is made to be read, and shows what is in it.
    fn is_to_be_read(&mut self, name: &'static str, value: &impl Debug) {
        let text = format!("{value:?}");
        assert!(shows(&text), "{name} shows nothing: {text}");
        self.names.push(name);
    }
}

#[test]
fn no_public_type_shows_a_secret_or_a_key() {
    let mut rows = Rows::default();
    payloads(&mut rows);
    plain(&mut rows);
    errors(&mut rows);
    frames(&mut rows);
    codec(&mut rows);
    connections(&mut rows);
    compression(&mut rows);
    handshake::clients(&mut rows);
    handshake::servers(&mut rows);
    handshake::borrowed_types(&mut rows);
    handshake::lists(&mut rows);
    generated(&mut rows);
    assert!(rows.shown.is_empty(), "secrets are shown:\n{}", rows.shown.join("\n"));
    let rows: BTreeSet<String> = rows.names.into_iter().map(String::from).collect();
    let mut types = BTreeSet::new();
    public_types(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), "", &mut types);
    assert!(types.len() > 80, "{} types", types.len());
    assert_eq!(types, rows, "each public type has a row, and each row a type");
}

/// The public types of each file, as `file.rs Type`.
fn public_types(folder: &Path, prefix: &str, types: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            public_types(&path, &format!("{name}/"), types);
            continue;
        }
        for line in fs::read_to_string(&path).unwrap().lines() {
            let line = line.trim_start();
            let start = ["pub struct ", "pub enum ", "pub union "];
            let Some(rest) = start.iter().find_map(|start| line.strip_prefix(start)) else {
                continue;
            };
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            types.insert(format!("{name} {}", &rest[..end]));
        }
    }
}

/// What an application was handed, or hands on: it chose to print it.
fn payloads(rows: &mut Rows) {
    let bytes = SECRET.as_bytes();
    rows.is_to_be_read("codec/event.rs Event", &Event::Binary(bytes));
    let payload = bytes;
    let fragment = Fragment { kind: MessageKind::Binary, first: true, last: true, payload };
    rows.is_to_be_read("codec/event.rs Fragment", &fragment);
    rows.is_to_be_read("codec/event.rs Message", &Message::Text(SECRET));
    let shared = SharedMessage::Binary(SECRET.into());
    rows.is_to_be_read("codec/event.rs SharedMessage", &shared);
    let close = Close::new(CloseCode::NORMAL, SECRET);
    rows.is_to_be_read("frame/close.rs Close", &close);
    let key = MaskingKey::NONE;
    let piece = || Piece { payload: bytes, key, offset: 0, last: true };
    rows.is_to_be_read("codec/frames.rs Piece", &piece());
    rows.is_to_be_read("codec/frames.rs FramePart", &FramePart::Payload(piece()));
    rows.is_to_be_read("payload/text.rs Payload", &Payload::Borrowed(&mut bytes.to_vec()));
    rows.is_to_be_read("payload/text.rs Text", &Text::from(SECRET));
}

fn plain(rows: &mut Rows) {
    rows.is_plain("codec/event.rs MessageKind", MessageKind::Text);
    rows.is_plain("codec/limits.rs Limits", Limits::default());
    rows.is_plain("codec/limits.rs Delivery", Delivery::default());
    rows.is_plain("connection/timeouts.rs Timeouts", Timeouts::default());
    rows.is_plain("connection/mod.rs Config", Config::default());
    rows.is_plain("connection/state.rs State", State::Open);
    rows.is_plain("connection/next.rs Next", Next::Look);
    rows.is_plain("driver/step.rs Step", Step::Shutdown);
    rows.is_plain("connection/state.rs ClosedBy", ClosedBy::Peer);
    rows.is_plain("deflate/window.rs WindowBits", WindowBits::MAX);
    rows.is_plain("deflate/deflater.rs Level", Level::FASTEST);
    rows.is_plain("deflate/deflater.rs Compression", Compression::default());
    rows.is_plain("deflate/limits.rs InflateLimits", InflateLimits::default());
    rows.is_plain("deflate/agreed.rs Context", Context::default());
    rows.is_plain("deflate/agreed.rs Agreed", Agreed::default());
    rows.is_plain("entropy.rs ThreadEntropy", ThreadEntropy);
    rows.is_plain("frame/close.rs CloseCode", CloseCode::NORMAL);
    rows.is_plain("frame/opcode.rs Opcode", Opcode::Text);
    rows.is_plain("frame/opcode.rs Rsv", Rsv::RSV1);
    rows.is_plain("frame/raw.rs LengthForm", LengthForm::Seven);
    rows.is_plain("arbitrary/frames.rs Sender", Sender::Client);
    rows.is_plain("handshake/credential/encoding.rs Encoding", Encoding::Raw);
    rows.is_plain("handshake/field.rs FieldFault", FieldFault::Name);
    rows.is_plain("handshake/extension/deflate/policy.rs Policy", Policy::default());
    rows.is_plain("handshake/extension/deflate/policy.rs Fallback", Fallback::Decline);
    rows.is_plain("handshake/extension/deflate/policy.rs OwnWindow", OwnWindow::Adjustable);
    let mut utf8 = Utf8::default();
    assert!(utf8.feed(&SECRET.as_bytes()[..4]).is_ok() && utf8.feed(b"\xf0\x9f").is_ok());
    rows.is_plain("payload/utf8.rs Utf8", utf8);
}

fn errors(rows: &mut Rows) {
    rows.is_an_error("codec/error.rs ProtocolError", ProtocolError::MessageTooLong);
    rows.is_an_error("codec/error.rs SendError", SendError::BufferTooSmall { needed: 1 });
    rows.is_an_error("connection/timeouts.rs Expired", Expired::Close);
    rows.is_an_error("connection/failure.rs Failure", Failure::Expired(Expired::Write));
    rows.is_an_error("connection/state.rs ConnectionLost", {
        Connection::server(Config::default()).end_of_stream(b"").unwrap_err()
    });
    rows.is_an_error("deflate/limits.rs InflateError", InflateError::Data);
    rows.is_an_error("frame/close.rs CloseError", CloseError::TooShort);
    rows.is_an_error("frame/header.rs HeaderError", Header::parse(&[0x83, 0]).unwrap_err());
    let _: HeaderError = Header::parse(&[0x83, 0]).unwrap_err();
    rows.is_an_error("payload/utf8.rs InvalidUtf8", Utf8::default().feed(b"S3CR\xff").unwrap_err());
    rows.is_an_error("handshake/head.rs BufferTooSmall", BufferTooSmall { needed: 1 });
    rows.is_an_error("handshake/url/error.rs UrlError", UrlError::Port);
    rows.is_plain("handshake/limits.rs HeadLimits", HeadLimits::default());
    rows.is_an_error("handshake/admission/error.rs InvalidEntry", InvalidEntry::Host { index: 1 });
    rows.is_an_error("handshake/client/error.rs WriteError", WriteError::Target);
    let head = b"HTTP/1.1 403 a\r\n\r\n";
    let mut zeros = |bytes: &mut [u8]| bytes.fill(0);
    let request = patchcord::handshake::client::Request::new(
        patchcord::handshake::Url::parse("ws://a").unwrap(),
    );
    let mut reader = request.write(&mut zeros, &mut Vec::new()).unwrap();
    let refused = reader.read(&mut &head[..]).unwrap().unwrap().accepted().unwrap_err();
    rows.is_an_error("handshake/client/answer.rs Refused", refused);
    rows.is_an_error("handshake/client/error.rs ResponseError", ResponseError::Accept);
    rows.is_an_error("handshake/credential/taken.rs CredentialError", CredentialError::Missing);
    let ungrammatical = Extensions::parse(",").unwrap_err();
    rows.is_an_error("handshake/extension/mod.rs ExtensionsError", ungrammatical);
    rows.is_an_error("handshake/extension/deflate/error.rs AnswerError", AnswerError::Value);
    rows.is_an_error("handshake/server/error.rs RequestError", RequestError::Key);
    rows.is_an_error("handshake/subprotocol/offer.rs OfferError", OfferError::TooLong);
    rows.is_an_error(
        "handshake/subprotocol/offer.rs SubprotocolError",
        SubprotocolError::NotOffered,
    );
    rows.is_an_error("handshake/subprotocol/entries.rs OffersError", OffersError::Empty);
    rows.is_an_error("handshake/subprotocol/offers.rs SelectionError", SelectionError::Hidden);
    let not_a_token = Scheme::pair("a b").unwrap_err();
    rows.is_an_error("handshake/credential/scheme.rs NotAToken", not_a_token);
    let not_text = Credential::new([0xff]).expose_str().unwrap_err();
    rows.is_an_error("handshake/credential/taken.rs NotText", not_text);
    rows.is_an_error("handshake/server/refusal.rs NotARefusal", Refusal::new(200).unwrap_err());
}

/// A header by itself is what a tool that takes frames apart shows, and so is its key, which unmasks
/// nothing without the payload. What holds both shows neither.
fn frames(rows: &mut Rows) {
    let key = MaskingKey::from(KEY);
    rows.is_to_be_read("mask/mod.rs MaskingKey", &key);
    let header = Header::new(Opcode::Text, 5).unwrap().with_masking_key(Some(key));
    rows.is_to_be_read("frame/header.rs Header", &header);
    let bytes: HeaderBytes = header.encode();
    assert!(bytes.ends_with(&KEY));
    rows.is_to_be_read("frame/bytes.rs HeaderBytes", &bytes);
    rows.is_to_be_read(
        "frame/raw.rs RawHeader",
        &RawHeader { masking_key: Some(key), ..RawHeader::default() },
    );
}

/// A source whose keys and state are the secret.
fn entropy(bytes: &mut [u8]) {
    bytes.iter_mut().zip(KEY.iter().cycle()).for_each(|(byte, key)| *byte = *key);
}

/// A message, of which the end is missing, from a client that masks it with zeros.
fn unfinished() -> Vec<u8> {
    [&[0x01, 0x80 | SECRET.len() as u8, 0, 0, 0, 0], SECRET.as_bytes()].concat()
}

const fn is_inside<E>(_: &Encoder<Client<E>>) {}

fn codec(rows: &mut Rows) {
    let mut decoder = Decoder::server(Limits::default(), Delivery::Messages);
    assert!(matches!(decoder.decode(&mut &mut unfinished()[..]), Ok(None)));
    rows.hides("codec/decoder.rs Decoder", &decoder);
    let mut encoder = Encoder::client(entropy);
    rows.hides("codec/encoder.rs Encoder", &encoder);
    // No value of it can be had but inside an encoder, which was just shown.
    assert!(format!("{encoder:?}").contains("Client"), "{encoder:?}");
    is_inside(&encoder);
    rows.names.push("codec/role.rs Client");
    rows.hides("codec/role.rs Server", &Server);
    rows.hides("codec/prepared.rs Prepared", &Prepared::new(Message::Text(SECRET)));
    let mut payload = [0; 5];
    let frame = encoder.encode_in_place(MessageKind::Binary, &mut payload).unwrap();
    assert!(frame.chunk().ends_with(&KEY), "the key is in the header");
    rows.hides("codec/borrowed_frame.rs BorrowedFrame", &frame);
    rows.hides(
        "codec/borrowed_frame.rs BorrowedFrame",
        &Encoder::server().encode_borrowed(Message::Text(SECRET)).unwrap(),
    );
    let mut buffer = ReceiveBuffer::new(64);
    buffer.space()[..SECRET.len()].copy_from_slice(SECRET.as_bytes());
    buffer.filled(SECRET.len());
    rows.hides("codec/buffer.rs ReceiveBuffer", &buffer);
    rows.hides("codec/buffer/held/unconsumed.rs Unconsumed", &buffer.unconsumed());
    buffer.head(|input| *input = &[]);
    rows.hides("codec/buffer.rs ReceiveBuffer", &buffer); // the bytes are still behind
}

fn connections(rows: &mut Rows) {
    let name = "connection/mod.rs Connection";
    let (mut client, mut out) = (Connection::client(entropy, Config::default()), SendBuffer::new());
    let mut payload = SECRET.as_bytes().to_vec();
    let frame = client.send_in_place(MessageKind::Binary, &mut payload, &mut out).unwrap();
    rows.hides("codec/outgoing.rs Outgoing", &frame);
    drop(frame);
    client.close(Some(Close::new(CloseCode::NORMAL, SECRET)), &mut out).unwrap();
    let has_key = out.chunk().windows(4).any(|bytes| bytes == KEY);
    assert!(has_key, "a frame waits that is masked");
    rows.hides(name, &client);
    rows.hides("codec/send_buffer.rs SendBuffer", &out);
    let mut server = Connection::server(Config::default());
    let mut ping = [&[0x89, 0x80 | SECRET.len() as u8, 0, 0, 0, 0], SECRET.as_bytes()].concat();
    let mut out = SendBuffer::new();
    assert!(matches!(server.receive(&mut &mut ping[..], &mut out), Ok(Some(Event::Ping(_)))));
    assert!(matches!(server.receive(&mut &mut unfinished()[..], &mut out), Ok(None)));
    assert!(out.chunk().ends_with(SECRET.as_bytes()));
    server.send_prepared(&Prepared::new(Message::Text(SECRET)), &mut out).unwrap();
    rows.hides(name, &server);
    rows.hides("codec/send_buffer.rs SendBuffer", &out);
    let agreed = Agreed::default();
    let mut server = Connection::server(Config::default()).with_deflate(
        agreed,
        Compression { threshold: 0, ..Compression::default() },
        &Engines::Owned,
    );
    server.send_compressed(Message::Text(SECRET), &mut out).unwrap();
    rows.hides(name, &server);
    rows.hides("entropy.rs Csprng", &Csprng::from_seed([b'S'; 32]));
    let mut frames = Frames::new();
    let mut header = [&[0x82, 0x81][..], &KEY].concat();
    assert!(frames.next(&mut &mut header[..]).unwrap().is_some());
    rows.hides("codec/frames.rs Frames", &frames);
    let mut driver = Driver::client(entropy, Config::default());
    driver.output.head(|out| out.extend_from_slice(SECRET.as_bytes()));
    driver.input.space()[..SECRET.len()].copy_from_slice(SECRET.as_bytes());
    driver.handle_read(SECRET.len());
    rows.hides("driver.rs Driver", &driver);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut socket = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let accepted = listener.accept().unwrap().0;
    std::io::Write::write_all(&mut socket, SECRET.as_bytes()).unwrap();
    let opened = blocking::WebSocket::open(accepted, driver, |_, _| Ok(Some(())));
    rows.hides("blocking/mod.rs WebSocket", &opened.unwrap().0);
}

fn compression(rows: &mut Rows) {
    let pool = Pool::new(4);
    for engines in [Engines::Owned, Engines::Pooled(pool.clone())] {
        let compression = Compression { threshold: 0, ..Compression::default() };
        let mut deflater = Deflater::new(Context::default(), compression, &engines).unwrap();
        let (mut data, mut plain) = (Vec::new(), Vec::new());
        deflater.finish(SECRET.as_bytes(), &mut data);
        rows.hides("deflate/deflater.rs Deflater", &deflater);
        let mut inflater = Inflater::new(Context::default(), InflateLimits::default(), &engines);
        inflater.inflate(&data, &mut plain).unwrap();
        rows.hides("deflate/inflater.rs Inflater", &inflater);
        inflater.finish().unwrap();
        assert_eq!(plain, SECRET.as_bytes());
        rows.hides("deflate/inflater.rs Inflater", &inflater);
        rows.hides("deflate/pool.rs Engines", &engines);
    }
    rows.hides("deflate/pool.rs Pool", &pool);
    let offer = Policy::default().offer();
    rows.hides_all("handshake/extension/deflate/offer.rs DeflateOffer", &offer);
    let accepted = Policy::default().accept(&offer.extensions()).unwrap();
    rows.hides_all("handshake/extension/deflate/answer.rs DeflateAnswer", &accepted);
}

/// A fuzzer's, which prints what fails.
fn generated(rows: &mut Rows) {
    let bytes = SECRET.as_bytes().to_vec();
    let sender = Sender::Client;
    let legal = LegalFrames { sender, bytes: bytes.clone(), events: Vec::new() };
    rows.is_to_be_read("arbitrary/frames.rs LegalFrames", &legal);
    let any = AnyFrames { sender, bytes: bytes.clone() };
    rows.is_to_be_read("arbitrary/frames.rs AnyFrames", &any);
    rows.is_to_be_read("arbitrary/heads.rs RequestHead", &RequestHead { bytes: bytes.clone() });
    rows.is_to_be_read("arbitrary/heads.rs ResponseHead", &ResponseHead { bytes: bytes.clone() });
    rows.is_to_be_read("arbitrary/heads.rs AnyHead", &AnyHead { bytes });
}
