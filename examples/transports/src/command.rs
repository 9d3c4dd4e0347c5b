//! The command line: both ends in one process, or one of them.

use crate::Outcome;
use tokio::net::{TcpListener, TcpStream};

const USAGE: &str = "usage: [serve ADDRESS | connect URL]";

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
    /// Reads the arguments.
    ///
    /// # Errors
    /// When they are others.
    pub fn from_args() -> Outcome<Self> {
        let args: Vec<String> = std::env::args().skip(1).collect();
        match &args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [] => Ok(Self::Both),
            ["serve", address] => Ok(Self::Serve((*address).to_owned())),
            ["connect", url] => Ok(Self::Connect((*url).to_owned())),
            _ => Err(USAGE.into()),
        }
    }
}

/// Runs what was asked for, on tokio.
///
/// # Errors
/// When it fails.
pub async fn run(
    serve: impl AsyncFnOnce(TcpListener) -> Outcome,
    connect: impl AsyncFnOnce(&str) -> Outcome,
) -> Outcome {
    match Command::from_args()? {
        Command::Both => {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let url = format!("ws://{}/echo", listener.local_addr()?);
            tokio::select! {
                served = serve(listener) => served,
                talked = connect(&url) => talked,
            }
        }
        Command::Serve(address) => {
            let listener = TcpListener::bind(address).await?;
            println!("listening on {}", listener.local_addr()?);
            serve(listener).await
        }
        Command::Connect(url) => connect(&url).await,
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
