//! A handler as axum has it: its future goes from thread to thread, and its bodies are its own.
#![cfg(all(feature = "credentials", feature = "http"))]

use patchcord::handshake::admission::Admission;
use patchcord::handshake::credential::{Credential, vendor::DEEPGRAM};
use patchcord::handshake::server::{Refusal, Request, RequestReader};
use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// As axum's and hyper's: sent to another thread, but not shared with one.
#[derive(Default)]
struct Body {
    text: String,
    _not_sync: Cell<u8>,
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self { text, ..Self::default() }
    }
}

fn request(key: &str) -> http::Request<Body> {
    http::Request::get("/chat?room=1")
        .header("host", "example.com")
        .header("connection", "keep-alive, Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("sec-websocket-protocol", format!("token, {key}"))
        .body(Body::default())
        .unwrap()
}

/// Asks somebody else: a database, say.
async fn is_known(key: &Credential) -> bool {
    std::future::ready(()).await;
    key.matches("KEY")
}

/// Holds the request over an await, and goes on with it.
async fn accept(request: Request<'_>) -> Result<http::Response<Body>, Refusal> {
    let mut offers = request.offers();
    let key = offers.take(&DEEPGRAM.scheme)?.ok_or(Refusal::UNAUTHORIZED)?;
    if !is_known(&key).await {
        let refusal = Refusal::UNAUTHORIZED.with_headers(&[("WWW-Authenticate", "Token")])?;
        return Err(refusal.with_body("another key, please"));
    }
    Ok(request.response().with_subprotocol(offers.select(&["token"])?)?.to_http())
}

/// A handler that is given all of the request.
async fn whole(request: http::Request<Body>) -> http::Response<Body> {
    let reader = RequestReader::new(Admission::any());
    let answered = match reader.read_http(&request) {
        Ok(request) => accept(request).await,
        Err(error) => Err(error.into()),
    };
    answered.unwrap_or_else(|refusal| refusal.to_http())
}

/// An extractor, which is given the parts alone.
async fn parts(parts: http::request::Parts) -> http::Response<Body> {
    let reader = RequestReader::new(Admission::any());
    let answered = match reader.read_http(&parts) {
        Ok(request) => accept(request).await,
        Err(error) => Err(error.into()),
    };
    answered.unwrap_or_else(|refusal| refusal.to_http())
}

/// What a runtime with threads asks of a task.
fn spawned<F: Future + Send>(task: F) -> F::Output {
    let mut task = pin!(task);
    match task.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("nothing waits"),
    }
}

#[test]
fn a_handler_that_holds_a_request_over_an_await_goes_from_thread_to_thread() {
    for handle in [
        |request| spawned(whole(request)),
        |request: http::Request<Body>| spawned(parts(request.into_parts().0)),
    ] {
        let response = handle(request("KEY"));
        assert_eq!(response.status(), 101);
        let value = |name| response.headers().get(name).map(|value| value.as_bytes());
        assert_eq!(value("sec-websocket-accept"), Some(&b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="[..]));
        assert_eq!(value("sec-websocket-protocol"), Some(&b"token"[..]));
        let refused = handle(request("OTHER"));
        assert_eq!(
            (refused.status().as_u16(), &*refused.body().text),
            (401, "another key, please")
        );
        assert_eq!(refused.headers()["www-authenticate"], "Token");
        assert!(!refused.headers().contains_key("connection"), "that is the library's to say");
    }
}

/// RFC 9110 section 15.5.22: what to upgrade to is named.
#[test]
fn a_request_that_does_not_upgrade_is_told_what_to_upgrade_to() {
    let mut plain = request("KEY");
    plain.headers_mut().remove("upgrade");
    let response = spawned(whole(plain));
    assert_eq!(response.status(), 426);
    assert_eq!(response.headers()["upgrade"], "websocket");
    assert_eq!(response.headers()["connection"], "Upgrade");
    assert_eq!(response.headers()["sec-websocket-version"], "13");
}

/// An `http::Uri` without an authority has no scheme either, although RFC 8441 section 4 asks for one
/// and h2 has seen it.
#[test]
fn an_extended_connect_that_names_its_host_in_a_field_is_read() {
    let request = http::Request::connect("/chat")
        .version(http::Version::HTTP_2)
        .header("host", "example.com")
        .header("sec-websocket-version", "13")
        .body(())
        .unwrap();
    let reader = RequestReader::new(Admission::any());
    let read = reader.read_http_connect(&request, Some("websocket")).unwrap();
    assert_eq!((read.host(), read.path()), ("example.com", "/chat"));
}
