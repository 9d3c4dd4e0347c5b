//! The two ends that the Autobahn suite tests: `autobahn serve 127.0.0.1:9002` is an echo behind axum,
//! and `autobahn ask ws://127.0.0.1:9003` runs every case of a fuzzing server.

use axum::serve::ListenerExt;
use axum::{Router, extract::State, response::Response, routing::any};
use patchcord_tokio::axum::{WebSocket, WebSocketUpgrade};
use patchcord_tokio::{Connect, Deflate, Error, Event, OpenError, Options};
use std::error::Error as StdError;
use tokio::net::TcpListener;

async fn handler(ws: WebSocketUpgrade, State(options): State<Options>) -> Response {
    ws.options(options).on_upgrade(echo)
}

async fn echo(mut socket: WebSocket) {
    // The suite breaks rules on purpose: how a case ends is for its report to judge.
    while let Some(Ok(message)) = socket.recv().await {
        if message.is_data() && socket.send(message).await.is_err() {
            return;
        }
    }
}

async fn serve(address: &str, options: Options) -> Result<(), Box<dyn StdError>> {
    let listener = TcpListener::bind(address).await?.tap_io(|tcp| drop(tcp.set_nodelay(true)));
    Ok(axum::serve(listener, Router::new().fallback(any(handler)).with_state(options)).await?)
}

async fn ask(server: &str, options: Options) -> Result<(), Box<dyn StdError>> {
    let client = |path: &str| {
        let client = Connect::new(&format!("{server}/{path}"))?;
        Ok::<_, OpenError>(client.options(options.clone()))
    };
    let mut socket = client("getCaseCount")?.open().await?;
    let count: u32 = socket.recv().await.ok_or(Error::Closed)??.to_text()?.parse()?;
    for case in 1..=count {
        let case = format!("runCase?case={case}&agent=patchcord-tokio");
        let _ = run(client(&case)?).await; // as above
    }
    run(client("updateReports?agent=patchcord-tokio")?).await?;
    println!("{count} cases run");
    Ok(())
}

async fn run(client: Connect) -> Result<(), OpenError> {
    let mut socket = client.open().await?;
    let echoes = socket.run(|event, answers| match event {
        Event::Text(text) => answers.send(patchcord::Message::Text(&text)),
        Event::Binary(bytes) => answers.send(patchcord::Message::Binary(&bytes)),
        _ => Ok(()),
    });
    Ok(echoes.await?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn StdError>> {
    let options = Options::new().deflate(&Deflate::default());
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", address] => serve(address, options).await,
        ["ask", server] => ask(server, options).await,
        _ => Err("usage: autobahn serve ADDRESS | autobahn ask URL".into()),
    }
}
