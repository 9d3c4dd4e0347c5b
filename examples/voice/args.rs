//! The command line.

use crate::failure::Failure;
use crate::threads::CONNECTIONS;
use crate::{clocks, link};
use lexopt::{Arg, Parser, ValueExt};
use patchcord::Timeouts;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) const HELP: &str = "\
Streams speech over a WebSocket to a server that answers, and checks what arrived.

Usage: voice [OPTIONS]

Without --serve or --connect, both ends run in this process.

  --serve ADDR        serve /v1/listen and /v1/speak until SIGTERM or Ctrl+C, which close all
                      connections with 1001; some seconds later, the process ends in any case
  --connections N     the most connections at once, with --serve; more get 503 [default: 256]
  --connect URL       connect to a server: ws://HOST:PORT/v1/listen
  --key KEY           the key to offer, and to require [default: example-key]

  --wav FILE          the audio to send: 16 kHz, 16 bit, mono [default: examples/speech.wav]
  --frame-ms N        the audio in each message, 1 to 1000 ms [default: 20]
  --realtime          send at the pace of speech, not as fast as possible

  --speak [TEXT]      have a text spoken instead; the URL of --connect then ends in /v1/speak
  --out FILE          write the received audio to a WAV file

  -h, --help          print this

A server takes the key as a subprotocol or as Authorization (Token or Bearer), and in a URL's query
encoding=linear16, sample_rate, interim_results, vad_events, endpointing and utterance_end_ms.

Exit code: 0 if the audio at both ends is the same, or a server was asked to leave; 1 if the audio
differs, or the connection did not end as it should; 2 if there was no connection.

";

const SPEECH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/speech.wav");

pub(crate) enum Command {
    Help,
    Run(Args),
}

pub(crate) struct Args {
    pub(crate) mode: Mode,
    pub(crate) task: Task,
    pub(crate) key: String,
    pub(crate) timeouts: Timeouts,
    /// How many connections a server serves at once.
    pub(crate) connections: usize,
}

/// Which ends run in this process.
pub(crate) enum Mode {
    Both,
    Serve(String),
    Connect(String),
}

/// What the client wants from the server.
pub(crate) enum Task {
    Listen { wav: PathBuf, frame: Duration, pace: Pace },
    Speak { text: String, out: Option<PathBuf> },
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    Fast,
    Realtime,
}

/// The options as they were given.
struct Given {
    timeouts: Timeouts,
    connections: Option<usize>,
    serve: Option<String>,
    connect: Option<String>,
    key: Option<String>,
    wav: Option<PathBuf>,
    frame_ms: Option<u64>,
    realtime: bool,
    speak: Option<String>,
    out: Option<PathBuf>,
}

pub(crate) fn parse() -> Result<Command, Failure> {
    let mut given = Given::new();
    let mut parser = Parser::from_env();
    while let Some(arg) = parser.next()? {
        match arg {
            Arg::Long("serve") => given.serve = Some(parser.value()?.string()?),
            Arg::Long("connections") => given.connections = Some(parser.value()?.parse()?),
            Arg::Long("connect") => given.connect = Some(parser.value()?.string()?),
            Arg::Long("key") => given.key = Some(parser.value()?.string()?),
            Arg::Long("wav") => given.wav = Some(parser.value()?.into()),
            Arg::Long("frame-ms") => given.frame_ms = Some(parser.value()?.parse()?),
            Arg::Long("realtime") => given.realtime = true,
            Arg::Long("speak") => given.speak = Some(text(&mut parser)?),
            Arg::Long("out") => given.out = Some(parser.value()?.into()),
            Arg::Long("help") | Arg::Short('h') => return Ok(Command::Help),
            Arg::Long(name) => {
                let name = name.to_owned();
                let value = || parser.value().ok()?.into_string().ok();
                if !clocks::set(&mut given.timeouts, &name, value).map_err(Failure::new)? {
                    return Err(Failure::new(format!("invalid option '--{name}'")));
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    given.check()?;
    Ok(Command::Run(given.into()))
}

/// Returns the text of `--speak`, which may be omitted.
fn text(parser: &mut Parser) -> Result<String, Failure> {
    if let Some(text) = parser.optional_value() {
        return Ok(text.string()?);
    }
    let is_text = |arg: &std::ffi::OsStr| !arg.to_string_lossy().starts_with('-');
    match parser.try_raw_args().and_then(|mut args| args.next_if(is_text)) {
        Some(text) => Ok(text.string()?),
        None => Ok("Any audio source, any socket.".to_owned()),
    }
}

impl Given {
    /// No options yet.
    fn new() -> Self {
        Self {
            timeouts: link::TIMEOUTS,
            connections: None,
            serve: None,
            connect: None,
            key: None,
            wav: None,
            frame_ms: None,
            realtime: false,
            speak: None,
            out: None,
        }
    }

    fn check(&self) -> Result<(), Failure> {
        let sends = self.wav.is_some() || self.frame_ms.is_some() || self.realtime;
        let wrong = match self {
            Self { serve: Some(_), connect: Some(_), .. } => "--serve excludes --connect",
            Self { serve: Some(_), speak: Some(_), .. } => "--serve excludes --speak",
            Self { serve: Some(_), .. } if sends => {
                "--serve excludes --wav, --frame-ms and --realtime"
            }
            Self { serve: None, connections: Some(_), .. } => "--connections needs --serve",
            Self { out: Some(_), speak: None, .. } => "--out needs --speak",
            Self { speak: Some(_), .. } if sends => {
                "--speak excludes --wav, --frame-ms and --realtime"
            }
            Self { frame_ms: Some(0 | 1001..), .. } => "--frame-ms takes 1 to 1000",
            _ => return Ok(()),
        };
        Err(Failure::new(wrong))
    }
}

impl From<Given> for Args {
    fn from(given: Given) -> Self {
        let mode = match (given.serve, given.connect) {
            (Some(address), _) => Mode::Serve(address),
            (None, Some(url)) => Mode::Connect(url),
            (None, None) => Mode::Both,
        };
        let task = match given.speak {
            Some(text) => Task::Speak { text, out: given.out },
            None => Task::Listen {
                wav: given.wav.unwrap_or_else(|| SPEECH.into()),
                frame: Duration::from_millis(given.frame_ms.unwrap_or(20)),
                pace: if given.realtime { Pace::Realtime } else { Pace::Fast },
            },
        };
        let key = given.key.unwrap_or_else(|| "example-key".to_owned());
        let connections = given.connections.unwrap_or(CONNECTIONS);
        Self { mode, task, key, timeouts: given.timeouts, connections }
    }
}
