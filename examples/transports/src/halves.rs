//! A connection over TCP in two tasks: one reads with a `Decoder`, one writes with an `Encoder`.

use crate::Outcome;
use crate::websocket::PATIENCE;
use bytes::BytesMut;
use patchcord::{Close, Decoder, Encoder, Event, Limits, Message, Role, SendError, Text};
use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::timeout;

/// Where what is to be said comes from, and where to put more.
type Said = (Sender<Event<BytesMut>>, Receiver<Event<BytesMut>>);

/// Runs a connection, from what was read behind the opening handshake to the end of TCP.
///
/// `hear` is given every event, and what it returns is said. Pings and Closes are its to answer.
///
/// # Errors
/// When the peer broke a rule or went away.
pub async fn run<R: Role + Send + 'static>(
    tcp: TcpStream,
    (mut decoder, encoder): (Decoder, Encoder<R>),
    mut input: BytesMut,
    (say, said): Said,
    mut hear: impl FnMut(Event<BytesMut>) -> Option<Event<BytesMut>>,
) -> Outcome {
    let (mut reader, writer) = tcp.into_split();
    let writing = tokio::spawn(write(writer, encoder, said));
    let mut is_open = true;
    while is_open {
        let event = match decoder.decode(&mut input) {
            Ok(Some(event)) => event,
            Ok(None) => {
                input.reserve(Limits::WHOLE as usize);
                match reader.read_buf(&mut input).await? {
                    0 => return Err("the stream ended without a closing handshake".into()),
                    _ => continue,
                }
            }
            Err(error) => {
                let (code, reason) = (error.close_code(), Text::new(BytesMut::new())?);
                say.send(Event::Close(Some(Close { code, reason }))).await?;
                return Err(error.into());
            }
        };
        is_open = !matches!(event, Event::Close(_));
        if let Some(answer) = hear(event) {
            say.send(answer).await?; // waits while the writing task is behind
        }
    }
    // RFC 6455 section 7.1.1: the server ends TCP first, and the client waits for that.
    if R::MASKS {
        timeout(PATIENCE, drain(&mut reader)).await??;
    }
    drop(say); // what was said is written, and then the stream ends
    writing.await??;
    Ok(timeout(PATIENCE, drain(&mut reader)).await??)
}

async fn drain(reader: &mut OwnedReadHalf) -> io::Result<()> {
    tokio::io::copy(reader, &mut tokio::io::sink()).await.map(drop)
}

/// Writes what other tasks say; in one write what comes while the one before is under way.
async fn write<R: Role>(
    mut tcp: OwnedWriteHalf,
    mut encoder: Encoder<R>,
    mut said: Receiver<Event<BytesMut>>,
) -> Outcome {
    let mut events = Vec::new();
    let mut out = BytesMut::new();
    while said.recv_many(&mut events, 16).await > 0 {
        for event in events.drain(..) {
            match encode(&mut encoder, &event, &mut out) {
                Err(SendError::Closed) => {} // a second Close: this end's came first
                encoded => encoded?,
            }
        }
        tcp.write_all_buf(&mut out).await?;
    }
    Ok(tcp.shutdown().await?)
}

fn encode<R: Role>(
    encoder: &mut Encoder<R>,
    event: &Event<BytesMut>,
    out: &mut BytesMut,
) -> Result<(), SendError> {
    match event {
        Event::Text(text) => encoder.encode(Message::Text(text), out),
        Event::Binary(octets) => encoder.encode(Message::Binary(octets), out),
        Event::Fragment(fragment) => encoder.encode_fragment(fragment.as_ref(), out),
        Event::Ping(octets) => encoder.encode_ping(octets, out),
        Event::Pong(octets) => encoder.encode_pong(octets, out),
        Event::Close(close) => {
            let close = close.as_ref().map(|close| Close::new(close.code, &close.reason));
            encoder.encode_close(close, out)
        }
    }
}
