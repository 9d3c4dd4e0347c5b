//! A connection and its stream, polled from one side or from two.

mod buffers;
mod changes;
mod clock;
mod inbox;
mod sides;
mod stream;
mod turn;

use crate::endpoint::{Answers, Endpoint, Flow, Listener, Nobody};
use crate::leaving::Member;
use crate::{Behind, CloseFrame, Error, Message, Options, Utf8Bytes, close_code};
use buffers::take_output;
pub(crate) use buffers::with_output;
use bytes::Buf;
use clock::Clock;
use inbox::Inbox;
use patchcord::payload::Payload;
use patchcord::{Event, Prepared};
use sides::{Side, Sides};
use std::io;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::coop::poll_proceed;
use turn::Done;

/// Why a peer is closed that is behind.
const TOO_SLOW: Utf8Bytes = Utf8Bytes::from_static("too slow");

pub(crate) struct Session<S> {
    pub(crate) stream: S,
    pub(crate) endpoint: Endpoint,
    pub(crate) subprotocol: Option<Box<str>>,
    clock: Clock,
    /// What came while this end was busy sending.
    inbox: Option<Box<Inbox>>,
    sides: Sides,
    backlog: usize,
    behind: Behind,
    /// Messages that were not sent, because the peer was behind.
    pub(crate) skipped: u64,
    member: Option<Box<Member>>,
    /// How often a message was asked for.
    polls: u8,
    /// Nobody receives.
    deaf: bool,
    /// The output buffer has room, to be given back to the thread.
    has_output: bool,
    /// What was written may wait in the stream, as TLS does it.
    unflushed: bool,
    /// Whoever waits had something that was not written.
    owes: bool,
    shutting: bool,
    /// A deadline passed, and what came before it is looked for until the clock rings.
    looking: bool,
    /// When the stream is no longer waited for.
    gone: Option<Duration>,
    /// The stream takes no more. What the peer said before is still heard.
    broken: Option<io::Error>,
    ended: bool,
    /// How it ended, until somebody who receives is told.
    failure: Option<Error>,
}

/// How often a message counts against what a task may do before others have their turn. Each would cost
/// as much as the rest of what takes one from a buffer.
const COOPERATES: u8 = 16;

/// Takes one message.
struct Next(Option<Message>);

impl Listener for Next {
    #[inline]
    fn hear(&mut self, event: Event<Payload<'_>>, _: Answers<'_>) -> Flow {
        self.0 = Some(Message::of(event));
        Flow::Enough
    }
}

impl<S> Session<S> {
    /// On the heap: futures hold what is moved through them two and three times.
    pub(crate) fn new(stream: S, endpoint: Endpoint, options: &Options) -> Box<Self> {
        Box::new(Self {
            stream,
            endpoint,
            subprotocol: None,
            clock: Clock::new(),
            inbox: None,
            sides: Sides::default(),
            backlog: options.backlog,
            behind: options.behind,
            skipped: 0,
            member: options.leaving.as_ref().map(|leaving| Box::new(leaving.join())),
            polls: 0,
            deaf: false,
            has_output: true,
            unflushed: false,
            owes: false,
            shutting: false,
            looking: false,
            gone: None,
            broken: None,
            ended: false,
            failure: None,
        })
    }

