//! axum: a route that upgrades, beside one that does not. The client does not use axum:
//! it runs over TCP.
//!
//! The handshake is `patchcord`'s, on axum's request, and not that of axum's own `ws`. The
//! router is served by hyper, as in `axum::serve`, which has no deadline for a request.

use axum::body::Body;
use axum::extract::Request;
use axum::{Router, routing::any, routing::get};
use hyper_util::service::TowerToHyperService;
use patchcord::ClosedBy;
use patchcord::handshake::{Url, client};
use patchcord_transports::blocking::address;
use patchcord_transports::command::{self, Settings};
use patchcord_transports::serving::Place;
use patchcord_transports::talk::{Talk, offer};
use patchcord_transports::websocket::WebSocket;
use patchcord_transports::{Outcome, http1};
use tokio::net::{TcpListener, TcpStream};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    command::run(serve, connect).await
}

async fn serve(listener: TcpListener, settings: Settings) -> Outcome {
    let router = |place| TowerToHyperService::new(routes(settings, place));
    http1::serve(listener, settings, router).await
}

/// Returns the routes of a connection, which holds its place among those of this server.
fn routes(settings: Settings, place: Place) -> Router {
    let echo =
        async move |request: Request| http1::upgrade::<_, Body>(request, settings.config, &place);
    Router::new().route("/", get(async || "Open a WebSocket on /echo.")).route("/echo", any(echo))
}

async fn connect(url: &str, settings: Settings) -> Outcome {
    let url = Url::parse(url)?;
    for first in [ClosedBy::Local, ClosedBy::Peer] {
        let tcp = TcpStream::connect(address(&url)).await?;
        tcp.set_nodelay(true)?;
        let request = client::Request::new(url).with_offer(offer()?);
        let (socket, subprotocol) = WebSocket::connect(tcp, settings.config, &request).await?;
        Talk::new(first).hold(socket, &subprotocol).await?;
    }
    Ok(())
}
