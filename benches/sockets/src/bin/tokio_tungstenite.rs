//! tokio-tungstenite, as its examples drive it: messages one by one, as in `autobahn-server.rs`;
//! or forwarded, as in `echo-server.rs`, which writes together what was read together.

use futures_util::{SinkExt, StreamExt, TryStreamExt, future};
use serving::{Outcome, serve, way};
use tokio::net::TcpStream;
use tokio_tungstenite::accept_async_with_config;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// Instead of 128 KiB.
const READ_BUFFER: usize = 16 * 1024;

fn main() -> Outcome {
    match &*way() {
        "forward" => serve(|tcp| forward(tcp, WebSocketConfig::default())),
        "forward-small" => {
            let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
            serve(move |tcp| forward(tcp, config))
        }
        _ => serve(each),
    }
}

async fn each(tcp: TcpStream) -> Outcome {
    let mut socket = tokio_tungstenite::accept_async(tcp).await?;
    while let Some(message) = socket.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            socket.send(message).await?;
        }
    }
    Ok(())
}

async fn forward(tcp: TcpStream, config: WebSocketConfig) -> Outcome {
    let socket = accept_async_with_config(tcp, Some(config)).await?;
    let (write, read) = socket.split();
    let messages = read.try_filter(|m| future::ready(m.is_text() || m.is_binary()));
    Ok(messages.forward(write).await?)
}
