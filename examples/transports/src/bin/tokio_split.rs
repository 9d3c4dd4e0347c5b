//! tokio over TCP, a connection in two halves, in both roles: any task with a sender can speak, and
//! another one listens: see `src/halves.rs`.
//!
//! Neither half has to deal with pings, Closes and deadlines.

use bytes::BytesMut;
use patchcord::handshake::{Url, client::Request};
use patchcord::{ClosedBy, Event};
use patchcord_transports::blocking::address;
use patchcord_transports::command::Settings;
use patchcord_transports::halves::split;
use patchcord_transports::serving::{Place, each};
use patchcord_transports::talk::{
    AUDIO, BYE, FRAMES, PING, Say, TEXT, Talk, admit, close_event, offer, tell, text_event,
};
use patchcord_transports::websocket::WebSocket;
use patchcord_transports::{Outcome, command};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::Sender;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    command::run(serve, connect).await
}

async fn serve(listener: TcpListener, settings: Settings) -> Outcome {
    each(listener, settings, move |tcp, place| session(tcp, settings, place)).await
}

async fn session(tcp: TcpStream, settings: Settings, _place: Place) -> Outcome {
    let socket = WebSocket::accept(tcp, settings.config, admit).await?;
    let (say, mut listener) = split(socket);
    while let Some(event) = listener.next().await {
        tell(&event);
        let answer = match event {
            Event::Text(text) if *text == *BYE => close_event(ClosedBy::Peer),
            event @ (Event::Text(_) | Event::Binary(_)) => event,
            _ => continue,
        };
        if say.send(answer).await.is_err() {
            break; // the connection is over
        }
    }
    Ok(listener.end().await?)
}

async fn connect(url: &str, settings: Settings) -> Outcome {
    let url = Url::parse(url)?;
    for first in [ClosedBy::Local, ClosedBy::Peer] {
        let tcp = TcpStream::connect(address(&url)).await?;
        tcp.set_nodelay(true)?;
        let request = Request::new(url).with_offer(offer()?);
        let (socket, subprotocol) = WebSocket::connect(tcp, settings.config, &request).await?;
        let (say, mut listener) = split(socket);
        tokio::spawn(speak(say.clone()));
        let mut talk = Talk::new(first);
        while let Some(event) = listener.next().await {
            let last_word = match talk.note(&event) {
                Some(Say::Bye) => text_event(BYE),
                Some(Say::Close) => close_event(ClosedBy::Local),
                None => continue,
            };
            let _ = say.send(last_word).await; // unless the connection is over
        }
        listener.end().await?;
        println!("{}", talk.report(&subprotocol)?);
    }
    Ok(())
}

/// A task that only speaks.
async fn speak(say: Sender<Event<BytesMut>>) -> Outcome {
    say.send(text_event(TEXT)).await?;
    say.send(Event::Ping(PING.into())).await?;
    for _ in 0..FRAMES {
        say.send(Event::Binary(AUDIO[..].into())).await?;
    }
    Ok(())
}
