//! Deadlines, on a clock that is moved and not waited for.

mod common;

use common::frame;
use patchcord::Timeouts;
use patchcord_tokio::handshake::admission::Admission;
use patchcord_tokio::{Error, Message, OpenError, Options, WebSocket, accept};
use std::io::{Read, Write};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, sleep, timeout};

/// How much the streams hold for a peer that does not read.
const ROOM: usize = 256;

fn pair(options: &Options) -> (WebSocket<DuplexStream>, DuplexStream) {
    let (ours, peer) = duplex(ROOM);
    (options.server(ours), peer)
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The time on the clock of a test, since `start`, to the tenth of a second.
fn since(start: Instant) -> Duration {
    let tenths = (start.elapsed().as_secs_f64() * 10.0).round();
    Duration::from_secs_f64(tenths / 10.0)
}

async fn read<const N: usize>(peer: &mut DuplexStream) -> [u8; N] {
    let mut bytes = [0; N];
    peer.read_exact(&mut bytes).await.unwrap();
    bytes
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_pings_is_kept_for_ever() {
    let (mut socket, mut peer) = pair(&Options::new().ping_interval(seconds(20)));
    let start = Instant::now();
    let answers = async {
        for count in 1..=50 {
            assert_eq!(read(&mut peer).await, *b"\x89\0");
            assert_eq!(since(start), seconds(20 * count));
            peer.write_all(&frame(0x8a, b"")).await.unwrap();
        }
        peer.write_all(&frame(0x81, b"still here")).await.unwrap();
    };
    let hears = async {
        for _ in 0..50 {
            assert_eq!(socket.recv().await.unwrap().unwrap(), Message::Pong("".into()));
        }
        assert_eq!(socket.recv().await.unwrap().unwrap(), Message::from("still here"));
    };
    tokio::join!(answers, hears);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_no_ping_is_told_1011_and_given_up() {
    let (mut socket, mut peer) = pair(&Options::new().ping_interval(seconds(30)));
    let start = Instant::now();
    let failed = socket.recv().await.unwrap().unwrap_err();
    assert!(matches!(failed, Error::Expired(patchcord::Expired::Pong)), "{failed:?}");
    assert_eq!(since(start), seconds(30 + 20));
    assert!(socket.recv().await.is_none());
    drop(socket);
    let mut heard = Vec::new();
    peer.read_to_end(&mut heard).await.unwrap();
    assert_eq!(heard, b"\x89\0\x88\x15\x03\xf3no answer to a ping");
}

#[tokio::test(start_paused = true)]
async fn pongs_that_wait_while_the_task_was_busy_are_heard_before_a_verdict() {
    let (mut socket, mut peer) = pair(&Options::new().ping_interval(seconds(20)));
    let answers = tokio::spawn(async move {
        while peer.read_u16().await.is_ok_and(|ping| ping == 0x8900) {
            peer.write_all(&frame(0x8a, b"")).await.unwrap();
        }
    });
    for _ in 0..5 {
        // A ping leaves, its pong comes, and nobody looks for minutes.
        let recv = tokio::time::timeout(seconds(20), socket.recv()).await;
        assert!(recv.is_err());
        sleep(seconds(200)).await;
        assert_eq!(socket.recv().await.unwrap().unwrap(), Message::Pong("".into()));
    }
    answers.abort();
}

/// With a socket of the system and real time: of what came meanwhile, only the runtime's driver knows,
/// and it has its turn when the task waits.
#[tokio::test]
async fn a_pong_that_came_while_the_thread_was_blocked_is_heard_before_a_verdict() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut peer = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (ours, _) = listener.accept().unwrap();
    ours.set_nonblocking(true).unwrap();
    let pong = Some(seconds(1));
    let ping_interval = Some(Duration::from_millis(50));
    let timeouts = Timeouts { ping_interval, pong, ..Timeouts::default() };
    let ours = tokio::net::TcpStream::from_std(ours).unwrap();
    let mut socket = Options::new().timeouts(timeouts).server(ours);
    let (pinged, is_pinged) = tokio::sync::oneshot::channel();
    let (go, goes) = std::sync::mpsc::channel();
    let answers = std::thread::spawn(move || {
        let mut ping = [0; 2];
        peer.read_exact(&mut ping).unwrap();
        pinged.send(ping).unwrap();
        goes.recv().unwrap();
        peer.write_all(&frame(0x8a, b"")).unwrap();
        peer
    });
    tokio::select! {
        heard = socket.recv() => panic!("{heard:?}"),
        ping = is_pinged => assert_eq!(ping.unwrap(), *b"\x89\0"),
    }
    go.send(()).unwrap();
    let peer = answers.join().unwrap();
    std::thread::sleep(seconds(1)); // and the deadline passes
    assert_eq!(socket.recv().await.unwrap().unwrap(), Message::Pong("".into()));
    drop(peer);
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_stops_to_read_is_given_up_after_the_write_deadline() {
    for by_sender in [true, false] {
        let (mut socket, peer) = pair(&Options::new());
        let start = Instant::now();
        let failed = match by_sender {
            true => socket.send(vec![0; 100_000]).await.unwrap_err(),
            false => {
                socket.feed(vec![0; 100_000]).await.unwrap();
                socket.recv().await.unwrap().unwrap_err()
            }
        };
        assert!(matches!(failed, Error::Expired(patchcord::Expired::Write)), "{failed:?}");
        assert_eq!(since(start), seconds(60));
        drop(peer);
    }
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_no_close_is_given_up_after_the_close_deadline() {
    let (mut socket, mut peer) = pair(&Options::new());
    let start = Instant::now();
    let failed = socket.close(None).await.unwrap_err();
    assert!(matches!(failed, Error::Expired(patchcord::Expired::Close)), "{failed:?}");
    assert_eq!(since(start), seconds(10));
    assert_eq!(read(&mut peer).await, *b"\x88\0");
}

#[tokio::test(start_paused = true)]
async fn half_a_request_is_given_up_after_the_opening_deadline() {
    let (ours, mut peer) = duplex(ROOM);
    let start = Instant::now();
    peer.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n").await.unwrap();
    let opened = accept(ours, Admission::any(), |request| Ok(request.response())).await;
    let Err(OpenError::Ended(Error::Expired(expired))) = opened else { panic!("{opened:?}") };
    assert_eq!(expired, patchcord::Expired::Opening);
    assert_eq!(since(start), seconds(10));
}

/// 100 years.
const AGES: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

#[tokio::test(start_paused = true)]
async fn a_deadline_beyond_all_clocks_never_passes() {
    let ever = Some(Duration::MAX);
    let timeouts = Timeouts { opening: ever, close: ever, write: ever, ..Timeouts::default() };
    let options = Options::new().timeouts(timeouts);
    let (ours, mut peer) = duplex(ROOM);
    peer.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n").await.unwrap();
    let opens = options.accept(ours, Admission::any(), |request| Ok(request.response()));
    assert!(timeout(AGES, opens).await.is_err());
    let (mut socket, _peer) = pair(&options);
    assert!(timeout(AGES, socket.close(None)).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn two_ends_that_only_send_do_not_wait_for_each_other() {
    let (one, other) = duplex(ROOM);
    let (mut one, mut other) = (Options::new().server(one), Options::new().client(other));
    // More than the streams hold, and less than an end keeps for whoever receives later.
    let message = Message::from(vec![7; 500]);
    let says = async |socket: &mut WebSocket<DuplexStream>| {
        for _ in 0..100 {
            socket.send(message.clone()).await.unwrap();
        }
        for _ in 0..100 {
            assert_eq!(socket.recv().await.unwrap().unwrap(), message);
        }
    };
    let start = Instant::now();
    tokio::join!(says(&mut one), says(&mut other));
    assert_eq!(since(start), Duration::ZERO);
}
