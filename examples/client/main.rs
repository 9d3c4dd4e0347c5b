//! A WebSocket client for the command line: connects, performs its actions in order, and
//! prints what happens.
//!
//! ```text
//! cargo run --example client -- ws://127.0.0.1:9001 --text hello --ping hi --close 1000,bye
//! open subprotocol=- extensions=-
//! text "hello"
//! pong "hi"
//! close 1000 "" by=us
//! ```
//!
//! | file | its part in the WebSocket |
//! |---|---|
//! | `opening.rs` | the opening handshake: the offers, and the answer |
//! | `session.rs` | turn by turn: what is sent when, and what is printed |
//! | `action.rs` | what can be sent: messages, whole and in fragments, pings, a Close |
//! | `stream.rs`, `proxy.rs`, `tls.rs` | the layers below: TCP, perhaps a tunnel, and TLS for `wss:` |
//! | `options.rs` | nothing |

mod action;
#[path = "../common/clocks.rs"]
mod clocks;
#[path = "../common/compression.rs"]
mod compression;
#[path = "../common/leaving.rs"]
mod leaving;
#[path = "../common/metered.rs"]
mod metered;
#[path = "../common/observed.rs"]
mod observed;
mod opening;
mod options;
mod proxy;
#[path = "../common/scheme.rs"]
mod scheme;
mod session;
mod stream;
mod tls;

use metered::Counts;
use options::{Options, USAGE};
use session::Session;
use std::error::Error;
use std::fs::File;
use std::io::{self, Write};
use std::process::ExitCode;
use tls::Trust;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// What the command line asks for.
struct Asked {
    options: Options,
    /// The certificates that are trusted, with `wss:`.
    trust: Option<Trust>,
    save: Option<File>,
}

fn main() -> ExitCode {
    let asked = match prepare() {
        Ok(Some(asked)) => asked,
        Ok(None) => {
            println!("{USAGE}\n\nclocks:\n{}\n", clocks::USAGE);
            println!("compression:\n{}", compression::USAGE);
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("client: {error}; try --help");
            return ExitCode::from(2);
        }
    };
    match run(asked) {
        Ok(exit) => exit,
        Err(error) => {
            let _ = writeln!(io::stdout(), "failed {error}"); // the reader may be gone, too
            ExitCode::FAILURE
        }
    }
}

/// Does everything that only the options can make fail; `None` if help was asked for.
fn prepare() -> Result<Option<Asked>> {
    let Some(options) = Options::from_args()? else { return Ok(None) };
    let trust = options.is_secure()?.then(|| Trust::new(options.ca.as_deref())).transpose()?;
    let create = |path: &std::path::PathBuf| {
        File::create(path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let save = options.save.as_ref().map(create).transpose()?;
    Ok(Some(Asked { options, trust, save }))
}

fn run(Asked { options, trust, save }: Asked) -> Result<ExitCode> {
    leaving::watch()?;
    let counts = Counts::default();
    let traffic = options.traffic;
    let Some(peer) = opening::open(&options, trust, &counts)? else {
        return Ok(ExitCode::from(3));
    };
    let ended = Session::new(peer, &counts, options, save).run();
    if traffic {
        println!("traffic received={} sent={}", counts.received(), counts.sent());
    }
    ended.map(|()| ExitCode::SUCCESS)
}
