//! A complete client: asks a question, prints the answer, and closes.
use patchcord::handshake::{Url, client::Request};
use patchcord::{Close, CloseCode, Config, Event, Message, blocking::WebSocket};
use std::net::TcpStream;

fn ask(url: &str, question: &str) -> Result<String, Box<dyn std::error::Error>> {
    let url = Url::parse(url)?;
    let socket = TcpStream::connect((url.host(), url.port()))?;
    let mut peer = WebSocket::connect(socket, Config::default(), &Request::new(url), |_| {})?;
    peer.send(Message::Text(question))?;
    let mut answer = None;
    peer.run(|event, connection, out| match event {
        Event::Text(text) if answer.is_none() => {
            answer = Some(text.to_string());
            connection.close(Some(Close::new(CloseCode::NORMAL, "")), out)
        }
        _ => Ok(()),
    })?;
    answer.ok_or_else(|| "the server closed without an answer".into())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let url = args.next().unwrap_or("ws://127.0.0.1:9001/".to_owned());
    let question = args.next().unwrap_or("Hello".to_owned());
    println!("{}", ask(&url, &question)?);
    Ok(())
}
