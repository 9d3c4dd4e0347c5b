//! One connection: the opening handshake, the echo, the end.

use crate::compression::{Agreed, Compressing};
use crate::options::{Options, policy};
use crate::order::{Order, tell_pong};
use crate::report::Report;
use crate::scheme::OwnedScheme;
use patchcord::handshake::Deadline;
use patchcord::handshake::credential::Credential;
use patchcord::handshake::server::{Agreement, Refusal, Request, RequestReader};
use patchcord::handshake::subprotocol::{Offers, OffersError, Subprotocol};
use patchcord::{Connection, Event, Message, ReceiveBuffer, SendError, Server};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// How long a write may wait for a peer that does not read, and the transport for its end.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How many bytes of echo are gathered before they are written.
const BATCH: usize = 64 * 1024;

pub(crate) fn run(socket: &TcpStream, options: &Options, report: &mut Report) -> io::Result<()> {
    let connection = Connection::server(options.config);
    let mut buffer = connection.buffer();
    if let Some(agreed) = open(socket, &mut buffer, options, report)? {
        let connection = options.compressing.apply(agreed, connection);
        let mut session = Session { socket, connection, buffer, obeys: options.obeys, report };
        let ended = session.echo();
        session.report.state = session.connection.state();
        ended?;
    }
    Ok(())
}

/// What was agreed on of compression, if the connection is open.
type Opened = Option<Option<Agreed>>;

/// Answers the request.
fn open(
    mut socket: &TcpStream,
    buffer: &mut ReceiveBuffer,
    options: &Options,
    report: &mut Report,
) -> io::Result<Opened> {
    let origins = options.origins();
    let mut reader = RequestReader::new(policy(&origins).map_err(io::Error::other)?);
    let mut out = Vec::new();
    let start = Instant::now();
    let deadline = Deadline::after(start.elapsed(), Deadline::SPAN);
    let opened = loop {
        let Some(left) = deadline.left(start.elapsed()) else { return Ok(None) };
        socket.set_read_timeout(Some(left))?;
        let read = socket.read(buffer.space())?;
        if read == 0 {
            return Ok(None);
        }
        buffer.filled(read);
        let mut input = &*buffer.input();
        let answer = match reader.read(&mut input) {
            Ok(None) => continue,
            Ok(Some(request)) => {
                report.path = request.path().to_owned();
                answer(&request, options, &mut out)
            }
            Err(error) => Err(error.refusal()),
        };
        let rest = input.len();
        buffer.keep(rest);
        break answer
            .map_err(|refusal| {
                report.refused = Some(refusal.status());
                refusal.write(&mut out)
            })
            .ok();
    };
    socket.write_all(&out)?;
    Ok(opened)
}

fn answer(
    request: &Request<'_>,
    options: &Options,
    out: &mut Vec<u8>,
) -> Result<Option<Agreed>, Refusal<'static>> {
    let scheme = options.scheme.as_ref().map(|scheme| scheme.get());
    let offers = request.subprotocols(scheme.as_slice()).map_err(|error| error.refusal())?;
    if !is_let_in(request, &offers, options) {
        return Err(Refusal::UNAUTHORIZED.headers(&[("WWW-Authenticate", "Bearer")]));
    }
    let subprotocol = select(&offers, options);
    if subprotocol.is_none() && options.require_subprotocol {
        return Err(OffersError::NoneSupported.refusal());
    }
    let accepted = options.compressing.accept(&request.extensions());
    let mut agreement = Agreement::from(subprotocol);
    if let Some(accepted) = &accepted {
        let answered = agreement.extensions(request, accepted.extensions());
        agreement = answered.map_err(|_| Refusal::UNAVAILABLE)?;
    }
    request.accept(agreement, out).map_err(|_| Refusal::UNAVAILABLE)?;
    Ok(accepted.map(|accepted| accepted.agreed()))
}

/// Whether the client has a key, or needs none.
fn is_let_in(request: &Request<'_>, offers: &Offers<'_>, options: &Options) -> bool {
    let is_known = |key: &Credential| options.keys.iter().any(|known| key.matches(known));
    options.keys.is_empty()
        || matches!(request.credential(offers.credential(0)), Ok(Some(key)) if is_known(&key))
}

