//! What axum's own does not have: keys among the subprotocols, whose pages may connect, compression,
//! and rules that are kept.

use crate::served::{serve, tungstenite};
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Router, extract::State};
use futures_util::{SinkExt, StreamExt};
use http::{HeaderValue, Method, Request, StatusCode, Version};
use patchcord_tokio::axum::rejection::WebSocketUpgradeRejection as Rejection;
use patchcord_tokio::axum::{WebSocket, WebSocketUpgrade};
use patchcord_tokio::handshake::admission::Admission;
use patchcord_tokio::handshake::credential::vendor::DEEPGRAM;
use patchcord_tokio::handshake::server::Refusal;
use patchcord_tokio::{Connect, Deflate, Leaving, Options, close_code};
use std::time::Duration;
use tokio_tungstenite::tungstenite::{Message, protocol::CloseFrame};
use tower_service::Service;

const PAGES: [&str; 1] = ["https://example.com"];

async fn handler(ws: WebSocketUpgrade) -> Result<Response, Rejection> {
    let mut ws = ws.admission(Admission::origins(&PAGES)?)?;
    let key = ws.take_credential(&DEEPGRAM.scheme)?.ok_or(Refusal::UNAUTHORIZED)?;
    if !key.matches("KEY") {
        return Err(Refusal::UNAUTHORIZED.with_body("another key, please").into());
    }
    assert!(!format!("{ws:?}").contains("KEY"));
    assert!(!ws.requested_protocols().any(|name| name == "KEY"));
    let ws = ws.options(Options::new().deflate(&Deflate::default()));
    Ok(ws.protocols(["KEY2", "token"]).on_upgrade(session))
}

async fn session(mut socket: WebSocket) {
    assert_eq!(socket.protocol().unwrap(), "token");
    while let Some(Ok(message)) = socket.recv().await {
        if message.is_data() && socket.send(message).await.is_err() {
            return;
        }
    }
}

#[tokio::test]
async fn a_key_among_the_subprotocols_is_taken_and_never_sent_back() {
    let address = serve(Router::new().route("/", any(handler))).await;
    let with = |origin: &'static str, offers: &'static str| async move {
        tungstenite(address, "/", &[("origin", origin), ("sec-websocket-protocol", offers)]).await
    };
    let (mut peer, headers) = with("https://example.com", "token, KEY").await.unwrap();
    assert_eq!(headers["sec-websocket-protocol"], "token");
    peer.send("hello".into()).await.unwrap();
    assert_eq!(peer.next().await.unwrap().unwrap(), "hello".into());
    for (origin, offers, status) in [
        ("https://evil.example", "token, KEY", 403),
        ("https://example.com", "token, WRONG", 401),
        ("https://example.com", "KEY, token", 400),
        ("https://example.com", "chat", 401),
    ] {
        assert_eq!(with(origin, offers).await.unwrap_err(), status, "{origin} {offers}");
    }
}

#[tokio::test]
async fn what_was_agreed_on_compression_holds() {
    let address = serve(Router::new().route("/", any(handler))).await;
    let client = Connect::new(&format!("ws://{address}/")).unwrap();
    let client = client.headers(&[("Origin", PAGES[0])]).unwrap();
    let client = client.offer(DEEPGRAM.offer("KEY").unwrap());
    let client = client.options(Options::new().deflate(&Deflate::default()));
    let mut socket = client.open().await.unwrap();
    let long = "compress me, please; ".repeat(1000);
    socket.send(long.clone()).await.unwrap();
    assert_eq!(socket.recv().await.unwrap().unwrap(), long.into());
    socket.close(None).await.unwrap();
}

