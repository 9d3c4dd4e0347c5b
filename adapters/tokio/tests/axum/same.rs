//! What programs do with axum's `ws` they do with this one.

use crate::served::{Peer, over_http2, serve, tungstenite};
use crate::{ours, theirs};
use axum::Router;
use futures_util::{SinkExt, StreamExt};
use patchcord_tokio::hyper::Upgraded;
use patchcord_tokio::{Message as Ours, WebSocket};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Bytes, Message, Utf8Bytes};

async fn hear(peer: &mut Peer) -> Message {
    peer.next().await.unwrap().unwrap()
}

async fn echoes(app: Router) -> Peer {
    let address = serve(app).await;
    let offers = [("sec-websocket-protocol", "echo3, echo")];
    let (mut peer, headers) = tungstenite(address, "/echo", &offers).await.unwrap();
    assert_eq!(headers["sec-websocket-protocol"], "echo");
    peer.send("foobar".into()).await.unwrap();
    assert_eq!(hear(&mut peer).await, "foobar".into());
    peer.send(Message::Ping(Bytes::from_static(b"ping"))).await.unwrap();
    assert_eq!(hear(&mut peer).await, Message::Pong(Bytes::from_static(b"ping")));
    peer
}

#[tokio::test]
async fn a_text_and_a_ping_come_back_under_the_subprotocol_that_the_server_prefers() {
    echoes(theirs::echo::app()).await;
    echoes(ours::echo::app()).await;
}

/// Here they differ: axum's echo, which answers a Close by itself, too, is gone without an answer.
#[tokio::test]
async fn a_close_is_answered_whatever_the_program_does_with_it() {
    let mut peer = echoes(ours::echo::app()).await;
    peer.close(None).await.unwrap();
    assert!(matches!(peer.next().await, Some(Ok(Message::Close(None)))));
    assert!(peer.next().await.is_none());
}

async fn echoes_over_http2(app: Router) -> WebSocket<Upgraded> {
    let address = serve(app).await;
    let offers = [("sec-websocket-protocol", "echo3, echo")];
    let (mut socket, headers) = over_http2(address, "/echo", &offers).await.unwrap();
    assert_eq!(headers["sec-websocket-protocol"], "echo");
    socket.send("foobar").await.unwrap();
    assert_eq!(socket.recv().await.unwrap().unwrap(), Ours::from("foobar"));
    socket.send(Ours::Ping(Bytes::from_static(b"ping"))).await.unwrap();
    assert_eq!(socket.recv().await.unwrap().unwrap(), Ours::Pong(Bytes::from_static(b"ping")));
    socket
}

#[tokio::test]
async fn they_come_back_over_http2() {
    echoes_over_http2(theirs::echo::app()).await;
    let mut socket = echoes_over_http2(ours::echo::app()).await;
    socket.close(None).await.unwrap(); // and the stream ends in order
}

async fn greets(app: impl Fn(UnboundedSender<String>) -> Router) {
    let (seen, mut notes) = unbounded_channel();
    let address = serve(app(seen)).await;
    let agent = [("user-agent", "tester/1")];
    let (mut peer, _) = tungstenite(address, "/ws", &agent).await.unwrap();
    assert_eq!(hear(&mut peer).await, Message::Ping(Bytes::from_static(&[1, 2, 3])));
    peer.flush().await.unwrap(); // the pong; what is behind it is there before the tasks begin
    peer.send(Message::binary(vec![7; 300])).await.unwrap();
    for time in 1..5 {
        assert_eq!(hear(&mut peer).await, format!("Hi {time} times!").into());
    }
    for number in 0..20 {
        assert_eq!(hear(&mut peer).await, format!("Server message {number}").into());
    }
    let reason = Utf8Bytes::from_static("Goodbye");
    let goodbye = CloseFrame { code: 1000.into(), reason };
    assert_eq!(hear(&mut peer).await, Message::Close(Some(goodbye)));
    for note in ["tester/1 of 127.0.0.1", "pong b\"\\x01\\x02\\x03\"", "300 bytes", "sent 20"] {
        assert_eq!(notes.recv().await.unwrap(), note);
    }
}

#[tokio::test]
async fn greetings_are_sent_while_another_task_receives() {
    greets(theirs::greeter::app).await;
    greets(ours::greeter::app).await;
}

async fn closes(app: impl Fn(UnboundedSender<String>) -> Router) {
    let (seen, mut notes) = unbounded_channel();
    let address = serve(app(seen)).await;
    let (mut peer, _) = tungstenite(address, "/ws", &[]).await.unwrap();
    let bye = CloseFrame { code: 4001.into(), reason: Utf8Bytes::from_static("bye") };
    peer.close(Some(bye)).await.unwrap();
    while let Some(Ok(_)) = peer.next().await {}
    let mut last = String::new();
    while let Some(note) = notes.recv().await {
        last = note;
        if last.starts_with("close") {
            break;
        }
    }
    assert_eq!(last, "close 4001 bye");
}

#[tokio::test]
async fn the_close_of_the_peer_is_delivered() {
    closes(theirs::greeter::app).await;
    closes(ours::greeter::app).await;
}

async fn chats(app: Router) {
    let address = serve(app).await;
    let join = |name: &'static str| async move {
        let (mut peer, _) = tungstenite(address, "/websocket", &[]).await.unwrap();
        peer.send(name.into()).await.unwrap();
        peer
    };
    let mut ann = join("ann").await;
    assert_eq!(hear(&mut ann).await, "ann joined.".into());
    assert_eq!(hear(&mut join("ann").await).await, "Username already taken.".into());
    let mut bob = join("bob").await;
    for peer in [&mut ann, &mut bob] {
        assert_eq!(hear(peer).await, "bob joined.".into());
    }
    ann.send("hello".into()).await.unwrap();
    for peer in [&mut ann, &mut bob] {
        assert_eq!(hear(peer).await, "ann: hello".into());
    }
    drop(ann);
    assert_eq!(hear(&mut bob).await, "ann left.".into());
    let mut again = join("ann").await;
    assert_eq!(hear(&mut again).await, "ann joined.".into());
}

#[tokio::test]
async fn a_chat_tells_all_what_one_says_and_who_left() {
    chats(theirs::chat::app()).await;
    chats(ours::chat::app()).await;
}

async fn relays(app: Router) {
    let address = serve(app).await;
    let (mut old, _) = tungstenite(address, "/ws", &[]).await.unwrap();
    let (mut new, _) = over_http2(address, "/ws", &[]).await.unwrap();
    assert_eq!(hear(&mut old).await, "HTTP/1.1".into());
    assert_eq!(new.recv().await.unwrap().unwrap(), Ours::from("HTTP/2.0"));
    old.send("to all".into()).await.unwrap();
    assert_eq!(hear(&mut old).await, "to all".into());
    assert_eq!(new.recv().await.unwrap().unwrap(), Ours::from("to all"));
    new.send("back").await.unwrap();
    assert_eq!(hear(&mut old).await, "back".into());
}

#[tokio::test]
async fn clients_of_both_versions_of_http_hear_each_other() {
    relays(theirs::relay::app()).await;
    relays(ours::relay::app()).await;
}
