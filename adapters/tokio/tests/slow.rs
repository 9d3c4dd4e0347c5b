//! Peers that are behind: what becomes of messages for them, and what they cost.

use patchcord::{Message as Lent, Prepared};
use patchcord_tokio::{Behind, Error, Message, Options};
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncReadExt, duplex};
use tokio::task::coop::poll_proceed;

const ROOM: usize = 256;

/// More than the stream and the backlog hold.
fn flood() -> Vec<Message> {
    (0..100_u8).map(|number| Message::from(vec![number; 1000])).collect()
}

#[tokio::test(start_paused = true)]
async fn messages_are_skipped_whole_and_counted() {
    let (ours, theirs) = duplex(ROOM);
    let options = Options::new().behind(Behind::Skip).backlog(10_000);
    let mut server = options.server(ours);
    for message in flood() {
        server.feed(message).await.unwrap();
    }
    // As many as the backlog has begun to hold: those of 1,004 bytes that fit, and one.
    assert!((88..=90).contains(&server.skipped()), "{}", server.skipped());
    let sent = 100 - server.skipped();
    let mut client = Options::new().client(theirs);
    let hears = async {
        for message in flood().into_iter().take(usize::try_from(sent).unwrap()) {
            assert_eq!(client.recv().await.unwrap().unwrap(), message);
        }
    };
    let (_, flushed) = tokio::join!(hears, server.flush());
    flushed.unwrap();
    server.feed("again").await.unwrap();
    server.flush().await.unwrap();
    assert_eq!(client.recv().await.unwrap().unwrap(), Message::from("again"));
}

#[tokio::test(start_paused = true)]
async fn a_peer_for_which_nothing_may_be_missing_is_closed_with_1013() {
    let (ours, theirs) = duplex(ROOM);
    let options = Options::new().behind(Behind::Close).backlog(10_000);
    let mut server = options.server(ours);
    let mut fed = 0;
    let failed = loop {
        match server.feed(vec![0; 1000]).await {
            Ok(()) => fed += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(failed, Error::Full), "{failed:?}");
    let mut client = Options::new().client(theirs);
    let hears = async {
        for _ in 0..fed {
            assert!(client.recv().await.unwrap().unwrap().is_data());
        }
        let Message::Close(Some(close)) = client.recv().await.unwrap().unwrap() else { panic!() };
        assert_eq!(close.code, 1013);
        assert!(client.recv().await.is_none());
    };
    let ends = async { while server.recv().await.is_some() {} };
    tokio::join!(hears, ends);
}

#[tokio::test(start_paused = true)]
async fn without_room_a_message_that_may_not_wait_is_not_taken() {
    let (ours, _peer) = duplex(ROOM);
    let mut server = Options::new().backlog(2000).server(ours);
    server.try_feed(vec![1; 1000]).unwrap();
    server.try_feed(vec![2; 1000]).unwrap();
    assert!(matches!(server.try_feed("?"), Err(Error::Full)));
}

#[tokio::test(start_paused = true)]
async fn one_prepared_message_to_a_thousand_slow_peers_is_there_once() {
    let prepared = Prepared::new(Lent::Binary(&[7; 100_000]));
    let mut peers = Vec::with_capacity(1000);
    let cost = allocation_counter::measure(|| {
        for _ in 0..1000 {
            let (ours, theirs) = duplex(64);
            peers.push((Options::new().server(ours), theirs));
        }
    });
    let more = allocation_counter::measure(|| {
        for (server, _) in &mut peers {
            let fed = futures_util::FutureExt::now_or_never(server.feed_prepared(&prepared));
            fed.unwrap().unwrap();
        }
    });
    assert!(more.bytes_current < 1000 * 600, "{more:?}, beside {cost:?}");
    let (mut server, mut theirs) = peers.swap_remove(500);
    let mut heard = vec![0; 10 + 100_000];
    let (read, flushed) = tokio::join!(theirs.read_exact(&mut heard), server.flush());
    read.unwrap();
    flushed.unwrap();
    assert!(heard.starts_with(b"\x82\x7f\0\0\0\0\0\x01\x86\xa0\x07"));
}

#[tokio::test(start_paused = true)]
async fn long_binary_messages_are_shared_by_those_they_go_to() {
    let photo = Message::from(vec![8; 60_000]);
    let (mut peers, mut ends) = (Vec::with_capacity(100), Vec::with_capacity(100));
    for _ in 0..100 {
        let (ours, theirs) = duplex(64);
        peers.push(Options::new().server(ours));
        ends.push(theirs);
    }
    let more = allocation_counter::measure(|| {
        for server in &mut peers {
            server.try_feed(photo.clone()).unwrap();
        }
    });
    assert!(more.bytes_current < 100 * 600, "{more:?}");
    let mut heard = vec![0; 4 + 60_000];
    let (read, flushed) = tokio::join!(ends[50].read_exact(&mut heard), peers[50].flush());
    read.unwrap();
    flushed.unwrap();
    assert_eq!((&heard[..5], heard[60_003]), (&b"\x82\x7e\xea\x60\x08"[..], 8));
}

#[tokio::test(start_paused = true)]
async fn without_a_backlog_each_message_waits_for_the_one_before_it() {
    let (ours, theirs) = duplex(ROOM);
    let mut server = Options::new().backlog(0).server(ours);
    let mut client = Options::new().client(theirs);
    let says = async {
        server.feed(vec![1; 1000]).await.unwrap();
        assert!(matches!(server.try_feed("?"), Err(Error::Full)));
        server.send("two").await.unwrap();
    };
    let hears = async {
        assert_eq!(client.recv().await.unwrap().unwrap(), Message::from(vec![1; 1000]));
        assert_eq!(client.recv().await.unwrap().unwrap(), Message::from("two"));
    };
    let both = async { tokio::join!(says, hears) };
    tokio::time::timeout(Duration::from_secs(1), both).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_cannot_send_what_was_prepared_for_many() {
    let (ours, _peer) = duplex(ROOM);
    let mut client = Options::new().client(ours);
    let prepared = Prepared::new(Lent::Text("goal!"));
    assert!(matches!(client.feed_prepared(&prepared).await, Err(Error::Invalid)));
}

/// Uses up what a task may do before others have their turn.
async fn use_up_the_turn() {
    poll_fn(|context| {
        while let Poll::Ready(turn) = poll_proceed(context) {
            turn.made_progress();
        }
        Poll::Ready(())
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_task_that_has_had_its_turn_does_not_make_a_peer_slow() {
    for behind in [Behind::Skip, Behind::Close] {
        let (ours, mut peer) = duplex(10_000);
        let mut server = Options::new().behind(behind).backlog(10).server(ours);
        for number in 0..5 {
            use_up_the_turn().await;
            server.feed(vec![number; 1000]).await.unwrap();
        }
        server.flush().await.unwrap();
        assert_eq!(server.skipped(), 0);
        let mut heard = vec![0; 5 * 1004];
        peer.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard[4 * 1004..], [&b"\x82\x7e\x03\xe8"[..], &[4; 1000]].concat());
    }
}
