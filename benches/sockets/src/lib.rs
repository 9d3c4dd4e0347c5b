//! What the echo servers on tokio share: a runtime of one thread, a listener, a task for each
//! connection.

use std::error::Error;
use std::future::Future;
use tokio::net::{TcpListener, TcpStream};

/// What a server comes to.
pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How many connections a server may have at once: more than are ever opened.
pub const CONNECTIONS: usize = 20_000;

/// The longest message that anybody is to take.
pub const LONGEST: usize = 16 << 20;

/// Serves on a port of the system's choosing, which is told on the standard output, until the
/// process is killed. What goes wrong with one connection ends that one alone.
///
/// # Errors
/// When there is no runtime, or no port.
pub fn serve<F>(session: impl Fn(TcpStream) -> F) -> Outcome
where
    F: Future<Output = Outcome> + Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("listening on {}", listener.local_addr()?);
        loop {
            let (tcp, _) = listener.accept().await?;
            tcp.set_nodelay(true)?;
            tokio::spawn(told(session(tcp)));
        }
    })
}

/// Runs a connection, and tells what went wrong with it.
pub async fn told(session: impl Future<Output = Outcome>) {
    if let Err(error) = session.await {
        eprintln!("{error}");
    }
}

/// The first argument: which of several ways a server is to be driven.
#[must_use]
pub fn way() -> String {
    std::env::args().nth(1).unwrap_or_default()
}
