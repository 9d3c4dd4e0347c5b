//! A client on a blocking stream, such as a socket of `std`.

use crate::websocket::PATIENCE;
use crate::{Outcome, talk};
use bytes::BytesMut;
use patchcord::handshake::client::{Answer, Request};
use patchcord::handshake::{Deadline, Url};
use patchcord::{Config, Connection, Event, Message, ReceiveBuffer, State, ThreadEntropy};
use std::io::{self, ErrorKind, Read, Write};
use std::time::{Duration, Instant};

/// The shortest wait that a socket takes.
const SOON: Duration = Duration::from_millis(1);

/// Holds the talk, and tells what happened. Before it, a message of `large` bytes goes out and
/// comes back. How long the stream is to wait for bytes is what `wait` tells it.
///
/// # Errors
/// When it goes wrong.
pub fn hold<S: Read + Write>(
    stream: &mut S,
    wait: impl Fn(&S, Option<Duration>) -> io::Result<()>,
    url: Url<'_>,
    config: Config,
    mut talk: talk::Talk,
    large: usize,
) -> Outcome {
    let mut connection = Connection::client(ThreadEntropy, config);
    let mut buffer = connection.buffer();
    wait(stream, Some(Deadline::SPAN))?;
    let subprotocol = open(stream, &mut buffer, url)?;
    let large = vec![0x5a; large];
    let mut came_back = false;
    let mut out = BytesMut::new();
    connection.send(Message::Binary(&large), &mut out)?;
    talk.begin(&mut connection, &mut out)?;
    let start = Instant::now();
    loop {
        let mut input = buffer.unconsumed();
        while let Ok(Some(event)) = connection.receive(&mut input) {
            talk.hear(&event, &mut connection, &mut out)?;
            came_back |= matches!(event, Event::Binary(octets) if *octets == *large);
        }
        drop(input); // what it left stays in the buffer
        // Time comes before the write: a ping that is due leaves in this turn.
        let expired = connection.on_time(start.elapsed());
        connection.flush(&mut out)?;
        stream.write_all(&out)?;
        out.clear();
        if let Some(expired) = expired {
            return Err(expired.into());
        }
        if connection.is_finished() {
            break;
        }
        let span = connection.next_deadline().map(|at| at.saturating_sub(start.elapsed()));
        wait(stream, span.map(|span| span.max(SOON)))?;
        match read(stream, &mut buffer) {
            Ok(0) => return Ok(connection.end_of_stream(buffer.input())?),
            Err(error) if !is_timeout(&error) => return Err(error.into()),
            _ => {}
        }
    }
    wait(stream, Some(PATIENCE))?;
    // RFC 6455 section 7.1.1: the server ends the stream first, and the client waits for that.
    // After both Closes, how it ends is not an error.
    while read(stream, &mut buffer).is_ok_and(|read| read > 0) {
        buffer.keep(0);
    }
    match connection.state() {
        State::Failed(error) => return Err(error.into()),
        _ if !came_back => return Err("the large message did not come back".into()),
        _ => println!("{}", talk.report(&subprotocol)?),
    }
    Ok(())
}

/// Asks the server, and returns the subprotocol that it selected.
fn open<S: Read + Write>(
    stream: &mut S,
    buffer: &mut ReceiveBuffer,
    url: Url<'_>,
) -> Outcome<String> {
    let mut out = Vec::new();
    let request = Request::new(url).offer(talk::offer()?);
    let mut reader = request.write(&mut ThreadEntropy, &mut out)?;
    stream.write_all(&out)?;
    loop {
        if read(stream, buffer)? == 0 {
            return Err(io::Error::from(ErrorKind::UnexpectedEof).into());
        }
        let mut input = &*buffer.input();
        let selected = match reader.read(&mut input)? {
            None => continue,
            Some(Answer::Open(open)) => open.subprotocol().unwrap_or_default().to_owned(),
            Some(Answer::Refused(response)) => {
                return Err(format!("the server answered {}", response.status()).into());
            }
        };
        let rest = input.len();
        buffer.keep(rest);
        return Ok(selected);
    }
}

fn read(stream: &mut impl Read, buffer: &mut ReceiveBuffer) -> io::Result<usize> {
    let read = stream.read(buffer.space())?;
    buffer.filled(read);
    Ok(read)
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
