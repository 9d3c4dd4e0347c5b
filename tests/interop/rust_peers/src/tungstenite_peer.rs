//! `tungstenite`, blocking.

use crate::Result;
use crate::line::{Hearing, Line, Message, Opened, Saying};
use crate::server::{self, Accepted};
use serde_json::Value;
use std::net::TcpStream;
use tungstenite::client::IntoClientRequest;
use tungstenite::handshake::HandshakeError;
use tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tungstenite::http::{HeaderValue, StatusCode};
use tungstenite::protocol::frame::coding::{Data, OpCode};
use tungstenite::protocol::frame::{CloseFrame, Frame};
use tungstenite::{Error, Message as Theirs, WebSocket};

const PROTOCOL: &str = "Sec-WebSocket-Protocol";

pub(crate) struct Tungstenite(WebSocket<TcpStream>);

pub(crate) fn connect(socket: TcpStream, spec: &Value) -> Result<Opened<Tungstenite>> {
    let mut request = spec["url"].as_str().ok_or("no URL")?.into_client_request()?;
    let offered: Vec<&str> =
        spec["subprotocols"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if !offered.is_empty() {
        request.headers_mut().insert(PROTOCOL, HeaderValue::from_str(&offered.join(", "))?);
    }
    if let Some(origin) = spec["origin"].as_str() {
        request.headers_mut().insert("Origin", HeaderValue::from_str(origin)?);
    }
    match tungstenite::client(request, socket) {
        Ok((socket, response)) => {
            let selected = response.headers().get(PROTOCOL).and_then(|name| name.to_str().ok());
            let subprotocol = selected.map(str::to_owned);
            Ok(Opened::Open { line: Tungstenite(socket), subprotocol })
        }
        Err(HandshakeError::Failure(Error::Http(response))) => {
            Ok(Opened::Refused(response.status().as_u16()))
        }
        Err(error) => Err(error.into()),
    }
}

#[allow(clippy::result_large_err)] // the callback's type is tungstenite's
pub(crate) fn accept(socket: TcpStream) -> Result<Accepted<Tungstenite>> {
    let (mut path, mut refused) = (String::new(), None);
    let callback = |request: &Request, mut response: Response| {
        let field = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        path = request.uri().path().to_owned();
        match server::decide(&path, field(PROTOCOL).unwrap_or_default(), field("Origin")) {
            Ok(selected) => {
                if let Some(name) = selected {
                    response.headers_mut().insert(PROTOCOL, HeaderValue::from_static(name));
                }
                Ok(response)
            }
            Err(status) => {
                refused = Some(status);
                let mut response = ErrorResponse::new(None);
                *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
                Err(response)
            }
        }
    };
    let accepted = tungstenite::accept_hdr(socket, callback).map_err(|error| error.to_string());
    let line = match (accepted, refused) {
        (_, Some(status)) => Err(status),
        (Ok(socket), None) => Ok(Tungstenite(socket)),
        (Err(error), None) => return Err(error.into()),
    };
    Ok(Accepted { path, line })
}

impl Line for Tungstenite {
    fn say(&mut self, saying: Saying) -> Result<()> {
        let message = match saying {
            Saying::Message(Message::Text(text)) => Theirs::text(text),
            Saying::Message(Message::Binary(octets)) => Theirs::binary(octets),
            Saying::Fragment { is_text, is_first, is_last, octets } => {
                let data = match (is_first, is_text) {
                    (false, _) => Data::Continue,
                    (true, true) => Data::Text,
                    (true, false) => Data::Binary,
                };
                Theirs::Frame(Frame::message(octets, OpCode::Data(data), is_last))
            }
            Saying::Ping(payload) => Theirs::Ping(payload.into()),
            Saying::Close(code, reason) => {
                let close = CloseFrame { code: code.into(), reason: reason.into() };
                return Ok(self.0.close(Some(close))?);
            }
        };
        Ok(self.0.send(message)?)
    }

    fn hear(&mut self) -> Result<Hearing> {
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        Ok(match self.0.read()? {
            Theirs::Text(text) => Hearing::Message(Message::Text(text.as_str().to_owned())),
            Theirs::Binary(octets) => Hearing::Message(Message::Binary(octets.into())),
            Theirs::Ping(payload) => Hearing::Ping(text(&payload)),
            Theirs::Pong(payload) => Hearing::Pong(text(&payload)),
            Theirs::Close(close) => {
                while self.0.read().is_ok() {} // sends the answer, and awaits the end
                Hearing::Close(close.map(|close| (close.code.into(), close.reason.to_string())))
            }
            Theirs::Frame(_) => return Err("a frame was read".into()),
        })
    }
}
