//! `patchcord-tokio`, which is ours: the end that all others meet with `run --adapter`. Each connection
//! has a runtime to block on.

mod counted;

use crate::Result;
use crate::line::{Hearing, Line, Message, Opened, Saying};
use crate::server::{Accepted, CHAT, KEY, ORIGIN, PREFIX};
use counted::Counted;
use patchcord_tokio::handshake::Url;
use patchcord_tokio::handshake::admission::Admission;
use patchcord_tokio::handshake::client;
use patchcord_tokio::handshake::credential::{Encoding, Scheme};
use patchcord_tokio::handshake::server::{Refusal, Request, Response};
use patchcord_tokio::handshake::subprotocol::{Offer, SelectionError};
use patchcord_tokio::{
    CloseFrame, Deflate, Error, Message as Ours, OpenError, Options, Utf8Bytes, WebSocket,
};
use serde_json::Value;
use std::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

pub(crate) struct PatchcordTokio {
    runtime: Runtime,
    socket: WebSocket<Counted>,
}

fn runtime() -> Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

pub(crate) fn connect(socket: TcpStream, spec: &Value) -> Result<Opened<PatchcordTokio>> {
    let runtime = runtime()?;
    let text = |name: &str| spec[name].as_str().unwrap_or_default();
    let url = Url::parse(text("url"))?;
    let mut request = client::Request::new(url).with_offer(offer(spec)?);
    if let Some(origin) = spec["origin"].as_str() {
        request = request.with_headers(&[("Origin", origin)])?;
    }
    let options = match spec["deflate"] == true {
        true => Options::new().deflate(&Deflate::default()),
        false => Options::new(),
    };
    let opened = runtime.block_on(async {
        let stream = Counted::new(socket)?;
        Ok::<_, Box<dyn std::error::Error>>(options.connect(stream, &request).await)
    })?;
    match opened {
        Ok(mut socket) => {
            let subprotocol = socket.subprotocol().map(str::to_owned);
            socket.get_mut().begin();
            Ok(Opened::Open { line: PatchcordTokio { runtime, socket }, subprotocol })
        }
        Err(OpenError::Refused(refused)) => Ok(Opened::Refused(refused.status)),
        Err(error) => Err(error.into()),
    }
}

/// What the session offers: names, or a key in one of two ways.
fn offer(spec: &Value) -> Result<Offer> {
    let names: Vec<&str> =
        spec["subprotocols"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    Ok(match names[..] {
        ["token", key] => Offer::optional().with_credential(&Scheme::pair("token")?, key)?,
        ["realtime", key] => {
            let key = key.trim_start_matches(PREFIX);
            Offer::optional().with_name("realtime")?.with_credential(&prefixed(), key)?
        }
        _ => names.into_iter().try_fold(Offer::optional(), |offer, name| offer.with_name(name))?,
    })
}

fn prefixed() -> Scheme<'static> {
    Scheme::prefixed(PREFIX, Encoding::Raw).unwrap_or_else(|_| unreachable!("it is a token"))
}

pub(crate) fn accept(socket: TcpStream) -> Result<Accepted<PatchcordTokio>> {
    let path = path(&socket)?;
    let kind = path.split('/').nth(1).unwrap_or_default();
    let options = match kind {
        "deflate" => Options::new().deflate(&Deflate::default()),
        _ => Options::new(),
    };
    let origins = [ORIGIN];
    let admission = match kind {
        "origin" => Admission::origins(&origins)?,
        _ => Admission::any(),
    };
    let runtime = runtime()?;
    let accepted = runtime.block_on(async {
        let stream = Counted::new(socket)?;
        let accepts = options.accept(stream, admission, |request| answer(kind, request));
        Ok::<_, std::io::Error>(accepts.await)
    })?;
    let line = match accepted {
        Ok(mut socket) => {
            socket.get_mut().begin();
            Ok(PatchcordTokio { runtime, socket })
        }
        Err(OpenError::Answered(status)) => Err(status),
        Err(error) => return Err(error.into()),
    };
    Ok(Accepted { path, line })
}

fn answer<'a>(kind: &str, request: &Request<'a>) -> std::result::Result<Response<'a>, Refusal> {
    let mut offers = request.offers();
    let scheme = match kind {
        "pair" => Scheme::pair("token").ok(),
        "prefix" => Some(prefixed()),
        _ => None,
    };
    if let Some(scheme) = &scheme
        && !offers.take(scheme)?.is_some_and(|key| key.matches(KEY))
    {
        return Err(Refusal::UNAUTHORIZED);
    }
    let selected = match kind {
        "chat" => offers.select(&CHAT),
        "pair" => offers.select(&["token"]),
        "prefix" => offers.select(&["realtime"]),
        _ => offers.select(&[]),
    };
    let selected = match selected {
        Err(SelectionError::NoneSupported) => None,
        selected => selected?,
    };
    Ok(request.response().with_subprotocol(selected)?)
}

/// The path of a request, which stays there to be read.
fn path(socket: &TcpStream) -> Result<String> {
    let mut head = [0; 1024];
    let count = socket.peek(&mut head)?;
    let head = String::from_utf8_lossy(&head[..count]);
    Ok(head.split(' ').nth(1).ok_or("no path")?.to_owned())
}

impl Line for PatchcordTokio {
    fn say(&mut self, saying: Saying) -> Result<()> {
        let message = match saying {
            Saying::Message(Message::Text(text)) => Ours::text(text),
            Saying::Message(Message::Binary(octets)) => Ours::binary(octets),
            Saying::Fragment { .. } => return Err("its messages are whole".into()),
            Saying::Ping(payload) => Ours::Ping(payload.into()),
            Saying::Close(code, reason) => {
                Ours::Close(Some(CloseFrame { code, reason: reason.into() }))
            }
        };
        Ok(self.runtime.block_on(self.socket.send(message))?)
    }

    fn hear(&mut self) -> Result<Hearing> {
        let heard = self.runtime.block_on(self.socket.recv()).ok_or(Error::Closed)??;
        let text = |octets: &[u8]| String::from_utf8_lossy(octets).into_owned();
        Ok(match heard {
            Ours::Text(text) => Hearing::Message(Message::Text(text.to_string())),
            Ours::Binary(octets) => Hearing::Message(Message::Binary(octets.into())),
            Ours::Ping(payload) => Hearing::Ping(text(&payload)),
            Ours::Pong(payload) => Hearing::Pong(text(&payload)),
            Ours::Close(close) => {
                if let Some(Err(error)) = self.runtime.block_on(self.socket.recv()) {
                    return Err(error.into()); // behind the Close comes nothing but the end
                }
                let said = |reason: Utf8Bytes| reason.to_string();
                Hearing::Close(close.map(|CloseFrame { code, reason }| (code, said(reason))))
            }
        })
    }

    fn wire(&self) -> Option<[u64; 2]> {
        Some(self.socket.get_ref().counted())
    }

    fn extensions(&self) -> String {
        self.socket.get_ref().extensions()
    }
}
