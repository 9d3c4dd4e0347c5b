//! A server: a thread for each connection, which echoes, and obeys texts that are orders if it
//! is to.

use crate::Result;
use crate::line::{Hearing, Line, Message, Saying};
use serde_json::json;
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(15);
pub(crate) const KEY: &str = "dGVzdC1rZXk";
pub(crate) const PREFIX: &str = "openai-insecure-api-key.";
pub(crate) const ORIGIN: &str = "https://page.example";
pub(crate) const CHAT: [&str; 2] = ["chat.v2", "chat.v1"];

/// What a request is answered: the subprotocol to select, or the status to refuse with.
pub(crate) type Decision = std::result::Result<Option<&'static str>, u16>;

/// What is known of a request once it was answered, and its line if it was accepted.
pub(crate) struct Accepted<L> {
    pub(crate) path: String,
    pub(crate) line: std::result::Result<L, u16>,
}

pub(crate) fn run<L: Line + 'static>(
    port: u16,
    accept: fn(TcpStream) -> Result<Accepted<L>>,
    obeys: bool,
) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    println!("listening");
    for socket in listener.incoming() {
        let socket = socket?;
        socket.set_read_timeout(Some(PATIENCE))?;
        thread::spawn(move || match accept(socket) {
            Ok(Accepted { path, line: Err(status) }) => {
                println!("{}", json!({ "path": path, "refused": status }));
            }
            Ok(Accepted { path, line: Ok(mut line) }) => match converse(&mut line, obeys) {
                Ok(close) => {
                    println!("{}", json!({ "path": path, "close": close, "wire": line.wire() }));
                }
                Err(error) => println!("{}", json!({ "path": path, "error": error.to_string() })),
            },
            Err(error) => eprintln!("{error}"),
        });
    }
    Ok(())
}

pub(crate) fn decide(path: &str, offered: &str, origin: Option<&str>) -> Decision {
    let offered: Vec<&str> = offered.split(',').map(str::trim).collect();
    match path.split('/').nth(1).unwrap_or_default() {
        "chat" => Ok(CHAT.into_iter().find(|name| offered.contains(name))),
        "pair" if offered == ["token", KEY] => Ok(Some("token")),
        "prefix" if offered == ["realtime", &format!("{PREFIX}{KEY}")] => Ok(Some("realtime")),
        "pair" | "prefix" => Err(401),
        "origin" if origin != Some(ORIGIN) => Err(403),
        _ => Ok(None),
    }
}

/// The code and the reason of the client's Close.
fn converse(line: &mut impl Line, obeys: bool) -> Result<Option<(u16, String)>> {
    loop {
        match line.hear()? {
            Hearing::Message(Message::Text(text)) if obeys => answer(&text, line)?,
            Hearing::Message(message) => line.say(Saying::Message(message))?,
            Hearing::Pong(payload) if obeys => {
                line.say(Saying::Message(Message::Text(format!("/pong {payload}"))))?;
            }
            Hearing::Ping(_) | Hearing::Pong(_) => {} // answered by the crate, or not to be
            Hearing::Close(close) => return Ok(close),
        }
    }
}

fn answer(text: &str, line: &mut impl Line) -> Result<()> {
    let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (number, words) = rest.split_once(' ').unwrap_or((rest, ""));
    match verb {
        "/ping" => line.say(Saying::Ping(rest.to_owned())),
        "/close" => line.say(Saying::Close(number.parse()?, words.to_owned())),
        "/fragments" => line.say_fragments(words.as_bytes(), true, number.parse()?),
        _ => line.say(Saying::Message(Message::Text(text.to_owned()))),
    }
}
