//! A connection and its stream, polled from one side or from two.

use crate::buffers::{give_back_output, lend_input, take_output};
use crate::clock::Clock;
use crate::endpoint::{Answers, Endpoint, Flow, Received};
use crate::inbox::Inbox;
use crate::sides::{Side, Sides};
use crate::{Error, Message, Options};
use bytes::Buf;
use patchcord::payload::Payload;
use patchcord::{Event, Step};
use std::io::{self, ErrorKind, IoSlice};
use std::mem::take;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::coop::poll_proceed;

/// How long a peer that is at its end may take to take what TLS or HTTP/2 still hold for it.
const FAREWELL: Duration = Duration::from_secs(1);

/// How many parts are written at once; only shared frames make more than one.
const SLICES: usize = 64;

pub(crate) struct Session<S> {
    pub(crate) stream: S,
    pub(crate) endpoint: Endpoint,
    pub(crate) subprotocol: Option<Box<str>>,
    clock: Clock,
    /// What came while this end was busy sending.
    inbox: Inbox,
    sides: Sides,
    backlog: usize,
    /// The output buffer has room, to be given back to the thread.
    has_output: bool,
    /// What was written may wait in the stream, as TLS does it.
    unflushed: bool,
    shutting: bool,
    /// When the stream is no longer waited for.
    gone: Option<Duration>,
    ended: bool,
    /// How it ended, until somebody who receives is told.
    failure: Option<Error>,
}

/// What comes next on the way.
enum Done {
    /// What was waited for is so.
    Reached,
    /// Somebody has to look at what was received.
    Heard,
    /// The connection is over, and the stream at its end.
    Ended,
}

impl<S> Session<S> {
    pub(crate) fn new(stream: S, endpoint: Endpoint, options: &Options) -> Self {
        Self {
            stream,
            endpoint,
            subprotocol: None,
            clock: Clock::new(),
            inbox: Inbox::default(),
            sides: Sides::default(),
            backlog: options.backlog,
            has_output: true,
            unflushed: false,
            shutting: false,
            gone: None,
            ended: false,
            failure: None,
        }
    }

    /// Appends a message to what is to be written.
    pub(crate) fn say(&mut self, message: &Message) -> Result<(), Error> {
        self.answers()?.say(message)
    }

