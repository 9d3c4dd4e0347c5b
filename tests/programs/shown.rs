//! The two programs that the first pages show whole, run against each other and against peers of this
//! folder's.

use crate::programs::built::{Package::Examples, program};
use crate::programs::child::{OFTEN, PATIENCE, Running};
use crate::programs::frames::{Frame, Outcome, PING, PONG, TEXT, Wire};
use crate::programs::opening;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::Instant;

/// A server that runs.
struct Serving {
    running: Running,
    address: SocketAddr,
}

impl Serving {
    /// Starts it on a port that was free a moment ago; on another if somebody else took that one.
    fn start() -> Self {
        for _ in 0..10 {
            let probe = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = probe.local_addr().unwrap();
            drop(probe);
            let started = Running::start(program(Examples, "server").arg(address.to_string()));
            let mut server = Self { running: started.unwrap(), address };
            if server.is_listening() {
                return server;
            }
        }
        panic!("the server does not listen");
    }

    fn is_listening(&mut self) -> bool {
        let begin = Instant::now();
        while !self.running.has_ended() && begin.elapsed() < PATIENCE {
            if TcpStream::connect(self.address).is_ok() {
                return true;
            }
            thread::sleep(OFTEN);
        }
        false
    }
}

/// Starts the client; what it prints is its answer.
fn ask(address: SocketAddr, question: &str) -> Running {
    let url = format!("ws://{address}/");
    Running::start(program(Examples, "asker").args([&url, question])).unwrap()
}

#[test]
fn the_programs_that_are_shown_talk_to_each_other() {
    let server = Serving::start();
    for question in ["Hello", "Grüße, 世界", ""] {
        let mut asker = ask(server.address, question);
        let status = asker.wait(PATIENCE).unwrap();
        assert!(status.success(), "{question:?}: {status}: {}", asker.output());
        assert_eq!(asker.output(), format!("{question}\n"));
    }
}

#[test]
fn the_server_that_is_shown_answers_pings_and_the_close() {
    let server = Serving::start();
    let talk = || -> Outcome<Vec<Frame>> {
        let socket = TcpStream::connect(server.address).map_err(|error| error.to_string())?;
        let mut wire = opening::ask(socket, "/", "")?;
        wire.send_all(&[Frame::new(PING, "hi"), Frame::text("Hello"), Frame::close(1000)])?;
        wire.rest(Instant::now() + PATIENCE)
    };
    let answers = [Frame::new(PONG, "hi"), Frame::text("Hello"), Frame::close(1000)];
    assert_eq!(talk().unwrap(), answers);
}

#[test]
fn the_client_that_is_shown_closes_with_1000() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut asker = ask(listener.local_addr().unwrap(), "What is the time?");
    let answer = |mut wire: Wire| -> Outcome<Option<u16>> {
        let deadline = Instant::now() + PATIENCE;
        let question = wire.await_frame("a question", deadline, |frame| frame.opcode == TEXT)?;
        assert_eq!(question, Frame::text("What is the time?"));
        wire.send_all(&[Frame::text("late"), Frame::text("later still")])?;
        let close = wire.await_frame("a Close", deadline, |frame| frame.code().is_some())?;
        wire.send(&close)?;
        Ok(close.code())
    };
    let wire = opening::accept(listener.accept().unwrap().0).unwrap();
    assert_eq!(answer(wire).unwrap(), Some(1000));
    assert!(asker.wait(PATIENCE).unwrap().success());
    assert_eq!(asker.output(), "late\n");
}

#[test]
fn the_client_that_is_shown_gives_up_a_server_that_never_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut asker = ask(listener.local_addr().unwrap(), "Hello"); // the kernel accepts
    assert_eq!(asker.wait(PATIENCE).unwrap().code(), Some(1));
    assert!(asker.output().starts_with("Error: "), "{}", asker.output());
}

#[test]
fn the_programs_that_are_shown_are_short() {
    for (program, most) in [
        (include_str!("../../examples/server.rs"), 25),
        (include_str!("../../examples/asker.rs"), 30),
    ] {
        assert!(program.lines().count() <= most);
    }
}
