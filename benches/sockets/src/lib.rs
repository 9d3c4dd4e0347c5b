//! Shared by the echo servers on tokio: a runtime of one thread, a listener, a task for each
//! connection.

use std::error::Error;
use std::future::Future;
use tokio::net::{TcpListener, TcpStream};

/// The result of a server.
pub type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How many connections a server may have at once: more than are ever opened.
pub const CONNECTIONS: usize = 20_000;

/// The longest message that a server has to accept.
pub const LONGEST: usize = 16 << 20;

/// Serves on a port of the system's choosing, which it prints to standard output, until the
/// process is killed. A failing connection ends only itself.
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

/// Runs a connection, and reports what went wrong with it.
pub async fn told(session: impl Future<Output = Outcome>) {
    if let Err(error) = session.await {
        eprintln!("{error}");
    }
}

/// Returns the first argument, which chooses one of several ways to drive a server.
#[must_use]
pub fn way() -> String {
    std::env::args().nth(1).unwrap_or_default()
}
