//! The talk, the same over every transport: a key, a text, audio, a ping, and a Close from either end.

use crate::Outcome;
use crate::halves::text;
use crate::leaving::is_leaving;
use crate::websocket::{Sent, WebSocket};
use bytes::BytesMut;
use patchcord::handshake::credential::vendor::DEEPGRAM;
use patchcord::handshake::server::{Carrier, Refusal, Request, Response};
use patchcord::handshake::subprotocol::Offer;
use patchcord::payload::{Payload, PayloadBytes};
use patchcord::{
    Close, CloseCode, ClosedBy, Connection, Event, Message, Role, SendBuffer, Server, State,
};
use tokio::io::{AsyncRead, AsyncWrite};

/// As a page offers it: `new WebSocket(url, ["token", KEY])`.
pub const KEY: &str = "k-3141592653";

/// A text of nine characters and ten bytes.
pub const TEXT: &str = "Good café";

/// 20 ms of audio: 16 kHz, 16 bit, mono.
pub const AUDIO: [u8; 640] = {
    let mut audio = [0; 640];
    let mut at = 0;
    while at < audio.len() {
        audio[at] = (at * 7 % 251) as u8;
        at += 1;
    }
    audio
};

/// How many times that audio is sent.
pub const FRAMES: usize = 5;

pub const PING: &[u8] = b"are you there?";

/// Asks the server to be the one that closes.
pub const BYE: &str = "bye";

/// Returns what either end says when it closes first.
#[must_use]
pub fn close_by(end: ClosedBy) -> Close<&'static [u8]> {
    match end {
        ClosedBy::Local => Close::new(CloseCode::NORMAL, "that was all"),
        ClosedBy::Peer => Close::new(CloseCode::GOING_AWAY, "you said bye"),
    }
}

/// Returns the same as an event.
#[must_use]
pub fn close_event(end: ClosedBy) -> Event<BytesMut> {
    let Close { code, reason } = close_by(end);
    Event::Close(Some(Close { code, reason: text(&reason) }))
}

/// Returns a text as an event.
#[must_use]
pub fn text_event(text: &str) -> Event<BytesMut> {
    Event::Text(self::text(text))
}

/// Returns what a client offers.
///
/// # Errors
/// When the key is not a token.
pub fn offer() -> Outcome<Offer> {
    Ok(DEEPGRAM.offer(KEY)?)
}

/// Decides whether a server admits a client, and returns the subprotocol that it selects then: the marker.
///
/// # Errors
/// The response to send instead.
pub fn admit<'head, C: Carrier>(
    request: &Request<'head, C>,
) -> Result<Response<'head, C>, Refusal> {
    let mut offers = request.offers();
    match offers.take(&DEEPGRAM.scheme)? {
        Some(key) if key.matches(KEY) => {}
        _ => return Err(Refusal::UNAUTHORIZED.with_headers(&[("WWW-Authenticate", "Token")])?),
    }
    Ok(request.response().with_subprotocol(offers.select(&["token"])?)?)
}

/// A server's answer to what it hears: the same again, and a Close to a peer that says bye.
///
/// # Errors
/// When the connection is closed.
pub fn echo(
    event: Event<Payload<'_>>,
    connection: &mut Connection<Server>,
    out: &mut SendBuffer,
) -> Sent {
    tell(&event);
    match &event {
        _ if connection.state() != State::Open => Ok(()),
        Event::Text(text) if **text == *BYE => {
            connection.close(Some(close_by(ClosedBy::Peer)), out)
        }
        Event::Text(text) => connection.send(Message::Text(text), out),
        Event::Binary(payload) => connection.send(Message::Binary(payload), out),
        _ => Ok(()),
    }
}

/// Prints a Close, as the server received it.
pub fn tell<P: PayloadBytes>(event: &Event<P>) {
    if let Event::Close(Some(close)) = event {
        println!("server  heard {} {:?}", close.code, close.reason);
    }
}

