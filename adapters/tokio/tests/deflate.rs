//! permessage-deflate between two ends, and with ends that do not have it.
#![cfg(feature = "deflate")]

use patchcord_tokio::handshake::Url;
use patchcord_tokio::handshake::admission::Admission;
use patchcord_tokio::handshake::client::Request;
use patchcord_tokio::{Deflate, Message, Options, WebSocket};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

async fn pair(
    server: Options,
    client: Options,
) -> (WebSocket<DuplexStream>, WebSocket<DuplexStream>) {
    let (ours, theirs) = duplex(1 << 16);
    let request = Request::new(Url::parse("ws://a/").unwrap());
    let (server, client) = tokio::join!(
        server.accept(ours, Admission::any(), |request| Ok(request.response())),
        client.connect(theirs, &request),
    );
    (server.unwrap(), client.unwrap())
}

fn transcript() -> Message {
    Message::from(r#"{"word":"one","at":0.1}"#.repeat(50))
}

#[tokio::test]
async fn texts_arrive_whoever_compresses() {
    let with = Options::new().deflate(&Deflate::default());
    for (server, client) in [
        (with.clone(), with.clone()),
        (with.clone(), Options::new()),
        (Options::new(), with.clone()),
    ] {
        let (mut server, mut client) = pair(server, client).await;
        for message in [transcript(), transcript(), "short".into(), vec![7; 500].into()] {
            server.send(message.clone()).await.unwrap();
            assert_eq!(client.recv().await.unwrap().unwrap(), message);
            client.send(message.clone()).await.unwrap();
            assert_eq!(server.recv().await.unwrap().unwrap(), message);
        }
    }
}

#[tokio::test]
async fn a_text_is_shorter_on_the_wire() {
    let (ours, mut peer) = duplex(1 << 16);
    let options = Options::new().deflate(&Deflate::default());
    let serves = tokio::spawn(async move {
        let accepted = options.accept(ours, Admission::any(), |request| Ok(request.response()));
        accepted.await.unwrap().send(transcript()).await.unwrap();
    });
    peer.write_all(
        b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
    )
    .await
    .unwrap();
    serves.await.unwrap();
    let mut heard = Vec::new();
    peer.read_to_end(&mut heard).await.unwrap();
    let head = heard.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
    assert_eq!(heard[head], 0xc1); // final, compressed, text: RFC 7692 section 6
    assert!(heard.len() - head < transcript().len() / 10);
}
