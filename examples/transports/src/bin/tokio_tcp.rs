//! tokio over TCP, one task for a connection, in both roles: it waits for the peer, for its
//! deadlines, and for other tasks, all in one `select!`.
//!
//! `WebSocket::next` loses nothing when another branch comes first: see `src/websocket.rs`.

use patchcord::handshake::Url;
use patchcord::{Config, Connection, End, Message, ThreadEntropy};
use patchcord_transports::talk::{AUDIO, FRAMES, PING, TEXT, Talk, echo};
use patchcord_transports::websocket::WebSocket;
use patchcord_transports::{Outcome, command, opening};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::interval;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    command::run(serve, connect).await
}

async fn serve(listener: TcpListener, config: Config) -> Outcome {
    command::each(listener, move |tcp| session(tcp, config)).await
}

/// One connection of the server's: a peer that is silent is sent a ping.
async fn session(mut tcp: TcpStream, config: Config) -> Outcome {
    let input = opening::answer(&mut tcp).await?;
    let connection = Connection::server(config);
    let mut socket = WebSocket::new(tcp, connection, input);
    while let Some(event) = socket.next().await? {
        echo(&event, &mut socket.connection, &mut socket.out)?;
    }
    socket.end().await
}

/// A client that listens while it speaks.
async fn connect(url: &str, config: Config) -> Outcome {
    let url = Url::parse(url)?;
    for first in [End::Local, End::Peer] {
        let mut tcp = TcpStream::connect(opening::address(&url)).await?;
        tcp.set_nodelay(true)?;
        let (subprotocol, input) = opening::ask(&mut tcp, url).await?;
        let connection = Connection::client(ThreadEntropy, config);
        let mut socket = WebSocket::new(tcp, connection, input);
        let mut talk = Talk::new(first);
        socket.connection.send(Message::Text(TEXT), &mut socket.out)?;
        socket.connection.ping(PING, &mut socket.out)?;
        let mut microphone = microphone();
        loop {
            tokio::select! {
                event = socket.next() => match event? {
                    Some(event) => talk.hear(&event, &mut socket.connection, &mut socket.out)?,
                    None => break,
                },
                Some(pcm) = microphone.recv() => {
                    socket.connection.send(Message::Binary(&pcm), &mut socket.out)?;
                }
            }
        }
        socket.end().await?;
        println!("{}", talk.report(&subprotocol)?);
    }
    Ok(())
}

/// A task of its own: 20 ms of audio every 20 ms.
fn microphone() -> mpsc::Receiver<[u8; AUDIO.len()]> {
    let (sender, receiver) = mpsc::channel(FRAMES);
    tokio::spawn(async move {
        let mut clock = interval(Duration::from_millis(20));
        for _ in 0..FRAMES {
            clock.tick().await;
            if sender.send(AUDIO).await.is_err() {
                break; // the talk is over
            }
        }
    });
    receiver
}