    /// What appends to the output, while the connection is open.
    pub(crate) fn answers(&mut self) -> Result<Answers<'_>, Error> {
        if self.ended || !self.endpoint.is_open() {
            return Err(Error::Closed);
        }
        if let Some(error) = &self.broken {
            return Err(error.kind().into());
        }
        self.take_output();
        Ok(self.endpoint.answers())
    }

    /// Takes an output buffer with room from the thread, if there is nothing in this one.
    fn take_output(&mut self) {
        if !self.has_output && self.endpoint.output().is_empty() {
            take_output(&mut self.endpoint);
            self.has_output = true;
        }
    }

    /// Appends a message to what is to be written, or skips it if the peer is behind.
    pub(crate) fn say(&mut self, message: &Message) -> Result<(), Error> {
        match message.is_data() && self.skips() {
            true => Ok(()),
            false => self.answers()?.say(message),
        }?;
        if let Message::Close(_) = message {
            self.wake_receiver(); // whose deadline begins
        }
        Ok(())
    }

    /// As [`say`](Self::say), for a message that was encoded before.
    pub(crate) fn say_prepared(&mut self, message: &Prepared) -> Result<(), Error> {
        match self.skips() {
            true => Ok(()),
            false => self.answers()?.send_prepared(message),
        }
    }

    /// Appends a Close, unless one was sent or the connection is over.
    pub(crate) fn say_close(&mut self, close: Option<&CloseFrame>) -> Result<(), Error> {
        match self.answers().and_then(|mut answers| answers.close(close)) {
            Err(Error::Closed) => Ok(()),
            said => {
                self.wake_receiver(); // whose deadline begins
                said
            }
        }
    }

    /// Appends a message if there is room.
    pub(crate) fn try_say(&mut self, message: &Message) -> Result<(), Error> {
        match self.has_room() {
            true => self.answers()?.say(message),
            false => Err(Error::Full),
        }
    }

    /// Counts a message that is skipped, if it is.
    fn skips(&mut self) -> bool {
        let skips = self.behind == Behind::Skip && !self.has_room() && self.endpoint.is_open();
        self.skipped += u64::from(skips);
        skips
    }

    pub(crate) fn has_room(&self) -> bool {
        self.endpoint.output().remaining() < self.backlog.max(1) // one message always has its turn
    }

    /// What a side that sends is told of the end.
    fn told(&self) -> Error {
        match &self.failure {
            Some(Error::Io(error)) => error.kind().into(),
            Some(Error::Expired(expired)) => Error::Expired(*expired),
            Some(Error::Protocol(error)) => Error::Protocol(*error),
            Some(Error::Lost(lost)) => Error::Lost(*lost),
            _ => Error::Closed,
        }
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Waits until more of the opening handshake was read, and writes what is to be written of it.
    pub(crate) fn poll_opening(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let had = self.endpoint.unread();
        let has_more = move |session: &Self| session.endpoint.unread() > had;
        let mut handle = |_: Event<Payload<'_>>, _: Answers<'_>| Flow::Enough;
        Poll::Ready(match ready!(self.poll_input(context, has_more, &mut handle)) {
            Done::Ended => Err(self.failure.take().unwrap_or(Error::Closed)),
            Done::Reached | Done::Heard => Ok(()),
        })
    }

    /// Waits for the next message; `None` when the connection is over, after the error if it failed.
    pub(crate) fn poll_message(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Message, Error>>> {
        self.polls = self.polls.wrapping_add(1);
        let coop = match self.polls.is_multiple_of(COOPERATES) {
            true => Some(ready!(poll_proceed(context))),
            false => None,
        };
        let mut next = Next(self.take_kept());
        if next.0.is_none() {
            self.endpoint.receive(&mut next); // what is there already asks for nothing else to be done
        }
        match &next.0 {
            Some(Message::Close(_)) => {
                self.poll_answer(context);
                self.sides.wake(Side::Send); // the stream knows only who asked last
            }
            Some(_) => {}
            None => {
                ready!(self.poll_input(context, |_| false, &mut next));
            }
        }
        if let Some(coop) = coop {
            coop.made_progress();
        }
        Poll::Ready(match next.0 {
            Some(message) => Some(Ok(message)),
            None => self.failure.take().map(Err),
        })
    }

    /// Hands events to `listener`, and writes its answers, until it has enough or the connection is
    /// over; returns whether it goes on.
    pub(crate) fn poll_events(
        &mut self,
        context: &mut Context<'_>,
        listener: &mut impl Listener,
    ) -> Poll<Result<bool, Error>> {
        let coop = ready!(poll_proceed(context));
        if self.hand_kept(listener) == Flow::Enough {
            coop.made_progress();
            return Poll::Ready(Ok(true));
        }
        let done = ready!(self.poll_input(context, |_| false, listener));
        coop.made_progress();
        Poll::Ready(match done {
            Done::Ended => self.failure.take().map_or(Ok(false), Err),
            Done::Reached | Done::Heard => Ok(true),
        })
    }

    /// Waits until a message is taken: until there is room for it, unless those for a peer that is
    /// behind are skipped.
    pub(crate) fn poll_room(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.has_room() && !self.ended {
            return Poll::Ready(Ok(()));
        }
        match (self.poll_output(context, Self::has_room), self.behind) {
            // The stream was not asked: others have their turn first.
            (Poll::Pending, Behind::Skip | Behind::Close) if poll_proceed(context).is_pending() => {
                Poll::Pending
            }
            (Poll::Pending, Behind::Skip) => {
                self.sides.leave(Side::Send);
                Poll::Ready(Ok(()))
            }
            (Poll::Pending, Behind::Close) => {
                self.sides.leave(Side::Send);
                let close = CloseFrame { code: close_code::AGAIN, reason: TOO_SLOW };
                let _ = self.answers()?.close(Some(&close)); // unless one was sent
                self.wake_receiver(); // whose deadline begins
                Poll::Ready(Err(Error::Full))
            }
            (done, _) => done,
        }
    }

    /// Takes a message out and appends it, once there is room for it.
    pub(crate) fn poll_feed(
        &mut self,
        context: &mut Context<'_>,
        message: &mut Option<Message>,
    ) -> Poll<Result<(), Error>> {
        ready!(self.poll_room(context))?;
        Poll::Ready(message.take().map_or(Ok(()), |message| self.say(&message)))
    }

    /// The same, and waits until it is written.
    pub(crate) fn poll_send(
        &mut self,
        context: &mut Context<'_>,
        message: &mut Option<Message>,
    ) -> Poll<Result<(), Error>> {
        if message.is_some() {
            ready!(self.poll_feed(context, message))?;
        }
        self.poll_written(context)
    }

    /// Waits until everything is written.
    pub(crate) fn poll_written(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.is_written() && !self.ended {
            return Poll::Ready(self.unbroken());
        }
        self.poll_output(context, Self::is_written)
    }

    /// Sends a Close, unless one was sent, and waits until it is written.
    pub(crate) fn poll_close(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.say_close(None)?;
        Poll::Ready(match ready!(self.poll_written(context)) {
            Err(Error::Closed) => Ok(()),
            written => written,
        })
    }

    fn unbroken(&self) -> Result<(), Error> {
        self.broken.as_ref().map_or(Ok(()), |error| Err(error.kind().into()))
    }

    /// Waits for the end of the closing handshake, and of the stream; what the peer still says is
    /// dropped.
    pub(crate) fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inbox = None;
        while ready!(self.poll_events(context, &mut Nobody))? {}
        Poll::Ready(Ok(()))
    }
}
