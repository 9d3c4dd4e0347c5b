//! The command line.

use crate::compression::Compressing;
use lexopt::prelude::*;
use patchcord::handshake::credential::{Codec, Scheme};
use patchcord::handshake::origin::{InvalidOrigin, OriginPolicy};
use patchcord::{Config, Delivery, Limits};
use std::error::Error;
use std::net::SocketAddr;

pub(crate) const USAGE: &str = "\
usage: echo_server [OPTIONS] [ADDRESS]

Echoes WebSocket messages on ADDRESS (default 127.0.0.1:9001) until interrupted.

  --subprotocols A,B     subprotocols to select from, in this order of preference
  --require-subprotocol  refuse clients of which none can be selected
  --credential SCHEME    take a key from the subprotocols: pair:MARKER, prefix:PREFIX or
                         sole:PREFIX, the latter two with ,base64url ,base64 or ,percent
  --key VALUE            a key that is let in (may repeat); without --credential, it is taken
                         from 'Authorization: Bearer' or 'Token'
  --origin ORIGIN        a page's origin that is let in (may repeat); without it, any is
  --max-message BYTES    the longest message (default 16777216)
  --streaming            echo fragments as they come, and do not join them
  --help                 this text";

pub(crate) struct Options {
    pub(crate) address: SocketAddr,
    pub(crate) subprotocols: Vec<String>,
    pub(crate) require_subprotocol: bool,
    pub(crate) scheme: Option<OwnedScheme>,
    pub(crate) keys: Vec<String>,
    origins: Vec<String>,
    pub(crate) config: Config,
    pub(crate) compressing: Compressing,
}

impl Options {
    /// The options given, or `None` if help was asked for.
    pub(crate) fn from_args() -> Result<Option<Self>, Box<dyn Error>> {
        let mut options = Self::default();
        let mut args = lexopt::Parser::from_env();
        while let Some(arg) = args.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(None),
                Value(address) => options.address = address.parse()?,
                Long(name) => {
                    let name = name.to_owned();
                    options.set(&name, &mut args)?;
                }
                other => return Err(other.unexpected().into()),
            }
        }
        policy(&options.origins())?;
        Ok(Some(options))
    }

    /// The origins of pages that are let in; any, if there are none.
    pub(crate) fn origins(&self) -> Vec<&str> {
        self.origins.iter().map(String::as_str).collect()
    }

    fn set(&mut self, name: &str, args: &mut lexopt::Parser) -> Result<(), Box<dyn Error>> {
        match name {
            "subprotocols" => {
                let names = args.value()?.string()?;
                self.subprotocols.extend(names.split(',').map(str::to_owned));
            }
            "require-subprotocol" => self.require_subprotocol = true,
            "credential" => self.scheme = Some(OwnedScheme::parse(&args.value()?.string()?)?),
            "key" => self.keys.push(args.value()?.string()?),
            "origin" => self.origins.push(args.value()?.string()?),
            "max-message" => {
                let limit = args.value()?.parse()?;
                self.config.limits = Limits { message: limit, frame: limit, ..Limits::default() };
            }
            "streaming" => self.config.delivery = Delivery::Fragments,
            _ if self.compressing.set(name, args)? => {}
            _ => return Err(format!("invalid option '--{name}'").into()),
        }
        Ok(())
    }
}

/// Which pages are let in; clients that are no browsers are, too.
pub(crate) fn policy<'list>(
    origins: &'list [&'list str],
) -> Result<OriginPolicy<'list>, InvalidOrigin> {
    match origins {
        [] => Ok(OriginPolicy::any()),
        origins => OriginPolicy::list(origins).map(OriginPolicy::or_absent),
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 9001)),
            subprotocols: Vec::new(),
            require_subprotocol: false,
            scheme: None,
            keys: Vec::new(),
            origins: Vec::new(),
            config: Config::default(),
            compressing: Compressing::default(),
        }
    }
}

/// A [`Scheme`] with its text.
pub(crate) struct OwnedScheme {
    form: Form,
    text: String,
    codec: Codec,
}

enum Form {
    Pair,
    Prefix,
    Sole,
}

impl OwnedScheme {
    fn parse(scheme: &str) -> Result<Self, Box<dyn Error>> {
        let (form, rest) = scheme.split_once(':').ok_or("a scheme is FORM:TEXT")?;
        let form = match form {
            "pair" => Form::Pair,
            "prefix" => Form::Prefix,
            "sole" => Form::Sole,
            _ => return Err(format!("'{form}' is none of pair, prefix, sole").into()),
        };
        let (text, codec) = match rest.split_once(',') {
            None => (rest, Codec::Raw),
            Some((text, "base64url")) => (text, Codec::Base64Url),
            Some((text, "base64")) => (text, Codec::Base64),
            Some((text, "percent")) => (text, Codec::Percent),
            Some((_, codec)) => return Err(format!("'{codec}' is no encoding").into()),
        };
        let scheme = Self { form, text: text.to_owned(), codec };
        if !scheme.get().is_valid() {
            return Err(format!("'{text}' cannot stand in a header").into());
        }
        Ok(scheme)
    }

    /// The marker of a pair, which can be selected.
    pub(crate) fn marker(&self) -> Option<&str> {
        matches!(self.form, Form::Pair).then_some(self.text.as_str())
    }

    pub(crate) fn get(&self) -> Scheme<'_> {
        let (text, codec) = (self.text.as_str(), self.codec);
        match self.form {
            Form::Pair => Scheme::Pair { marker: text },
            Form::Prefix => Scheme::Prefixed { prefix: text, codec },
            Form::Sole => Scheme::Sole { prefix: text, codec },
        }
    }
}
