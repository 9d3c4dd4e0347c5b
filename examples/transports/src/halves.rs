//! A connection in two halves, each of which a separate task may hold: one speaks, one listens.
//!
//! Another task keeps the connection going, whatever the halves do: it answers pings and the
//! Close, and keeps the deadlines. While events wait to be heard, nothing is read, so a peer cannot
//! fill the memory. Once both halves are dropped, the connection is closed, and the task ends.

use crate::websocket::WebSocket;
use bytes::{Buf, BytesMut};
use patchcord::payload::Payload;
use patchcord::{Close, CloseCode, Driver, Event, Fragment, Message, Role, SendError, Text};
use std::collections::VecDeque;
use std::future::pending;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;
use tokio::task::yield_now;
use tokio::time::{Instant, sleep_until};

/// How long the peer's next word, which may be its Close or the end of its stream, waits for the
/// answers to the words before.
const ANSWER: Duration = Duration::from_secs(1);

/// How many events may wait in either direction.
const WAITING: usize = 16;

/// The half that listens.
pub struct Listener {
    heard: Receiver<Event<BytesMut>>,
    asks: Arc<Asks>,
    running: JoinHandle<io::Result<()>>,
}

impl Listener {
    /// Returns what the peer says next, or `None` once the connection is over. Cancel safe.
    pub async fn next(&mut self) -> Option<Event<BytesMut>> {
        self.asks.again.store(true, Ordering::SeqCst);
        self.asks.told.notify_one();
        let event = self.heard.recv().await;
        self.asks.again.store(false, Ordering::SeqCst);
        event
    }

    /// Waits for the end of the stream, and returns how it ended.
    ///
    /// # Errors
    /// When the peer broke a rule or went away without a Close, a deadline passed, or the stream
    /// failed.
    pub async fn end(self) -> io::Result<()> {
        drop(self.heard); // events that nobody hears are dropped
        self.running.await.map_err(io::Error::other)?
    }
}

/// Whether the half that listens is done with what it heard before.
#[derive(Default)]
struct Asks {
    again: AtomicBool,
    told: Notify,
}

/// Splits a connection. Events sent with the first half, or a clone of it, are said; pongs and the
/// answer to a Close need not be. Sending waits while the peer is behind.
pub fn split<S, R>(mut socket: WebSocket<S, R>) -> (Sender<Event<BytesMut>>, Listener)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    R: Role + Send + 'static,
{
    let (say, said) = channel(WAITING);
    let (hear, heard) = channel(WAITING);
    let asks = Arc::new(Asks::default());
    socket.answers_later = true;
    let task = Task {
        asks: asks.clone(),
        answers_by: None,
        socket,
        said: Some(said),
        hear,
        waiting: VecDeque::new(),
        mistake: None,
    };
    (say, Listener { heard, asks, running: tokio::spawn(task.run()) })
}

struct Task<S, R> {
    socket: WebSocket<S, R>,
    /// `None` once nobody can say more.
    said: Option<Receiver<Event<BytesMut>>>,
    hear: Sender<Event<BytesMut>>,
    asks: Arc<Asks>,
    /// How long to wait for the answers to what was last received.
    answers_by: Option<Instant>,
    /// Received events that have no room in the channel: one read's worth at most.
    waiting: VecDeque<Event<BytesMut>>,
    /// A mistake of the half that speaks.
    mistake: Option<SendError>,
}

impl<S: AsyncRead + AsyncWrite + Unpin, R: Role> Task<S, R> {
    async fn run(mut self) -> io::Result<()> {
        let ended = loop {
            match self.turn().await {
                Ok(true) => {}
                Ok(false) => {
                    break self.mistake.map_or(Ok(()), |mistake| Err(io::Error::other(mistake)));
                }
                Err(error) => break Err(error),
            }
        };
        drop(self.socket);
        for event in self.waiting {
            if self.hear.send(event).await.is_err() {
                break;
            }
        }
        ended
    }

