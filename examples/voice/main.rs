//! A speech server and its client over one WebSocket, each in a thread of this process.
//!
//! ```text
//! cargo run --release --example voice                       both ends, as fast as they can
//! cargo run --release --example voice -- --realtime         both ends, at the pace of speech
//! cargo run --release --example voice -- --speak "Hello"    the other direction: text in, audio out
//! cargo run --release --example voice -- --serve 127.0.0.1:9001
//! cargo run --release --example voice -- --connect ws://127.0.0.1:9001/v1/listen
//! ```
//!
//! The messages are those of Deepgram's speech APIs: binary messages of PCM one way, JSON texts
//! the other way, and a key that is offered as a subprotocol, since a browser has no other place
//! for it, or sent as `Authorization`. Deepgram's own SDKs can be the client: see
//! `tests/sdk/run`.
//!
//! The server has no recognizer and no voice. In place of a word, a result says how loud
//! a sound was, with a confidence of 0; and it speaks in tones. The recording,
//! `examples/speech.wav`, was made with espeak-ng and resampled with sox.
//!
//! | file | its part in the WebSocket |
//! |---|---|
//! | `opening.rs` | both sides of the opening handshake |
//! | `admission.rs` | the server's part in it: the key, the path, the subprotocol |
//! | `link.rs` | the loop around a [`WebSocket`](patchcord::blocking::WebSocket): speak, then take a turn |
//! | `line.rs` | what a session sees of a connection: `send`, `ping`, `close` |
//! | `pace.rs` | how far speech may run ahead of the client that plays it |
//! | `server.rs`, `threads.rs` | a thread for each connection |
//! | `recognizer.rs`, `synthesizer.rs` | what the server says: nothing but messages |
//! | `client.rs`, `dictation.rs`, `recital.rs` | what the client says: nothing but messages |
//! | all others | none |
//!
//! It exits with 0 if the audio at both ends is the same, with 1 if it is not, and with 2
//! if there is nothing to compare: bad options, no such file, no server, a wrong key. A server exits
//! with 0 once it was asked to leave.

mod admission;
mod answers;
mod args;
mod client;
#[path = "../common/clocks.rs"]
mod clocks;
#[path = "../common/compression.rs"]
mod compression;
mod dictation;
mod failure;
#[path = "../common/leaving.rs"]
mod leaving;
mod line;
mod link;
mod message;
mod meter;
#[path = "../common/observed.rs"]
mod observed;
mod opening;
mod pace;
mod pcm;
mod progress;
mod query;
mod recital;
mod recognizer;
mod report;
mod segment;
mod server;
mod synthesizer;
#[path = "../common/threads.rs"]
mod threads;
mod ticket;
mod wav;

use args::{Args, Command, Mode, Task};
use client::Call;
use failure::Failure;
use server::Kept;
use std::io::Write;
use std::net::TcpListener;
use std::process::ExitCode;
use std::thread;

fn main() -> ExitCode {
    match run() {
        Ok(exit) => exit,
        Err(failure) => {
            eprintln!("voice: {failure}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<ExitCode, Failure> {
    let args = match args::parse()? {
        Command::Help => {
            println!("{}{}", args::HELP, clocks::USAGE);
            return Ok(ExitCode::SUCCESS);
        }
        Command::Run(args) => args,
    };
    leaving::watch()?;
    match &args.mode {
        Mode::Serve(address) => server::serve(address, &args),
        Mode::Connect(url) => finish(&client::call(url, &args)?, None, &args),
        Mode::Both => both(&args),
    }
}

/// Runs a server for one connection in a thread of its own, and a client in this one.
fn both(args: &Args) -> Result<ExitCode, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let path = match args.task {
        Task::Listen { .. } => "/v1/listen?interim_results=true",
        Task::Speak { .. } => "/v1/speak",
    };
    let url = format!("ws://{}{path}", listener.local_addr()?);
    let (key, timeouts) = (args.key.clone(), args.timeouts);
    let server = thread::spawn(move || server::serve_one(&listener, &key, timeouts));
    let call = client::call(&url, args)?;
    let kept = server.join().map_err(|_| Failure::new("the server panicked"))??;
    finish(&call, Some(&kept), args)
}

fn finish(call: &Call, kept: Option<&Kept>, args: &Args) -> Result<ExitCode, Failure> {
    let mut out = std::io::stdout().lock();
    report::write(call, kept, &mut out)?;
    if let Task::Speak { out: Some(path), .. } = &args.task {
        wav::save(path, &call.pcm)?;
        writeln!(out, "written     {}", path.display())?;
    }
    Ok(if call.went_well(kept) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
