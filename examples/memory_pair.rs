//! Both ends in memory: two connections, two vectors, no sockets, no waiting, no chance. This is
//! how to test what lies above a connection.
//!
//! `cargo run --example memory_pair`

use bytes::BytesMut;
use patchcord::handshake::client::{Answer, Request};
use patchcord::handshake::credential::Scheme;
use patchcord::handshake::{Url, origin::OriginPolicy, server::RequestReader, subprotocol::Offer};
use patchcord::{Close, CloseCode, Config, Connection, Event, Message};
use std::error::Error;

/// As a page says it: `new WebSocket(url, ["token", KEY])`.
const SCHEME: Scheme<'_> = Scheme::Pair { marker: "token" };
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

/// Keys and nonces that are the same in every run: for tests alone, since a peer can guess them.
fn entropy(bytes: &mut [u8]) {
    bytes.fill(0x2a);
}

/// The opening handshake; returns the subprotocol.
fn open() -> Result<String, Box<dyn Error>> {
    let (mut to_server, mut to_client) = (Vec::new(), Vec::new());
    let offer = Offer::required().credential(SCHEME, KEY)?;
    let request = Request::new(Url::parse("ws://localhost/echo")?).offer(offer);
    let mut response = request.write(&mut entropy, &mut to_server)?;

    let mut reader = RequestReader::new(OriginPolicy::any());
    let request = reader.read(&mut &to_server[..])?.ok_or("no whole request")?;
    let offers = request.subprotocols(&[SCHEME])?;
    offers.credential(0).filter(|key| key.matches(KEY)).ok_or("not the key")?;
    request.accept(offers.server_preference(&["token"]), &mut to_client)?;

    match response.read(&mut &to_client[..])? {
        Some(Answer::Open(open)) => Ok(open.subprotocol().unwrap_or_default().to_owned()),
        _ => Err("the connection is not open".into()),
    }
}

/// A talk in which at most so many bytes arrive at once; returns what the client heard.
fn talk(most: usize) -> Result<Vec<String>, Box<dyn Error>> {
    let mut client = Connection::client(entropy, Config::default());
    let mut server = Connection::server(Config::default());
    let (mut to_server, mut to_client) = (Vec::new(), Vec::new()); // the transport
    let (mut at_server, mut at_client) = (BytesMut::new(), BytesMut::new());
    let mut heard = Vec::new();

    client.send(Message::Text("Hello"), &mut to_server)?;
    client.ping(b"?", &mut to_server)?;
    client.send(Message::Binary(&AUDIO), &mut to_server)?;
    while !(client.is_finished() && server.is_finished()) {
        if to_server.is_empty() && to_client.is_empty() {
            return Err("each end waits for the other".into());
        }
        at_server.extend(to_server.drain(..most.min(to_server.len())));
        while let Some(event) = server.receive(&mut at_server)? {
            match event {
                Event::Text(text) => server.send(Message::Text(&text), &mut to_client)?,
                Event::Binary(octets) => {
                    server.send(Message::Binary(&octets), &mut to_client)?;
                    server.close(Some(Close::new(CloseCode::GOING_AWAY, "restarting")))?;
                }
                _ => {} // a pong or a Close that is owed is flushed
            }
            server.flush(&mut to_client)?;
        }
        at_client.extend(to_client.drain(..most.min(to_client.len())));
        while let Some(event) = client.receive(&mut at_client)? {
            heard.push(match event {
                Event::Text(text) => format!("text {text}"),
                Event::Binary(octets) => format!("{} bytes", octets.len()),
                Event::Pong(octets) => format!("pong {}", octets.escape_ascii()),
                Event::Close(Some(close)) => format!("close {} {}", close.code, close.reason),
                other => format!("{other:?}"),
            });
            client.flush(&mut to_server)?;
        }
    }
    Ok(heard)
}
