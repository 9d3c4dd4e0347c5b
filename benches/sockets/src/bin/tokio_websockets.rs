//! tokio-websockets, as its example `echo_server.rs` drives it.

use futures_util::{SinkExt, StreamExt};
use serving::{Outcome, serve};
use tokio::net::TcpStream;
use tokio::task::unconstrained;
use tokio_websockets::{Config, Limits, ServerBuilder};

fn main() -> Outcome {
    serve(|tcp| unconstrained(session(tcp)))
}

async fn session(tcp: TcpStream) -> Outcome {
    let builder = ServerBuilder::new().config(Config::default().frame_size(usize::MAX));
    let (_, mut socket) = builder.limits(Limits::unlimited()).accept(tcp).await?;
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            socket.send(message).await?;
        }
    }
    Ok(())
}
