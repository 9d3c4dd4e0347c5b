//! A WebSocket client for the command line: connects, does what it is told in that order, and
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
//! | file | what it has to do with WebSockets |
//! |---|---|
//! | `opening.rs` | the opening handshake: what is offered, what is answered |
//! | `session.rs` | turn by turn: what is said when, and what is printed |
//! | `action.rs` | what can be said: messages, whole and in fragments, pings, a Close |
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
#[path = "../common/scheme.rs"]
mod scheme;
mod session;

use metered::Counts;
use options::{Options, USAGE};
use session::Session;
use std::error::Error;
use std::fs::File;
use std::process::ExitCode;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let options = match Options::from_args() {
        Ok(Some(options)) => options,
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
    match run(options) {
        Ok(exit) => exit,
        Err(error) => {
            println!("failed {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: Options) -> Result<ExitCode> {
    leaving::watch()?;
    let counts = Counts::default();
    let save = options.save.as_ref().map(File::create).transpose()?;
    let traffic = options.traffic;
    let Some(peer) = opening::open(&options, &counts)? else { return Ok(ExitCode::from(3)) };
    let ended = Session::new(peer, &counts, options, save).run();
    if traffic {
        println!("traffic received={} sent={}", counts.received(), counts.sent());
    }
    ended.map(|()| ExitCode::SUCCESS)
}
