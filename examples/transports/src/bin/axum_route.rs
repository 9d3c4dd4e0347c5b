//! axum: a route that upgrades, beside one that does not. The client has nothing of axum's:
//! it is one over TCP.
//!
//! The handshake is `patchcord`'s, on axum's request, and not that of axum's own `ws`.

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::any, routing::get};
use bytes::BytesMut;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use patchcord::handshake::{Url, origin::OriginPolicy, server};
use patchcord::{Config, Connection, End, ThreadEntropy};
use patchcord_transports::talk::{Talk, admit, echo};
use patchcord_transports::websocket::WebSocket;
use patchcord_transports::{Outcome, command, opening};
use tokio::net::{TcpListener, TcpStream};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    command::run(serve, connect).await
}

async fn serve(listener: TcpListener, config: Config) -> Outcome {
    let router = Router::new()
        .route("/", get(async || "Open a WebSocket on /echo."))
        .route("/echo", any(move |request| upgrade(request, config)));
    Ok(axum::serve(listener, router).await?)
}

/// Answers a request; `any` lets it see those too that it refuses.
async fn upgrade(mut request: Request, config: Config) -> Response {
    let upgrade = hyper::upgrade::on(&mut request);
    let request = match server::Request::from_http(&request, &OriginPolicy::any()) {
        Ok(request) => request,
        Err(error) => return error.refusal().to_http().into_response(),
    };
    match admit(&request) {
        Err(refusal) => refusal.to_http().into_response(),
        Ok(subprotocol) => {
            tokio::spawn(async move {
                if let Err(error) = session(upgrade, config).await {
                    eprintln!("server  {error}");
                }
            });
            request.accept_http(subprotocol).map(Body::from)
        }
    }
}

async fn session(upgrade: OnUpgrade, config: Config) -> Outcome {
    let stream = TokioIo::new(upgrade.await?);
    let connection = Connection::server(config);
    let mut socket = WebSocket::new(stream, connection, BytesMut::new());
    while let Some(event) = socket.next().await? {
        echo(&event, &mut socket.connection, &mut socket.out)?;
    }
    socket.end().await
}

async fn connect(url: &str, config: Config) -> Outcome {
    let url = Url::parse(url)?;
    for first in [End::Local, End::Peer] {
        let mut tcp = TcpStream::connect(opening::address(&url)).await?;
        tcp.set_nodelay(true)?;
        let (subprotocol, input) = opening::ask(&mut tcp, url).await?;
        let connection = Connection::client(ThreadEntropy, config);
        let socket = WebSocket::new(tcp, connection, input);
        Talk::new(first).hold(socket, &subprotocol).await?;
    }
    Ok(())
}
