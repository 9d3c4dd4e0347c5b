//! The command line.

use lexopt::prelude::*;
use patchcord::handshake::credential::Scheme;
use patchcord::handshake::subprotocol::Offer;
use std::error::Error;

pub(crate) const USAGE: &str = "\
usage: studio [--port N] [--key KEY]

Serves a page on 127.0.0.1 that streams audio over a WebSocket, and shows its frames. The key and
the origin keep other pages out, and not other users of this machine.

  --port N   the port (default 9050); 0 takes a free one
  --key KEY  what the page has to show as its second subprotocol (default patch-me-in)
  --help     this text";

/// The subprotocol that comes before the key, and that is selected.
pub(crate) const MARKER: &str = "token";

pub(crate) const TOKEN: Scheme<'_> = Scheme::Pair { marker: MARKER };

pub(crate) struct Options {
    pub(crate) port: u16,
    pub(crate) key: String,
}

impl Options {
    /// The options given, or `None` if help was asked for.
    pub(crate) fn from_args() -> Result<Option<Self>, Box<dyn Error>> {
        let mut options = Self { port: 9050, key: "patch-me-in".into() };
        let mut args = lexopt::Parser::from_env();
        while let Some(arg) = args.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(None),
                Long("port") => options.port = args.value()?.parse()?,
                Long("key") => options.key = args.value()?.string()?,
                other => return Err(other.unexpected().into()),
            }
        }
        // A browser can offer only a token.
        Offer::required().credential(TOKEN, &options.key)?;
        Ok(Some(options))
    }
}
