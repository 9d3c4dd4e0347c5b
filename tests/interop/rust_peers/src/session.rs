//! Sessions as a client: what a list in JSON wants said, and what is heard.

use crate::Result;
use crate::line::{Hearing, Line, Message, Opened, Saying};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use std::net::TcpStream;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(15);

/// Runs the sessions of the standard input.
pub(crate) fn run_all<L: Line>(
    deflates: bool,
    connect: impl Fn(TcpStream, &Value) -> Result<Opened<L>>,
) -> Result<()> {
    let specs: Vec<Value> = serde_json::from_reader(io::stdin())?;
    for spec in specs {
        let mut heard = Heard::default();
        let result = match run(&spec, &mut heard, deflates, &connect) {
            Ok(None) => heard.into_result(),
            Ok(Some(reason)) => json!({ "cannot": reason }),
            Err(error) => {
                heard.events.push(json!(["failed", error.to_string()]));
                heard.into_result()
            }
        };
        let mut result = result;
        result["cell"] = spec["cell"].clone();
        println!("{result}");
        io::stdout().flush()?;
    }
    Ok(())
}

#[derive(Default)]
struct Heard {
    events: Vec<Value>,
    messages: u64,
    digest: Sha256,
    /// Octets up and down, if they are counted.
    wire: Option<[u64; 2]>,
}

impl Heard {
    /// Whether more can come.
    fn hear(&mut self, line: &mut impl Line) -> Result<bool> {
        let event = match line.hear()? {
            Hearing::Message(Message::Text(text)) => {
                self.messages += 1;
                json!(["text", text])
            }
            Hearing::Message(Message::Binary(octets)) => {
                self.messages += 1;
                self.digest.update(&octets);
                json!(["binary", octets.len()])
            }
            Hearing::Ping(payload) => json!(["ping", payload]),
            Hearing::Pong(payload) => json!(["pong", payload]),
            Hearing::Close(close) => {
                let (code, reason) = close.map_or((None, String::new()), |(c, r)| (Some(c), r));
                self.events.push(json!(["close", code, reason]));
                return Ok(false);
            }
        };
        self.events.push(event);
        Ok(true)
    }

    fn into_result(self) -> Value {
        let digest = self.digest.finalize();
        let hex: String = digest.iter().map(|octet| format!("{octet:02x}")).collect();
        json!({ "events": self.events, "sha256": hex, "wire": self.wire })
    }
}

/// The reason why this peer cannot have the session, if it cannot.
fn run<L: Line>(
    spec: &Value,
    heard: &mut Heard,
    deflates: bool,
    connect: impl Fn(TcpStream, &Value) -> Result<Opened<L>>,
) -> Result<Option<&'static str>> {
    if spec["deflate"] == true && !deflates {
        return Ok(Some("it has no extensions"));
    }
    let url = spec["url"].as_str().ok_or("no URL")?;
    let authority = url.trim_start_matches("ws://").split('/').next().ok_or("no authority")?;
    let socket = TcpStream::connect(authority)?;
    socket.set_read_timeout(Some(PATIENCE))?;
    match connect(socket, spec)? {
        Opened::Refused(status) => heard.events.push(json!(["refused", status])),
        Opened::Open { mut line, subprotocol } => {
            heard.events.push(json!(["open", subprotocol, line.extensions()]));
            for action in spec["actions"].as_array().ok_or("no actions")? {
                perform(action, &mut line, heard)?;
            }
            while heard.hear(&mut line)? {}
            heard.wire = line.wire().map(|[received, sent]| [sent, received]);
        }
    }
    Ok(None)
}

fn perform(action: &Value, line: &mut impl Line, heard: &mut Heard) -> Result<()> {
    let text = |at: usize| action[at].as_str().unwrap_or_default();
    let number = |at: usize| action[at].as_u64().unwrap_or_default();
    match text(0) {
        "await" => {
            while heard.messages < number(1) {
                if !heard.hear(line)? {
                    return Err("closed early".into());
                }
            }
            Ok(())
        }
        "text" if number(2) == 1 => line.say(Saying::Message(Message::Text(text(1).to_owned()))),
        "text" => line.say_fragments(text(1).as_bytes(), true, number(2) as usize),
        "binary" => {
            let octets = std::fs::read(text(1))?;
            octets.chunks(number(2) as usize).try_for_each(|message| match number(3) {
                1 => line.say(Saying::Message(Message::Binary(message.to_vec()))),
                count => line.say_fragments(message, false, count as usize),
            })
        }
        "ping" => line.say(Saying::Ping(text(1).to_owned())),
        "close" => line.say(Saying::Close(number(1) as u16, text(2).to_owned())),
        other => Err(format!("no action {other}").into()),
    }
}
