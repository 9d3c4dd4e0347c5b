//! `soketto` as a peer of compressed sessions:
//!     deflate-peers soketto server PORT OPTIONS | client URL OPTIONS MESSAGES

use soketto::connection::Error as Ended;
use soketto::extension::deflate::Deflate;
use soketto::handshake::server::Response;
use soketto::handshake::{Client, Server, ServerResponse};
use soketto::{BoxedError, Data, Mode};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::compat::TokioAsyncReadCompatExt;

type Result<T> = std::result::Result<T, BoxedError>;

const PATIENCE: Duration = Duration::from_secs(8);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [_, role, place, _, file @ ..] = &args[..] else { return Err("bad arguments".into()) };
    if role == "client" {
        let file = file.first().ok_or("no file")?;
        let messages: Vec<String> = serde_json::from_str(&std::fs::read_to_string(file)?)?;
        tokio::time::timeout(PATIENCE, talk(place, &messages)).await??;
        println!("ok");
        return Ok(());
    }
    let listener = TcpListener::bind(("127.0.0.1", place.parse::<u16>()?)).await?;
    println!("listening");
    loop {
        let (socket, _) = listener.accept().await?;
        tokio::spawn(async {
            if let Err(error) = echo(socket).await {
                println!("ended: {error}");
            }
        });
    }
}

async fn echo(socket: TcpStream) -> Result<()> {
    let mut server = Server::new(socket.compat());
    server.add_extension(Box::new(Deflate::new(Mode::Server)));
    let key = server.receive_request().await?.key();
    server.send_response(&Response::Accept { key, protocol: None }).await?;
    let (mut sender, mut receiver) = server.into_builder().finish();
    loop {
        let mut message = Vec::new();
        match receiver.receive_data(&mut message).await {
            Ok(Data::Text(_)) => sender.send_text(std::str::from_utf8(&message)?).await?,
            Ok(Data::Binary(_)) => sender.send_binary(&message).await?,
            Err(Ended::Closed) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        sender.flush().await?;
    }
}

async fn talk(url: &str, messages: &[String]) -> Result<()> {
    let authority = url.trim_start_matches("ws://").trim_end_matches('/');
    let socket = TcpStream::connect(authority).await?;
    let mut client = Client::new(socket.compat(), authority, "/");
    client.add_extension(Box::new(Deflate::new(Mode::Client)));
    let ServerResponse::Accepted { .. } = client.handshake().await? else {
        return Err("refused".into());
    };
    let (mut sender, mut receiver) = client.into_builder().finish();
    for message in messages {
        sender.send_text(message).await?;
        sender.flush().await?;
        let mut heard = Vec::new();
        receiver.receive_data(&mut heard).await?;
        if heard != message.as_bytes() {
            return Err("another message came back".into());
        }
    }
    sender.close().await?;
    match receiver.receive_data(&mut Vec::new()).await {
        Err(Ended::Closed) => Ok(()),
        other => Err(format!("{other:?}").into()),
    }
}
