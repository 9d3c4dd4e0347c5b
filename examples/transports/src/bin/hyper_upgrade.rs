//! hyper 1: an HTTP/1.1 server and client that upgrade, in both roles. hyper reads the heads;
//! `patchcord` checks and writes what is in them. The server's part is in `src/http1.rs`.

use hyper::service::service_fn;
use hyper::upgrade::on;
use hyper_util::rt::TokioIo;
use patchcord::handshake::{Url, client::Request};
use patchcord::{ClosedBy, Driver, ThreadEntropy, Timeouts};
use patchcord_transports::blocking::address;
use patchcord_transports::command::{self, Settings};
use patchcord_transports::talk::{Talk, offer};
use patchcord_transports::websocket::WebSocket;
use patchcord_transports::{Outcome, http1};
use std::convert::Infallible;
use std::future::ready;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    command::run(serve, connect).await
}

async fn serve(listener: TcpListener, settings: Settings) -> Outcome {
    let answer = |place| {
        service_fn(move |request| {
            ready(Ok::<_, Infallible>(http1::upgrade::<_, String>(
                request,
                settings.config,
                &place,
            )))
        })
    };
    http1::serve(listener, settings, answer).await
}

async fn connect(url: &str, settings: Settings) -> Outcome {
    let url = Url::parse(url)?;
    for first in [ClosedBy::Local, ClosedBy::Peer] {
        let tcp = TcpStream::connect(address(&url)).await?;
        tcp.set_nodelay(true)?;
        let (mut sender, http) = hyper::client::conn::http1::handshake(TokioIo::new(tcp)).await?;
        tokio::spawn(http.with_upgrades());
        let opening = Request::new(url).with_offer(offer()?);
        let (request, reader) = opening.to_http::<String>(&mut ThreadEntropy)?;
        let mut response = timeout(Timeouts::OPENING, sender.send_request(request)).await??;
        let open = reader.read_http(&response)?.accepted()?;
        let subprotocol = open.subprotocol().unwrap_or_default().to_owned();
        let stream = TokioIo::new(on(&mut response).await?);
        let driver = Driver::client(ThreadEntropy, settings.config);
        Talk::new(first).hold(WebSocket::opened(stream, driver), &subprotocol).await?;
    }
    Ok(())
}
