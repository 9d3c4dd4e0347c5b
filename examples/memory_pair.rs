//! Both ends in memory: two connections, two buffers, no sockets, no waiting, no chance. This is
//! how to test code above a connection.
//!
//! `cargo run --example memory_pair`

use bytes::{Buf, BytesMut};
use patchcord::handshake::client::{Answer, Request};
use patchcord::handshake::credential::vendor::DEEPGRAM;
use patchcord::handshake::{Url, admission::Admission, server::RequestReader};
use patchcord::{Close, CloseCode, Config, Connection, Event, Message, SendBuffer};
use std::error::Error;

/// As a page offers it: `new WebSocket(url, ["token", KEY])`.
const KEY: &str = "k-3141592653";

/// 20 ms of audio: 16 kHz, 16 bit, mono.
const AUDIO: [u8; 640] = [0x55; 640];

fn main() -> Result<(), Box<dyn Error>> {
    println!("opened  with the subprotocol {}", open()?);
    let heard = talk(usize::MAX)?;
    assert_eq!(heard, ["text Hello", "pong ?", "640 bytes", "close 1001 restarting"]);
    for most in 1..700 {
        assert_eq!(talk(most)?, heard, "the same, however the bytes are cut: {most} at once");
    }
    println!("heard   {}", heard.join(", "));
    Ok(())
}

/// Keys and nonces that are the same in every run: only for tests, since a peer can guess them.
fn entropy(bytes: &mut [u8]) {
    bytes.fill(0x2a);
}

/// Performs the opening handshake, and returns the subprotocol.
fn open() -> Result<String, Box<dyn Error>> {
    let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
    let request = Request::new(Url::parse("ws://localhost/echo")?).with_offer(DEEPGRAM.offer(KEY)?);
    let mut response = request.write(&mut entropy, &mut to_server)?;

    let mut reader = RequestReader::new(Admission::any());
    let request = reader.read(&mut &to_server[..])?.ok_or("the request is incomplete")?;
    let mut offers = request.offers();
    offers.take(&DEEPGRAM.scheme)?.filter(|key| key.matches(KEY)).ok_or("the key is wrong")?;
    request.response().with_subprotocol(offers.select(&["token"])?)?.write(&mut to_client)?;

    match response.read(&mut &to_client[..])? {
        Some(Answer::Accepted(open)) => Ok(open.subprotocol().unwrap_or_default().to_owned()),
        _ => Err("the connection is not open".into()),
    }
}

/// Runs a talk in which at most `most` bytes arrive at once, and returns what the client heard.
fn talk(most: usize) -> Result<Vec<String>, Box<dyn Error>> {
    let mut client = Connection::client(entropy, Config::default());
    let mut server = Connection::server(Config::default());
    let (mut to_server, mut to_client) = (SendBuffer::new(), SendBuffer::new());
    let (mut at_server, mut at_client) = (BytesMut::new(), BytesMut::new());
    let mut heard = Vec::new();

    client.send(Message::Text("Hello"), &mut to_server)?;
    client.ping(b"?", &mut to_server)?;
    client.send(Message::Binary(&AUDIO), &mut to_server)?;
    while client.is_receiving() || server.is_receiving() {
        if to_server.is_empty() && to_client.is_empty() {
            return Err("each end waits for the other".into());
        }
        arrive(&mut to_server, &mut at_server, most);
        while let Some(event) = server.receive(&mut at_server, &mut to_client)? {
            match event {
                Event::Text(text) => server.send(Message::Text(&text), &mut to_client)?,
                Event::Binary(payload) => {
                    server.send(Message::Binary(&payload), &mut to_client)?;
                    let close = Close::new(CloseCode::GOING_AWAY, "restarting");
                    server.close(Some(close), &mut to_client)?;
                }
                _ => {} // pings and the Close are answered
            }
        }
        arrive(&mut to_client, &mut at_client, most);
        while let Some(event) = client.receive(&mut at_client, &mut to_server)? {
            heard.push(match event {
                Event::Text(text) => format!("text {text}"),
                Event::Binary(payload) => format!("{} bytes", payload.len()),
                Event::Pong(payload) => format!("pong {}", payload.escape_ascii()),
                Event::Close(Some(close)) => format!("close {} {}", close.code, close.reason),
                other => format!("{other:?}"),
            });
        }
    }
    Ok(heard)
}

/// The transport: takes up to `most` bytes of one end's output, and gives them to the other.
fn arrive(from: &mut SendBuffer, to: &mut BytesMut, most: usize) {
    let taken = most.min(from.remaining());
    to.extend_from_slice(&from.copy_to_bytes(taken));
}
