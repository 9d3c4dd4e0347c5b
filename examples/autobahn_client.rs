//! The client that the Autobahn suite tests: runs every case of a fuzzing server, echoing.
//!
//! `cargo run --release --example autobahn_client -- ws://127.0.0.1:9001`

#[path = "common/compression.rs"]
mod compression;

use compression::Compressing;
use lexopt::prelude::*;
use patchcord::handshake::Url;
use patchcord::handshake::client::{Answer, Request};
use patchcord::{
    Client, Config, Connection, Event, Message, ReceiveBuffer, SendError, ThreadEntropy,
};
use std::error::Error;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "\
usage: autobahn_client [OPTIONS] [URL]

Runs every case of the fuzzing server at URL (default ws://127.0.0.1:9001).
";

fn main() -> ExitCode {
    let done = match arguments() {
        Ok(None) => {
            println!("{USAGE}\n{}", compression::USAGE);
            return ExitCode::SUCCESS;
        }
        Ok(Some((server, compressing))) => run_all(&server, &compressing),
        Err(error) => Err(error),
    };
    match done {
        Ok(count) => println!("{count} cases run"),
        Err(error) => {
            eprintln!("autobahn_client: {error}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn arguments() -> Result<Option<(String, Compressing)>> {
    let (mut server, mut compressing) = ("ws://127.0.0.1:9001".to_owned(), Compressing::default());
    let mut args = lexopt::Parser::from_env();
    while let Some(arg) = args.next()? {
        match arg {
            Long("help") | Short('h') => return Ok(None),
            Value(url) => server = url.string()?,
            Long(name) => {
                let name = name.to_owned();
                if !compressing.set(&name, &mut args)? {
                    return Err(format!("invalid option '--{name}'").into());
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(Some((server, compressing)))
}

fn run_all(server: &str, compressing: &Compressing) -> Result<u32> {
    let open = |path: &str| Session::open(&format!("{server}/{path}"), compressing);
    let mut count = String::new();
    open("getCaseCount")?.run(|text| count = text.to_owned())?;
    let count = count.parse()?;
    for case in 1..=count {
        // The suite breaks rules on purpose: how a case ends is for its report to judge.
        let _ = open(&format!("runCase?case={case}&agent=patchcord"))
            .and_then(|mut session| session.run(|_| ()));
    }
    open("updateReports?agent=patchcord")?.run(|_| ())?;
    Ok(count)
}

struct Session {
    socket: TcpStream,
    connection: Connection<Client<ThreadEntropy>>,
    buffer: ReceiveBuffer,
    out: Vec<u8>,
}

impl Session {
    fn open(url: &str, compressing: &Compressing) -> Result<Self> {
        let url = Url::parse(url)?;
        let mut socket = TcpStream::connect((url.host(), url.port()))?;
        socket.set_nodelay(true)?;
        let connection = Connection::client(ThreadEntropy, Config::default());
        let mut buffer = connection.buffer();
        let mut out = Vec::new();
        let offer = compressing.offer();
        let mut request = Request::new(url);
        if let Some(offer) = &offer {
            request = request.extensions(offer.extensions());
        }
        let mut reader = request.write(&mut ThreadEntropy, &mut out)?;
        socket.write_all(&out)?;
        out.clear();
        loop {
            match socket.read(buffer.space())? {
                0 => return Err("the server hung up".into()),
                read => buffer.filled(read),
            }
            let mut input = &*buffer.input();
            let agreed = match reader.read(&mut input)? {
                None => continue,
                Some(Answer::Refused(response)) => {
                    return Err(response.status().to_string().into());
                }
                Some(Answer::Open(open)) => {
                    Compressing::verify(offer.as_ref(), &open.extensions())?
                }
            };
            let rest = input.len();
            buffer.keep(rest);
            let connection = compressing.apply(agreed, connection);
            return Ok(Self { socket, connection, buffer, out });
        }
    }

    /// Echoes until the server ends the connection, and shows each text to `hear`.
    fn run(&mut self, mut hear: impl FnMut(&str)) -> Result<()> {
        loop {
            self.respond(&mut hear)?;
            match self.socket.read(self.buffer.space()) {
                Ok(0) => return Ok(self.connection.end_of_stream(self.buffer.input())?),
                Ok(read) => self.buffer.filled(read),
                // The suite may reset the connection once all is said.
                Err(_) if self.connection.is_finished() => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn respond(&mut self, hear: &mut impl FnMut(&str)) -> Result<()> {
        let Self { socket, connection, buffer, out } = self;
        let mut input = buffer.unconsumed();
        while let Ok(Some(event)) = connection.receive(&mut input) {
            let sent = match &event {
                Event::Text(text) => {
                    hear(text);
                    Compressing::send(connection, Message::Text(text), out)
                }
                Event::Binary(octets) => {
                    Compressing::send(connection, Message::Binary(octets), out)
                }
                _ => Ok(()),
            };
            match sent.and_then(|()| connection.flush(out)) {
                Ok(()) | Err(SendError::Closed) => {}
                Err(error) => return Err(error.into()),
            }
        }
        connection.flush(out)?;
        socket.write_all(out)?;
        out.clear();
        Ok(())
    }
}