/// A request that axum's handler is given, without a server.
fn request(fields: &[(&'static str, &str)]) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    for (name, value) in [
        ("host", "a"),
        ("connection", "keep-alive, Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ] {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    for (name, value) in fields {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    request
}

/// What the extractor makes of a request.
async fn rejected(request: Request<Body>) -> (Rejection, Response) {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let handler = move |ws: Result<WebSocketUpgrade, Rejection>| {
        let rejection = ws.unwrap_err();
        sender.send(rejection.clone()).unwrap();
        std::future::ready(rejection.into_response())
    };
    let response = Router::new().route("/", any(handler)).call(request).await.unwrap();
    (receiver.recv().await.unwrap(), response)
}

/// As axum's own test, whose request has no `Host` either.
#[tokio::test]
async fn a_request_of_http_1_0_is_not_upgradable() {
    let mut old = request(&[]);
    *old.version_mut() = Version::HTTP_10;
    old.headers_mut().remove("host");
    assert!(matches!(rejected(old).await.0, Rejection::ConnectionNotUpgradable(_)));
}

macro_rules! rejects {
    ($request:expr, $variant:ident, $status:expr) => {{
        let (rejection, response) = rejected($request).await;
        assert!(matches!(rejection, Rejection::$variant(_)), "{rejection:?}");
        assert_eq!((rejection.status(), response.status().as_u16()), (response.status(), $status));
        response
    }};
}

#[tokio::test]
async fn each_mistake_has_a_rejection_of_its_own() {
    let mut post = request(&[]);
    *post.method_mut() = Method::POST;
    assert_eq!(rejects!(post, MethodNotGet, 405).headers()["allow"], "GET");
    let none = request(&[("connection", "keep-alive")]);
    assert_eq!(rejects!(none, InvalidConnectionHeader, 426).headers()["upgrade"], "websocket");
    rejects!(request(&[("upgrade", "h2c")]), InvalidUpgradeHeader, 426);
    let version =
        rejects!(request(&[("sec-websocket-version", "8")]), InvalidWebSocketVersionHeader, 426);
    assert_eq!(version.headers()["sec-websocket-version"], "13");
    rejects!(request(&[("sec-websocket-key", "short")]), WebSocketKeyHeaderMissing, 400);
    rejects!(request(&[]), ConnectionNotUpgradable, 426); // no server is behind it
    rejects!(request(&[("sec-websocket-protocol", "a, a")]), Refused, 400);
    rejects!(request(&[("host", "a b")]), Refused, 400);
}

/// A server of axum reads heads of several hundred KiB, and its own extractor takes them.
#[tokio::test]
async fn a_head_is_as_long_as_the_server_lets_it_be_unless_an_admission_says_less() {
    async fn any_length(ws: WebSocketUpgrade) -> Response {
        ws.on_upgrade(|_| async {})
    }
    async fn short(ws: WebSocketUpgrade) -> Result<Response, Rejection> {
        Ok(ws.admission(Admission::any())?.on_upgrade(|_| async { panic!("it opened") }))
    }
    let app = Router::new().route("/any", any(any_length)).route("/short", any(short));
    let address = serve(app).await;
    let long = "c".repeat(100_000);
    let headers = [("cookie", long.as_str())];
    assert!(tungstenite(address, "/any", &headers).await.is_ok());
    assert_eq!(tungstenite(address, "/short", &headers).await.unwrap_err(), 431);
}

#[tokio::test]
async fn a_subprotocol_that_was_not_requested_is_a_mistake_of_the_server() {
    async fn handler(mut ws: WebSocketUpgrade) -> Response {
        ws.set_selected_protocol(HeaderValue::from_static("chat"));
        assert_eq!(ws.selected_protocol().unwrap(), "chat");
        ws.on_upgrade(|_| async { panic!("it opened") })
    }
    let address = serve(Router::new().route("/", any(handler))).await;
    let offers = |names| [("sec-websocket-protocol", names)];
    let refused = tungstenite(address, "/", &offers("other")).await.unwrap_err();
    assert_eq!(refused, StatusCode::INTERNAL_SERVER_ERROR.as_u16());
}

/// The entry is the credential, and has to be sent back for a browser to go on.
#[tokio::test]
async fn the_only_entry_is_sent_back_although_it_holds_a_key() {
    use patchcord_tokio::handshake::credential::{Encoding, Scheme};
    async fn handler(mut ws: WebSocketUpgrade) -> Result<Response, Rejection> {
        let scheme =
            const { Scheme::sole("key.", Encoding::Raw) }.map_err(|_| Refusal::NOT_FOUND)?;
        let key = ws.take_credential(&scheme)?.ok_or(Refusal::UNAUTHORIZED)?;
        assert!(key.matches("KEY"));
        let ws = ws.protocols(["chat"]);
        assert!(ws.selected_protocol().unwrap().is_sensitive());
        Ok(ws.on_upgrade(|_| async {}))
    }
    let address = serve(Router::new().route("/", any(handler))).await;
    let offers = [("sec-websocket-protocol", "key.KEY")];
    let (_, headers) = tungstenite(address, "/", &offers).await.unwrap();
    assert_eq!(headers["sec-websocket-protocol"], "key.KEY");
}

#[tokio::test]
async fn a_message_that_is_too_long_is_answered_with_1009() {
    async fn handler(ws: WebSocketUpgrade) -> Response {
        ws.max_message_size(100).on_upgrade(|mut socket| async move {
            let error = socket.recv().await.unwrap().unwrap_err();
            let _: axum::Error = error.into(); // as a handler's `?` makes it
        })
    }
    let address = serve(Router::new().route("/", any(handler))).await;
    let (mut peer, _) = tungstenite(address, "/", &[]).await.unwrap();
    peer.send(Message::binary(vec![0; 101])).await.unwrap();
    let Message::Close(Some(CloseFrame { code, .. })) = peer.next().await.unwrap().unwrap() else {
        panic!("no Close")
    };
    assert_eq!(u16::from(code), close_code::SIZE);
}

#[tokio::test]
async fn a_server_that_leaves_says_1001_to_all() {
    async fn handler(ws: WebSocketUpgrade, State(leaving): State<Leaving>) -> Response {
        let ws = ws.options(Options::new().leaving(&leaving));
        ws.on_upgrade(|mut socket| async move { while let Some(Ok(_)) = socket.recv().await {} })
    }
    let leaving = Leaving::new();
    let app = Router::new().route("/", any(handler)).with_state(leaving.clone());
    let address = serve(app).await;
    let mut peers = Vec::new();
    for _ in 0..3 {
        peers.push(tungstenite(address, "/", &[]).await.unwrap().0);
    }
    while leaving.members() < 3 {
        tokio::task::yield_now().await;
    }
    let leaves = tokio::spawn(async move { leaving.leave(Duration::from_secs(5)).await });
    for mut peer in peers {
        let Message::Close(Some(CloseFrame { code, .. })) = peer.next().await.unwrap().unwrap()
        else {
            panic!("no Close")
        };
        assert_eq!(u16::from(code), close_code::AWAY);
        assert!(peer.next().await.is_none());
    }
    assert_eq!(leaves.await.unwrap(), 0, "nobody is left");
}

/// The client is gone before it is answered.
#[tokio::test]
async fn a_connection_that_does_not_open_is_told() {
    type Told = tokio::sync::mpsc::UnboundedSender<String>;
    async fn handler(ws: WebSocketUpgrade, State(told): State<Told>) -> StatusCode {
        told.send("asked".to_owned()).unwrap();
        let report = move |error: axum::Error| told.send(error.to_string()).unwrap();
        let _response = ws.on_failed_upgrade(report).on_upgrade(|_| async { panic!("it opened") });
        std::future::pending().await
    }
    let (told, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let address = serve(Router::new().route("/", any(handler)).with_state(told)).await;
    let client = tokio::spawn(async move { tungstenite(address, "/", &[]).await });
    assert_eq!(hears.recv().await.unwrap(), "asked");
    client.abort();
    let error = tokio::time::timeout(Duration::from_secs(10), hears.recv()).await.unwrap().unwrap();
    assert!(error.contains("canceled"), "{error}");
}
