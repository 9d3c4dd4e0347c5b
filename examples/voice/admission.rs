//! Who may connect, and to what.
//!
//! A key comes as the `Authorization` of a program, or among the subprotocols of a browser, where
//! no script can set that header:
//!
//! ```text
//! Authorization: Token KEY           Sec-WebSocket-Protocol: token, KEY
//! Authorization: Bearer JWT          Sec-WebSocket-Protocol: bearer, JWT
//! ```
//! A second pair, `x-deepgram-session-id, ID`, is ignored.

use crate::query::{Listen, Speak};
use crate::ticket::Ticket;
use patchcord::handshake::credential::vendor::{DEEPGRAM, DEEPGRAM_BEARER, DEEPGRAM_SESSION};
use patchcord::handshake::credential::{Authorization, Credential};
use patchcord::handshake::server::{Refusal, Request};
use patchcord::handshake::subprotocol::{Offers, Subprotocol};
use std::error::Error;

/// The markers of the pairs that may be offered; the last one's pair holds no key.
const MARKERS: [&str; 3] = ["token", "bearer", "x-deepgram-session-id"];

/// The service at a path of the server, and its settings.
#[derive(Clone, Copy)]
pub(crate) enum Service {
    Listen(Listen),
    Speak(Speak),
}

/// What is agreed to.
pub(crate) struct Admitted<'head> {
    pub(crate) service: Service,
    pub(crate) selected: Option<Subprotocol<'head>>,
    /// For the log: nothing in it is secret.
    pub(crate) how: String,
}

/// Why a request is not admitted.
pub(crate) enum Denial {
    /// The request breaks a rule of the handshake.
    Broken(Refusal),
    /// It asks for something that this server does not do.
    Unwelcome { refusal: Refusal, why: &'static str },
}

/// Admits a request, if it asks for a known service and shows the key.
pub(crate) fn decide<'head>(
    request: &Request<'head>,
    key: &str,
) -> Result<Admitted<'head>, Denial> {
    let mut offers = request.offers();
    let offered = offers.take(&DEEPGRAM.scheme)?;
    let offered = offered.or(offers.take(&DEEPGRAM_BEARER.scheme)?);
    offers.take(&DEEPGRAM_SESSION.scheme)?; // it holds no key
    authenticate(request, offered, key)?;
    let service = service(request)?;
    let [token, bearer, _] = MARKERS;
    let selected = offers.select(&[token, bearer])?;
    let how = describe(request, &shown(&offers), selected);
    Ok(Admitted { service, selected, how })
}

/// `Authorization` wins over the offers, and the two are never mixed.
fn authenticate(
    request: &Request<'_>,
    offered: Option<Credential>,
    key: &str,
) -> Result<(), Denial> {
    let shown = match request.authorization() {
        Ok(None) => offered,
        Ok(Some(Authorization::Bearer(shown) | Authorization::Token(shown))) => Some(shown),
        _ => None,
    };
    // Constant time: the time it takes does not tell how much of the key was right.
    match shown.is_some_and(|shown| shown.matches(key)) {
        true => Ok(()),
        false => Err(Denial::new(Refusal::UNAUTHORIZED, "the key is missing or wrong")),
    }
}

fn service(request: &Request<'_>) -> Result<Service, Denial> {
    let query = request.query().unwrap_or_default();
    let service = match request.path() {
        "/v1/listen" => Listen::parse(query).map(Service::Listen),
        "/v1/speak" => Speak::parse(query).map(Service::Speak),
        _ => return Err(Denial::new(Refusal::NOT_FOUND, "there are /v1/listen and /v1/speak")),
    };
    service.map_err(|why| Denial::new(Refusal::BAD_REQUEST, why))
}

fn describe(request: &Request<'_>, offered: &str, selected: Option<Subprotocol<'_>>) -> String {
    let path = request.path();
    let place = if request.headers().get("Authorization").is_some() { "header" } else { "offer" };
    let selected = selected.map_or("nothing", |subprotocol| subprotocol.as_str());
    format!("{path}, key in the {place}, offered {offered}, selected {selected}")
}

/// Returns the offers, with dots for whatever follows a marker and for every entry that is not known to be
/// public: a client may have put its key where none was looked for.
fn shown(offers: &Offers<'_>) -> String {
    let names = offers.iter().map(|name| match name.as_str() {
        marker if MARKERS.contains(&marker) => format!("{marker}, .."),
        _ => "..".to_owned(),
    });
    let names: Vec<String> = names.collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

impl Denial {
    const fn new(refusal: Refusal, why: &'static str) -> Self {
        Self::Unwelcome { refusal, why }
    }

    /// Appends the response, with the headers that Deepgram's clients look for.
    pub(crate) fn write(
        self,
        ticket: &Ticket,
        out: &mut Vec<u8>,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        match self {
            Self::Broken(refusal) => refusal.write(out)?,
            Self::Unwelcome { refusal, why } => {
                let mut headers = vec![("dg-request-id", &*ticket.request_id), ("dg-error", why)];
                if refusal.status() == Refusal::UNAUTHORIZED.status() {
                    headers.push(("WWW-Authenticate", "Token, Bearer"));
                }
                refusal.with_headers(&headers)?.with_body(why).write(out)?;
            }
        }
        Ok(())
    }

    /// For the log.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Broken(refusal) => format!("refused with {}", refusal.status()),
            Self::Unwelcome { refusal, why } => {
                format!("refused with {}: {why}", refusal.status())
            }
        }
    }
}

impl<E: Into<Refusal>> From<E> for Denial {
    fn from(error: E) -> Self {
        Self::Broken(error.into())
    }
}
