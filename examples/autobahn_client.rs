//! The client that the Autobahn suite tests: runs every case of a fuzzing server, echoing.
//!
//! `cargo run --release --example autobahn_client -- ws://127.0.0.1:9001`

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

fn main() -> ExitCode {
    let server = std::env::args().nth(1).unwrap_or_else(|| "ws://127.0.0.1:9001".into());
    match run_all(&server) {
        Ok(count) => println!("{count} cases run"),
        Err(error) => {
            eprintln!("autobahn_client: {error}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn run_all(server: &str) -> Result<u32> {
    let mut count = String::new();
    Session::open(&format!("{server}/getCaseCount"))?.run(|text| count = text.to_owned())?;
    let count = count.parse()?;
    for case in 1..=count {
        // The suite breaks rules on purpose: how a case ends is for its report to judge.
        let _ = Session::open(&format!("{server}/runCase?case={case}&agent=patchcord"))
            .and_then(|mut session| session.run(|_| ()));
    }
    Session::open(&format!("{server}/updateReports?agent=patchcord"))?.run(|_| ())?;
    Ok(count)
}

struct Session {
    socket: TcpStream,
    connection: Connection<Client<ThreadEntropy>>,
    buffer: ReceiveBuffer,
    out: Vec<u8>,
}

impl Session {
    fn open(url: &str) -> Result<Self> {
        let url = Url::parse(url)?;
        let mut socket = TcpStream::connect((url.host(), url.port()))?;
        socket.set_nodelay(true)?;
        let connection = Connection::client(ThreadEntropy, Config::default());
        let mut buffer = connection.buffer();
        let mut out = Vec::new();
        let mut reader = Request::new(url).write(&mut ThreadEntropy, &mut out)?;
        socket.write_all(&out)?;
        out.clear();
        loop {
            match socket.read(buffer.space())? {
                0 => return Err("the server hung up".into()),
                read => buffer.filled(read),
            }
            let mut input = &*buffer.input();
            match reader.read(&mut input)? {
                None => continue,
                Some(Answer::Refused(response)) => {
                    return Err(response.status().to_string().into());
                }
                Some(Answer::Open(_)) => {}
            }
            let rest = input.len();
            buffer.keep(rest);
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
        let mut input = buffer.input();
        while let Ok(Some(event)) = connection.receive(&mut input) {
            let sent = match &event {
                Event::Text(text) => {
                    hear(text);
                    connection.send(Message::Text(text), out)
                }
                Event::Binary(octets) => connection.send(Message::Binary(octets), out),
                _ => Ok(()),
            };
            match sent.and_then(|()| connection.flush(out)) {
                Ok(()) | Err(SendError::Closed) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let rest = input.len();
        buffer.keep(rest);
        connection.flush(out)?;
        socket.write_all(out)?;
        out.clear();
        Ok(())
    }
}
