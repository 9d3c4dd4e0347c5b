//! The calls of axum's example `websockets`: a ping first, then greetings, then two tasks that each have
//! a half, until one of them ends; it tells what it saw.

use super::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use axum::{Router, body::Bytes, routing::any};
use futures_util::{SinkExt, StreamExt};
use std::{net::SocketAddr, ops::ControlFlow, time::Duration};
use tokio::sync::mpsc::UnboundedSender;

type Seen = UnboundedSender<String>;

async fn handler(
    ws: WebSocketUpgrade,
    headers: HeaderMap,
    ConnectInfo(who): ConnectInfo<SocketAddr>,
    State(seen): State<Seen>,
) -> impl IntoResponse {
    let agent = headers.get(header::USER_AGENT).map(|agent| agent.to_str().unwrap().to_owned());
    seen.send(format!("{} of {}", agent.unwrap_or("somebody".to_owned()), who.ip())).unwrap();
    ws.on_upgrade(move |socket| session(socket, seen))
}

async fn session(mut socket: WebSocket, seen: Seen) {
    if socket.send(Message::Ping(Bytes::from_static(&[1, 2, 3]))).await.is_err() {
        return;
    }
    let Some(Ok(first)) = socket.recv().await else { return };
    if note(first, &seen).is_break() {
        return;
    }
    for time in 1..5 {
        if socket.send(Message::Text(format!("Hi {time} times!").into())).await.is_err() {
            return;
        }
    }
    let (mut sender, mut receiver) = socket.split();
    let mut sends = tokio::spawn(async move {
        for number in 0..20 {
            let message = Message::Text(format!("Server message {number}").into());
            if sender.send(message).await.is_err() {
                return number;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let goodbye =
            CloseFrame { code: close_code::NORMAL, reason: Utf8Bytes::from_static("Goodbye") };
        if let Err(error) = sender.send(Message::Close(Some(goodbye))).await {
            println!("could not say goodbye: {error}");
        }
        20
    });
    let notes = seen.clone();
    let mut receives = tokio::spawn(async move {
        let mut count = 0;
        while let Some(Ok(message)) = receiver.next().await {
            count += 1;
            if note(message, &notes).is_break() {
                break;
            }
        }
        count
    });
    tokio::select! {
        sent = (&mut sends) => {
            seen.send(format!("sent {}", sent.unwrap())).unwrap();
            receives.abort();
        }
        received = (&mut receives) => {
            seen.send(format!("received {}", received.unwrap())).unwrap();
            sends.abort();
        }
    }
}

fn note(message: Message, seen: &Seen) -> ControlFlow<()> {
    let (note, flow) = match message {
        Message::Text(text) => (format!("text {text:?}"), ControlFlow::Continue(())),
        Message::Binary(bytes) => (format!("{} bytes", bytes.len()), ControlFlow::Continue(())),
        Message::Ping(bytes) => (format!("ping {bytes:?}"), ControlFlow::Continue(())),
        Message::Pong(bytes) => (format!("pong {bytes:?}"), ControlFlow::Continue(())),
        Message::Close(Some(close)) => {
            (format!("close {} {}", close.code, close.reason), ControlFlow::Break(()))
        }
        Message::Close(None) => ("close".to_owned(), ControlFlow::Break(())),
    };
    seen.send(note).unwrap();
    flow
}

pub(crate) fn app(seen: Seen) -> Router {
    Router::new().route("/ws", any(handler)).with_state(seen)
}
