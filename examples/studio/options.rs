//! The command line.

use crate::clocks;
use crate::threads::CONNECTIONS;
use lexopt::prelude::*;
use patchcord::Timeouts;
use patchcord::handshake::credential::{Scheme, vendor::DEEPGRAM};
use patchcord::handshake::subprotocol::Offer;
use std::error::Error;
use std::time::Duration;

pub(crate) const USAGE: &str = "\
usage: studio [--port N] [--key KEY] [--connections N]

Serves a page on 127.0.0.1 that streams audio over a WebSocket, and shows its frames. The key and
the origin keep other pages out, but not other users of this machine.

  --port N               the port (default 9050); 0 takes a free one
  --key KEY              the key that the page shows as its second subprotocol (default
                         patch-me-in)
  --connections N        the most connections at once (default 256); more are answered 503
  --help                 this text

SIGTERM and Ctrl+C close all connections with 1001; some seconds later, the process ends in any
case. It then exits with 0, or with 2 if it could not serve.
";

/// The subprotocol that comes before the key, and that is selected.
pub(crate) const MARKER: &str = "token";

pub(crate) const TOKEN: Scheme<'_> = DEEPGRAM.scheme;

/// The silence after which the connection pings the peer. The pings that measure the round trip are
/// answered before that, so this one is for peers that are gone.
const SILENCE: Duration = Duration::from_secs(15);

/// How long nothing may leave: a page is on the same machine, and reads at once.
const WRITE: Duration = Duration::from_secs(10);

pub(crate) struct Options {
    pub(crate) port: u16,
    pub(crate) key: String,
    pub(crate) timeouts: Timeouts,
    pub(crate) connections: usize,
}

impl Options {
    /// Returns the options given, or `None` if help was asked for.
    pub(crate) fn from_args() -> Result<Option<Self>, Box<dyn Error>> {
        let (ping_interval, write) = (Some(SILENCE), Some(WRITE));
        let timeouts = Timeouts { ping_interval, write, ..Timeouts::default() };
        let (key, connections) = ("patch-me-in".into(), CONNECTIONS);
        let mut options = Self { port: 9050, key, timeouts, connections };
        let mut args = lexopt::Parser::from_env();
        while let Some(arg) = args.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(None),
                Long("port") => options.port = args.value()?.parse()?,
                Long("connections") => options.connections = args.value()?.parse()?,
                Long("key") => options.key = args.value()?.string()?,
                Long(name) => {
                    let name = name.to_owned();
                    let value = || args.value().ok()?.into_string().ok();
                    if !clocks::set(&mut options.timeouts, &name, value)? {
                        return Err(format!("invalid option '--{name}'").into());
                    }
                }
                other => return Err(other.unexpected().into()),
            }
        }
        // A browser can only offer tokens.
        Offer::required().with_credential(&TOKEN, &options.key)?;
        Ok(Some(options))
    }
}
