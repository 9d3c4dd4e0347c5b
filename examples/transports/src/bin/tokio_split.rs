//! tokio over TCP, two tasks for a connection, in both roles: one reads with a `Decoder`, one
//! writes with an `Encoder`, and a channel of events leads to the latter: see `src/halves.rs`.
//!
//! Pings and Closes are answered by hand here, and deadlines are kept by hand, which a `Connection`
//! in one task takes care of. In return, every task with a `Sender` can speak.

use bytes::BytesMut;
use patchcord::handshake::Url;
use patchcord::{Config, Decoder, Encoder, End, Event, ThreadEntropy};
use patchcord_transports::talk::{
    AUDIO, BYE, FRAMES, PING, Say, TEXT, Talk, close_event, tell, text_event,
};
use patchcord_transports::{Outcome, command, halves, opening};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{Sender, channel};

/// How many events may wait to be written.
const WAITING: usize = 16;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    command::run(serve, connect).await
}

async fn serve(listener: TcpListener, config: Config) -> Outcome {
    command::each(listener, move |tcp| session(tcp, config)).await
}

async fn session(mut tcp: TcpStream, config: Config) -> Outcome {
    let input = opening::answer(&mut tcp).await?;
    let decoder = Decoder::server(config.limits, config.delivery);
    let encoder = Encoder::server();
    let said = channel(WAITING);
    let hear = |event| {
        tell(&event);
        match event {
            Event::Text(text) if *text == *BYE => Some(close_event(End::Peer)),
            Event::Ping(octets) => Some(Event::Pong(octets)),
            Event::Pong(_) => None,
            event => Some(event), // a message, or a Close: the same again
        }
    };
    halves::run(tcp, (decoder, encoder), input, said, config.timeouts, hear).await
}

async fn connect(url: &str, config: Config) -> Outcome {
    let url = Url::parse(url)?;
    for first in [End::Local, End::Peer] {
        let mut tcp = TcpStream::connect(opening::address(&url)).await?;
        tcp.set_nodelay(true)?;
        let (subprotocol, input) = opening::ask(&mut tcp, url).await?;
        let decoder = Decoder::client(config.limits, config.delivery);
        let encoder = Encoder::client(ThreadEntropy);
        let (say, said) = channel(WAITING);
        tokio::spawn(speak(say.clone()));
        let mut talk = Talk::new(first);
        let hear = |event| match (talk.note(&event), event) {
            (Some(Say::Bye), _) => Some(text_event(BYE)),
            (Some(Say::Close), _) => Some(close_event(End::Local)),
            (None, Event::Ping(octets)) => Some(Event::Pong(octets)),
            (None, Event::Close(body)) => Some(Event::Close(body)),
            _ => None,
        };
        let said = (say, said);
        halves::run(tcp, (decoder, encoder), input, said, config.timeouts, hear).await?;
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
