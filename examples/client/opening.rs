//! The opening handshake, from the client's side.

use crate::Result;
use crate::compression::Compressing;
use crate::metered::{Counts, Metered};
use crate::options::Options;
use crate::stream::Stream;
use crate::tls::Trust;
use patchcord::blocking::WebSocket;
use patchcord::handshake::Url;
use patchcord::handshake::client::{Accepted, Answer, Request, ResponseReader};
use patchcord::handshake::subprotocol::Offer;
use patchcord::{Client, Connection, Driver, ThreadEntropy, Timeouts};
use std::cell::Cell;
use std::io;

pub(crate) type Peer<'run> = WebSocket<Metered<'run, Stream>, Client<ThreadEntropy>>;

/// Appends the request to `out`, and returns the reader of its answer.
///
/// # Errors
/// When the options ask for something that cannot be sent.
pub(crate) fn request(options: &Options, out: &mut Vec<u8>) -> Result<ResponseReader> {
    let headers: Vec<(&str, &str)> =
        options.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let compression = options.compressing.offer();
    let mut request = Request::new(Url::parse(&options.url)?)
        .with_offer(offer(options)?)
        .with_headers(&headers)?;
    if let Some(compression) = &compression {
        request = request.with_extensions(compression.extensions());
    }
    if options.allows_plaintext {
        request = request.allow_plaintext_credential();
    }
    Ok(request.write(&mut ThreadEntropy, out)?)
}

/// Connects, sends the request, and prints the answer; `None` if the server refused.
pub(crate) fn open<'run>(
    options: &Options,
    trust: Option<Trust>,
    counts: &'run Counts,
) -> Result<Option<Peer<'run>>> {
    let url = Url::parse(&options.url)?;
    let mut driver = Driver::client(ThreadEntropy, options.config);
    let mut reader = driver.output.head(|out| request(options, out))?;
    let compression = options.compressing.offer();
    let patience = options.config.timeouts.opening.unwrap_or(Timeouts::OPENING);
    let socket = Stream::connect(options, url, patience, trust)?;
    let refused = Cell::new(false);
    let opened = WebSocket::open(Metered { socket, observer: counts }, driver, |input, _| {
        match reader.read(input).map_err(io::Error::other)? {
            None => Ok(None),
            Some(Answer::Refused(response)) => {
                println!("refused {}", response.status());
                refused.set(true);
                Err(io::Error::other("refused"))
            }
            Some(Answer::Accepted(open)) => {
                let agreed = Compressing::verify(compression.as_ref(), &open.extensions());
                let agreed = agreed.map_err(|error| io::Error::other(error.to_string()))?;
                print(&open, options)?;
                Ok(Some(agreed))
            }
        }
    });
    let (mut peer, agreed) = match opened {
        Err(_) if refused.get() => return Ok(None),
        opened => opened?,
    };
    counts.start(&peer);
    let plain = Connection::client(ThreadEntropy, options.config);
    let connection = std::mem::replace(&mut peer.driver.connection, plain);
    peer.driver.connection = options.compressing.apply(agreed, connection);
    Ok(Some(peer))
}

/// The marker of a pair comes before its key, and both before the names. A key with a prefix
/// comes last, since the first entry is the client's preference.
fn offer(options: &Options) -> Result<Offer> {
    let mut offer =
        if options.requires_subprotocol { Offer::required() } else { Offer::optional() };
    let credential = options.scheme.as_ref().zip(options.key.as_ref());
    let is_pair = options.scheme.is_some_and(|scheme| scheme.marker().is_some());
    if let Some((scheme, key)) = credential.filter(|_| is_pair) {
        offer = offer.with_credential(scheme, key)?;
    }
    for name in &options.subprotocols {
        offer = offer.with_name(name)?;
    }
    if let Some((scheme, key)) = credential.filter(|_| !is_pair) {
        offer = offer.with_credential(scheme, key)?;
    }
    Ok(offer)
}

/// A selected entry that is neither a name nor a marker is printed as `..`: it is the key.
fn print(open: &Accepted<'_>, options: &Options) -> io::Result<()> {
    let marker = options.scheme.and_then(|scheme| scheme.marker());
    let is_public = |name: &str| {
        marker == Some(name) || options.subprotocols.iter().any(|offered| offered == name)
    };
    let subprotocol = match open.subprotocol() {
        None => "-",
        Some(name) if is_public(name) => name,
        Some(_) => "..",
    };
    let extensions = open.extensions();
    let extensions = if extensions.is_empty() { "-".to_owned() } else { extensions.to_string() };
    io::Write::write_fmt(
        &mut io::stdout(),
        format_args!("open subprotocol={subprotocol} extensions={extensions}\n"),
    )
}
