//! The calls of axum's example `chat`: names that nobody else has, and what one says is told to all.

use super::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::State;
use axum::response::IntoResponse;
use axum::{Router, routing::get};
use futures_util::{sink::SinkExt, stream::StreamExt};
use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use tokio::sync::broadcast;

struct Room {
    names: Mutex<HashSet<String>>,
    said: broadcast::Sender<String>,
}

async fn handler(ws: WebSocketUpgrade, State(room): State<Arc<Room>>) -> impl IntoResponse {
    ws.on_upgrade(|socket| session(socket, room))
}

async fn session(stream: WebSocket, room: Arc<Room>) {
    let (mut sender, mut receiver) = stream.split();
    let mut name = String::new();
    while let Some(Ok(message)) = receiver.next().await {
        if let Message::Text(wish) = message {
            if room.names.lock().unwrap().insert(wish.to_string()) {
                name.push_str(&wish);
                break;
            }
            let taken = Message::Text(String::from("Username already taken.").into());
            let _ = sender.send(taken).await;
            return;
        }
    }
    let mut hears = room.said.subscribe();
    let _ = room.said.send(format!("{name} joined."));
    let mut sends = tokio::spawn(async move {
        while let Ok(said) = hears.recv().await {
            if sender.send(Message::text(said)).await.is_err() {
                break;
            }
        }
    });
    let (said, own) = (room.said.clone(), name.clone());
    let mut receives = tokio::spawn(async move {
        while let Some(Ok(Message::Text(text))) = receiver.next().await {
            let _ = said.send(format!("{own}: {text}"));
        }
    });
    tokio::select! {
        _ = &mut sends => receives.abort(),
        _ = &mut receives => sends.abort(),
    }
    let _ = room.said.send(format!("{name} left."));
    room.names.lock().unwrap().remove(&name);
}

pub(crate) fn app() -> Router {
    let (said, _) = broadcast::channel(100);
    let room = Arc::new(Room { names: Mutex::default(), said });
    Router::new().route("/websocket", get(handler)).with_state(room)
}
