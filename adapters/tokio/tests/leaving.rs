//! The graceful end of a server: 1001 to all, a deadline, and then it is gone.

use patchcord_tokio::handshake::admission::Admission;
use patchcord_tokio::{CloseFrame, Error, Leaving, Message, OpenError, Options};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::{Instant, sleep};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn all_are_told_1001_and_waited_for() {
    let leaving = Leaving::new();
    let options = Options::new().leaving(&leaving);
    let clients: Vec<_> = (0..100)
        .map(|_| {
            let (ours, theirs) = duplex(64);
            let mut server = options.server(ours);
            tokio::spawn(async move {
                while let Some(message) = server.recv().await {
                    message.unwrap();
                }
            });
            let mut client = Options::new().client(theirs);
            tokio::spawn(async move {
                let close = client.recv().await.unwrap().unwrap();
                assert!(client.recv().await.is_none());
                close
            })
        })
        .collect();
    sleep(seconds(1)).await;
    assert_eq!((leaving.members(), leaving.is_leaving()), (100, false));
    let start = Instant::now();
    let (left, ()) = tokio::join!(leaving.leave(seconds(5)), leaving.left());
    assert_eq!((left, leaving.members(), start.elapsed()), (0, 0, Duration::ZERO));
    let away = CloseFrame { code: 1001, reason: "".into() };
    for client in clients {
        assert_eq!(client.await.unwrap(), Message::Close(Some(away.clone())));
    }
}

#[tokio::test(start_paused = true)]
async fn those_that_do_not_go_are_gone_at_the_deadline() {
    let leaving = Leaving::new();
    let (ours, mut mute) = duplex(64);
    let mut server = Options::new().leaving(&leaving).server(ours);
    let serves = tokio::spawn(async move {
        let failed = server.recv().await.unwrap().unwrap_err();
        assert!(matches!(failed, Error::Expired(_)), "{failed:?}");
        assert!(server.recv().await.is_none());
    });
    sleep(seconds(1)).await;
    let start = Instant::now();
    assert_eq!(leaving.leave(seconds(3)).await, 1);
    assert_eq!(start.elapsed().as_secs(), 3);
    serves.await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 3); // and not when its own deadline for a Close passes
    assert_eq!(leaving.members(), 0);
    let mut heard = Vec::new();
    mute.read_to_end(&mut heard).await.unwrap();
    assert_eq!(heard, b"\x88\x02\x03\xe9");
}

#[tokio::test(start_paused = true)]
async fn one_that_has_ended_is_not_waited_for_though_it_is_kept() {
    let leaving = Leaving::new();
    let (ours, theirs) = duplex(64);
    let mut server = Options::new().leaving(&leaving).server(ours);
    let mut client = Options::new().client(theirs);
    let ends = async { while server.recv().await.is_some() {} };
    let (closed, ()) = tokio::join!(client.close(None), ends);
    closed.unwrap();
    assert_eq!(leaving.members(), 0);
    assert!(server.recv().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn one_that_opens_meanwhile_is_told_too() {
    let leaving = Leaving::new();
    let (ours, mute) = duplex(64);
    let mut stays = Options::new().leaving(&leaving).server(ours);
    let leaves = tokio::spawn({
        let leaving = leaving.clone();
        async move { leaving.leave(seconds(5)).await }
    });
    leaving.left().await;
    let (ours, theirs) = duplex(64);
    let mut server = Options::new().leaving(&leaving).server(ours);
    let mut client = Options::new().client(theirs);
    let serves = tokio::spawn(async move { server.recv().await });
    let close = client.recv().await.unwrap().unwrap();
    let away = CloseFrame { code: 1001, reason: "".into() };
    assert_eq!(close, Message::Close(Some(away)));
    assert!(client.recv().await.is_none());
    assert!(serves.await.unwrap().unwrap().is_ok());
    assert!(stays.recv().await.unwrap().is_err());
    assert_eq!(leaves.await.unwrap(), 1);
    drop(mute);
}

#[tokio::test(start_paused = true)]
async fn an_end_that_is_said_already_stays_a_clean_one() {
    let leaving = Leaving::new();
    let (ours, mut peer) = duplex(64);
    let mut server = Options::new().leaving(&leaving).server(ours);
    let serves = tokio::spawn(async move {
        assert_eq!(server.recv().await.unwrap().unwrap(), Message::Close(None));
        server.recv().await // waits for the end of the peer's stream
    });
    peer.write_all(&[0x88, 0x80, 0, 0, 0, 0]).await.unwrap();
    sleep(seconds(1)).await;
    let ends = async {
        sleep(seconds(1)).await; // in which it is told
        drop(peer);
    };
    assert_eq!(tokio::join!(leaving.leave(seconds(5)), ends).0, 0);
    assert!(serves.await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_not_all_there_is_given_up() {
    let leaving = Leaving::new();
    let (ours, mut peer) = duplex(64);
    let options = Options::new().leaving(&leaving);
    let opens = options.accept(ours, Admission::any(), |request| Ok(request.response()));
    let opens = tokio::spawn(opens);
    peer.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    sleep(seconds(1)).await;
    let start = Instant::now();
    assert_eq!(leaving.leave(seconds(5)).await, 0);
    assert!(matches!(opens.await.unwrap(), Err(OpenError::Ended(Error::Closed))));
    assert_eq!(start.elapsed().as_secs(), 0);
}
