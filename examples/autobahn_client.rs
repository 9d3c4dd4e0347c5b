//! The client that the Autobahn suite tests: runs every case of a fuzzing server, echoing.
//!
//! `cargo run --release --example autobahn_client -- ws://127.0.0.1:9001`

#[path = "common/compression.rs"]
mod compression;

use compression::Compressing;
use lexopt::prelude::*;
use patchcord::blocking::WebSocket;
use patchcord::handshake::Url;
use patchcord::handshake::client::{Answer, Request};
use patchcord::{Client, Config, Connection, Driver, Event, Message, ThreadEntropy};
use std::error::Error;
use std::io;
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
    let run = |path: &str, hear: &mut dyn FnMut(&str)| -> Result<()> {
        let mut peer = open(&format!("{server}/{path}"), compressing)?;
        Ok(peer.run(|event, connection, out| match event {
            Event::Text(text) => {
                hear(&text);
                Compressing::send(connection, Message::Text(&text), out)
            }
            Event::Binary(payload) => Compressing::send(connection, Message::Binary(&payload), out),
            _ => Ok(()),
        })?)
    };
    let mut count = String::new();
    run("getCaseCount", &mut |text| count = text.to_owned())?;
    let count = count.parse()?;
    for case in 1..=count {
        // The suite breaks rules on purpose: its report judges how a case ends.
        let _ = run(&format!("runCase?case={case}&agent=patchcord"), &mut |_| ());
    }
    run("updateReports?agent=patchcord", &mut |_| ())?;
    Ok(count)
}

fn open(
    url: &str,
    compressing: &Compressing,
) -> Result<WebSocket<TcpStream, Client<ThreadEntropy>>> {
    let url = Url::parse(url)?;
    let socket = TcpStream::connect((url.host(), url.port()))?;
    let offer = compressing.offer();
    let mut request = Request::new(url);
    if let Some(offer) = &offer {
        request = request.with_extensions(offer.extensions());
    }
    let mut driver = Driver::client(ThreadEntropy, Config::default());
    let mut reader = driver.output.head(|out| request.write(&mut ThreadEntropy, out))?;
    let (mut peer, agreed) = WebSocket::open(socket, driver, |input, _| {
        match reader.read(input).map_err(io::Error::other)? {
            None => Ok(None),
            Some(Answer::Refused(response)) => {
                Err(io::Error::other(format!("refused with {}", response.status())))
            }
            Some(Answer::Accepted(open)) => {
                let agreed = Compressing::verify(offer.as_ref(), &open.extensions());
                agreed.map(Some).map_err(|error| io::Error::other(error.to_string()))
            }
        }
    })?;
    let plain = Connection::client(ThreadEntropy, Config::default());
    let connection = std::mem::replace(&mut peer.driver.connection, plain);
    peer.driver.connection = compressing.apply(agreed, connection);
    Ok(peer)
}
