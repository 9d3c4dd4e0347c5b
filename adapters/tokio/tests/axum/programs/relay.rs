//! The calls of axum's example `websockets-http2`: one task that receives from the peer and from all
//! others at a time.

use super::ws::{self, WebSocketUpgrade};
use axum::extract::State;
use axum::{Router, http::Version, response::Response, routing::any};
use tokio::sync::broadcast;

async fn handler(
    ws: WebSocketUpgrade,
    version: Version,
    State(said): State<broadcast::Sender<String>>,
) -> Response {
    let mut hears = said.subscribe();
    ws.on_upgrade(move |mut ws| async move {
        if ws.send(format!("{version:?}").into()).await.is_err() {
            return;
        }
        loop {
            tokio::select! {
                received = ws.recv() => match received {
                    Some(Ok(ws::Message::Text(text))) => {
                        let _ = said.send(text.to_string());
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => break,
                },
                heard = hears.recv() => match heard {
                    Ok(text) => {
                        if ws.send(ws::Message::Text(text.into())).await.is_err() {
                            break;
                        }
                    }
                    Err(_) => continue,
                },
            }
        }
    })
}

pub(crate) fn app() -> Router {
    Router::new().route("/ws", any(handler)).with_state(broadcast::channel(16).0)
}
