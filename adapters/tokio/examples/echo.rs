//! A server that says everything back: `cargo run --example echo -- 127.0.0.1:9001`.

use patchcord_tokio::handshake::admission::Admission;
use patchcord_tokio::{OpenError, accept};
use tokio::net::{TcpListener, TcpStream};

async fn serve(tcp: TcpStream) -> Result<(), OpenError> {
    tcp.set_nodelay(true)?;
    let mut socket = accept(tcp, Admission::any(), |request| Ok(request.response())).await?;
    while let Some(message) = socket.recv().await {
        let message = message?;
        if message.is_data() {
            socket.feed(message).await?; // leaves with the others of its turn
        }
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let address = std::env::args().nth(1).unwrap_or("127.0.0.1:9001".to_owned());
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (tcp, _) = listener.accept().await?;
        tokio::spawn(async { serve(tcp).await.unwrap_or_else(|error| eprintln!("{error}")) });
    }
}
