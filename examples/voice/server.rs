//! The server: one connection, or a thread for each.

use crate::admission::Service;
use crate::args::Args;
use crate::failure::Failure;
use crate::link::Link;
use crate::meter::Traffic;
use crate::opening;
use crate::pcm::Tape;
use crate::recognizer::Recognizer;
use crate::synthesizer::Synthesizer;
use crate::threads;
use crate::ticket::Ticket;
use patchcord::{Server, Timeouts};
use std::fmt;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::ExitCode;

/// What remains of a connection once it is over.
pub(crate) struct Kept {
    /// The audio that the server heard or spoke, if it had to keep it.
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
    converse(socket, key, timeouts, Tape::On(Vec::new()), |_| {})
}

/// Serves all connections until the process is asked to leave.
pub(crate) fn serve(address: &str, args: &Args) -> Result<ExitCode, Failure> {
    drop(opening::offer(&args.key)?); // a key that nobody can offer would lock everybody out
    let cannot = |error| Failure::new(format!("cannot listen on {address}: {error}"));
    let listener = TcpListener::bind(address).map_err(cannot)?;
    println!("listening on {}", listener.local_addr()?);
    let (key, timeouts) = (args.key.clone(), args.timeouts);
    threads::serve(listener, args.connections, move |socket, peer| {
        serve_next(socket, peer, &key, timeouts);
    })?;
    Ok(ExitCode::SUCCESS)
}

fn serve_next(socket: TcpStream, peer: SocketAddr, key: &str, timeouts: Timeouts) {
    let told = |how: &str| log(format_args!("{peer}: {how}"));
    match converse(socket, key, timeouts, Tape::Off, told) {
        Ok(Kept { traffic: Traffic { sent, received }, .. }) => {
            let (sent, received) = (sent.payload, received.payload);
            log(format_args!("{peer}: closed, {received} bytes received and {sent} sent"));
        }
        Err(failure) => log(format_args!("{peer}: {failure}")),
    }
}

/// Standard error may be gone; that is no reason to stop.
fn log(line: fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// A whole connection, from the opening handshake to the end of TCP.
fn converse(
    socket: TcpStream,
    key: &str,
    timeouts: Timeouts,
    tape: Tape,
    opened: impl FnOnce(&str),
) -> Result<Kept, Failure> {
    let ticket = Ticket::new();
    let (accepted, mut link) = opening::accept(socket, timeouts, key, &ticket)?;
    opened(&accepted.how);
    let tape = talk(&mut link, accepted.service, ticket, tape)?;
    Ok(Kept { pcm: tape.into_pcm(), traffic: link.traffic() })
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
