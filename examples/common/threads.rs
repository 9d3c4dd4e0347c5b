//! A thread for each connection, up to a limit, until the process is asked to leave.

use crate::leaving::LEAVING;
use patchcord::handshake::server::Refusal;
use std::io::{self, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How many connections there may be at once, by default: a few hundred threads are no burden, and
/// with the default stacks and buffers they stay below 100 MB.
pub(crate) const CONNECTIONS: usize = 256;

/// How long connections may take to end once the process is asked to leave.
const GRACE: Duration = Duration::from_secs(5);

/// How often the process checks whether it has to leave, and whether it can.
const LOOK: Duration = Duration::from_millis(50);

/// When to try again if no connection can be accepted, such as for want of file descriptors.
const LATER: Duration = Duration::from_millis(100);

/// Serves up to `limit` connections at once, each in a thread of its own. Returns once the process
/// is asked to leave, and all connections are over or have had [`GRACE`] for that.
pub(crate) fn serve(
    listener: TcpListener,
    connections: usize,
    serve: impl Fn(TcpStream, SocketAddr) + Send + Sync + 'static,
) -> io::Result<()> {
    let places = Places { taken: AtomicUsize::new(0), all: connections };
    let (places, serve) = (Arc::new(places), Arc::new(serve));
    let taken = Arc::clone(&places);
    thread::Builder::new().spawn(move || {
        while !LEAVING.load(Ordering::Relaxed) {
            match listener.accept() {
                Ok((socket, peer)) => start(socket, peer, &places, &serve),
                Err(error) => {
                    tell(&error);
                    thread::sleep(LATER);
                }
            }
        }
    })?;
    while !LEAVING.load(Ordering::Relaxed) {
        thread::sleep(LOOK);
    }
    let deadline = Instant::now() + GRACE;
    while taken.taken.load(Ordering::Relaxed) > 0 && Instant::now() < deadline {
        thread::sleep(LOOK);
    }
    Ok(())
}

/// Gives a connection a thread; if there is none, the peer sees its connection end.
fn start(
    socket: TcpStream,
    peer: SocketAddr,
    places: &Arc<Places>,
    serve: &Arc<impl Fn(TcpStream, SocketAddr) + Send + Sync + 'static>,
) {
    let Some(place) = Places::take(places) else {
        let _ = refuse(socket); // a peer that is gone already needs no answer
        return;
    };
    let serve = Arc::clone(serve);
    let run = move || {
        serve(socket, peer);
        drop(place);
    };
    if let Err(error) = thread::Builder::new().spawn(run) {
        tell(&error);
    }
}

/// Reports why a connection could not be accepted. Standard error may be gone; that is no reason to stop.
fn tell(error: &io::Error) {
    let _ = writeln!(io::stderr(), "cannot accept a connection: {error}");
}

/// Answers 503 to a request without reading it: no thread is left to wait for it.
fn refuse(mut socket: TcpStream) -> io::Result<()> {
    let mut head = Vec::new();
    Refusal::UNAVAILABLE.write(&mut head).map_err(io::Error::other)?;
    socket.set_nonblocking(true)?; // a socket that is new has room for it
    socket.write_all(&head)?;
    socket.shutdown(Shutdown::Write)
}

struct Places {
    taken: AtomicUsize,
    all: usize,
}

/// A connection's place, which is free again once this is dropped.
struct Place(Arc<Places>);

impl Places {
    fn take(places: &Arc<Self>) -> Option<Place> {
        let place = Place(Arc::clone(places)); // gives back at once what is one too many
        (places.taken.fetch_add(1, Ordering::Relaxed) < places.all).then_some(place)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
    }
}
