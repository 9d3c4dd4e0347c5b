//! The opening handshake, from the client's side.

use crate::Result;
use crate::action::Action;
use crate::compression::Compressing;
use crate::options::Options;
use patchcord::handshake::client::{Answer, Open, Request};
use patchcord::handshake::subprotocol::Offer;
use patchcord::handshake::{Deadline, Url};
use patchcord::{Client, Connection, ReceiveBuffer, ThreadEntropy};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// An open connection with what belongs to it.
pub(crate) struct Link {
    pub(crate) socket: TcpStream,
    pub(crate) connection: Connection<Client<ThreadEntropy>>,
    pub(crate) buffer: ReceiveBuffer,
    pub(crate) save: Option<File>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) traffic: bool,
    pub(crate) actions: VecDeque<Action>,
}

/// Connects, asks, and prints the answer; `None` if the server refused.
pub(crate) fn open(options: Options) -> Result<Option<Link>> {
    let url = Url::parse(&options.url)?;
    let connection = Connection::client(ThreadEntropy, options.config);
    let mut buffer = connection.buffer();

    let headers: Vec<(&str, &str)> =
        options.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let compression = options.compressing.offer();
    let mut request = Request::new(url).offer(offer(&options)?).headers(&headers);
    if let Some(compression) = &compression {
        request = request.extensions(compression.extensions());
    }
    if options.allows_plaintext {
        request = request.allow_plaintext_credential();
    }
    let mut out = Vec::new();
    let mut reader = request.write(&mut ThreadEntropy, &mut out)?;
    let save = options.save.as_ref().map(File::create).transpose()?;
    let mut socket = TcpStream::connect((url.host().trim_matches(['[', ']']), url.port()))?;
    socket.set_nodelay(true)?;
    socket.write_all(&out)?;

    let start = Instant::now();
    let deadline = Deadline::after(start.elapsed(), Deadline::SPAN);
    loop {
        let left = deadline.left(start.elapsed()).ok_or("the opening handshake took too long")?;
        socket.set_read_timeout(Some(left))?;
        match socket.read(buffer.space())? {
            0 => return Err("the server hung up in the opening handshake".into()),
            read => buffer.filled(read),
        }
        let mut input = &*buffer.input();
        let agreed = match reader.read(&mut input)? {
            None => continue,
            Some(Answer::Refused(response)) => {
                println!("refused {}", response.status());
                return Ok(None);
            }
            Some(Answer::Open(open)) => {
                let agreed = Compressing::verify(compression.as_ref(), &open.extensions())?;
                print(&open, &options)?;
                agreed
            }
        };
        let rest = input.len();
        buffer.keep(rest);
        let connection = options.compressing.apply(agreed, connection);
        let Options { timeout, traffic, actions, .. } = options;
        return Ok(Some(Link { socket, connection, buffer, save, timeout, traffic, actions }));
    }
}

/// The marker of a pair stands before its key, and both before the names; a key with a prefix
/// comes last, since the first entry is what the client would like most.
fn offer(options: &Options) -> Result<Offer> {
    let mut offer =
        if options.requires_subprotocol { Offer::required() } else { Offer::optional() };
    let credential = options.scheme.as_ref().zip(options.key.as_ref());
    let is_pair = options.scheme.as_ref().is_some_and(|scheme| scheme.marker().is_some());
    if let Some((scheme, key)) = credential.filter(|_| is_pair) {
        offer = offer.credential(scheme.get(), key)?;
    }
    for name in &options.subprotocols {
        offer = offer.name(name)?;
    }
    if let Some((scheme, key)) = credential.filter(|_| !is_pair) {
        offer = offer.credential(scheme.get(), key)?;
    }
    Ok(offer)
}

/// What is printed of a selected entry that is neither a name nor a marker is `..`: it is the key.
fn print(open: &Open<'_>, options: &Options) -> io::Result<()> {
    let marker = options.scheme.as_ref().and_then(|scheme| scheme.marker());
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
    writeln!(io::stdout(), "open subprotocol={subprotocol} extensions={extensions}")
}
