//! The opening handshake, from both sides, with a key among the subprotocols.
//!
//! ```text
//! client                                              server
//!   GET /v1/listen HTTP/1.1
//!   Sec-WebSocket-Protocol: token, KEY        -->     takes KEY out, and compares it
//!                                             <--     HTTP/1.1 101 Switching Protocols
//!   token was offered: go on                          Sec-WebSocket-Protocol: token
//! ```

use crate::admission::{self, Admission, Denial, Service};
use crate::compression::Compressing;
use crate::failure::Failure;
use crate::line::Line;
use crate::ticket::Ticket;
use crate::transport::{self, Link};
use patchcord::handshake::Url;
use patchcord::handshake::client::{Answer, Request, Response};
use patchcord::handshake::credential::vendor;
use patchcord::handshake::origin::OriginPolicy;
use patchcord::handshake::server::{Agreement, Request as Asked, RequestReader};
use patchcord::handshake::subprotocol::Offer;
use patchcord::{Client, Server, ThreadEntropy, Timeouts};
use std::time::{Duration, Instant};

/// How long the opening handshake may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a server has agreed to.
pub(crate) struct Accepted {
    pub(crate) service: Service,
    /// For the log: nothing in it is secret.
    pub(crate) how: String,
}

/// What a client has to tell of the handshake: nothing in it is secret.
pub(crate) struct Opening {
    pub(crate) url: String,
    pub(crate) offered: String,
    pub(crate) selected: &'static str,
}

/// A key as it is offered, if it can be: a subprotocol is a token.
pub(crate) fn offer(key: &str) -> Result<Offer, Failure> {
    vendor::DEEPGRAM
        .offer(key)
        .map_err(|error| Failure::new(format!("the key cannot be offered: {error}")))
}

/// The client's side: sends the request, and reads the answer.
pub(crate) fn open(
    link: &mut Link<Client<ThreadEntropy>>,
    url: Url<'_>,
    offer: Offer,
) -> Result<Opening, Failure> {
    let offered = format!("{offer:?}"); // which does not show the key
    let compressing = Compressing::willing();
    let compression = compressing.offer();
    let mut request = Request::new(url).offer(offer);
    if let Some(compression) = &compression {
        request = request.extensions(compression.extensions());
    }
    let mut reader = request.write(&mut ThreadEntropy, &mut link.line.out)?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        link.exchange_heads(deadline)?;
        let mut input: &[u8] = link.buffer.input();
        let open = match reader.read(&mut input)? {
            None => continue,
            Some(Answer::Open(open)) => open,
            Some(Answer::Refused(response)) => return Err(refusal(url, &response)),
        };
        let selected = match open.subprotocol() {
            None => "nothing",
            marker if marker == vendor::DEEPGRAM.selected() => "token",
            Some(_) => "..", // the key: it was offered, too
        };
        let agreed = Compressing::verify(compression.as_ref(), &open.extensions());
        let agreed = agreed.map_err(|error| Failure::new(error.to_string()))?;
        let rest = input.len();
        link.buffer.keep(rest); // the first frames, if they came along
        link.line.connection = compressing.apply(agreed, transport::client(link.timeouts));
        return Ok(Opening { url: url.to_string(), offered, selected });
    }
}

/// The server's words are not shown: those about a wrong key may repeat it.
fn refusal(url: Url<'_>, response: &Response<'_>) -> Failure {
    Failure::new(format!("{url} refused the connection: {}", response.status()))
}

/// The server's side: reads the request, and accepts it for the service that it names. The
/// answer waits to be written in either case.
pub(crate) fn accept(
    link: &mut Link<Server>,
    key: &str,
    ticket: &Ticket,
) -> Result<Accepted, Failure> {
    // Any page may connect: a browser sends no key by itself, as it does a cookie, so a foreign
    // page can do nothing here without a key of its own.
    let mut reader = RequestReader::new(OriginPolicy::any());
    let deadline = Instant::now() + PATIENCE;
    loop {
        link.exchange_heads(deadline)?;
        let mut input: &[u8] = link.buffer.input();
        let answer = match reader.read(&mut input) {
            Ok(None) => continue,
            Ok(Some(request)) => answer(&request, key, link.timeouts, &mut link.line),
            Err(error) => Ok(Err(error.into())),
        };
        let rest = input.len();
        link.buffer.keep(rest);
        return answer?.or_else(|denial| {
            denial.write(ticket, &mut link.line.out)?;
            Err(Failure::new(denial.describe()))
        });
    }
}

/// Agrees to a request with a subprotocol and compression, if it is admitted.
fn answer(
    request: &Asked<'_>,
    key: &str,
    timeouts: Timeouts,
    line: &mut Line<Server>,
) -> Result<Result<Accepted, Denial>, Failure> {
    let Admission { service, selected, how } = match admission::decide(request, key) {
        Ok(admission) => admission,
        Err(denial) => return Ok(Err(denial)),
    };
    let compressing = Compressing::willing();
    let accepted = compressing.accept(&request.extensions());
    let mut agreement = Agreement::from(selected);
    if let Some(accepted) = &accepted {
        agreement = agreement.extensions(request, accepted.extensions())?;
    }
    request.accept(agreement, &mut line.out)?;
    let compression = if accepted.is_some() { "compressed" } else { "not compressed" };
    let agreed = accepted.map(|accepted| accepted.agreed());
    line.connection = compressing.apply(agreed, transport::server(timeouts));
    Ok(Ok(Accepted { service, how: format!("{how}, {compression}") }))
}
