//! The command line.

use crate::Result;
use crate::action::Action;
use crate::clocks;
use crate::compression::Compressing;
use crate::scheme;
use lexopt::prelude::*;
use patchcord::frame::MAX_CONTROL_PAYLOAD;
use patchcord::handshake::Url;
use patchcord::handshake::credential::Scheme;
use patchcord::{CloseCode, Config, Limits, MessageKind, Timeouts};
use std::collections::VecDeque;
use std::fs;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

/// A reason follows the two bytes of its status code (RFC 6455 section 5.5.1).
const MAX_REASON: usize = MAX_CONTROL_PAYLOAD - 2;

pub(crate) const USAGE: &str = "\
usage: client URL [OPTIONS] [ACTIONS]

Connects to a ws:// or wss:// URL, performs the actions in order, and prints what happens, one
event per line. Without --close it keeps listening until the server closes.

actions:
  --text TEXT            send a text
  --binary FILE          send the contents of a file
  --ping TEXT            send a ping
  --await N              continue once N messages in all have arrived
  --close CODE[,REASON]  close, and wait for the server to do so

how later messages are sent:
  --fragments N          each in N fragments; 1 for none
  --cut BYTES            a file in messages of this many bytes

opening handshake:
  --subprotocol NAME     offer a subprotocol (may repeat)
  --require-subprotocol  fail if the server selects none, as browsers do
  --credential SCHEME    offer a key among them: pair:MARKER, prefix:PREFIX or sole:PREFIX, the
                         latter two with ,base64url ,base64 or ,percent; a pair comes before
                         the names, the others after them
  --key KEY              the key
  --allow-plaintext      let a credential go unencrypted to another machine
  --header 'NAME: VALUE' send a header field, such as Origin (may repeat)
  --proxy HOST:PORT      go through an HTTP proxy, which is asked for a tunnel (CONNECT)
  --proxy-user NAME:PASSWORD
                         the credentials to show to the proxy

other options:
  --ca FILE              with wss:, trust the certificates in this PEM file, and no others; without
                         it, those that Mozilla trusts
  --save FILE            write the binary messages received to a file, one after the other
  --max-message BYTES    the longest message to accept (default 16777216)
  --timeout SECONDS      give up when the server is silent this long, also in the opening handshake
  --traffic              print how many bytes of frames went each way
  --help                 this text

SIGTERM and SIGINT close the connection with 1001.

exit codes: 0 closed by a closing handshake, 1 failed, 2 bad options, 3 refused by the server";

#[derive(Default)]
pub(crate) struct Options {
    pub(crate) url: String,
    pub(crate) subprotocols: Vec<String>,
    pub(crate) requires_subprotocol: bool,
    pub(crate) scheme: Option<Scheme<'static>>,
    pub(crate) key: Option<String>,
    pub(crate) allows_plaintext: bool,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) ca: Option<PathBuf>,
    pub(crate) proxy: Option<String>,
    pub(crate) proxy_user: Option<String>,
    pub(crate) save: Option<PathBuf>,
    pub(crate) config: Config,
    pub(crate) timeout: Option<Duration>,
    pub(crate) traffic: bool,
    pub(crate) compressing: Compressing,
    pub(crate) actions: VecDeque<Action>,
    /// `None` for whole messages.
    fragments: Option<NonZeroUsize>,
    cut: Option<NonZeroUsize>,
}

