//! The opening handshake, from both sides, with a key among the subprotocols.
//!
//! ```text
//! client                                              server
//!   GET /v1/listen HTTP/1.1
//!   Sec-WebSocket-Protocol: token, KEY        -->     takes KEY out, and compares it
//!                                             <--     HTTP/1.1 101 Switching Protocols
//!   token was offered: continue                       Sec-WebSocket-Protocol: token
//! ```

use crate::admission::{self, Admitted, Denial, Service};
use crate::compression::{Agreed, Compressing};
use crate::failure::Failure;
use crate::link::{self, Link};
use crate::meter::{Meter, Metered};
use crate::ticket::Ticket;
use patchcord::blocking::WebSocket;
use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{Accepted as Answer, Request};
use patchcord::handshake::credential::vendor;
use patchcord::handshake::server::{Request as Asked, RequestReader};
use patchcord::handshake::subprotocol::Offer;
use patchcord::{Client, Connection, Driver, Server, ThreadEntropy, Timeouts};
use std::io;
use std::net::TcpStream;

/// What a server has agreed to.
pub(crate) struct Accepted {
    pub(crate) service: Service,
    /// For the log: nothing in it is secret.
    pub(crate) how: String,
}

/// A client's report of the handshake: nothing in it is secret.
pub(crate) struct Opening {
    pub(crate) url: String,
    pub(crate) offered: String,
    pub(crate) selected: &'static str,
}

/// Returns the offer of a key, if it can be offered: a subprotocol is a token.
pub(crate) fn offer(key: &str) -> Result<Offer, Failure> {
    vendor::DEEPGRAM
        .offer(key)
        .map_err(|error| Failure::new(format!("the key cannot be offered: {error}")))
}

/// The client's side: sends the request, and reads the answer.
pub(crate) fn open(
    socket: TcpStream,
    timeouts: Timeouts,
    url: Url<'_>,
    offer: Offer,
) -> Result<(Opening, Link<Client<ThreadEntropy>>), Failure> {
    let offered = format!("{offer:?}"); // which does not show the key
    let compressing = Compressing::willing();
    let compression = compressing.offer();
    let mut request = Request::new(url).with_offer(offer);
    if let Some(compression) = &compression {
        request = request.with_extensions(compression.extensions());
    }
    let meter = Meter::new();
    let socket = Metered { socket, observer: meter.clone() };
    let config = link::config(timeouts);
    let mut answer = Err("the server did not answer".into());
    // A refusal is reported by its status: the server's words about a wrong key may repeat it.
    let socket = WebSocket::connect(socket, config, &request, |open| {
        let agreed = Compressing::verify(compression.as_ref(), &open.extensions());
        answer = agreed.map(|agreed| (selected(open), agreed));
    })
    .map_err(|error| Failure::new(format!("{}: {error}", url.redacted())))?;
    let (selected, agreed) = answer.map_err(|error| Failure::new(error.to_string()))?;
    let connection = compressing.apply(agreed, Connection::client(ThreadEntropy, config));
    let opening = Opening { url: url.redacted().to_string(), offered, selected };
    Ok((opening, Link::new(socket, connection, meter)))
}

/// Returns the subprotocol that a server selected, unless it is the key, which was also offered.
fn selected(open: &Answer<'_>) -> &'static str {
    match open.subprotocol() {
        None => "nothing",
        marker if marker == vendor::DEEPGRAM.selected() => "token",
        Some(_) => "..",
    }
}

/// The server's side: reads the request, and accepts it for the service that it names.
pub(crate) fn accept(
    socket: TcpStream,
    timeouts: Timeouts,
    key: &str,
    ticket: &Ticket,
) -> Result<(Accepted, Link<Server>), Failure> {
    // Any page may connect: unlike a cookie, a browser does not send a key by itself, so a foreign
    // page can do nothing here without a key of its own.
    let mut reader = RequestReader::new(Admission::any());
    let compressing = Compressing::willing();
    let meter = Meter::new();
    let socket = Metered { socket, observer: meter.clone() };
    let config = link::config(timeouts);
    let opened = WebSocket::open(socket, Driver::server(config), |input, out| {
        let answered = match reader.read(input) {
            Ok(None) => return Ok(None),
            Ok(Some(request)) => answer(&request, key, &compressing, out),
            Err(error) => Err(error.into()),
        };
        answered.map(Some).or_else(|denial| {
            let described = denial.describe();
            denial.write(ticket, out).map_err(io::Error::other)?;
            Err(io::Error::other(described))
        })
    });
    let (socket, (accepted, agreed)) = opened?;
    let connection = compressing.apply(agreed, Connection::server(config));
    Ok((accepted, Link::new(socket, connection, meter)))
}

/// Agrees to a request with a subprotocol and compression, if it is admitted.
fn answer(
    request: &Asked<'_>,
    key: &str,
    compressing: &Compressing,
    out: &mut Vec<u8>,
) -> Result<(Accepted, Option<Agreed>), Denial> {
    let Admitted { service, selected, how } = admission::decide(request, key)?;
    let compression = compressing.accept(&request.extensions());
    let mut response = request.response().with_subprotocol(selected)?;
    if let Some(compression) = &compression {
        response = response.with_extensions(compression.extensions())?;
    }
    response.write(out)?;
    let agreed = compression.map(|compression| compression.agreed());
    let compressed = if agreed.is_some() { "compressed" } else { "not compressed" };
    Ok((Accepted { service, how: format!("{how}, {compressed}") }, agreed))
}
