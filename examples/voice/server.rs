//! The server: a thread for each connection.

use crate::admission::Service;
use crate::args::Args;
use crate::failure::Failure;
use crate::line::Traffic;
use crate::opening;
use crate::pcm::Tape;
use crate::recognizer::Recognizer;
use crate::synthesizer::Synthesizer;
use crate::ticket::Ticket;
use crate::transport::Link;
use patchcord::{Server, Timeouts};
use std::fmt;
use std::io::{self, Write};
use std::net::TcpListener;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// What is left of a connection when it is over.
pub(crate) struct Kept {
    /// The audio that the server heard or spoke, if it was to keep it.
    pub(crate) pcm: Vec<u8>,
    pub(crate) traffic: Traffic,
}

/// Serves one connection, and keeps its audio.
pub(crate) fn serve_one(
    listener: &TcpListener,
    key: &str,
    timeouts: Timeouts,
) -> Result<Kept, Failure> {
    let (socket, _) = listener.accept()?;
    let link = Link::server(socket, timeouts)?;
    converse(link, key, Tape::On(Vec::new()), |_| {})
}

/// Serves all connections until the process is interrupted.
pub(crate) fn serve(address: &str, args: &Args) -> Result<ExitCode, Failure> {
    drop(opening::offer(&args.key)?); // a key that nobody can offer would lock everybody out
    let cannot = |error| Failure::new(format!("cannot listen on {address}: {error}"));
    let listener = TcpListener::bind(address).map_err(cannot)?;
    println!("listening on {}", listener.local_addr()?);
    let key: Arc<str> = args.key.as_str().into();
    loop {
        if let Err(error) = serve_next(&listener, &key, args.timeouts) {
            log(format_args!("cannot take a connection: {error}"));
            thread::sleep(Duration::from_millis(100)); // for others to end
        }
    }
}

fn serve_next(listener: &TcpListener, key: &Arc<str>, timeouts: Timeouts) -> io::Result<()> {
    let (socket, peer) = listener.accept()?;
    let key = Arc::clone(key);
    let told = move |how: &str| log(format_args!("{peer}: {how}"));
    let link = move || Ok::<_, Failure>(Link::server(socket, timeouts)?);
    let talk = move || match link().and_then(|link| converse(link, &key, Tape::Off, told)) {
        Ok(Kept { traffic: Traffic { sent, received }, .. }) => {
            let (sent, received) = (sent.payload, received.payload);
            log(format_args!("{peer}: closed, {received} bytes received and {sent} sent"));
        }
        Err(failure) => log(format_args!("{peer}: {failure}")),
    };
    thread::Builder::new().spawn(talk).map(drop)
}

/// Standard error may be gone; that is no reason to stop.
fn log(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// A whole connection, from the opening handshake to the end of TCP.
fn converse(
    mut link: Link<Server>,
    key: &str,
    tape: Tape,
    opened: impl FnOnce(&str),
) -> Result<Kept, Failure> {
    let ticket = Ticket::new();
    let spoken = opening::accept(&mut link, key, &ticket).and_then(|accepted| {
        opened(&accepted.how);
        talk(&mut link, accepted.service, ticket, tape)
    });
    // A client that is gone already cannot be said goodbye to.
    let _ = link.hang_up();
    Ok(Kept { pcm: spoken?.into_pcm(), traffic: link.line.traffic })
}

fn talk(
    link: &mut Link<Server>,
    service: Service,
    ticket: Ticket,
    tape: Tape,
) -> Result<Tape, Failure> {
    match service {
        Service::Listen(asked) => {
            let mut recognizer = Recognizer::new(ticket, asked, tape);
            link.run(&mut recognizer)?;
            Ok(recognizer.into_tape())
        }
        Service::Speak(asked) => {
            let mut synthesizer = Synthesizer::new(ticket, asked, tape);
            link.run(&mut synthesizer)?;
            Ok(synthesizer.into_tape())
        }
    }
}
