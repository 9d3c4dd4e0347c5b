//! Rooms behind axum, for pages with `new WebSocket("/rooms/lobby", ["token", KEY])`, and for programs.
//! The key says who is in; who is behind is let go with 1013; Ctrl-C says 1001 to all.

use axum::extract::{Path, State};
use axum::{Router, response::Response, routing::any, serve::ListenerExt};
use patchcord_tokio::axum::rejection::WebSocketUpgradeRejection as Rejection;
use patchcord_tokio::axum::{WebSocket, WebSocketUpgrade};
use patchcord_tokio::handshake::admission::Admission;
use patchcord_tokio::handshake::credential::vendor::DEEPGRAM;
use patchcord_tokio::handshake::server::Refusal;
use patchcord_tokio::{Behind, Error, Leaving, Message, Options, Prepared};
use std::{collections::HashMap, sync::Arc, sync::Mutex, time::Duration};
use tokio::net::TcpListener;
use tokio::sync::broadcast::{self, Sender};

const USERS: [(&str, &str); 2] = [("ann", "key-of-ann"), ("bob", "key-of-bob")];

#[derive(Clone)]
struct Server {
    rooms: Arc<Mutex<HashMap<String, Sender<Prepared>>>>,
    options: Options,
}

async fn enter(
    ws: WebSocketUpgrade,
    Path(room): Path<String>,
    State(server): State<Server>,
) -> Result<Response, Rejection> {
    let mut ws = ws.admission(Admission::same_host().or_absent())?;
    let key = ws.take_credential(&DEEPGRAM.scheme)?.ok_or(Refusal::UNAUTHORIZED)?;
    let user = USERS.iter().find(|(_, known)| key.matches(known)).ok_or(Refusal::UNAUTHORIZED)?.0;
    let empty = || broadcast::channel(256).0;
    let room = server.rooms.lock().unwrap().entry(room).or_insert_with(empty).clone();
    Ok(ws.options(server.options).protocols(["token"]).on_upgrade(move |socket| async move {
        let _ = session(socket, user, room).await; // however it ends
    }))
}

async fn session(socket: WebSocket, user: &str, room: Sender<Prepared>) -> Result<(), Error> {
    let (mut socket, mut hears) = (socket.into_inner(), room.subscribe());
    loop {
        tokio::select! {
            heard = hears.recv() => {
                let Ok(said) = heard else { return socket.close(None).await };
                if socket.feed_prepared(&said).await.is_err() { // leaves with the next `recv`
                    return socket.close(None).await; // with 1013, if it is behind
                }
            }
            received = socket.recv() => match received.transpose()? {
                Some(Message::Text(text)) => {
                    let said = format!("{user}: {text}");
                    let _ = room.send(Prepared::new(patchcord::Message::Text(&said)));
                }
                Some(_) => {}
                None => return Ok(()),
            },
        }
    }
}

async fn serve(listener: TcpListener, leaving: Leaving) -> std::io::Result<()> {
    let options = Options::new().behind(Behind::Close).leaving(&leaving);
    let options = options.ping_interval(Duration::from_secs(20));
    let server = Server { rooms: Arc::default(), options };
    let app = Router::new().route("/rooms/{room}", any(enter)).with_state(server);
    let listener = listener.tap_io(|tcp| drop(tcp.set_nodelay(true)));
    axum::serve(listener, app).with_graceful_shutdown(async move { leaving.left().await }).await
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:3000".to_owned());
    let (listener, leaving) = (TcpListener::bind(address).await?, Leaving::new());
    println!("listening on {}", listener.local_addr()?);
    let serves = tokio::spawn(serve(listener, leaving.clone()));
    tokio::signal::ctrl_c().await?;
    leaving.leave(Duration::from_secs(5)).await; // and those that are left then fail
    serves.await?
}
