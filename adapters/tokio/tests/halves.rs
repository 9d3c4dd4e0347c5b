//! Halves: whichever is polled keeps the connection going, and nothing is left of it in the end.

mod common;

use common::frame;
use futures_util::{SinkExt, StreamExt};
use patchcord_tokio::{Behind, CloseFrame, Error, Event, Message, Options, WebSocket};
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex,
};
use tokio::task::coop::poll_proceed;
use tokio::time::{Instant, sleep, timeout};

const ROOM: usize = 256;

fn pair() -> (WebSocket<DuplexStream>, DuplexStream) {
    let (ours, peer) = duplex(ROOM);
    (Options::new().server(ours), peer)
}

#[tokio::test(start_paused = true)]
async fn a_ping_is_answered_while_only_the_sender_is_polled() {
    let (socket, mut peer) = pair();
    let (mut sender, receiver) = socket.split();
    let sends = tokio::spawn(async move {
        sender.send(vec![1; 10_000]).await.unwrap(); // which has to wait
        sender
    });
    peer.write_all(&frame(0x89, b"?")).await.unwrap();
    sleep(Duration::from_secs(1)).await; // the ping is there while the sender waits
    let mut heard = vec![0; 4 + 10_000 + 3];
    peer.read_exact(&mut heard).await.unwrap();
    assert!(heard.ends_with(b"\x8a\x01?"));
    drop((sends.await.unwrap(), receiver));
}

#[tokio::test(start_paused = true)]
async fn what_is_fed_leaves_while_the_other_half_waits() {
    let (socket, mut peer) = pair();
    let (mut sender, mut receiver) = socket.split();
    let receives = tokio::spawn(async move { receiver.recv().await });
    sleep(Duration::from_secs(1)).await; // it waits
    sender.feed("one").await.unwrap();
    sender.try_feed("two").unwrap();
    let mut heard = [0; 10];
    timeout(Duration::from_secs(1), peer.read_exact(&mut heard)).await.unwrap().unwrap();
    assert_eq!(&heard, b"\x81\x03one\x81\x03two");
    receives.abort();
}

#[tokio::test(start_paused = true)]
async fn the_answer_to_what_was_said_before_a_close_is_not_lost() {
    let (socket, mut peer) = pair();
    let (mut sender, mut receiver) = socket.split();
    let sends = tokio::spawn(async move {
        sender.send(vec![1; 10_000]).await.unwrap(); // which has to wait, and looks at what comes
        sender.send("an answer").await.unwrap();
    });
    peer.write_all(&[frame(0x81, b"?"), frame(0x88, b"")].concat()).await.unwrap();
    sleep(Duration::from_secs(1)).await;
    let mut heard = vec![0; 4 + 10_000 + 11];
    peer.read_exact(&mut heard).await.unwrap();
    assert!(heard.ends_with(b"\x81\x09an answer"));
    sends.await.unwrap();
    assert_eq!(receiver.recv().await.unwrap().unwrap(), Message::from("?"));
    assert_eq!(receiver.recv().await.unwrap().unwrap(), Message::Close(None));
}

