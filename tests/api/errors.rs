//! What errors and values say of themselves: one sentence, in lower case, and nothing of the peer's.

use bytes::Bytes;
use patchcord::frame::{CloseError, Header, HeaderError, Opcode, Rsv};
use patchcord::handshake::admission::{Admission, InvalidEntry};
use patchcord::handshake::client::{RedirectError, Request, ResponseError, WriteError, proxy};
#[cfg(feature = "credentials")]
use patchcord::handshake::credential::CredentialError;
use patchcord::handshake::credential::{Encoding, Scheme};
use patchcord::handshake::extension::{Extensions, ExtensionsError, NotOffered};
use patchcord::handshake::gateway::ForwardError;
use patchcord::handshake::server::{Refusal, RequestError, RequestReader};
use patchcord::handshake::subprotocol::{
    OfferError, OffersError, SelectionError, SubprotocolError,
};
use patchcord::handshake::{BufferTooSmall, FieldError, FieldFault, HeadLimits, Url, UrlError};
use patchcord::payload::Payload;
use patchcord::{
    CloseCode, Config, Connection, ConnectionLost, Decoder, Delivery, Expired, Failure,
    InvalidUtf8, Limits, MaskingKey, Message, Prepared, ProtocolError, SendError, Text,
};
use std::collections::BTreeSet;
use std::error::Error;

const SMALL: BufferTooSmall = BufferTooSmall { needed: 8 };

fn frame_errors() -> Vec<Box<dyn Error>> {
    let header = [
        HeaderError::ReservedOpcode,
        HeaderError::FragmentedControl,
        HeaderError::ControlTooLong,
        HeaderError::CloseTooShort,
        HeaderError::LengthNotMinimal,
        HeaderError::LengthTopBit,
    ];
    let close = [CloseError::TooShort, CloseError::InvalidCode(1005), CloseError::ReasonNotUtf8];
    let protocol = [
        ProtocolError::ReservedBits(Rsv::RSV1),
        ProtocolError::NotMasked,
        ProtocolError::Masked,
        ProtocolError::NothingToContinue,
        ProtocolError::MessageInsideMessage,
        ProtocolError::InvalidUtf8 { at: 3 },
        ProtocolError::FrameTooLong,
        ProtocolError::MessageTooLong,
        ProtocolError::TooManyFragments,
        ProtocolError::MessageElsewhere,
    ];
    let send = [
        SendError::BufferTooSmall { needed: 9 },
        SendError::ControlTooLong { length: 126 },
        SendError::FragmentOrder,
        SendError::InvalidUtf8(InvalidUtf8 { at: 0 }),
        SendError::Closed,
    ];
    let mut all: Vec<Box<dyn Error>> = Vec::new();
    for error in header {
        assert_eq!(ProtocolError::from(error).to_string(), error.to_string());
        all.push(Box::new(error));
    }
    for error in close {
        assert_eq!(ProtocolError::from(error).to_string(), error.to_string());
        all.push(Box::new(error));
    }
    all.extend(protocol.map(|error| Box::new(error) as Box<dyn Error>));
    all.extend(send.map(|error| Box::new(error) as Box<dyn Error>));
    let expired = [Expired::Opening, Expired::Pong, Expired::Close, Expired::Write];
    let lost = [
        ConnectionLost::InsideHandshake,
        ConnectionLost::BetweenMessages,
        ConnectionLost::InsideMessage,
        ConnectionLost::InsideFrame,
    ];
    for expired in expired {
        assert_eq!(Failure::Expired(expired).to_string(), expired.to_string());
        all.push(Box::new(expired));
    }
    for lost in lost {
        assert_eq!(Failure::Lost(lost).to_string(), lost.to_string());
        all.push(Box::new(lost));
    }
    for error in protocol {
        assert_eq!(Failure::Protocol(error).to_string(), error.to_string());
    }
    all
}

fn ungrammatical() -> ExtensionsError {
    Extensions::parse(",").unwrap_err()
}

fn not_offered() -> NotOffered {
    let head = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    let request = RequestReader::new(Admission::any()).read(&mut &head[..]).unwrap().unwrap();
    request.response().with_extensions(Extensions::parse("a").unwrap()).unwrap_err()
}

