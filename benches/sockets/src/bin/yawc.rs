//! yawc, as its documentation drives it: over an upgrade of hyper's, frame by frame; or in batches,
//! as its own benchmark does: ready messages are fed, up to 32 of them, and then flushed.

use futures_util::{FutureExt, SinkExt, StreamExt};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serving::{LONGEST, Outcome, serve, told, way};
use tokio::net::TcpStream;
use yawc::{Frame, OpCode, Options, UpgradeFut, WebSocket};

/// The most messages that are written together.
const BATCH: usize = 32;

fn main() -> Outcome {
    match &*way() {
        "batched" => serve(|tcp| session(tcp, true)),
        _ => serve(|tcp| session(tcp, false)),
    }
}

async fn session(tcp: TcpStream, batched: bool) -> Outcome {
    let open = service_fn(move |request| open(request, batched));
    let connection = http1::Builder::new().serve_connection(TokioIo::new(tcp), open);
    Ok(connection.with_upgrades().await?)
}

async fn open(
    mut request: Request<Incoming>,
    batched: bool,
) -> yawc::Result<Response<Empty<Bytes>>> {
    let options = Options::default().with_limits(LONGEST, 2 * LONGEST).with_utf8();
    let (response, upgraded) = WebSocket::upgrade_with_options(&mut request, options)?;
    match batched {
        true => drop(tokio::spawn(told(batches(upgraded)))),
        false => drop(tokio::spawn(told(each(upgraded)))),
    }
    Ok(response)
}

fn is_data(frame: &Frame) -> bool {
    matches!(frame.opcode(), OpCode::Text | OpCode::Binary)
}

async fn each(upgraded: UpgradeFut) -> Outcome {
    let mut socket = upgraded.await?;
    while let Some(frame) = socket.next().await {
        if is_data(&frame) {
            socket.send(frame).await?;
        }
    }
    Ok(())
}

async fn batches(upgraded: UpgradeFut) -> Outcome {
    let mut socket = upgraded.await?;
    while let Some(first) = socket.next().await {
        let mut next = Some(first);
        for _ in 0..BATCH {
            let Some(frame) = next.take() else { break };
            if is_data(&frame) {
                socket.feed(frame).await?;
            }
            next = socket.next().now_or_never().flatten();
        }
        if let Some(frame) = next.filter(is_data) {
            socket.feed(frame).await?;
        }
        socket.flush().await?;
    }
    Ok(())
}
