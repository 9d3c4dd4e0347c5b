//! The command line: both ends in one process, or one of them.

use crate::{Outcome, clocks};
use patchcord::{Config, Timeouts};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

const USAGE: &str = "\
usage: [serve ADDRESS | connect URL] [OPTIONS]";

/// The silence after which a peer is asked whether it is still there: below the 30 to 60 s after
/// which proxies drop an idle connection.
const SILENCE: Duration = Duration::from_secs(20);

/// What was asked for.
pub enum Command {
    /// Both ends, on a port of the system's choosing.
    Both,
    /// A server on this address.
    Serve(String),
    /// A client of this URL.
    Connect(String),
}

impl Command {
    /// Reads the arguments, and how connections are to behave.
    ///
    /// # Errors
    /// When they are others.
    pub fn from_args() -> Outcome<(Self, Config)> {
        let (words, config) = arguments()?;
        let command = match &words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => Self::Both,
            ["serve", address] => Self::Serve((*address).to_owned()),
            ["connect", url] => Self::Connect((*url).to_owned()),
            _ => return Err(format!("{USAGE}\n{}", clocks::USAGE).into()),
        };
        Ok((command, config))
    }
}

/// The arguments without the options, and what those make of connections.
///
/// # Errors
/// When an option is unknown or has no value.
pub fn arguments() -> Outcome<(Vec<String>, Config)> {
    let timeouts = Timeouts { ping_interval: Some(SILENCE), ..Timeouts::default() };
    let mut config = Config { timeouts, ..Config::default() };
    let (mut words, mut args) = (Vec::new(), std::env::args().skip(1));
    while let Some(arg) = args.next() {
        match arg.strip_prefix("--") {
            Some(name) if clocks::set(&mut config.timeouts, name, || args.next())? => {}
            Some(_) => return Err(format!("invalid option '{arg}'").into()),
            None => words.push(arg),
        }
    }
    Ok((words, config))
}

/// Runs what was asked for, on tokio.
///
/// # Errors
/// When it fails.
pub async fn run(
    serve: impl AsyncFnOnce(TcpListener, Config) -> Outcome,
    connect: impl AsyncFnOnce(&str, Config) -> Outcome,
) -> Outcome {
    let (command, config) = Command::from_args()?;
    match command {
        Command::Both => {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let url = format!("ws://{}/echo", listener.local_addr()?);
            tokio::select! {
                served = serve(listener, config) => served,
                talked = connect(&url, config) => talked,
            }
        }
        Command::Serve(address) => {
            let listener = TcpListener::bind(address).await?;
            println!("listening on {}", listener.local_addr()?);
            serve(listener, config).await
        }
        Command::Connect(url) => connect(&url, config).await,
    }
}

/// Gives each connection a task: what goes wrong with one ends that one alone.
///
/// # Errors
/// When no more connections come.
pub async fn each<F: Future<Output = Outcome> + Send + 'static>(
    listener: TcpListener,
    session: impl Fn(TcpStream) -> F,
) -> Outcome {
    loop {
        let (tcp, _) = listener.accept().await?;
        tcp.set_nodelay(true)?;
        let session = session(tcp);
        tokio::spawn(async {
            if let Err(error) = session.await {
                eprintln!("server  {error}");
            }
        });
    }
}
