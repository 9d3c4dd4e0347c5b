//! The halves of a connection: whatever they do, pongs, deadlines and the Close continue.

use bytes::BytesMut;
use patchcord::{Config, Driver, Event, Timeouts};
use patchcord_transports::Outcome;
use patchcord_transports::halves::{Listener, split, text};
use patchcord_transports::websocket::WebSocket;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::sync::mpsc::Sender;
use tokio::time::Instant;

fn server(room: usize, config: Config) -> (DuplexStream, Sender<Event<BytesMut>>, Listener) {
    let (near, far) = duplex(room);
    let (say, listener) = split(WebSocket::opened(far, Driver::server(config)));
    (near, say, listener)
}

fn keep_alive() -> Config {
    let ping_interval = Some(Duration::from_secs(20));
    let timeouts = Timeouts { ping_interval, ..Timeouts::default() };
    Config { timeouts, ..Config::default() }
}

#[tokio::test]
async fn pings_and_the_close_are_answered_while_nobody_listens() -> Outcome {
    let (mut near, _say, listener) = server(4096, Config::default());
    near.write_all(b"\x89\x81\0\0\0\0a\x88\x82\0\0\0\0\x03\xe8").await?;
    let mut heard = Vec::new();
    near.read_to_end(&mut heard).await?;
    assert_eq!(heard, b"\x8a\x01a\x88\x02\x03\xe8");
    drop(near);
    Ok(listener.end().await?)
}

#[tokio::test(start_paused = true)]
async fn a_silent_peer_is_given_up_while_both_halves_sleep() -> Outcome {
    let (mut near, _say, mut listener) = server(4096, keep_alive());
    let start = Instant::now();
    let mut heard = Vec::new();
    near.read_to_end(&mut heard).await?;
    assert_eq!(start.elapsed().as_secs(), 40);
    assert!(heard.starts_with(b"\x89\x00\x88"), "{}", heard.escape_ascii());
    assert!(listener.next().await.is_none());
    assert!(listener.end().await.is_err());
    Ok(())
}

/// A peer that says more than anybody hears has to wait, and is not taken for dead.
#[tokio::test(start_paused = true)]
async fn events_that_nobody_takes_hold_the_peer_up_and_are_not_lost() -> Outcome {
    let (mut near, _say, mut listener) = server(64, keep_alive());
    let peer = tokio::spawn(async move {
        for _ in 0..10_000 {
            near.write_all(b"\x81\x85\0\0\0\0Hello").await?;
        }
        near.write_all(b"\x88\x80\0\0\0\0").await?;
        near.read_to_end(&mut Vec::new()).await
    });
    tokio::time::sleep(Duration::from_secs(1000)).await;
    assert!(!peer.is_finished());
    let mut texts = 0;
    while let Some(event) = listener.next().await {
        texts += usize::from(matches!(event, Event::Text(_)));
    }
    assert_eq!(texts, 10_000);
    peer.await??;
    Ok(listener.end().await?)
}

#[tokio::test]
async fn once_both_halves_are_gone_the_connection_is_closed() -> Outcome {
    let (mut near, say, listener) = server(4096, Config::default());
    say.send(Event::Text(text("bye"))).await?;
    drop((say, listener));
    let mut heard = [0; 9];
    near.read_exact(&mut heard).await?;
    assert_eq!(&heard, b"\x81\x03bye\x88\x02\x03\xe8");
    near.write_all(b"\x88\x82\0\0\0\0\x03\xe8").await?;
    assert_eq!(near.read_to_end(&mut Vec::new()).await?, 0);
    Ok(())
}

/// A peer that never answers that Close does not hold anything for ever.
#[tokio::test(start_paused = true)]
async fn a_close_that_is_not_answered_ends_while_events_wait() -> Outcome {
    let (mut near, say, listener) = server(64, keep_alive());
    let flood =
        tokio::spawn(
            async move { while near.write_all(b"\x81\x85\0\0\0\0Hello").await.is_ok() {} },
        );
    tokio::time::sleep(Duration::from_secs(100)).await;
    drop(say);
    tokio::time::timeout(Duration::from_secs(11), flood).await??;
    assert!(listener.end().await.is_err());
    Ok(())
}

/// A message that cannot be said ends the connection with a Close, and the error is reported.
#[tokio::test]
async fn a_mistake_of_the_speaker_is_told_at_both_ends() -> Outcome {
    let (mut near, say, listener) = server(4096, Config::default());
    say.send(Event::Ping(BytesMut::zeroed(126))).await?;
    let mut heard = [0; 4];
    near.read_exact(&mut heard).await?;
    assert_eq!(&heard, b"\x88\x02\x03\xf3"); // 1011
    near.write_all(b"\x88\x82\0\0\0\0\x03\xf3").await?;
    drop(near);
    assert!(listener.end().await.is_err());
    Ok(())
}
