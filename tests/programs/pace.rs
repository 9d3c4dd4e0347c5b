//! Speech for a client that plays it: all of it is heard, and it stands in nobody's way.

use crate::programs::child::PATIENCE;
use crate::programs::frames::{BINARY, CLOSE, Frame, Outcome, PING, PONG, Wire};
use crate::programs::judge;
use crate::programs::peer::Serving;
use crate::programs::table::{Server, servers};
use std::thread;
use std::time::{Duration, Instant};

/// What 48 kHz speech has in a second, and what the server makes of a character.
const SECOND: usize = 96_000;
const TONE: usize = 5760;

/// How much faster than a loudspeaker this client plays, and how much shorter its server's clocks are
/// than the 5 s and 10 s of speech.
const FASTER: usize = 8;
const CLOCKS: &[&str] = &["--ping-interval", "600", "--pong-timeout", "1200"];

fn voice() -> Vec<(&'static str, &'static Server)> {
    servers().into_iter().filter(|(name, _)| *name == "voice speak").collect()
}

fn ask(wire: &mut Wire, characters: usize) -> Outcome {
    let text = "a".repeat(characters);
    let speak = Frame::text(&format!(r#"{{"type":"Speak","text":"{text}"}}"#));
    wire.send_all(&[speak, Frame::text(r#"{"type":"Flush"}"#)])
}

/// Plays up to the Close, as fast as a loudspeaker that much faster; returns the bytes of audio.
fn play(wire: &mut Wire) -> Outcome<usize> {
    let (begin, mut heard) = (Instant::now(), 0);
    loop {
        let frame = wire.next(Instant::now() + PATIENCE)?;
        let frame = frame.ok_or(format!("the stream ends after {heard} bytes of audio"))?;
        match frame.opcode {
            BINARY => {
                heard += frame.payload.len();
                let due = Duration::from_secs_f64(heard as f64 / (FASTER * SECOND) as f64);
                thread::sleep(due.saturating_sub(begin.elapsed()));
            }
            PING => wire.send(&Frame::new(PONG, frame.payload))?,
            CLOSE if frame.code() == Some(1000) => {
                return wire.send(&frame).map(|()| heard);
            }
            CLOSE => {
                let why = frame.payload.escape_ascii();
                return Err(format!("it closes after {heard} bytes of audio: {why}"));
            }
            _ => {}
        }
    }
}

/// The shorter speech is less than what a socket takes, so that it never is full.
#[test]
fn speech_is_heard_to_the_end_by_a_client_that_plays_it() {
    judge::each("speech, played", &voice(), |row: &&'static Server| {
        let server = Serving::start(row, CLOCKS)?;
        let both = [(2000, server.connect()?), (600, server.connect()?)];
        thread::scope(|scope| {
            let both = both.map(|(characters, wire)| scope.spawn(move || speech(wire, characters)));
            both.into_iter().try_for_each(|one| one.join().expect("no panic"))
        })
    });
}

fn speech(mut wire: Wire, characters: usize) -> Outcome {
    ask(&mut wire, characters)?;
    wire.send(&Frame::text(r#"{"type":"Close"}"#))?;
    match play(&mut wire)? {
        heard if heard == characters * TONE => Ok(()),
        heard => Err(format!("{heard} bytes of {characters} characters")),
    }
}

/// Counts the audio before a frame with this opcode and payload.
fn before(wire: &mut Wire, opcode: u8, payload: &[u8]) -> Outcome<usize> {
    let mut audio = 0;
    let found = wire.await_frame("an answer", Instant::now() + PATIENCE, |frame| {
        audio += if frame.opcode == BINARY { frame.payload.len() } else { 0 };
        frame.opcode == opcode && frame.payload == payload
    });
    found.map(|_| audio)
}

#[test]
fn answers_stand_behind_no_more_than_a_second_of_speech() {
    judge::each("speech, answers", &voice(), |row: &&'static Server| {
        let server = Serving::start(row, &[])?;
        let mut wire = server.connect()?;
        ask(&mut wire, 2000)?;
        let close = Frame::close(1000);
        for (asked, answer) in [(Frame::new(PING, "me"), PONG), (close, CLOSE)] {
            thread::sleep(Duration::from_millis(300)); // for it to send as much as it likes
            wire.send(&asked)?;
            let audio = before(&mut wire, answer, &asked.payload)?;
            if audio > SECOND + 2 * TONE {
                return Err(format!("{audio} bytes of audio come before {answer}"));
            }
        }
        Ok(())
    });
}
