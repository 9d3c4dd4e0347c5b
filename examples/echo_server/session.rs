//! One connection: the opening handshake, the echo, the end.

use crate::compression::{Agreed, Compressing};
use crate::leaving::LEAVING;
use crate::metered::{Counts, Metered};
use crate::options::Options;
use crate::order::{Order, tell_pong};
use crate::report::Report;
use patchcord::blocking::WebSocket;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::credential::{Authorization, Credential};
use patchcord::handshake::server::{Refusal, Request, RequestReader};
use patchcord::handshake::subprotocol::{Offers, SelectionError, Subprotocol};
use patchcord::{Connection, Driver, Event, Message, Payload, SendBuffer, SendError, Server};
use std::io;
use std::net::TcpStream;

/// Echoes until the connection is over and TCP has ended.
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

/// Reads the request and answers it; returns what was agreed on for the connection.
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
            Err(error) => Err(error.into()),
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
) -> Result<Option<Agreed>, Refusal> {
    let mut offers = request.offers();
    let key = key(request, &mut offers, options)?;
    let is_known = |key: Credential| options.keys.iter().any(|known| key.matches(known));
    if !options.keys.is_empty() && !key.is_some_and(is_known) {
        return Err(Refusal::UNAUTHORIZED.with_headers(&[("WWW-Authenticate", "Bearer")])?);
    }
    let mut response = request.response().with_subprotocol(select(&offers, options)?)?;
    let accepted = options.compressing.accept(&request.extensions());
    if let Some(accepted) = &accepted {
        response = response.with_extensions(accepted.extensions())?;
    }
    response.write(out)?;
    Ok(accepted.map(|accepted| accepted.agreed()))
}

/// Returns the key that the client shows: in `Authorization` if it sent that, otherwise among the subprotocols.
fn key(
    request: &Request<'_>,
    offers: &mut Offers<'_>,
    options: &Options,
) -> Result<Option<Credential>, Refusal> {
    let offered = options.scheme.map(|scheme| offers.take(&scheme)).transpose()?.flatten();
    Ok(match request.authorization()? {
        None => offered,
        Some(Authorization::Bearer(key) | Authorization::Token(key)) => Some(key),
        Some(_) => None,
    })
}

/// Returns the server's favourite, or else the marker that came with the key, or the key itself where the
/// scheme wants that; nothing if nothing is required.
fn select<'head>(
    offers: &Offers<'head>,
    options: &Options,
) -> Result<Option<Subprotocol<'head>>, SelectionError> {
    let marker = options.scheme.and_then(|scheme| scheme.marker());
    let supported: Vec<&str> =
        options.subprotocols.iter().map(String::as_str).chain(marker).collect();
    match offers.select(&supported) {
        Ok(None) if options.require_subprotocol => Err(SelectionError::NoneSupported),
        Err(SelectionError::NoneSupported) if !options.require_subprotocol => Ok(None),
        selected => selected,
    }
}

/// Sends back what arrived, or obeys it.
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
