//! The example `voice_agent`, against a server that loses it, refuses it, and hears it out.
#![cfg(feature = "connect")]

#[allow(dead_code, missing_docs, unreachable_pub)]
#[path = "../examples/voice_agent.rs"]
mod voice_agent;

use bytes::Bytes;
use patchcord_tokio::handshake::admission::Admission;
use patchcord_tokio::handshake::credential::vendor::DEEPGRAM;
use patchcord_tokio::handshake::server::{Refusal, Request, Response};
use patchcord_tokio::{CloseFrame, Message, WebSocket, accept};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use voice_agent::{client, talk};

fn admit<'head>(request: &Request<'head>) -> Result<Response<'head>, Refusal> {
    let mut offers = request.offers();
    match offers.take(&DEEPGRAM.scheme)? {
        Some(key) if key.matches("a-key") => {}
        _ => return Err(Refusal::UNAUTHORIZED),
    }
    Ok(request.response().with_subprotocol(offers.select(&["token"])?)?)
}

async fn next(listener: &TcpListener) -> WebSocket<TcpStream> {
    let (tcp, _) = listener.accept().await.unwrap();
    accept(tcp, Admission::any(), admit).await.unwrap()
}

/// Takes so many chunks, and notes which.
async fn hear(socket: &mut WebSocket<TcpStream>, count: usize, heard: &mut Vec<u8>) {
    for _ in 0..count {
        let Message::Binary(chunk) = socket.recv().await.unwrap().unwrap() else { panic!() };
        heard.push(chunk[0]);
    }
}

#[tokio::test]
async fn it_goes_on_after_losses_with_what_was_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/v1/listen", listener.local_addr().unwrap());
    let serves = async {
        let mut heard = Vec::new();
        let mut socket = next(&listener).await;
        hear(&mut socket, 3, &mut heard).await;
        socket.send("so far").await.unwrap();
        drop(socket); // a loss
        let (tcp, _) = listener.accept().await.unwrap();
        let busy = accept(tcp, Admission::any(), |_| Err(Refusal::UNAVAILABLE)).await;
        assert!(busy.is_err());
        let mut socket = next(&listener).await;
        while let Some(message) = socket.recv().await {
            match message.unwrap() {
                Message::Binary(chunk) => heard.push(chunk[0]),
                Message::Text(end) if end == r#"{"type":"CloseStream"}"# => {
                    socket.send("all of it").await.unwrap();
                    let close = CloseFrame { code: 1000, reason: "".into() };
                    socket.send(Message::Close(Some(close))).await.unwrap();
                }
                other => assert!(matches!(other, Message::Close(_)), "{other:?}"),
            }
        }
        heard
    };
    let speaks = async {
        let (speech, said) = mpsc::channel(1);
        let mut heard = Vec::new();
        let says = async move {
            for number in 0..40_u8 {
                speech.send(Bytes::from(vec![number; 640])).await.unwrap();
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            }
        };
        let client = client(&url, "a-key").unwrap();
        let talks = talk(&client, said, |text| heard.push(text.to_owned()));
        let (talked, ()) = tokio::join!(talks, says);
        talked.unwrap();
        heard
    };
    let (mut arrived, heard) = tokio::join!(serves, speaks);
    assert_eq!(heard, ["so far", "all of it"]);
    // What had been sent when the connection was lost may be missing; the rest is in order.
    assert!(arrived.is_sorted(), "{arrived:?}");
    arrived.dedup();
    assert!(arrived.starts_with(&[0, 1, 2]) && arrived.ends_with(&[38, 39]), "{arrived:?}");
    assert!(arrived.len() > 30, "{arrived:?}");
}

#[tokio::test]
async fn a_wrong_key_is_final() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/v1/listen", listener.local_addr().unwrap());
    let (_speech, said) = mpsc::channel(1);
    let refuses = async {
        let (tcp, _) = listener.accept().await.unwrap();
        assert!(accept(tcp, Admission::any(), admit).await.is_err());
    };
    let client = client(&url, "another-key").unwrap();
    let (talked, ()) = tokio::join!(talk(&client, said, |_| {}), refuses);
    assert_eq!(talked.unwrap_err().to_string(), "the server refused with status 401");
}
