//! What servers on tokio share: a limit on connections, and an end for all of them.

use crate::Outcome;
use crate::command::Settings;
use crate::leaving::left;
use bytes::Buf;
use patchcord::SendBuffer;
use patchcord::handshake::server::Refusal;
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{sleep, timeout};

/// How long `accept` pauses after it fails, as it does without file descriptors.
const RESPITE: Duration = Duration::from_millis(100);

/// A place among the connections, for as long as somebody holds it.
pub type Place = Arc<OwnedSemaphorePermit>;

/// Gives each connection a task, up to the limit; a failing connection ends only itself.
///
/// Once this process leaves, no more are accepted, and those that are open have as long as a
/// closing handshake may take: each of them says 1001 by itself.
///
/// # Errors
/// Never, so far.
pub async fn each<F: Future<Output = Outcome> + Send + 'static>(
    listener: TcpListener,
    settings: Settings,
    session: impl Fn(TcpStream, Place) -> F,
) -> Outcome {
    let places = Arc::new(Semaphore::new(settings.connections));
    loop {
        let tcp = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((tcp, _)) => tcp,
                Err(error) => {
                    eprintln!("server  {error}");
                    sleep(RESPITE).await;
                    continue;
                }
            },
            () = left() => break,
        };
        let _ = tcp.set_nodelay(true); // if the socket is gone, a read will tell
        match places.clone().try_acquire_owned() {
            Ok(place) => spawn(session(tcp, Arc::new(place))),
            Err(_) => refuse(tcp),
        }
    }
    drop(listener);
    let all = u32::try_from(settings.connections).unwrap_or(u32::MAX);
    let _ = timeout(settings.farewell(), places.acquire_many(all)).await;
    Ok(())
}

/// Runs a connection in a task of its own.
pub fn spawn(session: impl Future<Output = Outcome> + Send + 'static) {
    tokio::spawn(told(session));
}

/// Runs a connection, and reports what went wrong with it.
pub async fn told(session: impl Future<Output = Outcome>) {
    if let Err(error) = session.await {
        eprintln!("server  {error}");
    }
}

/// Answers 503, as far as that needs no waiting.
fn refuse(tcp: TcpStream) {
    let mut out = SendBuffer::new();
    let _ = out.head(|out| Refusal::UNAVAILABLE.write(out));
    if let Ok(mut tcp) = tcp.into_std() {
        let _ = tcp.write(out.chunk()); // tokio does not know yet that there is room
    }
}
