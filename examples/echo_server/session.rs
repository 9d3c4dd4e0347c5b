//! One connection: the opening handshake, the echo, the end.

use crate::compression::{Agreed, Compressing};
use crate::leaving::LEAVING;
use crate::metered::{Counts, Metered};
use crate::options::Options;
use crate::order::{Order, tell_pong};
use crate::report::Report;
use crate::scheme::OwnedScheme;
use patchcord::blocking::WebSocket;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::credential::Credential;
use patchcord::handshake::server::{Agreement, Refusal, Request, RequestReader};
use patchcord::handshake::subprotocol::{Offers, OffersError, Subprotocol};
use patchcord::{Connection, Driver, Event, Message, Payload, SendBuffer, SendError, Server};
use std::io;
use std::net::TcpStream;

/// Echoes until the connection is over and TCP at its end.
pub(crate) fn run(socket: TcpStream, options: &Options, report: &mut Report) -> io::Result<()> {
    let counts = Counts::default();
    let peer = open(Metered { socket, observer: &counts }, options, report)?;
    counts.start(&peer);
    let mut peer = peer.leave_when(&LEAVING);
    let ended = peer.run(|event, connection, out| {
        if let Event::Close(Some(close)) = &event {
            report.reason = close.reason.to_string();
        }
        echo(event, connection, out, options.obeys)
    });
    report.state = Some(peer.driver.connection.state());
    (report.received, report.sent) = (counts.received(), counts.sent());
    ended
}

/// Answers the request.
fn open<'run>(
    socket: Metered<'run>,
    options: &Options,
    report: &mut Report,
) -> io::Result<WebSocket<Metered<'run>, Server>> {
    let opened = options.admitting(|admission| shake(socket, options, report, admission));
    let (mut peer, agreed) = opened.map_err(io::Error::other)??;
    let plain = Connection::server(options.config);
    let connection = std::mem::replace(&mut peer.driver.connection, plain);
    peer.driver.connection = options.compressing.apply(agreed, connection);
    Ok(peer)
}

/// Reads the request and answers it; what is agreed on is for the connection.
fn shake<'run>(
    socket: Metered<'run>,
    options: &Options,
    report: &mut Report,
    admission: Admission<'_>,
) -> io::Result<(WebSocket<Metered<'run>, Server>, Option<Agreed>)> {
    let mut reader = RequestReader::new(admission);
    let driver = Driver::server(options.config);
    WebSocket::open(socket, driver, |input, out| {
        let answered = match reader.read(input) {
            Ok(None) => return Ok(None),
            Ok(Some(request)) => {
                report.path = request.path().to_owned();
                answer(&request, options, out)
            }
            Err(error) => Err(error.refusal()),
        };
        answered.map(Some).map_err(|refusal| {
            report.refused = Some(refusal.status());
            let _ = refusal.write(out); // a `Vec` has room
            io::Error::other(refusal)
        })
    })
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

/// Sends back what came, or obeys it.
fn echo(
    event: Event<Payload<'_>>,
    connection: &mut Connection<Server>,
    out: &mut SendBuffer,
    obeys: bool,
) -> Result<(), SendError> {
    match event {
        Event::Text(text) => match Order::parse(&text).filter(|_| obeys) {
            Some(order) => order.obey(connection, out),
            None => Compressing::send(connection, Message::Text(&text), out),
        },
        Event::Binary(payload) => Compressing::send(connection, Message::Binary(&payload), out),
        Event::Fragment(part) => Compressing::send_fragment(connection, part.as_ref(), out),
        Event::Pong(payload) if obeys => tell_pong(&payload, connection, out),
        Event::Ping(_) | Event::Pong(_) | Event::Close(_) => Ok(()),
    }
}