fn handshake_errors() -> Vec<Box<dyn Error>> {
    let mut all: Vec<Box<dyn Error>> =
        vec![Box::new(SMALL), Box::new(ungrammatical()), Box::new(not_offered())];
    let mut add = |errors: Vec<Box<dyn Error>>| all.extend(errors);
    fn boxed<E: Error + Copy + 'static>(errors: &[E]) -> Vec<Box<dyn Error>> {
        errors.iter().map(|error| Box::new(*error) as Box<dyn Error>).collect()
    }
    use UrlError::{Character, Fragment, Host, Port, Scheme, TooLong, User};
    add(boxed(&[TooLong, Scheme, Host, Port, User, Fragment, Character]));
    add(boxed(&[WriteError::PlaintextCredential, WriteError::Target]));
    add(boxed(&[
        ResponseError::Syntax,
        ResponseError::TooLarge,
        ResponseError::NoUpgrade,
        ResponseError::Accept,
        ResponseError::Extension,
        ResponseError::Repeated,
        ResponseError::Subprotocol(SubprotocolError::NotOffered),
        ResponseError::Subprotocol(SubprotocolError::NoneSelected),
    ]));
    add(boxed(&[
        RequestError::Syntax,
        RequestError::HeadTooLong,
        RequestError::LineTooLong,
        RequestError::TooManyHeaders,
        RequestError::Method,
        RequestError::HttpVersion,
        RequestError::Target,
        RequestError::Host,
        RequestError::Body,
        RequestError::NoUpgrade,
        RequestError::Version,
        RequestError::Key,
        RequestError::Misdirected,
        RequestError::Origin,
        RequestError::FetchMetadata,
        RequestError::Extensions,
        RequestError::ConnectMethod,
        RequestError::Protocol,
    ]));
    add(boxed(&[
        OffersError::Empty,
        OffersError::NotAToken,
        OffersError::Duplicate,
        OffersError::TooMany,
    ]));
    add(boxed(&[
        OfferError::NotAToken,
        OfferError::Duplicate,
        OfferError::TooMany,
        OfferError::TooLong,
    ]));
    add(boxed(&[
        SelectionError::NoneSupported,
        SelectionError::Hidden,
        SelectionError::NothingElse,
    ]));
    #[cfg(feature = "credentials")]
    add(boxed(&[CredentialError::Missing, CredentialError::Ambiguous, CredentialError::Encoding]));
    add(boxed(&field_errors()));
    add(vec![Box::new(Refusal::new(200).unwrap_err())]);
    add(vec![Box::new(patchcord::handshake::credential::Scheme::pair("a b").unwrap_err())]);
    add(boxed(&[
        RedirectError::Repeated,
        RedirectError::Url(UrlError::User),
        RedirectError::Downgrade,
    ]));
    add(boxed(&[
        proxy::TunnelError::Header { index: 3 },
        proxy::TunnelError::TooManyHeaders,
        proxy::TunnelError::User,
        proxy::TunnelError::Authorization,
    ]));
    let shared = (proxy::TunnelError::BufferTooSmall(SMALL), WriteError::BufferTooSmall(SMALL));
    assert_eq!(shared.0.to_string(), shared.1.to_string());
    for error in field_errors() {
        assert_eq!(ForwardError::Field(error).to_string(), error.to_string());
    }
    add(vec![Box::new(InvalidEntry::Origin { index: 1 }), Box::new(ForwardError::NotText)]);
    all
}

/// One of each fault, at the third place.
fn field_errors() -> [FieldError; 4] {
    let request = || {
        let request = Request::new(Url::parse("ws://a/").unwrap());
        request.with_headers(&[("X-One", "1"), ("X-Two", "2")]).unwrap()
    };
    let one = |name, value| request().with_headers(&[(name, value)]).unwrap_err();
    let many = request().with_headers(&[("X-Many", ""); HeadLimits::LINES]).unwrap_err();
    [one("S3cr 3t", "S3cr3t"), one("X-Three", "S3cr3t\r\n"), one("hoST", "S3cr3t"), many]
}

