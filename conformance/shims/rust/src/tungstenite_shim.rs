//! tungstenite: its `WebSocket` over a stream that holds the pieces.

use crate::{hex, pieces, skip};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read, Write};
use tungstenite::error::{CapacityError, ProtocolError};
use tungstenite::protocol::{Role, WebSocketConfig};
use tungstenite::{Error, Message, WebSocket};

/// Returns one piece per read, and keeps what is written.
struct Pieces {
    input: VecDeque<Vec<u8>>,
    output: Vec<u8>,
}

impl Read for Pieces {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let Some(mut piece) = self.input.pop_front() else {
            return Err(ErrorKind::WouldBlock.into());
        };
        let count = piece.len().min(to.len());
        to[..count].copy_from_slice(&piece[..count]);
        if count < piece.len() {
            self.input.push_front(piece.split_off(count));
        }
        Ok(count)
    }
}

impl Write for Pieces {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.output.extend(from);
        Ok(from.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) fn answer(question: &Value) -> Value {
    if question["kind"] != "frames" {
        return skip("its handshake is one call on a stream");
    }
    if question.get("local_close").is_some() || !question["limits"]["fragments"].is_null() {
        return skip("the shim does not set this up");
    }
    let limit = |name: &str| question["limits"][name].as_u64().map(|limit| limit as usize);
    let config = WebSocketConfig::default()
        .max_frame_size(Some(limit("frame").unwrap_or(16 << 20)))
        .max_message_size(Some(limit("message").unwrap_or(64 << 20)));
    let role = if question["role"] == "server" { Role::Server } else { Role::Client };
    let stream = Pieces {
        input: pieces(question).into_iter().filter(|piece| !piece.is_empty()).collect(),
        output: Vec::new(),
    };
    let mut socket = WebSocket::from_raw_socket(stream, role, Some(config));
    let (mut events, mut error) = (Vec::new(), Value::Null);
    loop {
        match socket.read() {
            Ok(message) => events.extend(told(message)),
            Err(Error::Io(_) | Error::ConnectionClosed | Error::AlreadyClosed) => break,
            Err(Error::Protocol(ProtocolError::ReceivedAfterClosing)) => break,
            Err(wrong) => {
                error = code(&wrong).into();
                break;
            }
        }
    }
    let _ = socket.flush();
    json!({ "events": events, "error": error, "sent": hex(&socket.get_ref().output) })
}

fn told(message: Message) -> Option<Value> {
    Some(match message {
        Message::Text(text) => json!({ "text": text.as_str() }),
        Message::Binary(payload) => json!({ "binary": hex(&payload) }),
        Message::Ping(payload) => json!({ "ping": hex(&payload) }),
        Message::Pong(payload) => json!({ "pong": hex(&payload) }),
        Message::Close(None) => json!({ "close": null }),
        Message::Close(Some(close)) => {
            json!({ "close": { "code": u16::from(close.code), "reason": close.reason.as_str() } })
        }
        Message::Frame(_) => return None,
    })
}

/// Returns the code to send; tungstenite leaves that to its caller.
fn code(error: &Error) -> u16 {
    match error {
        Error::Utf8(_) => 1007,
        Error::Capacity(CapacityError::MessageTooLong { .. }) => 1009,
        _ => 1002,
    }
}
