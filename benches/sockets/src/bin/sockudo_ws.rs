//! sockudo-ws, as its example `simple_echo.rs` drives it; or in batches, as its README says: messages
//! are fed, and written once everything that was read is answered.

use bytes::BytesMut;
use futures_util::{SinkExt, StreamExt};
use serving::{Outcome, serve, way};
use sockudo_ws::handshake::{build_response, generate_accept_key, parse_request};
use sockudo_ws::protocol::Message;
use sockudo_ws::{Config, WebSocketStream};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

fn main() -> Outcome {
    match &*way() {
        "batched" => serve(batches),
        _ => serve(each),
    }
}

async fn accept(mut tcp: TcpStream) -> Outcome<WebSocketStream<TcpStream>> {
    let mut head = BytesMut::with_capacity(4096);
    loop {
        if tcp.read_buf(&mut head).await? == 0 {
            return Err(sockudo_ws::Error::ConnectionClosed.into());
        }
        if let Some((request, _)) = parse_request(&head)? {
            let response = build_response(&generate_accept_key(request.key), None, None);
            tcp.write_all(&response).await?;
            return Ok(WebSocketStream::server(tcp, Config::default()));
        }
    }
}

async fn each(tcp: TcpStream) -> Outcome {
    let mut socket = accept(tcp).await?;
    while let Some(message) = socket.next().await {
        match message? {
            message @ (Message::Text(_) | Message::Binary(_)) => socket.send(message).await?,
            Message::Close(_) => break,
            _ => {}
        }
    }
    Ok(())
}

async fn batches(tcp: TcpStream) -> Outcome {
    let mut socket = accept(tcp).await?;
    while let Some(message) = socket.next().await {
        match message? {
            message @ (Message::Text(_) | Message::Binary(_)) => socket.feed(message).await?,
            Message::Close(_) => break,
            _ => {}
        }
    }
    Ok(())
}