#[test]
fn a_header_that_cannot_be_sent_is_named_with_its_place_and_the_reason_and_no_value() {
    let said = field_errors().map(|error| error.to_string());
    assert_eq!(
        said,
        [
            "the name of header field 2 is not a token",
            "the value of header field 2, X-Three, contains a control character",
            "header field 2, hoST, is written by the handshake itself",
            "header field 128, X-Many, is one more than a request or response may have",
        ]
    );
    let faults = field_errors().map(|error| error.fault());
    use FieldFault::{Name, Reserved, TooMany, Value};
    assert_eq!(faults, [Name, Value, Reserved, TooMany]);
    assert_eq!(field_errors().map(|error| error.index()), [2, 2, 2, HeadLimits::LINES]);
    let long = "x".repeat(1000);
    let error = Refusal::FORBIDDEN.with_headers(&[(&long, "\n")]).unwrap_err();
    assert_eq!(error.name(), &long[..40], "the first characters are enough to find it");
}

/// None of them is dropped or changed in silence, in any message.
#[test]
fn what_a_message_cannot_say_is_an_error() {
    for name in ["Connection", "upgrade", "Content-Length", "Transfer-Encoding"] {
        let error = Refusal::FORBIDDEN.with_headers(&[("X-A", "1"), (name, "x")]).unwrap_err();
        assert_eq!((error.index(), error.name(), error.fault()), (1, name, FieldFault::Reserved));
    }
    for status in [0, 99, 100, 101, 200, 204, 299, 600, 999, 1000, u16::MAX] {
        assert!(Refusal::new(status).is_err(), "{status}");
    }
    for status in [300, 399, 400, 499, 500, 599] {
        assert_eq!(Refusal::new(status).map(|refusal| refusal.status()).ok(), Some(status));
    }
    for name in ["", "a b", "a/b", "a,", "\u{e9}"] {
        assert!(Scheme::pair(name).is_err(), "{name}");
        assert!(Scheme::prefixed(name, Encoding::Raw).is_err(), "{name}");
        assert_eq!(Scheme::sole(name, Encoding::Raw).is_ok(), name.is_empty(), "{name}");
    }
}

#[cfg(not(feature = "deflate"))]
fn deflate_errors() -> Vec<Box<dyn Error>> {
    Vec::new()
}

#[cfg(feature = "deflate")]
fn deflate_errors() -> Vec<Box<dyn Error>> {
    use InflateError::{Data, Ratio, TooLong, Unfinished};
    use patchcord::deflate::InflateError;
    use patchcord::handshake::extension::deflate::AnswerError;
    let mut all: Vec<Box<dyn Error>> = Vec::new();
    for error in [Data, Unfinished, TooLong, Ratio] {
        all.push(Box::new(error));
    }
    for error in [
        AnswerError::Repeated,
        AnswerError::UnknownParameter,
        AnswerError::RepeatedParameter,
        AnswerError::Value,
        AnswerError::ServerTakeover,
        AnswerError::ServerWindow,
    ] {
        all.push(Box::new(error));
    }
    all
}

#[test]
fn every_error_is_one_sentence_without_a_stop() {
    let mut said = BTreeSet::new();
    let all = [frame_errors(), handshake_errors(), deflate_errors()];
    for error in all.into_iter().flatten() {
        let text = error.to_string();
        assert!(text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit()), "{text}");
        assert!(!text.ends_with('.') && !text.contains('\n'), "{text}");
        assert!(error.source().is_none());
        said.insert(text);
    }
    assert!(said.len() >= 70, "{}", said.len());
}

#[test]
fn an_error_inside_another_says_the_same() {
    assert_eq!(WriteError::from(SMALL).to_string(), SMALL.to_string());
    assert_eq!(RequestError::from(OffersError::Empty).to_string(), OffersError::Empty.to_string());
    let answer = SubprotocolError::NotOffered;
    assert_eq!(ResponseError::from(answer).to_string(), answer.to_string());
    assert_eq!(ResponseError::from(ungrammatical()), ResponseError::Extension);
    assert_eq!(ResponseError::from(not_offered()), ResponseError::Extension);
    assert_eq!(Admission::origins(&["x"]).err(), Some(InvalidEntry::Origin { index: 0 }));
}

