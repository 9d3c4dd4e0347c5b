//! tokio over TCP, one task per connection, in both roles: it waits for the peer, for its
//! deadlines, and for other tasks, all in one `select!`.
//!
//! `WebSocket::turn` loses nothing when another branch comes first: see `src/websocket.rs`.

use patchcord::handshake::{Url, client::Request};
use patchcord::{ClosedBy, Message};
use patchcord_transports::blocking::address;
use patchcord_transports::command::Settings;
use patchcord_transports::serving::each;
use patchcord_transports::talk::{AUDIO, FRAMES, PING, TEXT, Talk, admit, echo, offer};
use patchcord_transports::websocket::WebSocket;
use patchcord_transports::{Outcome, command};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::interval;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    command::run(serve, connect).await
}

async fn serve(listener: TcpListener, settings: Settings) -> Outcome {
    each(listener, settings, |tcp, place| async move {
        let _place = place;
        let mut socket = WebSocket::accept(tcp, settings.config, admit).await?;
        Ok(socket.run(echo).await?)
    })
    .await
}

/// A client that listens while it speaks.
async fn connect(url: &str, settings: Settings) -> Outcome {
    let url = Url::parse(url)?;
    for first in [ClosedBy::Local, ClosedBy::Peer] {
        let tcp = TcpStream::connect(address(&url)).await?;
        tcp.set_nodelay(true)?;
        let request = Request::new(url).with_offer(offer()?);
        let (mut socket, subprotocol) = WebSocket::connect(tcp, settings.config, &request).await?;
        let mut talk = Talk::new(first);
        socket.driver.connection.send(Message::Text(TEXT), &mut socket.driver.output)?;
        socket.driver.connection.ping(PING, &mut socket.driver.output)?;
        let mut microphone = microphone();
        loop {
            tokio::select! {
                goes_on = socket.turn(|event, connection, out| talk.hear(&event, connection, out)) => {
                    if !goes_on? {
                        break;
                    }
                }
                Some(pcm) = microphone.recv() => {
                    // Between this process's Close and the peer's, nothing can be said.
                    let driver = &mut socket.driver;
                    let _ = driver.connection.send(Message::Binary(&pcm), &mut driver.output);
                }
            }
        }
        println!("{}", talk.report(&subprotocol)?);
    }
    Ok(())
}

/// A separate task: 20 ms of audio every 20 ms.
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
