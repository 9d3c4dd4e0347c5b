//! The request of a connection, and its answer: a page, a WebSocket, or a refusal.

use crate::Studio;
use crate::compression::{Agreed, Compressing};
use crate::http::{self, MISDIRECTED};
use crate::options::{MARKER, TOKEN};
use crate::session::{self, LIMITS};
use crate::tap::{Listing, Tap};
use patchcord::ReceiveBuffer;
use patchcord::frame::Rsv;
use patchcord::handshake::Deadline;
use patchcord::handshake::origin::OriginPolicy;
use patchcord::handshake::server::{Agreement, Refusal, Request, RequestError, RequestReader};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

/// The path of the WebSocket.
const PATH: &str = "/socket";

/// The query of a page that wants compression.
const DEFLATE: &str = "deflate";

/// How long, and for how many bytes, the end of TCP is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
const RESIDUE: usize = 256 * 1024;

/// What was agreed on of compression, if the WebSocket is open.
type Opened = Option<Option<Agreed>>;

/// Serves a connection from its request to its end.
pub(crate) fn serve(mut socket: &TcpStream, studio: &Studio) -> io::Result<()> {
    let mut buffer = LIMITS.buffer();
    let mut out = Vec::new();
    let (opened, tap) = open(socket, &mut buffer, studio, &mut out)?;
    socket.write_all(&out)?;
    if let (Some(agreed), Some(tap)) = (opened, tap) {
        session::serve(socket, buffer, agreed, tap, studio);
    }
    end(socket)
}

/// Reads the request, and writes its answer to `out`.
fn open(
    mut socket: &TcpStream,
    buffer: &mut ReceiveBuffer,
    studio: &Studio,
    out: &mut Vec<u8>,
) -> io::Result<(Opened, Option<Tap>)> {
    let origins = studio.origins.each_ref().map(String::as_str);
    let mut reader = RequestReader::new(OriginPolicy::list(&origins).map_err(io::Error::other)?);
    let start = Instant::now();
    let deadline = Deadline::after(Duration::ZERO, Deadline::SPAN);
    loop {
        let Some(left) = deadline.left(start.elapsed()) else {
            http::refuse(Refusal::TIMEOUT, out);
            return Ok((None, None));
        };
        socket.set_read_timeout(Some(left))?;
        match socket.read(buffer.space()) {
            Ok(0) => return Ok((None, None)),
            Ok(read) => buffer.filled(read),
            Err(error) if is_timeout(&error) => continue,
            Err(error) => return Err(error),
        }
        let bytes = &*buffer.input();
        let mut input = bytes;
        let opened = match reader.read(&mut input) {
            Ok(None) => continue,
            Ok(Some(request)) => accept(&request, studio, out),
            Err(RequestError::NoUpgrade) => {
                http::answer(bytes, studio, out);
                return Ok((None, None));
            }
            Err(error) => Err(error.refusal()),
        };
        let tap = match &opened {
            Ok(agreed) => Some(tapped(bytes, out, agreed.is_some())),
            Err(refusal) => {
                http::refuse(*refusal, out);
                None
            }
        };
        let rest = input.len();
        buffer.keep(rest); // the first frames, if they came along
        return Ok((opened.ok(), tap));
    }
}

/// A tap that has seen both heads, and what came behind the first.
fn tapped(request: &[u8], response: &[u8], compressed: bool) -> Tap {
    let mut tap = Tap::new(if compressed { Rsv::RSV1 } else { Rsv::NONE });
    tap.heard(request);
    tap.said(response, Listing::Each);
    tap
}

fn accept(
    request: &Request<'_>,
    studio: &Studio,
    out: &mut Vec<u8>,
) -> Result<Option<Agreed>, Refusal<'static>> {
    if !studio.is_host(request.host()) {
        return Err(MISDIRECTED);
    }
    if request.path() != PATH {
        return Err(Refusal::NOT_FOUND);
    }
    let offers = request.subprotocols(&[TOKEN]).map_err(|error| error.refusal())?;
    // Constant time: how long it takes tells nothing about how much of the key was right.
    if !offers.credential(0).is_some_and(|key| key.matches(&studio.key)) {
        let refusal = Refusal::UNAUTHORIZED.headers(&[("WWW-Authenticate", "Token")]);
        return Err(refusal.body("the key is missing or wrong\n"));
    }
    // Each browser offers compression, and audio gains little by it: so the page has to ask.
    let compressing = Compressing::willing();
    let accepted = request.query().filter(|&query| query == DEFLATE);
    let accepted = accepted.and_then(|_| compressing.accept(&request.extensions()));
    let mut agreement = Agreement::from(offers.server_preference(&[MARKER]));
    if let Some(accepted) = &accepted {
        let answered = agreement.extensions(request, accepted.extensions());
        agreement = answered.map_err(|_| Refusal::UNAVAILABLE)?;
    }
    request.accept(agreement, out).map_err(|_| Refusal::UNAVAILABLE)?;
    Ok(accepted.map(|accepted| accepted.agreed()))
}

/// Ends TCP so that what was written still arrives: a socket that is dropped with bytes unread
/// resets the connection.
fn end(mut socket: &TcpStream) -> io::Result<()> {
    socket.shutdown(Shutdown::Write)?;
    let deadline = Instant::now() + PATIENCE;
    let mut rest = [0; 4096];
    let mut seen = 0;
    while let Some(left) = deadline.checked_duration_since(Instant::now()) {
        socket.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        let read = socket.read(&mut rest)?;
        seen += read;
        if read == 0 || seen > RESIDUE {
            break;
        }
    }
    Ok(())
}

pub(crate) fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
