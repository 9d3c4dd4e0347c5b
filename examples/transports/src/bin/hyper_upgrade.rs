//! hyper 1: an HTTP/1.1 server and client that upgrade, in both roles; hyper reads the heads, and
//! `patchcord` checks and writes what is in them.

use bytes::BytesMut;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::upgrade::{OnUpgrade, on};
use hyper_util::rt::{TokioIo, TokioTimer};
use patchcord::handshake::client::Request as Opening;
use patchcord::handshake::origin::OriginPolicy;
use patchcord::handshake::{Deadline, Url, server};
use patchcord::{Config, Connection, End, ThreadEntropy};
use patchcord_transports::talk::{Talk, admit, echo, offer};
use patchcord_transports::websocket::WebSocket;
use patchcord_transports::{Outcome, command, opening};
use std::convert::Infallible;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    command::run(serve, connect).await
}

async fn serve(listener: TcpListener, config: Config) -> Outcome {
    command::each(listener, move |tcp| session(tcp, config)).await
}

/// One connection of HTTP; an upgrade takes it over.
async fn session(tcp: TcpStream, config: Config) -> Outcome {
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(Deadline::SPAN);
    let service = service_fn(async |request| Ok::<_, Infallible>(answer(request, config)));
    Ok(http.serve_connection(TokioIo::new(tcp), service).with_upgrades().await?)
}

/// The answer to a request; what goes on when it is a 101 has a task of its own.
fn answer(mut request: Request<Incoming>, config: Config) -> Response<String> {
    let upgrade = on(&mut request);
    let request = match server::Request::from_http(&request, &OriginPolicy::any()) {
        Ok(request) => request,
        Err(error) => return error.refusal().to_http(),
    };
    match admit(&request) {
        Err(refusal) => refusal.to_http(),
        Ok(subprotocol) => {
            tokio::spawn(async move {
                if let Err(error) = talk(upgrade, config).await {
                    eprintln!("server  {error}");
                }
            });
            request.accept_http(subprotocol).map(|()| String::new())
        }
    }
}

/// What hyper read behind the head comes out of the upgraded stream first: no input is left over.
async fn talk(upgrade: OnUpgrade, config: Config) -> Outcome {
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
        let tcp = TcpStream::connect(opening::address(&url)).await?;
        tcp.set_nodelay(true)?;
        let (mut sender, http) = hyper::client::conn::http1::handshake(TokioIo::new(tcp)).await?;
        tokio::spawn(http.with_upgrades());
        let (request, reader) = Opening::new(url).offer(offer()?).to_http(&mut ThreadEntropy)?;
        let request = request.map(|()| String::new());
        let mut response = timeout(Deadline::SPAN, sender.send_request(request)).await??;
        let open = reader.verify_http(&response)?;
        let subprotocol = open.subprotocol().unwrap_or_default().to_owned();
        let stream = TokioIo::new(on(&mut response).await?);
        let connection = Connection::client(ThreadEntropy, config);
        let socket = WebSocket::new(stream, connection, BytesMut::new());
        Talk::new(first).hold(socket, &subprotocol).await?;
    }
    Ok(())
}
