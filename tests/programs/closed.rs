//! After both Closes, how the stream ends is not an error: here, by a reset.

use crate::programs::child::{OFTEN, PATIENCE};
use crate::programs::frames::{BINARY, CLOSE, Frame, Outcome, PING, PONG, TEXT, Wire};
use crate::programs::judge;
use crate::programs::peer::{Calling, Serving};
use crate::programs::table::{Carrier, Client, Server, clients, servers};
use std::thread;
use std::time::Instant;

/// Waits for a Close, and leaves it unread, so that to drop the socket resets the connection.
fn reset(wire: Wire) -> Outcome {
    let deadline = Instant::now() + PATIENCE;
    while !wire.is_waiting(CLOSE) {
        if Instant::now() > deadline {
            return Err("no Close came".to_owned());
        }
        thread::sleep(OFTEN);
    }
    Ok(())
}

/// Echoes, up to a Close: the client's, or this end's own when the client says bye. Returns whether
/// the client's Close is still to come.
fn echo(wire: &mut Wire) -> Outcome<bool> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let frame = wire.next(deadline)?.ok_or("the stream ended before a Close")?;
        match frame.opcode {
            TEXT if frame.payload == b"bye" || frame.payload == b"hello" => {
                let reason = [&1001_u16.to_be_bytes()[..], b"you said bye"].concat();
                return wire.send(&Frame::new(CLOSE, reason)).map(|()| true);
            }
            TEXT | BINARY => wire.send(&frame)?,
            PING => wire.send(&Frame::new(PONG, frame.payload))?,
            CLOSE => return wire.send(&frame).map(|()| false),
            _ => {}
        }
    }
}

#[test]
fn clients_do_not_mind_a_reset_behind_both_closes() {
    let over_http1 = |(_, row): &(&str, &'static Client)| row.carrier != Carrier::H2;
    let clients: Vec<_> = clients().into_iter().filter(over_http1).collect();
    judge::each("reset behind Closes, client", &clients, |row: &&Client| {
        let mut client = Calling::start(row, &[])?;
        if row.name == "voice client" {
            let mut wire = client.accept()?;
            let is_last = |frame: &Frame| frame.is_text_with("CloseStream");
            wire.await_frame("all of the audio", Instant::now() + PATIENCE, is_last)?;
            wire.send(&Frame::close(1000))?;
            reset(wire)?;
            client.running.wait(PATIENCE)?;
            let output = client.running.output();
            return if output.contains("lost") { Err(output) } else { Ok(()) };
        }
        loop {
            let mut wire = client.accept()?;
            if echo(&mut wire)? {
                reset(wire)?;
                break;
            }
        }
        match client.running.wait(PATIENCE)?.success() {
            true => Ok(()),
            false => Err(client.running.output()),
        }
    });
}

#[test]
fn servers_do_not_mind_a_reset_behind_both_closes() {
    let over_http1 = |(_, row): &(&str, &'static Server)| row.carrier != Carrier::H2;
    let servers: Vec<_> = servers().into_iter().filter(over_http1).collect();
    judge::each("reset behind Closes, server", &servers, |row: &&'static Server| {
        let server = Serving::start(row, &[])?;
        for _ in 0..3 {
            let mut wire = server.connect()?;
            server.ask(&mut wire)?;
            wire.send(&Frame::close(1000))?;
            reset(wire)?;
            server.ask(&mut server.connect()?)?; // time for it to complain
        }
        let output = server.running.output();
        let is_complaint =
            |line: &str| ["reset", "pipe", "os error"].iter().any(|word| line.contains(word));
        match output.lines().find(|line| is_complaint(line)) {
            Some(line) => Err(line.to_owned()),
            None => Ok(()),
        }
    });
}

#[test]
fn a_server_that_keeps_a_log_says_why_a_connection_was_lost() {
    let logs: Vec<_> = servers().into_iter().filter(|(name, _)| *name == "echo_server").collect();
    judge::each("lost, and why", &logs, |row: &&'static Server| {
        let server = Serving::start(row, &[])?;
        let mut wire = server.connect()?;
        wire.send(&row.talk.question(0))?;
        while !wire.is_readable() {
            thread::sleep(OFTEN);
        }
        drop(wire); // with its answer unread: a reset
        let begin = Instant::now();
        while !server.running.output().contains("lost: Connection reset by peer") {
            if begin.elapsed() > PATIENCE {
                return Err(server.running.output());
            }
            thread::sleep(OFTEN);
        }
        Ok(())
    });
}
