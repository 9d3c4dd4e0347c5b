//! A list of fields, or a map of the `http` crate, may hold as many bytes as a head in bytes may, and
//! has a bound on its fields. Whatever read them, HPACK or an HTTP library, can have had other limits, or none.

use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{ConnectReader, Request, ResponseError};
use patchcord::handshake::server::{Refusal, RequestError, RequestReader};
use patchcord::handshake::{HeadLimits, Url};

type Fields = Vec<(&'static str, Vec<u8>)>;

/// What a line has besides name and value.
const LINE: usize = 4;

fn request() -> Fields {
    [
        (":method", "CONNECT"),
        (":protocol", "websocket"),
        (":scheme", "https"),
        (":path", "/"),
        (":authority", "a"),
        ("sec-websocket-version", "13"),
    ]
    .map(|(name, value)| (name, value.into()))
    .to_vec()
}

/// As many fields as there may be beside those that are there already, and `more`.
fn many(beside: usize, more: usize) -> Fields {
    vec![("x", Vec::new()); HeadLimits::FIELDS - beside + more]
}

/// Three fields, with which all of `fields` have as many bytes as there may be, and `more`.
fn long(fields: &Fields, more: usize) -> Fields {
    let size: usize = fields.iter().map(|(name, value)| name.len() + value.len() + LINE).sum();
    let left = HeadLimits::HEAD + more - size - 3 * (LINE + "x".len());
    let third = left / 3;
    [third, third, left - 2 * third].map(|length| ("x", vec![b'v'; length])).to_vec()
}

/// One field that is as long as a line may be, and `more`.
fn wide(more: usize) -> Fields {
    vec![("x", vec![b'v'; HeadLimits::LINE + more - LINE - "x".len()])]
}

fn borrowed(fields: &Fields) -> Vec<(&str, &[u8])> {
    fields.iter().map(|(name, value)| (*name, &value[..])).collect()
}

fn served(more: Fields) -> Result<(), RequestError> {
    let fields = [request(), more].concat();
    server().read_fields(&borrowed(&fields)).map(drop)
}

fn server() -> RequestReader<'static> {
    RequestReader::new(Admission::any())
}

fn client() -> ConnectReader {
    Request::new(Url::parse("wss://a/").unwrap()).to_fields().unwrap().1
}

fn opened(fields: &Fields) -> Result<(), ResponseError> {
    client().read_fields(200, &borrowed(fields)).map(drop)
}

#[test]
fn a_server_takes_a_list_of_2000_fields_and_refuses_one_more() {
    assert_eq!(served(many(1, 0)), Ok(()));
    assert_eq!(served(many(1, 1)), Err(RequestError::TooManyHeaders));
    assert_eq!(Refusal::from(RequestError::TooManyHeaders).status(), 431);
}

/// RFC 9113 section 8.2.3: each cookie can come by itself; HPACK makes a byte of each field that was
/// there before.
#[test]
fn a_server_takes_more_fields_than_a_head_in_bytes_has_lines() {
    let mut fields = vec![("cookie", b"a=1".to_vec()); 300];
    fields.extend(vec![("sec-websocket-protocol", b",".to_vec()); 300]);
    fields.push(("sec-websocket-protocol", b"chat".to_vec()));
    assert_eq!(served(fields), Ok(()));
}

#[test]
fn a_server_takes_a_list_of_32_kib_and_refuses_a_byte_more() {
    assert_eq!(served(long(&request(), 0)), Ok(()));
    assert_eq!(served(long(&request(), 1)), Err(RequestError::HeadTooLong));
    assert_eq!(Refusal::from(RequestError::HeadTooLong).status(), 431);
}

#[test]
fn a_server_takes_a_field_of_16_kib_and_refuses_a_byte_more() {
    assert_eq!(served(wide(0)), Ok(()));
    assert_eq!(served(wide(1)), Err(RequestError::LineTooLong));
    assert_eq!(Refusal::from(RequestError::LineTooLong).status(), 431);
}

#[test]
fn a_client_takes_as_much_and_no_more() {
    assert_eq!(opened(&many(0, 0)), Ok(()));
    assert_eq!(opened(&many(0, 1)), Err(ResponseError::TooLarge));
    assert_eq!(opened(&long(&Vec::new(), 0)), Ok(()));
    assert_eq!(opened(&long(&Vec::new(), 1)), Err(ResponseError::TooLarge));
    assert_eq!(opened(&wide(0)), Ok(()));
    assert_eq!(opened(&wide(1)), Err(ResponseError::TooLarge));
}

#[cfg(feature = "http")]
mod http_types {
    use super::*;
    fn map(fields: &Fields) -> http::HeaderMap {
        let mut map = http::HeaderMap::new();
        for (name, value) in fields {
            map.append(*name, http::HeaderValue::from_bytes(value).unwrap());
        }
        map
    }

    fn upgrade() -> Fields {
        [
            ("host", "a"),
            ("upgrade", "websocket"),
            ("connection", "Upgrade"),
            ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("sec-websocket-version", "13"),
        ]
        .map(|(name, value)| (name, value.into()))
        .to_vec()
    }

    fn served(more: Fields) -> Result<(), RequestError> {
        let mut request = http::Request::new(());
        *request.headers_mut() = map(&[upgrade(), more].concat());
        server().read_http(&request).map(drop)
    }

    fn connected(more: Fields) -> Result<(), RequestError> {
        let request = http::Request::connect("https://a/").body(()).unwrap();
        let (mut parts, ()) = request.into_parts();
        let version = ("sec-websocket-version", b"13".to_vec());
        parts.headers = map(&[vec![version], more].concat());
        let request = http::Request::from_parts(parts, ());
        server().read_http_connect(&request, Some("websocket")).map(drop)
    }

    fn opened(fields: &Fields) -> Result<(), ResponseError> {
        let mut response = http::Response::new(());
        *response.headers_mut() = map(fields);
        client().read_http(&response).map(drop)
    }

    #[test]
    fn a_map_is_held_to_the_same_limits_as_a_list() {
        assert_eq!(served(many(5, 0)), Ok(()));
        assert_eq!(served(many(5, 1)), Err(RequestError::TooManyHeaders));
        assert_eq!(served(long(&upgrade(), 0)), Ok(()));
        assert_eq!(served(long(&upgrade(), 1)), Err(RequestError::HeadTooLong));
        assert_eq!(served(wide(0)), Ok(()));
        assert_eq!(served(wide(1)), Err(RequestError::LineTooLong));
        assert_eq!(connected(many(1, 0)), Ok(()));
        assert_eq!(connected(many(1, 1)), Err(RequestError::TooManyHeaders));
        assert_eq!(opened(&many(0, 0)), Ok(()));
        assert_eq!(opened(&many(0, 1)), Err(ResponseError::TooLarge));
        assert_eq!(opened(&long(&Vec::new(), 0)), Ok(()));
        assert_eq!(opened(&long(&Vec::new(), 1)), Err(ResponseError::TooLarge));
    }

    #[test]
    fn a_map_of_a_response_to_an_upgrade_is_too() {
        let mut zeros = |bytes: &mut [u8]| bytes.fill(0);
        let request = Request::new(Url::parse("ws://a/").unwrap());
        let (_, reader) = request.to_http::<()>(&mut zeros).unwrap();
        let mut response = http::Response::new(());
        *response.status_mut() = http::StatusCode::SWITCHING_PROTOCOLS;
        *response.headers_mut() = map(&many(0, 1));
        assert_eq!(reader.read_http(&response).map(drop), Err(ResponseError::TooLarge));
    }
}