/// A client's side of the talk.
#[derive(Debug)]
pub struct Talk {
    first: ClosedBy,
    text: bool,
    pong: bool,
    frames: usize,
    asked: bool,
    close: String,
}

/// What a client says once it has heard everything.
pub enum Say {
    Bye,
    Close,
}

impl Talk {
    /// A talk in which this end closes first.
    #[must_use]
    pub fn new(first: ClosedBy) -> Self {
        let close = String::new();
        Self { first, text: false, pong: false, frames: 0, asked: false, close }
    }

    /// Says everything but the last word.
    ///
    /// # Errors
    /// When the connection is closed.
    pub fn begin<R: Role>(&self, connection: &mut Connection<R>, out: &mut SendBuffer) -> Sent {
        connection.send(Message::Text(TEXT), out)?;
        connection.ping(PING, out)?;
        (0..FRAMES).try_for_each(|_| connection.send(Message::Binary(&AUDIO), out))
    }

    /// Hears what the server says, and says the last word once everything has come back.
    ///
    /// # Errors
    /// When the connection is closed.
    pub fn hear<R: Role, P: PayloadBytes>(
        &mut self,
        event: &Event<P>,
        connection: &mut Connection<R>,
        out: &mut SendBuffer,
    ) -> Sent {
        match self.note(event) {
            Some(Say::Bye) => connection.send(Message::Text(BYE), out),
            Some(Say::Close) => connection.close(Some(close_by(ClosedBy::Local)), out),
            None => Ok(()),
        }
    }

    /// Notes what the server says, and returns what to say to that, if anything.
    pub fn note<P: PayloadBytes>(&mut self, event: &Event<P>) -> Option<Say> {
        match event {
            Event::Text(text) => self.text |= **text == *TEXT,
            Event::Binary(payload) => self.frames += usize::from(payload.as_ref() == AUDIO),
            Event::Pong(payload) => self.pong |= payload.as_ref() == PING,
            Event::Close(Some(close)) => self.close = format!("{} {:?}", close.code, close.reason),
            _ => {}
        }
        let is_over = self.text && self.pong && self.frames == FRAMES;
        (is_over && !std::mem::replace(&mut self.asked, true)).then_some(match self.first {
            ClosedBy::Local => Say::Close,
            ClosedBy::Peer => Say::Bye,
        })
    }

    /// Holds the talk over a stream of tokio's, up to the stream's end, and returns a report.
    ///
    /// # Errors
    /// When it goes wrong.
    pub async fn hold<S: AsyncRead + AsyncWrite + Unpin, R: Role>(
        mut self,
        mut socket: WebSocket<S, R>,
        subprotocol: &str,
    ) -> Outcome {
        self.begin(&mut socket.driver.connection, &mut socket.driver.output)?;
        socket.run(|event, connection, out| self.hear(&event, connection, out)).await?;
        println!("{}", self.report(subprotocol)?);
        Ok(())
    }

    /// Reports what happened, in one line.
    ///
    /// # Errors
    /// When not everything came back.
    pub fn report(self, subprotocol: &str) -> Outcome<String> {
        let expected = match self.first {
            ClosedBy::Local => close_by(ClosedBy::Local).code.to_string(), // the reason need not come back
            ClosedBy::Peer => {
                let Close { code, reason } = close_by(ClosedBy::Peer);
                format!("{code} {reason:?}")
            }
        };
        let is_whole = self.asked && self.frames == FRAMES && self.close.starts_with(&expected);
        if subprotocol != "token" {
            return Err("the server did not select token".into()); // but perhaps the key
        }
        if !is_whole && is_leaving() {
            return Ok("client  left before the talk was over".to_owned());
        }
        if !is_whole {
            return Err(format!("the talk went wrong: {self:?}").into());
        }
        let Self { first, frames, close, .. } = self;
        let first = if first == ClosedBy::Local { "client" } else { "server" };
        let audio = frames * AUDIO.len();
        Ok(format!(
            "client  selected {subprotocol}; received {TEXT:?}, {audio} bytes of audio, a pong; \
             {first} closed, heard {close}"
        ))
    }
}
