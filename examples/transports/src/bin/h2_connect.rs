//! h2: a WebSocket in a stream of HTTP/2, by extended CONNECT (RFC 8441), in both roles.
//! How its DATA carries frames is in `src/h2_stream.rs`.

use bytes::Bytes;
use h2::ext::Protocol;
use h2::server::SendResponse;
use h2::{RecvStream, client, server};
use http::{Request, Response};
use patchcord::handshake::client::Request as Opening;
use patchcord::handshake::{Deadline, Url, extended_connect, origin::OriginPolicy};
use patchcord::{Config, Connection, End, ThreadEntropy};
use patchcord_transports::h2_stream::H2Stream;
use patchcord_transports::talk::{Talk, admit, echo, offer};
use patchcord_transports::{Outcome, command, opening};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    command::run(serve, connect).await
}

async fn serve(listener: TcpListener, config: Config) -> Outcome {
    command::each(listener, move |tcp| session(tcp, config)).await
}

/// One connection of HTTP/2, with any number of WebSockets in it.
async fn session(tcp: TcpStream, config: Config) -> Outcome {
    let mut http = server::Builder::new().enable_connect_protocol().handshake(tcp).await?;
    while let Some(accepted) = http.accept().await {
        let (request, respond) = accepted?;
        tokio::spawn(async move {
            if let Err(error) = answer(request, respond, config).await {
                eprintln!("server  {error}");
            }
        });
    }
    Ok(())
}

async fn answer(
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    config: Config,
) -> Outcome {
    let protocol = request.extensions().get::<Protocol>().map(Protocol::as_str);
    let any = OriginPolicy::any();
    let answered = match extended_connect::Request::from_http(&request, protocol, &any) {
        Ok(checked) => admit(&checked).map(|subprotocol| checked.accept_http(subprotocol)),
        Err(error) => Err(error.refusal()),
    };
    let response = match answered {
        Ok(response) => response,
        Err(refusal) => {
            let (head, text) = refusal.to_http_connect().into_parts();
            let mut body = respond.send_response(Response::from_parts(head, ()), false)?;
            return Ok(body.send_data(text.into(), true)?);
        }
    };
    let sender = respond.send_response(response, false)?;
    let connection = Connection::server(config);
    let mut socket = H2Stream::new(connection, sender, request.into_body());
    while let Some(event) = socket.next().await? {
        echo(&event, &mut socket.connection, &mut socket.out)?;
    }
    socket.end().await
}

async fn connect(url: &str, config: Config) -> Outcome {
    let url = Url::parse(url)?;
    let tcp = TcpStream::connect(opening::address(&url)).await?;
    let (http, mut connection) = client::handshake(tcp).await?;
    // RFC 8441 section 3: the server's settings have to allow it, so they are waited for.
    let allowed = poll_fn(|context| match pin!(&mut connection).poll(context) {
        Poll::Ready(ended) => Poll::Ready(ended.and(Err(h2::Reason::CONNECT_ERROR.into()))),
        Poll::Pending if http.is_extended_connect_protocol_enabled() => Poll::Ready(Ok(())),
        Poll::Pending => Poll::Pending,
    });
    timeout(Deadline::SPAN, allowed).await??;
    let running = tokio::spawn(connection);
    let talked = talk(http, url, config).await;
    // With the last handle, HTTP/2 ends what is open, and then TCP.
    let ended = timeout(Deadline::SPAN, running).await;
    talked?;
    Ok(ended???)
}

async fn talk(http: client::SendRequest<Bytes>, url: Url<'_>, config: Config) -> Outcome {
    for first in [End::Local, End::Peer] {
        let mut http = http.clone().ready().await?;
        let (mut request, verifier) = Opening::new(url).offer(offer()?).to_http_connect()?;
        request.extensions_mut().insert(Protocol::from_static("websocket"));
        let (response, sender) = http.send_request(request, false)?;
        let response = timeout(Deadline::SPAN, response).await??;
        let open = verifier.verify_http(&response)?;
        let subprotocol = open.subprotocol().unwrap_or_default().to_owned();
        let connection = Connection::client(ThreadEntropy, config);
        let mut socket = H2Stream::new(connection, sender, response.into_body());
        let mut talk = Talk::new(first);
        talk.begin(&mut socket.connection, &mut socket.out)?;
        while let Some(event) = socket.next().await? {
            talk.hear(&event, &mut socket.connection, &mut socket.out)?;
        }
        socket.end().await?;
        println!("{}", talk.report(&subprotocol)?);
    }
    Ok(())
}
