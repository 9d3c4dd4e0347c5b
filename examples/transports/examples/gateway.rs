//! A gateway: WebSockets arrive over HTTP/1.1, and go to an upstream over HTTP/2 (RFC 8441).
//!
//! `gateway ADDRESS URL`. The upstream distinguishes clients with a key from those without: the
//! gateway passes on `Authorization` and the offered subprotocols.

use bytes::Bytes;
use h2::client::SendRequest;
use h2::ext::Protocol;
use patchcord::Timeouts;
use patchcord::handshake::UrlBuf;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::Answer;
use patchcord::handshake::gateway::{
    forward_offer, forward_refusal, forward_request, forward_response,
};
use patchcord::handshake::server::{Refusal, Request, RequestReader};
use patchcord_transports::Outcome;
use patchcord_transports::blocking::address;
use patchcord_transports::h2_stream::H2Stream;
use patchcord_transports::serving::spawn;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let mut args = std::env::args().skip(1);
    let (Some(at), Some(upstream)) = (args.next(), args.next()) else {
        return Err("usage: gateway ADDRESS URL".into());
    };
    let upstream: UrlBuf = upstream.parse()?;
    let listener = TcpListener::bind(at).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (client, _) = listener.accept().await?;
        client.set_nodelay(true)?;
        spawn(session(client, upstream.clone()));
    }
}

/// Reads a request, and relays what follows if the upstream opens.
async fn session(mut client: TcpStream, upstream: UrlBuf) -> Outcome {
    let (mut reader, mut bytes) = (RequestReader::new(Admission::any()), Vec::new());
    let mut out = Vec::new();
    let stream = loop {
        if timeout(Timeouts::OPENING, client.read_buf(&mut bytes)).await?? == 0 {
            return Ok(());
        }
        let mut rest = &bytes[..];
        let opened = match reader.read(&mut rest) {
            Ok(None) => continue,
            Ok(Some(request)) => forward(&request, &upstream, &mut out).await?,
            Err(error) => {
                Refusal::from(error).write(&mut out)?;
                None
            }
        };
        // A client waits for the answer, so nothing follows its request.
        break opened.filter(|_| rest.is_empty());
    };
    client.write_all(&out).await?;
    if let Some(mut stream) = stream {
        copy_bidirectional(&mut client, &mut stream).await?;
    }
    Ok(client.shutdown().await?)
}

/// Asks the upstream, and writes the answer for the client.
async fn forward(
    request: &Request<'_>,
    upstream: &UrlBuf,
    out: &mut Vec<u8>,
) -> Outcome<Option<H2Stream>> {
    let offers = request.offers();
    let url = upstream.as_url().with_resource(request.path(), request.query())?;
    let forwarded = forward_request(request, url.as_url(), &["Authorization"])?;
    let forwarded = forwarded.with_offer(forward_offer(&offers)?);
    let (mut connect, reader) = forwarded.to_http_connect()?;
    connect.extensions_mut().insert(Protocol::from_static("websocket"));
    let mut http = http2(upstream).await?;
    let (response, sender) = http.send_request(connect, false)?;
    let response = timeout(Timeouts::OPENING, response).await??;
    match reader.read_http(&response) {
        Ok(Answer::Accepted(open)) => {
            forward_response(request, &offers, &open)?.write(out)?;
            return Ok(Some(H2Stream::new(sender, response.into_body())));
        }
        Ok(Answer::Refused(refused)) => forward_refusal(&refused).write(out)?,
        Err(_) => Refusal::BAD_GATEWAY.write(out)?,
    }
    Ok(None)
}

/// Opens a connection of HTTP/2 to the upstream, whose settings must allow extended CONNECT.
async fn http2(upstream: &UrlBuf) -> Outcome<SendRequest<Bytes>> {
    let tcp = TcpStream::connect(address(&upstream.as_url())).await?;
    tcp.set_nodelay(true)?;
    let (http, mut connection) = h2::client::handshake(tcp).await?;
    let allowed = poll_fn(|context| match pin!(&mut connection).poll(context) {
        Poll::Ready(ended) => Poll::Ready(ended.and(Err(h2::Reason::CONNECT_ERROR.into()))),
        Poll::Pending if http.is_extended_connect_protocol_enabled() => Poll::Ready(Ok(())),
        Poll::Pending => Poll::Pending,
    });
    timeout(Timeouts::OPENING, allowed).await??;
    spawn(async { Ok(connection.await?) });
    Ok(http.ready().await?)
}