#[tokio::test(start_paused = true)]
async fn without_a_receiver_what_comes_is_dropped_and_pings_are_answered() {
    let (socket, mut peer) = pair();
    let (mut sender, receiver) = socket.split();
    drop(receiver);
    let says = tokio::spawn(async move {
        for _ in 0..1000 {
            peer.write_all(&frame(0x82, &[5; 125])).await.unwrap(); // more than is ever kept
        }
        peer.write_all(&frame(0x89, b"?")).await.unwrap();
        let mut heard = vec![0; 4 + 10_000 + 3];
        peer.read_exact(&mut heard).await.unwrap();
        assert!(heard.ends_with(b"\x8a\x01?"));
    });
    sender.send(vec![1; 10_000]).await.unwrap();
    while !says.is_finished() {
        let _ = sender.flush().await;
        sender.send("").await.unwrap();
        sleep(Duration::from_secs(1)).await;
    }
    says.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_to_both_halves() {
    let (socket, peer) = pair();
    let (mut sender, mut receiver) = socket.split();
    drop(peer);
    let failed = receiver.recv().await.unwrap().unwrap_err();
    assert!(matches!(failed, Error::Lost(_)), "{failed:?}");
    assert!(receiver.recv().await.is_none());
    assert!(sender.send("?").await.is_err());
}

#[tokio::test(start_paused = true)]
async fn the_halves_of_futures_wake_each_other() {
    let (ours, other) = duplex(ROOM);
    let (mut sink, mut stream) = StreamExt::split(Options::new().server(ours));
    let mut peer = Options::new().client(other);
    let hears = tokio::spawn(async move {
        let mut count = 0;
        while let Some(message) = stream.next().await {
            count += u32::from(message.unwrap().is_data());
        }
        count
    });
    let says = tokio::spawn(async move {
        for _ in 0..100 {
            sink.send(Message::from(vec![1; 1000])).await.unwrap();
        }
        sink
    });
    let start = Instant::now();
    for _ in 0..100 {
        peer.feed(vec![2; 1000]).await.unwrap();
        assert_eq!(peer.recv().await.unwrap().unwrap(), Message::from(vec![1; 1000]));
    }
    peer.close(Some(CloseFrame { code: 1000, reason: "".into() })).await.unwrap();
    assert_eq!(hears.await.unwrap(), 100);
    assert!(start.elapsed() < Duration::from_secs(1));
    drop(says.await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_function_is_lent_first_what_came_while_the_sender_waited() {
    let (mut socket, mut peer) = pair();
    let said = [frame(0x81, b"one"), frame(0x82, b"two"), frame(0x81, b"three")].concat();
    let says = tokio::spawn(async move {
        peer.write_all(&said).await.unwrap();
        let mut heard = vec![0; 4 + 10_000];
        peer.read_exact(&mut heard).await.unwrap();
        peer.write_all(&[frame(0x81, b"four"), frame(0x88, b"")].concat()).await.unwrap();
        heard.clear();
        peer.read_to_end(&mut heard).await.unwrap();
        heard
    });
    socket.send(vec![1; 10_000]).await.unwrap(); // which has to wait, and keeps what comes
    let mut heard = Vec::new();
    loop {
        let run = socket.run(|event, answers| match event {
            Event::Text(text) => {
                heard.push(text.to_string());
                answers.send(patchcord::Message::Text(&text))
            }
            Event::Binary(_) => Err(Error::Full), // which is its own mistake, and ends this turn
            _ => Ok(()),
        });
        match timeout(Duration::from_secs(1), run).await.unwrap() {
            Err(Error::Full) => {}
            ended => break ended.unwrap(),
        }
    }
    assert_eq!(heard, ["one", "three", "four"]);
    assert_eq!(says.await.unwrap(), b"\x81\x03one\x81\x05three\x81\x04four\x88\0");
}

#[tokio::test(start_paused = true)]
async fn a_sender_that_waits_goes_on_after_the_receiver_has_taken_a_close() {
    let (socket, mut peer) = pair();
    let (mut sender, mut receiver) = socket.split();
    peer.write_all(&frame(0x88, b"")).await.unwrap();
    let sends = tokio::spawn(async move { sender.send(vec![1; 10_000]).await });
    sleep(Duration::from_secs(1)).await; // it waits for the peer, and leaves the Close
    assert_eq!(receiver.recv().await.unwrap().unwrap(), Message::Close(None));
    let mut heard = vec![0; 4 + 10_000 + 2];
    let reads = timeout(Duration::from_secs(1), peer.read_exact(&mut heard));
    reads.await.expect("nobody writes").unwrap();
    assert!(heard.ends_with(b"\x01\x88\0"));
    sends.await.unwrap().unwrap();
}

/// What a sender does for a Close to leave.
#[tokio::test(start_paused = true)]
async fn a_close_of_the_sender_has_its_deadline_while_the_receiver_waits() {
    for way in 0..3 {
        let (ours, _peer) = duplex(ROOM);
        let options = Options::new().behind(Behind::Close).backlog(1);
        let (mut sender, mut receiver) = options.server(ours).split();
        let receives = tokio::spawn(async move { receiver.recv().await });
        sleep(Duration::from_secs(1)).await; // it waits
        match way {
            0 => sender.close(None).await.unwrap(),
            1 => SinkExt::send(&mut sender, Message::Close(None)).await.unwrap(),
            _ => {
                sender.feed(vec![1; 1000]).await.unwrap();
                sleep(Duration::from_secs(1)).await; // the receiver writes what fits
                assert!(matches!(sender.feed("?").await, Err(Error::Full)));
            }
        }
        let ended = timeout(Duration::from_secs(11), receives).await.unwrap().unwrap();
        let Some(Err(Error::Expired(expired))) = ended else { panic!("{way}: {ended:?}") };
        assert_eq!(expired, patchcord::Expired::Close, "{way}");
    }
}

/// A stream that is counted while it is there.
struct Counted(DuplexStream, Arc<AtomicUsize>);

impl Counted {
    fn new(stream: DuplexStream, count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(stream, Arc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Ordering::SeqCst);
    }
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, space)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

/// What becomes of the parts of a connection while both wait.
#[tokio::test(start_paused = true)]
async fn in_whatever_order_the_parts_are_dropped_no_stream_is_left() {
    let count = Arc::new(AtomicUsize::new(0));
    for way in 0..6 {
        let (ours, peer) = duplex(ROOM);
        let socket = Options::new().ping_interval(Duration::from_secs(20));
        let socket = socket.server(Counted::new(ours, &count));
        let (mut sender, mut receiver) = socket.split();
        let receives = tokio::spawn(async move { while receiver.recv().await.is_some() {} });
        let sends = tokio::spawn(async move { sender.send(vec![0; 100_000]).await });
        sleep(Duration::from_secs(1)).await; // both wait, with timers and wakers
        assert_eq!(count.load(Ordering::SeqCst), 1);
        match way {
            0 => (receives.abort(), sends.abort()),
            1 => (sends.abort(), receives.abort()),
            2 => (drop(peer), ()),
            3 => (receives.abort(), drop(peer)),
            4 => (sends.abort(), drop(peer)),
            _ => (sleep(Duration::from_secs(100)).await, drop(peer)), // until the deadline
        };
        sleep(Duration::from_secs(1)).await;
        assert_eq!(count.load(Ordering::SeqCst), 0, "{way}");
    }
}

/// A stream that takes nothing from the start.
struct Mute(DuplexStream);

impl AsyncRead for Mute {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, space)
    }
}

impl AsyncWrite for Mute {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Poll::Ready(Err(std::io::ErrorKind::BrokenPipe.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn what_was_said_before_a_stream_broke_is_heard_by_a_task_that_has_had_its_turn() {
    let (ours, mut peer) = duplex(ROOM);
    let mut socket = Options::new().server(Mute(ours));
    peer.write_all(&frame(0x81, b"the last")).await.unwrap();
    socket.feed("?").await.unwrap();
    poll_fn(|context| {
        while let Poll::Ready(turn) = poll_proceed(context) {
            turn.made_progress();
        }
        Poll::Ready(())
    })
    .await;
    assert_eq!(socket.recv().await.unwrap().unwrap(), Message::from("the last"));
    assert!(matches!(socket.recv().await, Some(Err(Error::Io(_)))));
}