#[test]
fn values_show_their_fields_and_not_what_peers_sent() {
    assert_eq!(format!("{:?}", CloseCode::NORMAL), "CloseCode(1000)");
    assert_eq!(format!("{:?}", MaskingKey::from([0x37, 0xfa, 0x21, 0x3d])), "MaskingKey(37fa213d)");
    assert_eq!(format!("{:?}", Rsv::RSV1 | Rsv::RSV3), "Rsv(101)");
    assert!((Rsv::RSV1 | Rsv::RSV3).contains(Rsv::RSV3) && !Rsv::RSV1.contains(Rsv::RSV2));
    assert_eq!(Rsv::RSV1 | Rsv::RSV1, Rsv::RSV1);
    let header = Header::new(Opcode::Binary, 5).expect("a header");
    assert_eq!(format!("{:?}", header.encode()), "HeaderBytes([82, 05])");
    let prepared = Prepared::new(Message::Text("secret"));
    assert_eq!(format!("{prepared:?}"), "Prepared(8 bytes)");
    let client = Connection::client(|bytes: &mut [u8]| bytes.fill(0), Config::default());
    assert!(format!("{client:?}").contains("role: Client"));
    let text = Text::new(&b"caf\xc3\xa9"[..]).expect("text");
    assert_eq!((format!("{text:?}"), text.to_string()), ("\"café\"".into(), "café".into()));
    assert_eq!((text.as_ref() as &str, text.into_payload()), ("café", &b"caf\xc3\xa9"[..]));
    let extensions = Extensions::parse("foo; a=\"1\"").expect("extensions");
    assert_eq!(format!("{extensions:?}"), "[foo; a=1]");
    let parameter = extensions.iter().next().and_then(|foo| foo.parameters().next());
    assert!(format!("{parameter:?}").contains("Some(1)"));
    assert!(!format!("{:?}", Refusal::UNAUTHORIZED.with_body("secret")).contains("secret"));
}

#[cfg(feature = "getrandom")]
#[test]
fn a_generator_does_not_show_its_state() {
    assert_eq!(format!("{:?}", patchcord::Csprng::from_seed([7; 32])), "Csprng(..)");
}

#[test]
fn an_open_message_is_shown_without_its_data() {
    for first in [b"\x01\x06secret", b"\x02\x06secret"] {
        let mut decoder = Decoder::client(Limits::default(), Delivery::Messages);
        let mut bytes = *first;
        assert_eq!(decoder.decode(&mut &mut bytes[..]), Ok(None));
        let shown = format!("{decoder:?}");
        assert!(shown.contains("Assembler") && !shown.contains("secret"), "{shown}");
    }
}

#[cfg(feature = "deflate")]
#[test]
fn what_was_compressed_is_not_shown() {
    use patchcord::deflate::{
        Compression, Context, Deflater, Engines, InflateLimits, Inflater, Pool,
    };
    let (context, engines) = (Context::default(), Engines::Pooled(Pool::default()));
    let mut deflater = Deflater::new(context, Compression::default(), &engines).expect("a context");
    let mut inflater = Inflater::new(context, InflateLimits::default(), &engines);
    let (mut data, mut message) = (Vec::new(), Vec::new());
    deflater.finish(b"secret", &mut data);
    inflater.inflate(&data, &mut message).expect("what was compressed");
    inflater.finish().expect("all of it");
    assert_eq!(message, b"secret");
    for shown in [format!("{deflater:?}"), format!("{inflater:?}")] {
        assert!(shown.contains("Window(6 bytes)") && !shown.contains("secret"), "{shown}");
        assert!(!shown.contains("115, 101, 99"), "{shown}");
    }
}

#[test]
fn octets_are_the_same_wherever_they_lie() {
    let mut bytes = *b"pcm";
    let mut borrowed = Payload::Borrowed(&mut bytes);
    let mut joined = Payload::Joined(b"pcm".to_vec());
    assert_eq!(borrowed, joined);
    borrowed[0] = b'P';
    joined.as_mut()[0] = b'P';
    assert_eq!((&*borrowed, joined.as_ref()), (&b"Pcm"[..], &b"Pcm"[..]));
    assert_ne!(borrowed, Payload::Joined(b"Pcn".to_vec()));
    assert_eq!((borrowed.into_vec(), joined.into_vec()), (b"Pcm".to_vec(), b"Pcm".to_vec()));
    assert_eq!(Bytes::from(Payload::Borrowed(&mut bytes)), &b"Pcm"[..]);
    assert_eq!(Bytes::from(Payload::Joined(b"Pcm".to_vec())), &b"Pcm"[..]);
}
