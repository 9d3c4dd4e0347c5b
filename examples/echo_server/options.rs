//! The command line.

use crate::clocks;
use crate::compression::Compressing;
use crate::scheme;
use crate::threads::CONNECTIONS;
use lexopt::prelude::*;
use patchcord::handshake::admission::{Admission, InvalidEntry};
use patchcord::handshake::credential::Scheme;
use patchcord::{Config, Delivery, Limits, Timeouts};
use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

pub(crate) const USAGE: &str = "\
usage: echo_server [OPTIONS] [ADDRESS]

Echoes WebSocket messages on ADDRESS (default 127.0.0.1:9001) until SIGTERM or SIGINT, which
close every connection with 1001.

  --subprotocols A,B     subprotocols to select from, in this order of preference
  --require-subprotocol  refuse clients that offer none of these
  --credential SCHEME    take a key from the subprotocols: pair:MARKER, prefix:PREFIX or
                         sole:PREFIX, the latter two with ,base64url ,base64 or ,percent
  --key VALUE            a key to admit (may repeat); without --credential, it is taken
                         from 'Authorization: Bearer' or 'Token'
  --origin ORIGIN        a page's origin to admit (may repeat); by default, any
  --host HOST            a host to admit requests for (may repeat); by default, any
  --loopback             admit only programs and the pages of --origin, under localhost, an
                         address of 127.0.0.0/8 and [::1], with the port of ADDRESS
  --max-message BYTES    the longest message (default 16777216)
  --streaming            echo fragments as they arrive, without joining them
  --obey                 execute a text that is an order, instead of echoing it:
                         /close CODE REASON, /ping TEXT, or /fragments N TEXT, to have TEXT
                         sent in N fragments; a pong is reported as the text /pong TEXT
  --connections N        the most connections at once (default 256); more are refused with 503
  --log                  print how each connection ended, with its path
  --help                 this text";

/// The silence after which a client is asked whether it is still there.
const SILENCE: Duration = Duration::from_secs(20);

pub(crate) struct Options {
    pub(crate) address: SocketAddr,
    pub(crate) subprotocols: Vec<String>,
    pub(crate) require_subprotocol: bool,
    pub(crate) scheme: Option<Scheme<'static>>,
    pub(crate) keys: Vec<String>,
    origins: Vec<String>,
    hosts: Vec<String>,
    loopback: bool,
    pub(crate) config: Config,
    pub(crate) obeys: bool,
    pub(crate) logs: bool,
    pub(crate) connections: usize,
    pub(crate) compressing: Compressing,
}

impl Options {
    /// Returns the options given, or `None` if help was asked for.
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
        options.admitting(|_| ())?;
        Ok(Some(options))
    }

    /// Passes on what is admitted; clients that are not browsers are, too.
    pub(crate) fn admitting<T>(
        &self,
        run: impl FnOnce(Admission<'_>) -> T,
    ) -> Result<T, InvalidEntry> {
        let [origins, hosts] = [&self.origins, &self.hosts]
            .map(|list| list.iter().map(String::as_str).collect::<Vec<_>>());
        let admission = match &origins[..] {
            origins if self.loopback => Admission::loopback(self.address.port(), origins)?,
            [] => Admission::any(),
            origins => Admission::origins(origins)?.or_absent(),
        };
        Ok(run(if hosts.is_empty() { admission } else { admission.with_hosts(&hosts)? }))
    }

    fn set(&mut self, name: &str, args: &mut lexopt::Parser) -> Result<(), Box<dyn Error>> {
        match name {
            "subprotocols" => {
                let names = args.value()?.string()?;
                self.subprotocols.extend(names.split(',').map(str::to_owned));
            }
            "require-subprotocol" => self.require_subprotocol = true,
            "credential" => self.scheme = Some(scheme::parse(&args.value()?.string()?)?),
            "key" => self.keys.push(args.value()?.string()?),
            "origin" => self.origins.push(args.value()?.string()?),
            "host" => self.hosts.push(args.value()?.string()?),
            "loopback" => self.loopback = true,
            "max-message" => {
                let limit = args.value()?.parse()?;
                self.config.limits = Limits { message: limit, frame: limit, ..Limits::default() };
            }
            "obey" => self.obeys = true,
            "log" => self.logs = true,
            "connections" => self.connections = args.value()?.parse()?,
            "streaming" => self.config.delivery = Delivery::Fragments,
            _ if self.compressing.set(name, args)? => {}
            _ if clocks::set(&mut self.config.timeouts, name, || {
                args.value().ok()?.into_string().ok()
            })? => {}
            _ => return Err(format!("invalid option '--{name}'").into()),
        }
        Ok(())
    }
}

impl Default for Options {
    fn default() -> Self {
        let timeouts = Timeouts { ping_interval: Some(SILENCE), ..Timeouts::default() };
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 9001)),
            subprotocols: Vec::new(),
            require_subprotocol: false,
            scheme: None,
            keys: Vec::new(),
            origins: Vec::new(),
            hosts: Vec::new(),
            loopback: false,
            config: Config { timeouts, ..Config::default() },
            obeys: false,
            logs: false,
            connections: CONNECTIONS,
            compressing: Compressing::default(),
        }
    }
}
