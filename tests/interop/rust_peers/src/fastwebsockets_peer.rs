//! `fastwebsockets`, over hyper and tokio; each connection has a runtime to block on.

use crate::Result;
use crate::line::{Hearing, Line, Message, Opened, Saying};
use crate::server::{self, Accepted};
use fastwebsockets::upgrade::{UpgradeFut, upgrade};
use fastwebsockets::{FragmentCollector, Frame, OpCode, Payload, WebSocketError, handshake};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderValue;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::upgrade::Upgraded;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use tokio::runtime::{Builder, Runtime};

const PROTOCOL: &str = "Sec-WebSocket-Protocol";

pub(crate) struct Fastwebsockets {
    runtime: Runtime,
    socket: FragmentCollector<TokioIo<Upgraded>>,
}

struct Executor;

impl<F: Future<Output = ()> + Send + 'static> hyper::rt::Executor<F> for Executor {
    fn execute(&self, task: F) {
        tokio::spawn(task);
    }
}

fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_io().build()?)
}

fn into_tokio(socket: TcpStream) -> Result<tokio::net::TcpStream> {
    socket.set_nonblocking(true)?;
    Ok(tokio::net::TcpStream::from_std(socket)?)
}

pub(crate) fn connect(socket: TcpStream, spec: &Value) -> Result<Opened<Fastwebsockets>> {
    let url = spec["url"].as_str().ok_or("no URL")?;
    let rest = url.trim_start_matches("ws://");
    let (authority, path) = rest.split_once('/').ok_or("no path")?;
    let mut request = Request::builder()
        .uri(format!("/{path}"))
        .header("Host", authority)
        .header("Upgrade", "websocket")
        .header("Connection", "upgrade")
        .header("Sec-WebSocket-Key", handshake::generate_key())
        .header("Sec-WebSocket-Version", "13");
    let offered: Vec<&str> =
        spec["subprotocols"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if !offered.is_empty() {
        request = request.header(PROTOCOL, offered.join(", "));
    }
    if let Some(origin) = spec["origin"].as_str() {
        request = request.header("Origin", origin);
    }
    let request = request.body(Empty::<Bytes>::new())?;
    let runtime = runtime()?;
    let opened = runtime.block_on(async {
        Ok::<_, Box<dyn std::error::Error>>(
            handshake::client(&Executor, request, into_tokio(socket)?).await,
        )
    })?;
    match opened {
        Ok((socket, response)) => {
            let selected = response.headers().get(PROTOCOL).and_then(|name| name.to_str().ok());
            let subprotocol = selected.map(str::to_owned);
            let socket = FragmentCollector::new(socket);
            Ok(Opened::Open { line: Fastwebsockets { runtime, socket }, subprotocol })
        }
        Err(WebSocketError::InvalidStatusCode(status)) => Ok(Opened::Refused(status)),
        Err(error) => Err(error.into()),
    }
}

/// What the service leaves behind for whoever drives the connection.
#[derive(Default)]
struct Seen {
    path: String,
    outcome: Option<std::result::Result<UpgradeFut, u16>>,
}

pub(crate) fn accept(socket: TcpStream) -> Result<Accepted<Fastwebsockets>> {
    let runtime = runtime()?;
    let seen = Arc::new(Mutex::new(Seen::default()));
    let service = {
        let seen = Arc::clone(&seen);
        service_fn(move |request| std::future::ready(respond(request, &seen)))
    };
    let accepted = runtime.block_on(async {
        let io = TokioIo::new(into_tokio(socket)?);
        http1::Builder::new().serve_connection(io, service).with_upgrades().await?;
        let seen = std::mem::take(&mut *seen.lock().map_err(|_| "poisoned")?);
        let line = match seen.outcome.ok_or("no request")? {
            Ok(upgraded) => Ok(FragmentCollector::new(upgraded.await?)),
            Err(status) => Err(status),
        };
        Ok::<_, Box<dyn std::error::Error>>((seen.path, line))
    });
    let (path, line) = accepted?;
    Ok(Accepted { path, line: line.map(|socket| Fastwebsockets { runtime, socket }) })
}

fn respond(
    mut request: Request<Incoming>,
    seen: &Mutex<Seen>,
) -> std::result::Result<Response<Empty<Bytes>>, WebSocketError> {
    let field = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let path = request.uri().path().to_owned();
    let decision = server::decide(&path, field(PROTOCOL).unwrap_or_default(), field("Origin"));
    let (response, outcome) = match decision {
        Ok(selected) => {
            let (mut response, upgraded) = upgrade(&mut request)?;
            if let Some(name) = selected {
                response.headers_mut().insert(PROTOCOL, HeaderValue::from_static(name));
            }
            (response, Ok(upgraded))
        }
        Err(status) => {
            let mut response = Response::new(Empty::new());
            *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
            (response, Err(status))
        }
    };
    if let Ok(mut seen) = seen.lock() {
        *seen = Seen { path, outcome: Some(outcome) };
    }
    Ok(response)
}

impl Line for Fastwebsockets {
    fn say(&mut self, saying: Saying) -> Result<()> {
        let frame = match saying {
            Saying::Message(Message::Text(text)) => Frame::text(Payload::Owned(text.into_bytes())),
            Saying::Message(Message::Binary(octets)) => Frame::binary(Payload::Owned(octets)),
            Saying::Fragment { is_text, is_first, is_last, octets } => {
                let opcode = match (is_first, is_text) {
                    (false, _) => OpCode::Continuation,
                    (true, true) => OpCode::Text,
                    (true, false) => OpCode::Binary,
                };
                Frame::new(is_last, opcode, None, Payload::Owned(octets))
            }
            Saying::Ping(payload) => {
                Frame::new(true, OpCode::Ping, None, Payload::Owned(payload.into_bytes()))
            }
            Saying::Close(code, reason) => Frame::close(code, reason.as_bytes()),
        };
        Ok(self.runtime.block_on(self.socket.write_frame(frame))?)
    }

    fn hear(&mut self) -> Result<Hearing> {
        let frame = self.runtime.block_on(self.socket.read_frame())?;
        let payload = frame.payload.to_vec();
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        Ok(match frame.opcode {
            OpCode::Text => Hearing::Message(Message::Text(String::from_utf8(payload)?)),
            OpCode::Binary => Hearing::Message(Message::Binary(payload)),
            OpCode::Ping => Hearing::Ping(text(&payload)),
            OpCode::Pong => Hearing::Pong(text(&payload)),
            OpCode::Close => Hearing::Close(
                payload
                    .split_first_chunk()
                    .map(|(code, reason)| (u16::from_be_bytes(*code), text(reason))),
            ),
            OpCode::Continuation => return Err("a continuation was read".into()),
        })
    }
}
