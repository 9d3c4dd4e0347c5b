//! fastwebsockets, as its example `echo_server.rs` drives it: over an upgrade of hyper's.

use fastwebsockets::{FragmentCollector, OpCode, WebSocketError, upgrade};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serving::{Outcome, serve, told};
use tokio::net::TcpStream;
use tokio::task::unconstrained;

fn main() -> Outcome {
    serve(session)
}

async fn session(tcp: TcpStream) -> Outcome {
    let connection = http1::Builder::new().serve_connection(TokioIo::new(tcp), service_fn(open));
    Ok(connection.with_upgrades().await?)
}

async fn open(mut request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, WebSocketError> {
    let (response, upgraded) = upgrade::upgrade(&mut request)?;
    tokio::spawn(told(unconstrained(echo(upgraded))));
    Ok(response)
}

async fn echo(upgraded: upgrade::UpgradeFut) -> Outcome {
    let mut socket = FragmentCollector::new(upgraded.await?);
    loop {
        let frame = socket.read_frame().await?;
        match frame.opcode {
            OpCode::Close => return Ok(()),
            OpCode::Text | OpCode::Binary => socket.write_frame(frame).await?,
            _ => {}
        }
    }
}