    /// Waits for the peer, for the half that listens, and for the one that speaks.
    async fn turn(&mut self) -> io::Result<bool> {
        let is_behind = !self.waiting.is_empty();
        let is_heard = self.is_heard();
        let answers_by = self.answers_by.filter(|by| !is_heard && *by > Instant::now());
        let waits = !is_behind && answers_by.is_some();
        let Self { socket, said, hear, asks, answers_by: by, waiting, .. } = self;
        socket.pause(is_behind || waits);
        let has_room = socket.driver.output.remaining() <= Driver::<R>::BACKLOG;
        let event = tokio::select! {
            goes_on = async {
                if answers_by.is_some() {
                    yield_now().await; // the answers that are ready leave in one write
                }
                let heard = socket.turn(|event, _, _| {
                    waiting.push_back(owned(event));
                    *by = Some(Instant::now() + ANSWER);
                    Ok(())
                });
                heard.await
            } => return goes_on,
            () = asks.told.notified(), if waits => return Ok(true),
            () = wait_until(answers_by), if waits => return Ok(true),
            permit = hear.reserve(), if is_behind => {
                match permit {
                    Ok(permit) => permit.send(waiting.pop_front().expect("one that waits")),
                    Err(_) => waiting.clear(), // nobody hears it
                }
                return Ok(true);
            }
            event = next(said), if said.is_some() && has_room => event,
        };
        self.say(event);
        Ok(true)
    }

    /// Returns whether everything that was received is answered, as far as it will be.
    fn is_heard(&self) -> bool {
        let is_taken = self.hear.capacity() == self.hear.max_capacity();
        let is_said = self.said.as_ref().is_none_or(Receiver::is_empty);
        let asks = self.asks.again.load(Ordering::SeqCst);
        self.hear.is_closed() || is_taken && is_said && asks
    }

    /// Says an event; if nobody can say more, the last word.
    fn say(&mut self, event: Option<Event<BytesMut>>) {
        let Driver { connection, output, .. } = &mut self.socket.driver;
        let sent = match event {
            Some(Event::Text(text)) => connection.send(Message::Text(&text), output),
            Some(Event::Binary(payload)) => connection.send(Message::Binary(&payload), output),
            Some(Event::Fragment(fragment)) => connection.send_fragment(fragment.as_ref(), output),
            Some(Event::Ping(payload)) => connection.ping(&payload, output),
            Some(Event::Pong(_)) => Ok(()), // pings are answered without this
            Some(Event::Close(None)) => connection.close(None, output),
            Some(Event::Close(Some(close))) => {
                connection.close(Some(Close::cut(close.code, &close.reason)), output)
            }
            None => {
                self.said = None;
                connection.close(Some(Close::new(CloseCode::NORMAL, "")), output)
            }
        };
        match sent {
            Ok(()) | Err(SendError::Closed) => {} // the peer closed first
            Err(mistake) => {
                self.mistake = Some(mistake);
                let close = Close::new(CloseCode::INTERNAL_ERROR, "");
                let _ = connection.close(Some(close), output);
            }
        }
    }
}

async fn wait_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}

async fn next(said: &mut Option<Receiver<Event<BytesMut>>>) -> Option<Event<BytesMut>> {
    said.as_mut()?.recv().await
}

/// Turns an event into one that may leave its buffer.
fn owned(event: Event<Payload<'_>>) -> Event<BytesMut> {
    match event {
        Event::Text(text) => Event::Text(self::text(&text)),
        Event::Binary(payload) => Event::Binary(BytesMut::from(&payload[..])),
        Event::Fragment(Fragment { kind, first, last, payload }) => {
            Event::Fragment(Fragment { kind, first, last, payload: BytesMut::from(&payload[..]) })
        }
        Event::Ping(payload) => Event::Ping(BytesMut::from(&payload[..])),
        Event::Pong(payload) => Event::Pong(BytesMut::from(&payload[..])),
        Event::Close(close) => {
            Event::Close(close.map(|close| Close { code: close.code, reason: text(&close.reason) }))
        }
    }
}

/// Returns a text that owns its bytes.
#[must_use]
pub fn text(text: &str) -> Text<BytesMut> {
    Text::new(BytesMut::from(text)).expect("a str is UTF-8")
}
