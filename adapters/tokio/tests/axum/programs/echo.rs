//! What axum's own tests of its `ws` serve: an echo that picks one of two subprotocols.

use super::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::{Router, response::Response, routing::any};

async fn session(mut socket: WebSocket) {
    assert_eq!(socket.protocol().unwrap(), "echo");
    while let Some(Ok(message)) = socket.recv().await {
        let answers = matches!(message, Message::Text(_) | Message::Binary(_) | Message::Close(_));
        if answers && socket.send(message).await.is_err() {
            return;
        }
    }
}

async fn handler(ws: WebSocketUpgrade) -> Response {
    let ws = ws.protocols(["echo2", "echo"]);
    assert_eq!(ws.selected_protocol().unwrap(), "echo");
    ws.on_upgrade(session)
}

/// With a callback for those that fail, whose error is axum's.
async fn reporting(ws: WebSocketUpgrade) -> Response {
    ws.on_failed_upgrade(|error: axum::Error| eprintln!("{error}")).on_upgrade(session)
}

pub(crate) fn app() -> Router {
    Router::new().route("/echo", any(handler)).route("/reporting", any(reporting))
}
