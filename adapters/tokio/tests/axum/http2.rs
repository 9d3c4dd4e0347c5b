//! Requests of HTTP/2 that are refused, and that gain what those of HTTP/1.1 do.

use crate::served::{over_http2, serve};
use axum::Router;
use axum::response::Response;
use axum::routing::any;
use http::{Method, Request, Version};
use http_body_util::BodyExt;
use hyper::ext::Protocol;
use patchcord_tokio::axum::WebSocketUpgrade;
use patchcord_tokio::axum::rejection::WebSocketUpgradeRejection as Rejection;
use patchcord_tokio::handshake::admission::Admission;
use patchcord_tokio::handshake::credential::vendor::DEEPGRAM;
use patchcord_tokio::handshake::server::Refusal;
use patchcord_tokio::{Deflate, Message, Options};
use tower_service::Service;

const PAGES: [&str; 1] = ["https://example.com"];

async fn handler(ws: WebSocketUpgrade) -> Result<Response, Rejection> {
    let mut ws = ws.admission(Admission::origins(&PAGES)?)?;
    let key = ws.take_credential(&DEEPGRAM.scheme)?.ok_or(Refusal::UNAUTHORIZED)?;
    if !key.matches("KEY") {
        return Err(Refusal::UNAUTHORIZED.into());
    }
    let options = Options::new().deflate(&Deflate::default());
    Ok(ws.options(options).protocols(["token"]).on_upgrade(|mut socket| async move {
        let _ = socket.send("welcome".into()).await;
        let _ = socket.close(None).await;
    }))
}

fn app() -> Router {
    Router::new().route("/", any(handler))
}

#[tokio::test]
async fn a_key_and_an_origin_are_judged_over_http2_too() {
    let address = serve(app()).await;
    let with = |origin: &'static str, offers: &'static str| async move {
        over_http2(address, "/", &[("origin", origin), ("sec-websocket-protocol", offers)]).await
    };
    let (mut socket, headers) = with("https://example.com", "token, KEY").await.unwrap();
    assert_eq!(headers["sec-websocket-protocol"], "token");
    assert_eq!(socket.recv().await.unwrap().unwrap(), Message::from("welcome"));
    for (origin, offers, status) in [
        ("https://evil.example", "token, KEY", 403),
        ("https://example.com", "token, WRONG", 401),
        ("https://example.com", "chat", 401),
        ("https://example.com", "token", 400),
    ] {
        assert_eq!(with(origin, offers).await.unwrap_err().0, status, "{origin} {offers}");
    }
}

#[tokio::test]
async fn an_agreement_on_compression_goes_over_http2() {
    let address = serve(app()).await;
    let headers = [
        ("origin", "https://example.com"),
        ("sec-websocket-protocol", "token, KEY"),
        ("sec-websocket-extensions", "permessage-deflate"),
    ];
    let (_, headers) = over_http2(address, "/", &headers).await.unwrap();
    assert_eq!(headers["sec-websocket-extensions"], "permessage-deflate");
}

/// As axum's own: each mistake has a rejection of its own.
#[tokio::test]
async fn a_mistake_over_http2_is_told() {
    for (method, protocol, version, is_it) in [
        (Method::GET, Some("websocket"), "13", "CONNECT"),
        (Method::CONNECT, Some("chat"), "13", "other than websocket"),
        (Method::CONNECT, None, "13", "other than websocket"),
        (Method::CONNECT, Some("websocket"), "12", "version 13"),
    ] {
        let mut request = Request::new(axum::body::Body::empty());
        *request.version_mut() = Version::HTTP_2;
        *request.method_mut() = method;
        request.headers_mut().insert("host", "a".parse().unwrap());
        request.headers_mut().insert("sec-websocket-version", version.parse().unwrap());
        if protocol == Some("websocket") {
            request.extensions_mut().insert(Protocol::from_static("websocket"));
        } else if protocol.is_some() {
            request.extensions_mut().insert(Protocol::from_static("chat"));
        }
        let response = app().call(request).await.unwrap();
        assert!(!response.headers().contains_key("upgrade"), "not of HTTP/2");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains(is_it), "{body}");
    }
}