/// The server's favourite; without any, the marker that came with the key, or the key itself
/// where the scheme wants that.
fn select<'head>(offers: &Offers<'head>, options: &Options) -> Option<Subprotocol<'head>> {
    let supported: Vec<&str> = options.subprotocols.iter().map(String::as_str).collect();
    let marker = options.scheme.as_ref().and_then(OwnedScheme::marker);
    offers
        .server_preference(&supported)
        .or_else(|| offers.server_preference(marker.as_slice()))
        .or_else(|| offers.sole())
}

/// An open connection.
struct Session<'run> {
    socket: &'run TcpStream,
    connection: Connection<Server>,
    buffer: ReceiveBuffer,
    obeys: bool,
    report: &'run mut Report,
}

impl Session<'_> {
    /// Sends back what comes, until the closing handshake is done.
    fn echo(&mut self) -> io::Result<()> {
        let start = Instant::now();
        let mut out = Vec::with_capacity(BATCH);
        loop {
            self.respond(&mut out)?;
            let Self { connection, .. } = self;
            let expired = connection.on_time(start.elapsed());
            // Time comes before the write: its pong is awaited from now on, so a ping that is due
            // has to leave now and not after the next read; the same goes for the last Close.
            connection.flush(&mut out).map_err(io::Error::other)?;
            write(self.socket, &mut out, self.report)?;
            if expired.is_some() || connection.is_finished() {
                return Ok(());
            }
            let wait = connection.next_deadline().map(|at| at.saturating_sub(start.elapsed()));
            self.socket.set_read_timeout(wait.map(|wait| wait.max(Duration::from_millis(1))))?;
            match self.socket.read(self.buffer.space()) {
                Ok(0) => return Ok(()),
                Ok(read) => {
                    self.report.received += read;
                    self.buffer.filled(read);
                }
                Err(error) if is_timeout(&error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Turns what was read into what is to be written: echoes first, then what else is owed.
    fn respond(&mut self, out: &mut Vec<u8>) -> io::Result<()> {
        let Self { connection, buffer, .. } = self;
        let mut input = buffer.unconsumed();
        // An error is final: the Close that tells the peer is pending by then.
        while let Ok(Some(event)) = connection.receive(&mut input) {
            let sent = match event {
                Event::Text(text) => match Order::parse(&text).filter(|_| self.obeys) {
                    Some(order) => order.obey(connection, out),
                    None => Compressing::send(connection, Message::Text(&text), out),
                },
                Event::Binary(octets) => {
                    Compressing::send(connection, Message::Binary(&octets), out)
                }
                Event::Fragment(part) => Compressing::send_fragment(connection, part.as_ref(), out),
                Event::Pong(payload) if self.obeys => tell_pong(&payload, connection, out),
                Event::Close(Some(close)) => {
                    self.report.reason = close.reason.to_string();
                    Ok(())
                }
                Event::Ping(_) | Event::Pong(_) | Event::Close(None) => Ok(()),
            };
            // Flushing here and not only below answers each ping, not just the latest of a batch.
            match sent.and_then(|()| connection.flush(out)) {
                Ok(()) | Err(SendError::Closed) => {}
                Err(error) => return Err(io::Error::other(error)),
            }
            if out.len() >= BATCH {
                write(self.socket, out, self.report)?;
            }
        }
        Ok(())
    }
}

fn write(mut socket: &TcpStream, out: &mut Vec<u8>, report: &mut Report) -> io::Result<()> {
    report.sent += out.len();
    socket.write_all(out)?;
    out.clear();
    Ok(())
}

/// Ends TCP so that what was written still arrives: a socket that is dropped with bytes unread
/// resets the connection.
pub(crate) fn end(mut socket: &TcpStream) -> io::Result<()> {
    socket.shutdown(Shutdown::Write)?;
    let deadline = Instant::now() + PATIENCE;
    let mut rest = [0; 4096];
    while let Some(left) = deadline.checked_duration_since(Instant::now()) {
        socket.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        if socket.read(&mut rest)? == 0 {
            break;
        }
    }
    Ok(())
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
