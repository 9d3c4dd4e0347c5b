//! A connection over TCP in two tasks: one reads with a `Decoder`, one writes with an `Encoder`.

use crate::Outcome;
use crate::websocket::{FAREWELL, PATIENCE, wait_until};
use bytes::BytesMut;
use patchcord::{
    Close, CloseCode, Decoder, Encoder, Event, Expired, Limits, Message, Role, SendError, Text,
    Timeouts,
};
use std::io;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, tcp::OwnedReadHalf, tcp::OwnedWriteHalf};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::{Instant, timeout};

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
    (decoder, encoder): (Decoder, Encoder<R>),
    mut input: BytesMut,
    (say, said): Said,
    timeouts: Timeouts,
    mut hear: impl FnMut(Event<BytesMut>) -> Option<Event<BytesMut>>,
) -> Outcome {
    let (mut reader, writer) = tcp.into_split();
    let writing = tokio::spawn(write(writer, encoder, said));
    if let Err(error) = listen(&mut reader, decoder, &mut input, &say, timeouts, &mut hear).await {
        drop(say);
        let _ = timeout(FAREWELL, writing).await; // the peer is told why
        return Err(error);
    }
    // RFC 6455 section 7.1.1: the server ends TCP first, and the client waits for that.
    // After both Closes, how it ends is not an error.
    if R::MASKS {
        let _ = timeout(PATIENCE, drain(&mut reader)).await;
    }
    drop(say); // what was said is written, and then the stream ends
    writing.await??;
    let _ = timeout(PATIENCE, drain(&mut reader)).await;
    Ok(())
}

/// Hears the peer up to its Close.
async fn listen(
    reader: &mut OwnedReadHalf,
    mut decoder: Decoder,
    input: &mut BytesMut,
    say: &Sender<Event<BytesMut>>,
    timeouts: Timeouts,
    hear: &mut impl FnMut(Event<BytesMut>) -> Option<Event<BytesMut>>,
) -> Outcome {
    let mut silence = Silence::new(timeouts);
    let mut is_open = true;
    while is_open {
        let event = match decoder.decode(input) {
            Ok(Some(event)) => event,
            Ok(None) => {
                input.reserve(Limits::WHOLE as usize);
                tokio::select! {
                    read = reader.read_buf(input) => match read? {
                        0 => return Err("the stream ended without a closing handshake".into()),
                        _ => silence.broken(),
                    },
                    () = wait_until(silence.until) => silence.too_long(say).await?,
                }
                continue;
            }
            Err(error) => {
                let (code, reason) = (error.close_code(), Text::new(BytesMut::new())?);
                say.send(Event::Close(Some(Close { code, reason }))).await?;
                return Err(error.into());
            }
        };
        is_open = !matches!(event, Event::Close(_));
        if let Some(answer) = hear(event) {
            if matches!(answer, Event::Close(_)) {
                silence.closing();
            }
            say.send(answer).await?; // waits while the writing task is behind
        }
    }
    Ok(())
}

/// What it means that the peer is silent, and until when it may be.
struct Silence {
    means: Means,
    until: Option<Instant>,
    timeouts: Timeouts,
}

enum Means {
    Nothing,
    /// A ping is not answered.
    NoPong,
    /// A Close is not answered.
    NoClose,
}

impl Silence {
    fn new(timeouts: Timeouts) -> Self {
        let until = after(timeouts.ping_interval);
        Self { means: Means::Nothing, until, timeouts }
    }

    /// The peer said something; a Close is waited for no longer for that.
    fn broken(&mut self) {
        if !matches!(self.means, Means::NoClose) {
            *self = Self::new(self.timeouts);
        }
    }

    fn closing(&mut self) {
        (self.means, self.until) = (Means::NoClose, after(self.timeouts.close));
    }

    /// The peer is asked whether it is there, and given up if it was asked before.
    async fn too_long(&mut self, say: &Sender<Event<BytesMut>>) -> Outcome {
        match self.means {
            Means::Nothing => {
                say.send(Event::Ping(BytesMut::new())).await?;
                (self.means, self.until) = (Means::NoPong, after(self.timeouts.pong));
                Ok(())
            }
            Means::NoPong => {
                let (code, reason) = (CloseCode::INTERNAL_ERROR, Text::new(BytesMut::new())?);
                say.send(Event::Close(Some(Close { code, reason }))).await?;
                Err(Expired::Pong.into())
            }
            Means::NoClose => Err(Expired::Close.into()),
        }
    }
}

fn after(span: Option<Duration>) -> Option<Instant> {
    span.map(|span| Instant::now() + span)
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
    let _ = tcp.shutdown().await; // the peer may have ended TCP already
    Ok(())
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
