//! HTTP/1.1 by hyper under a WebSocket: hyper reads the request, and hands over the stream.

use crate::command::Settings;
use crate::leaving::left;
use crate::serving::{Place, each, spawn};
use crate::websocket::WebSocket;
use crate::{Outcome, talk};
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1::Builder;
use hyper::service::Service;
use hyper::upgrade::{OnUpgrade, on};
use hyper_util::rt::{TokioIo, TokioTimer};
use patchcord::handshake::admission::Admission;
use patchcord::handshake::server::{Refusal, RequestReader};
use patchcord::{Config, Driver};
use std::error::Error;
use std::pin::pin;
use tokio::net::{TcpListener, TcpStream};

/// Serves HTTP on each connection with what `service` makes for its place.
///
/// # Errors
/// Those of [`each`].
pub async fn serve<S, B>(
    listener: TcpListener,
    settings: Settings,
    service: impl Fn(Place) -> S,
) -> Outcome
where
    S: Service<Request<Incoming>, Response = Response<B>, Future: Send> + Send + 'static,
    S::Error: Error + Send + Sync,
    B: Body<Data: Send, Error: Error + Send + Sync> + Send + 'static,
{
    each(listener, settings, |tcp, place| {
        let service = service(place.clone());
        async move { http(tcp, settings.config, service, place).await }
    })
    .await
}

/// Serves one connection of HTTP; an upgrade takes it over.
async fn http<S, B>(tcp: TcpStream, config: Config, service: S, _place: Place) -> Outcome
where
    S: Service<Request<Incoming>, Response = Response<B>>,
    S::Error: Error + Send + Sync + 'static,
    B: Body<Error: Error + Send + Sync> + 'static,
{
    let mut http = Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(config.timeouts.opening);
    let mut serving = pin!(http.serve_connection(TokioIo::new(tcp), service).with_upgrades());
    tokio::select! {
        served = &mut serving => return Ok(served?),
        () = left() => serving.as_mut().graceful_shutdown(),
    }
    Ok(serving.await?)
}

/// Returns the answer to a request, whatever body it has. If it is a 101, a separate task runs the
/// session.
pub fn upgrade<B, R>(mut request: Request<B>, config: Config, place: &Place) -> Response<R>
where
    R: Default + From<String>,
{
    let upgrade = on(&mut request);
    match accept(&request) {
        Err(refusal) => refusal.to_http(),
        Ok(response) => {
            spawn(session(upgrade, config, place.clone()));
            response
        }
    }
}

fn accept<B, R: Default>(request: &Request<B>) -> Result<Response<R>, Refusal> {
    let request = RequestReader::new(Admission::any()).read_http(request)?;
    Ok(talk::admit(&request)?.to_http())
}

/// Runs the session. The upgraded stream first returns what hyper read behind the head, so no input is lost.
async fn session(upgrade: OnUpgrade, config: Config, _place: Place) -> Outcome {
    let stream = TokioIo::new(upgrade.await?);
    let mut socket = WebSocket::opened(stream, Driver::server(config));
    Ok(socket.run(talk::echo).await?)
}
