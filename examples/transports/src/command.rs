//! The command line: both ends in one process, or one of them.

use crate::{Outcome, clocks, leaving};
use patchcord::{Config, Timeouts};
use std::process::exit;
use std::time::Duration;
use tokio::net::TcpListener;

/// The options that all programs here take.
const OPTIONS: &str = "\
OPTIONS
  --connections N        the most connections that a server has at once: more are refused";

/// The exit status, and what signals do.
const EXIT: &str = "\
Exits with 0 if all went well, and with 1 otherwise. SIGTERM and SIGINT send 1001 to all peers, and
end the program with 0 once they have answered, or after the time that a closing handshake may take.";

/// The silence after which a peer is pinged: below the 30 to 60 s after
/// which proxies drop an idle connection.
const SILENCE: Duration = Duration::from_secs(20);

/// The most connections that a server has at once: as many as file descriptors usually allow a process
/// (1,024), with some to spare.
pub const CONNECTIONS: usize = 1000;

/// How long a server that leaves waits if closing handshakes have no deadline.
const FAREWELL: Duration = Duration::from_secs(10);

/// The time a server needs to finish once the peers have had theirs.
const MARGIN: Duration = Duration::from_millis(500);

/// The command.
pub enum Command {
    /// Both ends, on a port of the system's choosing.
    Both,
    /// A server on this address.
    Serve(String),
    /// A client of this URL.
    Connect(String),
}

/// How connections behave.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub config: Config,
    /// The most that a server has at once.
    pub connections: usize,
}

impl Settings {
    /// Returns how long a server that leaves waits for its peers.
    #[must_use]
    pub fn farewell(&self) -> Duration {
        self.config.timeouts.close.unwrap_or(FAREWELL) + MARGIN
    }
}

impl Default for Settings {
    fn default() -> Self {
        let timeouts = Timeouts { ping_interval: Some(SILENCE), ..Timeouts::default() };
        Self { config: Config { timeouts, ..Config::default() }, connections: CONNECTIONS }
    }
}

impl Command {
    /// Reads the arguments, and how connections are to behave.
    ///
    /// # Errors
    /// When there are any others.
    pub fn from_args() -> Outcome<(Self, Settings)> {
        const USAGE: &str = "usage: [serve ADDRESS | connect URL] [OPTIONS]";
        let (words, settings) = arguments(USAGE)?;
        let command = match &words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => Self::Both,
            ["serve", address] => Self::Serve((*address).to_owned()),
            ["connect", url] => Self::Connect((*url).to_owned()),
            _ => return Err(USAGE.into()),
        };
        Ok((command, settings))
    }
}

/// Returns the arguments without the options, and the settings from those. With `--help`, prints the
/// usage instead.
///
/// # Errors
/// When an option is unknown or has no value.
pub fn arguments(usage: &str) -> Outcome<(Vec<String>, Settings)> {
    let mut settings = Settings::default();
    let (mut words, mut args) = (Vec::new(), std::env::args().skip(1));
    while let Some(arg) = args.next() {
        match arg.strip_prefix("--") {
            Some("help") => help(usage),
            Some("connections") => settings.connections = connections(args.next())?,
            Some(name) if clocks::set(&mut settings.config.timeouts, name, || args.next())? => {}
            Some(_) => return Err(format!("invalid option '{arg}'").into()),
            None => words.push(arg),
        }
    }
    Ok((words, settings))
}

fn connections(value: Option<String>) -> Result<usize, &'static str> {
    let number = value.and_then(|value| value.parse::<u32>().ok());
    number.map(|number| number as usize).ok_or("--connections takes a number")
}

fn help(usage: &str) -> ! {
    println!("{usage}\n\n{OPTIONS}\n{}\n\n{EXIT}", clocks::USAGE);
    exit(0)
}

/// Runs the command, on tokio.
///
/// # Errors
/// When it fails.
pub async fn run(
    serve: impl AsyncFnOnce(TcpListener, Settings) -> Outcome,
    connect: impl AsyncFnOnce(&str, Settings) -> Outcome,
) -> Outcome {
    let (command, settings) = Command::from_args()?;
    leaving::watch(|| {})?;
    match command {
        Command::Both => {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let url = format!("ws://{}/echo", listener.local_addr()?);
            tokio::select! {
                served = serve(listener, settings) => served,
                talked = connect(&url, settings) => talked,
            }
        }
        Command::Serve(address) => {
            let listener = TcpListener::bind(address).await?;
            println!("listening on {}", listener.local_addr()?);
            serve(listener, settings).await
        }
        Command::Connect(url) => connect(&url, settings).await,
    }
}