    /// What appends to the output, while the connection is open.
    pub(crate) fn answers(&mut self) -> Result<Answers<'_>, Error> {
        if self.ended || !self.endpoint.is_open() {
            return Err(Error::Closed);
        }
        if !self.has_output && self.endpoint.output().is_empty() {
            take_output(&mut self.endpoint);
            self.has_output = true;
        }
        Ok(self.endpoint.answers())
    }

    pub(crate) fn has_room(&self) -> bool {
        self.endpoint.output().remaining() < self.backlog
    }

    fn is_written(&self) -> bool {
        self.endpoint.output().is_empty() && !self.unflushed
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    /// Waits until more of the opening handshake was read, and writes what is to be written of it.
    pub(crate) fn poll_opening(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let had = self.endpoint.input().as_ref().len();
        let has_more = move |session: &Self| session.endpoint.unread() > had;
        match ready!(
            self.poll_side(Side::Receive, context, has_more, true, &mut |_, _| Flow::Enough)
        ) {
            Done::Ended => Poll::Ready(Err(self.told())),
            Done::Reached | Done::Heard => Poll::Ready(Ok(())),
        }
    }

    /// Waits for the next message; `None` when the connection is over, after the error if it failed.
    pub(crate) fn poll_message(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Message, Error>>> {
        let coop = ready!(poll_proceed(context));
        let mut message = self.inbox.pop();
        if message.is_none() {
            let mut handle = |event: Event<Payload<'_>>, _: Answers<'_>| {
                message = Some(Message::of(event));
                Flow::Enough
            };
            ready!(self.poll_side(Side::Receive, context, |_| false, true, &mut handle));
        }
        coop.made_progress();
        Poll::Ready(match message {
            Some(message) => Some(Ok(message)),
            None => self.failure.take().map(Err),
        })
    }

    /// Hands events to `handle`, and writes its answers, until the connection is over.
    pub(crate) fn poll_events(
        &mut self,
        context: &mut Context<'_>,
        handle: &mut impl FnMut(Event<Payload<'_>>, Answers<'_>) -> Flow,
    ) -> Poll<Result<(), Error>> {
        loop {
            let coop = ready!(poll_proceed(context));
            let done = ready!(self.poll_side(Side::Receive, context, |_| false, true, handle));
            coop.made_progress();
            if let Done::Ended = done {
                return Poll::Ready(self.failure.take().map_or(Ok(()), Err));
            }
        }
    }

    /// Waits until there is room for a message.
    pub(crate) fn poll_room(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.has_room() && !self.ended {
            return Poll::Ready(Ok(()));
        }
        self.poll_output(context, Self::has_room)
    }

    /// Waits until everything is written.
    pub(crate) fn poll_written(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        if self.is_written() && !self.ended {
            return Poll::Ready(Ok(()));
        }
        self.poll_output(context, Self::is_written)
    }

    fn poll_output(
        &mut self,
        context: &mut Context<'_>,
        is_reached: impl Fn(&Self) -> bool,
    ) -> Poll<Result<(), Error>> {
        loop {
            let mut inbox = take(&mut self.inbox);
            let hears = inbox.has_room();
            let mut handle = |event: Event<Payload<'_>>, _: Answers<'_>| {
                inbox.push(Message::of(event));
                if inbox.has_room() { Flow::More } else { Flow::Enough }
            };
            let done = self.poll_side(Side::Send, context, &is_reached, hears, &mut handle);
            self.inbox = inbox;
            if !self.inbox.is_empty() || self.ended {
                self.sides.wake(Side::Receive);
            }
            match ready!(done) {
                Done::Reached => return Poll::Ready(Ok(())),
                Done::Heard => {}
                Done::Ended => return Poll::Ready(Err(self.told())),
            }
        }
    }

    /// Waits for the end of the closing handshake, and of the stream; what the peer still says is
    /// dropped.
    pub(crate) fn poll_end(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inbox = Inbox::default();
        self.poll_events(context, &mut |_, _| Flow::More)
    }

    /// What a side that sends is told of the end.
    fn told(&self) -> Error {
        match &self.failure {
            Some(Error::Io(error)) => Error::Io(error.kind().into()),
            Some(Error::Expired(expired)) => Error::Expired(*expired),
            Some(Error::Protocol(error)) => Error::Protocol(*error),
            Some(Error::Lost(lost)) => Error::Lost(*lost),
            _ => Error::Closed,
        }
    }

    fn poll_side(
        &mut self,
        side: Side,
        context: &mut Context<'_>,
        is_reached: impl Fn(&Self) -> bool,
        hears: bool,
        handle: &mut impl FnMut(Event<Payload<'_>>, Answers<'_>) -> Flow,
    ) -> Poll<Done> {
        if self.ended {
            return Poll::Ready(Done::Ended);
        }
        let both = self.sides.enter(side, context.waker());
        let had_room = self.has_room();
        let done = match both {
            None => self.poll(context, is_reached, hears, handle),
            Some(waker) => self.poll(&mut Context::from_waker(&waker), is_reached, hears, handle),
        };
        let done = done.map(|done| done.unwrap_or_else(|error| self.fail(error)));
        if side == Side::Receive
            && (self.ended || self.has_room() && !had_room || self.is_written())
        {
            self.sides.wake(Side::Send);
        }
        if done.is_ready() {
            self.sides.leave(side);
        }
        done
    }

    #[cold]
    fn fail(&mut self, error: Error) -> Done {
        self.ended = true;
        // What ended the connection before the stream failed says more.
        self.failure = Some(self.endpoint.result().err().unwrap_or(error));
        Done::Ended
    }

    fn poll(
        &mut self,
        context: &mut Context<'_>,
        is_reached: impl Fn(&Self) -> bool,
        hears: bool,
        handle: &mut impl FnMut(Event<Payload<'_>>, Answers<'_>) -> Flow,
    ) -> Poll<Result<Done, Error>> {
        loop {
            if hears {
                let received = self.endpoint.receive(handle);
                if let Some(done) = self.heard(received, context)? {
                    return Poll::Ready(Ok(done));
                }
            }
            let wrote = self.poll_write(context)?;
            if is_reached(self) {
                return Poll::Ready(Ok(Done::Reached));
            }
            let until = match self.endpoint.next(self.clock.now()) {
                Step::Write { until } if wrote.is_ready() => match self.poll_write(context)? {
                    Poll::Ready(()) => continue,
                    Poll::Pending => until,
                },
                Step::Write { until } => until,
                Step::Wait { until } => {
                    self.rest_output();
                    until
                }
                Step::Look => {
                    let _ = self.poll_write(context)?;
                    if let Poll::Ready(received) = self.poll_read(context, handle)?
                        && let Some(done) = self.heard(received, context)?
                    {
                        return Poll::Ready(Ok(done));
                    }
                    continue;
                }
                Step::Shutdown => {
                    self.shutting = true;
                    self.poll_end_of_output(context);
                    continue;
                }
                Step::Expired(_) | Step::Finished => {
                    let _ = self.poll_write(context); // a Close, if the stream takes it at once
                    ready!(self.poll_last(context));
                    self.endpoint.result()?;
                    self.ended = true;
                    return Poll::Ready(Ok(Done::Ended));
                }
            };
            self.poll_end_of_output(context);
            if is_reached(self) {
                return Poll::Ready(Ok(Done::Reached));
            }
            if hears && let Poll::Ready(received) = self.poll_read(context, handle)? {
                match self.heard(received, context)? {
                    Some(done) => return Poll::Ready(Ok(done)),
                    None => continue,
                }
            }
            ready!(self.clock.poll(until, context));
        }
    }

    /// Ends the poll when whoever handles events has enough of them.
    fn heard(
        &mut self,
        received: Received,
        context: &mut Context<'_>,
    ) -> Result<Option<Done>, Error> {
        if !received.enough {
            return Ok(None);
        }
        if self.endpoint.has_said_close() {
            // The answer to a Close leaves even if nobody asks for more.
            let _ = self.poll_write(context)?;
            self.poll_end_of_output(context);
        }
        Ok(Some(Done::Heard))
    }

    /// Gives the thread's output buffer back, once the connection has seen that it is written.
    fn rest_output(&mut self) {
        if self.has_output {
            self.has_output = false;
            give_back_output(&mut self.endpoint);
        }
    }

    /// Writes as much as the stream takes.
    fn poll_write(&mut self, context: &mut Context<'_>) -> Result<Poll<()>, Error> {
        while !self.endpoint.output().is_empty() {
            let output = self.endpoint.output();
            let stream = Pin::new(&mut self.stream);
            let written = match output.chunk().len() == output.remaining() {
                true => stream.poll_write(context, output.chunk()),
                false => {
                    let mut slices = [IoSlice::new(&[]); SLICES];
                    let count = output.chunks_vectored(&mut slices);
                    stream.poll_write_vectored(context, &slices[..count])
                }
            };
            match written {
                Poll::Pending => return Ok(Poll::Pending),
                Poll::Ready(written) => self.wrote(written)?,
            }
        }
        Ok(Poll::Ready(()))
    }

    fn wrote(&mut self, written: io::Result<usize>) -> io::Result<()> {
        self.unflushed = true;
        match written {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(written) => self.endpoint.output_mut().advance(written),
            // The peer has said its last word, and may be gone.
            Err(_) if self.endpoint.is_heard_out() => {
                let all = self.endpoint.output().remaining();
                self.endpoint.output_mut().advance(all);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Flushes and shuts down, when that is to be done. How it goes does not matter: what was lost
    /// is missed by the peer, and a stream that failed says so to whoever reads.
    fn poll_end_of_output(&mut self, context: &mut Context<'_>) {
        if self.unflushed && Pin::new(&mut self.stream).poll_flush(context).is_ready() {
            self.unflushed = false;
        }
        if self.shutting && Pin::new(&mut self.stream).poll_shutdown(context).is_ready() {
            self.shutting = false;
        }
    }

    /// Waits for what the stream holds to leave, and for the end of TLS, if they do soon.
    fn poll_last(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.poll_end_of_output(context);
        if !self.shutting && !self.unflushed {
            return Poll::Ready(());
        }
        let gone = *self.gone.get_or_insert_with(|| self.clock.now() + FAREWELL);
        self.clock.poll(Some(gone), context)
    }

    /// Reads once, if the connection wants to, and hands on what came.
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        handle: &mut impl FnMut(Event<Payload<'_>>, Answers<'_>) -> Flow,
    ) -> Result<Poll<Received>, Error> {
        if !self.endpoint.wants_input() {
            return Ok(Poll::Pending);
        }
        lend_input(
            self,
            |session| &mut session.endpoint,
            |session| {
                let mut space = ReadBuf::new(session.endpoint.input().space());
                let read = Pin::new(&mut session.stream).poll_read(context, &mut space);
                let count = space.filled().len();
                match read {
                    Poll::Pending => return Ok(Poll::Pending),
                    Poll::Ready(Ok(())) => session.endpoint.read(count),
                    // How the stream ends does not matter once both ends have said everything: a
                    // reset, or TLS without its close_notify.
                    Poll::Ready(Err(_)) if session.endpoint.is_heard_out() => {
                        session.endpoint.read(0);
                    }
                    Poll::Ready(Err(error)) => return Err(error.into()),
                }
                Ok(Poll::Ready(session.endpoint.receive(handle)))
            },
        )
    }
}
