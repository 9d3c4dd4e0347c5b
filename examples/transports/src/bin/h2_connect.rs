//! h2: a WebSocket in a stream of HTTP/2, by extended CONNECT (RFC 8441), in both roles.
//! `src/h2_stream.rs` shows how its DATA carries frames.

use bytes::Bytes;
use h2::ext::Protocol;
use h2::server::SendResponse;
use h2::{RecvStream, client, server};
use http::{Request, Response};
use patchcord::handshake::client::Request as Opening;
use patchcord::handshake::server::{Refusal, RequestReader};
use patchcord::handshake::{Url, admission::Admission};
use patchcord::{ClosedBy, Config, Driver, ThreadEntropy, Timeouts};
use patchcord_transports::Outcome;
use patchcord_transports::blocking::address;
use patchcord_transports::command::{self, Settings};
use patchcord_transports::h2_stream::H2Stream;
use patchcord_transports::leaving::left;
use patchcord_transports::serving::{Place, each, told};
use patchcord_transports::talk::{Talk, admit, echo, offer};
use patchcord_transports::websocket::WebSocket;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

/// How many streams a connection of HTTP/2 may have at once.
const STREAMS: u32 = 16;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    command::run(serve, connect).await
}

async fn serve(listener: TcpListener, settings: Settings) -> Outcome {
    each(listener, settings, move |tcp, place| session(tcp, settings.config, place)).await
}

/// One connection of HTTP/2, with some WebSockets in it.
async fn session(tcp: TcpStream, config: Config, _place: Place) -> Outcome {
    let mut http = server::Builder::new();
    http.enable_connect_protocol().max_concurrent_streams(STREAMS);
    let span = config.timeouts.opening.unwrap_or(Timeouts::OPENING);
    let mut http = timeout(span, http.handshake(tcp)).await??;
    let mut streams = JoinSet::new();
    let ended = accept(&mut http, &mut streams, config).await;
    drop(http);
    while streams.join_next().await.is_some() {} // each of them reports how it ended
    ended
}

/// Gives each stream a task, until HTTP/2 has ended. Without streams, that is soon: a stream has a
/// peer that is pinged, and HTTP/2 alone does not.
async fn accept(
    http: &mut server::Connection<TcpStream, Bytes>,
    streams: &mut JoinSet<()>,
    config: Config,
) -> Outcome {
    let span = config.timeouts.opening.unwrap_or(Timeouts::OPENING);
    let farewell = config.timeouts.close.unwrap_or(Timeouts::OPENING);
    let mut leaves = pin!(left());
    let mut leaving = false;
    let mut idle = pin!(sleep(span));
    loop {
        tokio::select! {
            accepted = http.accept() => {
                let Some(accepted) = accepted else { return Ok(()) };
                let (request, respond) = accepted?;
                streams.spawn(told(answer(request, respond, config)));
                continue;
            }
            Some(_) = streams.join_next() => {
                idle.as_mut().reset(Instant::now() + if leaving { farewell } else { span });
                continue;
            }
            () = &mut leaves, if !leaving => {}
            () = &mut idle, if streams.is_empty() => {
                if leaving {
                    return Err("the peer does not end HTTP/2".into());
                }
            }
        }
        leaving = true;
        idle.as_mut().reset(Instant::now() + farewell);
        http.graceful_shutdown();
    }
}

async fn answer(
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    config: Config,
) -> Outcome {
    let response = match admitted(&request) {
        Ok(response) => response,
        Err(refusal) => {
            let (head, text) = refusal.to_http::<String>().into_parts();
            let mut body = respond.send_response(Response::from_parts(head, ()), false)?;
            return Ok(body.send_data(text.into(), true)?);
        }
    };
    let sender = respond.send_response(response, false)?;
    let stream = H2Stream::new(sender, request.into_body());
    Ok(WebSocket::opened(stream, Driver::server(config)).run(echo).await?)
}

fn admitted(request: &Request<RecvStream>) -> Result<Response<()>, Refusal> {
    let protocol = request.extensions().get::<Protocol>().map(Protocol::as_str);
    let reader = RequestReader::new(Admission::any());
    Ok(admit(&reader.read_http_connect(request, protocol)?)?.to_http())
}

async fn connect(url: &str, settings: Settings) -> Outcome {
    let url = Url::parse(url)?;
    let tcp = TcpStream::connect(address(&url)).await?;
    tcp.set_nodelay(true)?;
    let (http, mut connection) = client::handshake(tcp).await?;
    // RFC 8441 section 3: the server's settings have to allow it, so wait for them.
    let allowed = poll_fn(|context| match pin!(&mut connection).poll(context) {
        Poll::Ready(ended) => Poll::Ready(ended.and(Err(h2::Reason::CONNECT_ERROR.into()))),
        Poll::Pending if http.is_extended_connect_protocol_enabled() => Poll::Ready(Ok(())),
        Poll::Pending => Poll::Pending,
    });
    timeout(Timeouts::OPENING, allowed).await??;
    let running = tokio::spawn(connection);
    let talked = talk(http, url, settings.config).await;
    // With the last handle gone, HTTP/2 ends what is open, and then TCP.
    let ended = timeout(Timeouts::OPENING, running).await;
    talked?;
    Ok(ended???)
}

async fn talk(http: client::SendRequest<Bytes>, url: Url<'_>, config: Config) -> Outcome {
    for first in [ClosedBy::Local, ClosedBy::Peer] {
        let mut http = http.clone().ready().await?;
        let (mut request, reader) = Opening::new(url).with_offer(offer()?).to_http_connect()?;
        request.extensions_mut().insert(Protocol::from_static("websocket"));
        let (response, sender) = http.send_request(request, false)?;
        let response = timeout(Timeouts::OPENING, response).await??;
        let open = reader.read_http(&response)?.accepted()?;
        let subprotocol = open.subprotocol().unwrap_or_default().to_owned();
        let stream = H2Stream::new(sender, response.into_body());
        let socket = WebSocket::opened(stream, Driver::client(ThreadEntropy, config));
        Talk::new(first).hold(socket, &subprotocol).await?;
    }
    Ok(())
}
