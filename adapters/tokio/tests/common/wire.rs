//! A stream in memory: what the peer says is given, and what it hears is kept.

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a transport does besides moving bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kindness {
    /// How many bytes it gives and takes at once.
    pub(crate) at_once: usize,
    /// It is not ready every other time, and wakes at once.
    pub(crate) hesitates: bool,
    /// What was written is seen by the peer once it was flushed.
    pub(crate) holds_back: bool,
    /// Which operation fails, and all after it.
    pub(crate) fails_at: Option<usize>,
}

impl Kindness {
    /// All combinations but for failures.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let bits = 0..16_u8;
        bits.map(|bits| Self {
            at_once: [1, 3, 64, usize::MAX][usize::from(bits & 0b11)],
            hesitates: bits & 0b100 != 0,
            holds_back: bits & 0b1000 != 0,
            fails_at: None,
        })
    }
}

#[derive(Clone)]
pub(crate) struct Wire(Rc<RefCell<State>>);

struct State {
    kindness: Kindness,
    /// What the peer says, and then ends its stream.
    says: Vec<u8>,
    /// How many bytes it has to hear before it says so much more, and ends its stream.
    then: Option<(usize, Vec<u8>)>,
    /// Who waits for that.
    reader: Option<Waker>,
    /// What the peer heard.
    heard: Vec<u8>,
    /// What was written and not flushed.
    held: Vec<u8>,
    operations: usize,
    was_ready: [bool; 4],
    shut: bool,
}

#[derive(Clone, Copy)]
enum Operation {
    Read,
    Write,
    Flush,
    Shutdown,
}

impl Wire {
    pub(crate) fn new(kindness: Kindness, says: &[u8]) -> Self {
        Self(Rc::new(RefCell::new(State {
            kindness,
            says: says.to_vec(),
            then: None,
            reader: None,
            heard: Vec::new(),
            held: Vec::new(),
            operations: 0,
            was_ready: [false; 4],
            shut: false,
        })))
    }

    /// The same for a peer that says more once it has heard so many bytes.
    pub(crate) fn then(self, heard: usize, says: &[u8]) -> Self {
        self.0.borrow_mut().then = Some((heard, says.to_vec()));
        self
    }

    pub(crate) fn heard(&self) -> Vec<u8> {
        self.0.borrow().heard.clone()
    }

    pub(crate) fn operations(&self) -> usize {
        self.0.borrow().operations
    }

    pub(crate) fn is_shut(&self) -> bool {
        self.0.borrow().shut
    }

    /// Who holds this: this one, and the connection until it is dropped.
    pub(crate) fn holders(&self) -> usize {
        Rc::strong_count(&self.0)
    }
}

impl State {
    fn hear(&mut self, bytes: &[u8]) {
        self.heard.extend_from_slice(bytes);
        if let Some((_, says)) = self.then.take_if(|(heard, _)| self.heard.len() >= *heard) {
            self.says.extend(says);
            self.reader.take().into_iter().for_each(Waker::wake);
        }
    }

    /// Counts an operation, and says whether it takes place.
    fn begin(&mut self, operation: Operation, context: &Context<'_>) -> Poll<io::Result<()>> {
        let was_ready = &mut self.was_ready[operation as usize];
        *was_ready = !*was_ready;
        if self.kindness.hesitates && !*was_ready {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.operations += 1;
        match self.kindness.fails_at {
            Some(at) if self.operations > at => Poll::Ready(Err(ErrorKind::ConnectionReset.into())),
            _ => Poll::Ready(Ok(())),
        }
    }
}

macro_rules! begin {
    ($state:ident, $operation:expr, $context:ident) => {
        match $state.begin($operation, $context) {
            Poll::Ready(Ok(())) => {}
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => return Poll::Pending,
        }
    };
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut state = self.0.borrow_mut();
        begin!(state, Operation::Read, context);
        if state.says.is_empty() && state.then.is_some() {
            state.reader = Some(context.waker().clone());
            return Poll::Pending;
        }
        let count = state.kindness.at_once.min(state.says.len()).min(space.remaining());
        let given: Vec<u8> = state.says.drain(..count).collect();
        space.put_slice(&given);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.0.borrow_mut();
        begin!(state, Operation::Write, context);
        let count = state.kindness.at_once.min(bytes.len());
        match state.kindness.holds_back {
            true => state.held.extend_from_slice(&bytes[..count]),
            false => state.hear(&bytes[..count]),
        }
        Poll::Ready(Ok(count))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.0.borrow_mut();
        begin!(state, Operation::Flush, context);
        let held = std::mem::take(&mut state.held);
        state.hear(&held);
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.0.borrow_mut();
        begin!(state, Operation::Shutdown, context);
        let held = std::mem::take(&mut state.held);
        state.hear(&held);
        state.shut = true;
        Poll::Ready(Ok(()))
    }
}
