//! The request of a connection, and its answer: a page, a WebSocket, or a refusal.

use crate::Studio;
use crate::compression::{Agreed, Compressing};
use crate::http;
use crate::options::{MARKER, TOKEN};
use crate::session;
use crate::tap::{Tap, Tapped};
use patchcord::Driver;
use patchcord::blocking::WebSocket;
use patchcord::frame::Rsv;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::server::{Refusal, Request, RequestError, RequestReader};
use std::cell::RefCell;
use std::io;
use std::net::TcpStream;
use std::rc::Rc;

/// The path of the WebSocket.
const PATH: &str = "/socket";

/// The query of a page that wants compression.
const DEFLATE: &str = "deflate";

/// Serves a connection from its request to its end.
pub(crate) fn serve(socket: TcpStream, studio: &Studio) -> io::Result<()> {
    let [origins, hosts] =
        [&studio.origins, &studio.hosts].map(|list| list.each_ref().map(String::as_str));
    let admission = Admission::origins(&origins).and_then(|admission| admission.with_hosts(&hosts));
    let mut reader = RequestReader::new(admission.map_err(io::Error::other)?);
    let tap = Rc::new(RefCell::new(None));
    let socket = Tapped { socket, observer: Rc::clone(&tap) };
    let driver = Driver::server(session::config(studio));
    let (socket, agreed) = WebSocket::open(socket, driver, |input, out| {
        let bytes = *input;
        let answered = match reader.read(input) {
            Ok(None) => return Ok(None),
            Ok(Some(request)) => accept(&request, studio, out),
            Err(RequestError::NoUpgrade) => {
                http::answer(bytes, studio, out);
                return Err(io::Error::other("this was for a page"));
            }
            Err(error) => Err(error.into()),
        };
        match answered {
            Ok(agreed) => {
                *tap.borrow_mut() = Some(tapped(bytes, agreed.is_some()));
                Ok(Some(agreed))
            }
            Err(refusal) => {
                http::refuse(refusal, out);
                Err(io::Error::other("refused"))
            }
        }
    })?;
    session::serve(socket, agreed, &tap, studio)
}

/// Returns a tap that has seen the request, and the bytes behind it.
fn tapped(request: &[u8], compressed: bool) -> Tap {
    let mut tap = Tap::new(if compressed { Rsv::RSV1 } else { Rsv::NONE });
    tap.heard(request);
    tap
}

fn accept(
    request: &Request<'_>,
    studio: &Studio,
    out: &mut Vec<u8>,
) -> Result<Option<Agreed>, Refusal> {
    if !studio.is_host(request.host()) {
        return Err(http::misdirected());
    }
    if request.path() != PATH {
        return Err(Refusal::NOT_FOUND);
    }
    let mut offers = request.offers();
    // Constant time: the time it takes does not tell how much of the key was right.
    if !offers.take(&TOKEN)?.is_some_and(|key| key.matches(&studio.key)) {
        let refusal = Refusal::UNAUTHORIZED.with_headers(&[("WWW-Authenticate", "Token")])?;
        return Err(refusal.with_body("the key is missing or wrong\n"));
    }
    // Every browser offers compression, and audio gains little by it, so the page has to ask for it.
    let compressing = Compressing::willing();
    let accepted = request.query().filter(|&query| query == DEFLATE);
    let accepted = accepted.and_then(|_| compressing.accept(&request.extensions()));
    let mut response = request.response().with_subprotocol(offers.select(&[MARKER])?)?;
    if let Some(accepted) = &accepted {
        response = response.with_extensions(accepted.extensions())?;
    }
    response.write(out)?;
    Ok(accepted.map(|accepted| accepted.agreed()))
}
