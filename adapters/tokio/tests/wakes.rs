//! Whoever waits is polled again when something has changed, and not because something is so.

mod common;

use common::frame;
use patchcord_tokio::{Behind, Options};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::sleep;

const ROOM: usize = 256;

/// More polls than anything here needs before it rests.
const RESTLESS: usize = 20;

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// One task, polled as a runtime does it: once, and then as long as it was woken.
struct Task {
    woken: Arc<Woken>,
    waker: Waker,
}

impl Task {
    fn new() -> Self {
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        Self { waker: Waker::from(Arc::clone(&woken)), woken }
    }

    /// Polls once.
    fn poll<T>(&self, future: impl Future<Output = T>) -> Poll<T> {
        pin!(future).as_mut().poll(&mut Context::from_waker(&self.waker))
    }

    /// Polls until it is done, or rests.
    fn rest<T>(&self, mut future: Pin<&mut impl Future<Output = T>>) -> Poll<T> {
        self.woken.0.store(true, Ordering::SeqCst);
        for _ in 0..RESTLESS {
            if !self.woken.0.swap(false, Ordering::SeqCst) {
                return Poll::Pending;
            }
            let polled = future.as_mut().poll(&mut Context::from_waker(&self.waker));
            if polled.is_ready() {
                return polled;
            }
        }
        panic!("it wakes itself without end");
    }
}

#[tokio::test(start_paused = true)]
async fn a_sender_that_waits_rests_after_a_cancelled_recv() {
    for said in [&[frame(0x81, b"?")][..], &[frame(0x88, b"")], &[]] {
        let (ours, mut peer) = duplex(ROOM);
        let mut socket = Options::new().server(ours);
        let task = Task::new();
        assert!(task.poll(socket.recv()).is_pending()); // and lost a race
        peer.write_all(&said.concat()).await.unwrap();
        let mut send = pin!(socket.send(vec![1; 10_000]));
        assert!(task.rest(send.as_mut()).is_pending());
        let mut heard = vec![0; 4 + 10_000];
        let (sent, read) = tokio::join!(send, peer.read_exact(&mut heard));
        sent.unwrap();
        read.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_waits_rests_after_messages_were_skipped() {
    let (ours, mut peer) = duplex(ROOM);
    let mut socket = Options::new().behind(Behind::Skip).backlog(10).server(ours);
    let task = Task::new();
    while socket.skipped() == 0 {
        assert!(task.poll(socket.feed(vec![1; 1000])).is_ready());
    }
    let mut heard = Vec::new();
    while heard.len() < 4 + 1000 {
        assert!(task.poll(peer.read_buf(&mut heard)).is_ready());
        assert!(task.rest(pin!(socket.recv())).is_pending()); // and writes what fits
    }
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_waits_rests_after_a_cancelled_send() {
    let (ours, mut peer) = duplex(ROOM);
    let mut socket = Options::new().server(ours);
    let task = Task::new();
    assert!(task.poll(socket.send(vec![1; 1000])).is_pending()); // and lost a race
    assert!(task.rest(pin!(socket.recv())).is_pending());
    let mut heard = vec![0; 4 + 1000];
    assert!(task.poll(peer.read_exact(&mut heard[..ROOM])).is_ready());
    assert!(task.rest(pin!(socket.recv())).is_pending());
}

/// Enough messages of no bytes to fill what is kept while nobody receives, and the stream behind it.
const FLOOD: usize = 20_000;

/// A receiver that takes little, and whose task then does something else.
#[tokio::test(start_paused = true)]
async fn a_sender_that_waits_reads_again_once_messages_were_taken() {
    let (ours, peer) = duplex(ROOM);
    let (mut sender, mut receiver) = Options::new().server(ours).split();
    let (_hears, mut says) = tokio::io::split(peer);
    let said = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&said);
    let floods = tokio::spawn(async move {
        for _ in 0..FLOOD {
            says.write_all(&frame(0x82, b"")).await.unwrap();
            counts.fetch_add(1, Ordering::SeqCst);
        }
    });
    let sends = tokio::spawn(async move { sender.send(vec![1; 10_000]).await });
    sleep(Duration::from_secs(1)).await; // what is kept is full, and nobody reads
    let before = said.load(Ordering::SeqCst);
    assert!(before < FLOOD);
    for _ in 0..ROOM {
        assert!(receiver.recv().await.unwrap().unwrap().is_empty()); // more than was read, and kept
    }
    sleep(Duration::from_secs(1)).await;
    assert!(said.load(Ordering::SeqCst) > before, "the peer is not heard on");
    floods.abort();
    sends.abort();
}