impl Options {
    /// Returns the options given, or `None` if help was asked for.
    pub(crate) fn from_args() -> Result<Option<Self>> {
        let mut options = Self::default();
        let mut args = lexopt::Parser::from_env();
        while let Some(arg) = args.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(None),
                Value(url) if options.url.is_empty() => options.url = url.string()?,
                Long(name) => {
                    let name = name.to_owned();
                    options.set(&name, &mut args)?;
                }
                other => return Err(other.unexpected().into()),
            }
        }
        if options.url.is_empty() {
            return Err("a URL is missing".into());
        }
        if options.ca.is_some() && !options.is_secure()? {
            return Err("--ca is for wss: URLs".into());
        }
        if options.scheme.is_some() != options.key.is_some() {
            return Err("--credential and --key need each other".into());
        }
        options.shorten_clocks();
        crate::opening::request(&options, &mut Vec::new())?;
        crate::proxy::request(&options, Url::parse(&options.url)?)?;
        Ok(Some(options))
    }

    /// Returns whether TLS is asked for.
    pub(crate) fn is_secure(&self) -> Result<bool> {
        Ok(Url::parse(&self.url)?.is_secure())
    }

    /// A server that is silent for too long also accepts and answers nothing.
    fn shorten_clocks(&mut self) {
        let Some(timeout) = self.timeout else { return };
        let Timeouts { opening, write, .. } = &mut self.config.timeouts;
        for clock in [opening, write] {
            *clock = Some(clock.map_or(timeout, |clock| clock.min(timeout)));
        }
    }

    fn set(&mut self, name: &str, args: &mut lexopt::Parser) -> Result<()> {
        match name {
            "text" => {
                let text = args.value()?.string()?;
                self.actions.push_back(match self.fragments {
                    None => Action::Text(text),
                    Some(count) => Action::Fragments {
                        kind: MessageKind::Text,
                        payload: text.into_bytes(),
                        count: count.get(),
                    },
                });
            }
            "binary" => self.file(&PathBuf::from(args.value()?))?,
            "ping" => self.actions.push_back(ping(args.value()?.string()?)?),
            "await" => self.actions.push_back(Action::Await(args.value()?.parse()?)),
            "close" => self.actions.push_back(close(&args.value()?.string()?)?),
            "fragments" => self.fragments = args.value()?.parse().map(above_one)?,
            "cut" => self.cut = Some(args.value()?.parse()?),
            "subprotocol" => self.subprotocols.push(args.value()?.string()?),
            "require-subprotocol" => self.requires_subprotocol = true,
            "credential" => self.scheme = Some(scheme::parse(&args.value()?.string()?)?),
            "key" => self.key = Some(args.value()?.string()?),
            "allow-plaintext" => self.allows_plaintext = true,
            "header" => {
                let field = args.value()?.string()?;
                let (name, value) = field.split_once(':').ok_or("a header is NAME: VALUE")?;
                self.headers.push((name.to_owned(), value.trim().to_owned()));
            }
            "proxy" => self.proxy = Some(args.value()?.string()?),
            "proxy-user" => self.proxy_user = Some(args.value()?.string()?),
            "ca" => self.ca = Some(PathBuf::from(args.value()?)),
            "save" => self.save = Some(PathBuf::from(args.value()?)),
            "max-message" => {
                let limit = args.value()?.parse()?;
                self.config.limits = Limits { message: limit, frame: limit, ..Limits::default() };
            }
            "timeout" => self.timeout = Some(Duration::from_secs(args.value()?.parse()?)),
            "traffic" => self.traffic = true,
            _ if self.compressing.set(name, args)? => {}
            _ if clocks::set(&mut self.config.timeouts, name, || {
                args.value().ok()?.into_string().ok()
            })? => {}
            _ => return Err(format!("invalid option '--{name}'").into()),
        }
        Ok(())
    }

    fn file(&mut self, path: &PathBuf) -> Result<()> {
        let octets = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let messages = match self.cut {
            None => vec![octets],
            Some(cut) => octets.chunks(cut.get()).map(<[u8]>::to_vec).collect(),
        };
        self.actions.extend(messages.into_iter().map(|payload| match self.fragments {
            None => Action::Binary(payload),
            Some(count) => {
                Action::Fragments { kind: MessageKind::Binary, payload, count: count.get() }
            }
        }));
        Ok(())
    }
}

fn above_one(count: NonZeroUsize) -> Option<NonZeroUsize> {
    Some(count).filter(|count| count.get() > 1)
}

fn ping(text: String) -> Result<Action> {
    match text.len() {
        ..=MAX_CONTROL_PAYLOAD => Ok(Action::Ping(text)),
        length => {
            Err(format!("a ping has at most {MAX_CONTROL_PAYLOAD} bytes, not {length}").into())
        }
    }
}

fn close(text: &str) -> Result<Action> {
    let (code, reason) = text.split_once(',').unwrap_or((text, ""));
    let code = CloseCode::new(code.parse()?).ok_or("a Close may not have this code")?;
    if reason.len() > MAX_REASON {
        return Err(format!("a reason has at most {MAX_REASON} bytes, not {}", reason.len()).into());
    }
    Ok(Action::Close { code, reason: reason.to_owned() })
}
