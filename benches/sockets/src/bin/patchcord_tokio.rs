//! patchcord-tokio, as its example `echo.rs` drives it; or `run`, which lends each message in
//! place.

use patchcord::{Event, Message};
use patchcord_tokio::handshake::admission::Admission;
use patchcord_tokio::{WebSocket, accept};
use serving::{Outcome, serve, way};
use tokio::net::TcpStream;

fn main() -> Outcome {
    match &*way() {
        "run" => serve(run),
        _ => serve(each),
    }
}

async fn open(tcp: TcpStream) -> Outcome<WebSocket<TcpStream>> {
    Ok(accept(tcp, Admission::any(), |request| Ok(request.response())).await?)
}

async fn each(tcp: TcpStream) -> Outcome {
    let mut socket = open(tcp).await?;
    while let Some(message) = socket.recv().await {
        let message = message?;
        if message.is_data() {
            socket.feed(message).await?;
        }
    }
    Ok(())
}

async fn run(tcp: TcpStream) -> Outcome {
    let mut socket = open(tcp).await?;
    let echo = socket.run(|event, answers| match event {
        Event::Text(text) => answers.send(Message::Text(&text)),
        Event::Binary(payload) => answers.send(Message::Binary(&payload)),
        _ => Ok(()),
    });
    Ok(echo.await?)
}
