//! A stream that wakes nobody: what one half changes, when it is polled for whatever reason, the other
//! half is told by the connection, or never.

mod common;

use common::frame;
use patchcord::Expired;
use patchcord_tokio::{Error, Message, Options, Receiver, Sender};
use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

#[derive(Clone, Default)]
struct Silent(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    says: Vec<u8>,
    takes: bool,
    is_broken: bool,
    is_reset: bool,
    is_shut: bool,
}

impl Silent {
    fn halves() -> (Self, Sender<Self>, Receiver<Self>) {
        let stream = Self::default();
        let (sender, receiver) = Options::new().server(stream.clone()).split();
        (stream, sender, receiver)
    }

    fn set(&self, set: impl FnOnce(&mut State)) {
        set(&mut self.0.lock().unwrap());
    }
}

impl AsyncRead for Silent {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let mut state = self.0.lock().unwrap();
        if state.is_reset {
            return Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()));
        }
        let says = std::mem::take(&mut state.says);
        space.put_slice(&says);
        if says.is_empty() { Poll::Pending } else { Poll::Ready(Ok(())) }
    }
}

impl AsyncWrite for Silent {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let state = self.0.lock().unwrap();
        match state.takes {
            _ if state.is_broken => Poll::Ready(Err(io::ErrorKind::BrokenPipe.into())),
            true => Poll::Ready(Ok(bytes.len())),
            false => Poll::Pending,
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.lock().unwrap().is_shut = true;
        Poll::Ready(Ok(()))
    }
}

/// Polls once, for no reason.
fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// A task that has begun to wait.
async fn waits<T: Send + 'static>(task: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    let task = tokio::spawn(task);
    sleep(Duration::from_millis(1)).await;
    assert!(!task.is_finished());
    task
}

/// What a task comes to that was woken.
async fn woken<T>(task: JoinHandle<T>) -> T {
    timeout(Duration::from_secs(1), task).await.expect("nobody wakes it").unwrap()
}

const LONG: usize = 10_000;

#[tokio::test(start_paused = true)]
async fn a_receiver_is_told_of_a_message_that_the_sender_read() {
    let (stream, mut sender, mut receiver) = Silent::halves();
    let receives = waits(async move { receiver.recv().await }).await;
    sender.try_feed(vec![1; LONG]).unwrap();
    sleep(Duration::from_millis(1)).await;
    stream.set(|state| state.says = frame(0x81, b"?"));
    assert!(poll(sender.flush()).is_pending());
    assert_eq!(woken(receives).await.unwrap().unwrap(), Message::from("?"));
}

#[tokio::test(start_paused = true)]
async fn a_receiver_is_told_of_a_close_that_the_sender_read_and_left() {
    let (stream, mut sender, mut receiver) = Silent::halves();
    let receives = waits(async move { receiver.recv().await }).await;
    sender.try_feed(vec![1; LONG]).unwrap();
    sleep(Duration::from_millis(1)).await;
    stream.set(|state| state.says = frame(0x88, b""));
    assert!(poll(sender.flush()).is_pending());
    assert_eq!(woken(receives).await.unwrap().unwrap(), Message::Close(None));
}

#[tokio::test(start_paused = true)]
async fn a_receiver_is_told_of_a_stream_that_broke_under_the_sender() {
    let (stream, mut sender, mut receiver) = Silent::halves();
    let receives = waits(async move { receiver.recv().await }).await;
    sender.try_feed("?").unwrap();
    sleep(Duration::from_millis(1)).await;
    stream.set(|state| state.is_broken = true);
    assert!(matches!(poll(sender.flush()), Poll::Ready(Err(Error::Io(_)))));
    assert!(matches!(woken(receives).await, Some(Err(Error::Io(_)))));

    let (stream, mut sender, mut receiver) = Silent::halves();
    let receives = waits(async move { receiver.recv().await }).await;
    stream.set(|state| state.is_broken = true);
    assert!(matches!(poll(sender.send("?")), Poll::Ready(Err(Error::Io(_))))); // in one poll
    assert!(matches!(woken(receives).await, Some(Err(Error::Io(_)))));
}

#[tokio::test(start_paused = true)]
async fn a_receiver_goes_on_to_the_end_once_the_sender_has_written_the_last() {
    let (stream, mut sender, mut receiver) = Silent::halves();
    stream.set(|state| state.says = frame(0x88, b""));
    assert!(receiver.recv().await.unwrap().is_ok());
    let _receives = waits(async move { receiver.recv().await }).await; // for the answer to leave
    assert!(poll(sender.flush()).is_pending());
    sleep(Duration::from_millis(1)).await;
    stream.set(|state| state.takes = true);
    assert!(poll(sender.flush()).is_ready());
    sleep(Duration::from_millis(1)).await;
    assert!(stream.0.lock().unwrap().is_shut, "a server ends its side first");
}

#[tokio::test(start_paused = true)]
async fn a_sender_is_told_of_what_the_receiver_wrote() {
    let (stream, mut sender, mut receiver) = Silent::halves();
    let sends = waits(async move { sender.send(vec![1; LONG]).await }).await;
    stream.set(|state| state.takes = true);
    assert!(poll(receiver.recv()).is_pending());
    woken(sends).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn each_half_is_told_of_the_end_that_the_other_saw() {
    let (stream, mut sender, mut receiver) = Silent::halves();
    let sends = waits(async move { sender.send(vec![1; LONG]).await }).await;
    stream.set(|state| state.is_reset = true);
    assert!(matches!(poll(receiver.recv()), Poll::Ready(Some(Err(_)))));
    assert!(woken(sends).await.is_err());

    let (stream, mut sender, mut receiver) = Silent::halves();
    let receives = waits(async move { receiver.recv().await }).await;
    sender.try_feed(vec![1; LONG]).unwrap();
    sleep(Duration::from_millis(1)).await;
    stream.set(|state| state.is_reset = true);
    assert!(matches!(poll(sender.flush()), Poll::Ready(Err(_))));
    assert!(woken(receives).await.unwrap().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_sender_has_the_deadline_of_a_close_that_the_receiver_took() {
    let (stream, mut sender, mut receiver) = Silent::halves();
    let sends = waits(async move { sender.send(vec![1; LONG]).await }).await;
    stream.set(|state| state.says = frame(0x88, b""));
    let heard = poll(receiver.recv()); // and nobody receives any more
    assert!(matches!(heard, Poll::Ready(Some(Ok(Message::Close(None))))), "{heard:?}");
    let ended = timeout(Duration::from_secs(11), sends).await.expect("its deadline is another");
    assert!(matches!(ended.unwrap(), Err(Error::Expired(Expired::Close))));
}
