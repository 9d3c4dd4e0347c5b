//! `client` says how it went, as its help promises: 0 closed by a closing handshake, 1 failed, 2 bad
//! options, 3 refused by the server.

use crate::programs::built::{Package, program};
use crate::programs::child::{PATIENCE, Running};
use crate::programs::frames::{CLOSE, Frame, Outcome, PING, PONG, TEXT, Wire};
use crate::programs::judge;
use crate::programs::opening;
use crate::programs::peer::Calling;
use crate::programs::table::{Carrier, Client};
use std::io::Write;
use std::time::Instant;

const PLAIN: Client = Client {
    name: "client",
    package: Package::Examples,
    args: &["{url}"],
    carrier: Carrier::Http1,
};

const SECURE: Client = Client { args: &["{url}", "--ca", "{pem}"], carrier: Carrier::Tls, ..PLAIN };

/// Trusts those whom Mozilla trusts, and the relay's certificate is its own.
const DISTRUSTFUL: Client = Client { args: &["{url}"], ..SECURE };

/// What a server does; what the client was told to do; its exit code, and what it prints.
type Case = (&'static str, fn(&Calling) -> Outcome, &'static [&'static str], i32, &'static str);

const CASES: &[Case] = &[
    (
        "answers all",
        echo,
        &["--text", "hello", "--ping", "hi", "--close", "1000,bye"],
        0,
        "open subprotocol=- extensions=-\ntext \"hello\"\npong \"hi\"\nclose 1000 \"\" by=us\n",
    ),
    (
        "closes",
        |client| {
            let mut wire = client.accept()?;
            wire.send(&Frame::close(1001))?;
            wire.rest(Instant::now() + PATIENCE).map(drop)
        },
        &[],
        0,
        "open subprotocol=- extensions=-\nclose 1001 \"\" by=peer\n",
    ),
    (
        "refuses",
        |client| refuse(client, "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"),
        &[],
        3,
        "refused 401\n",
    ),
    (
        "redirects",
        |client| refuse(client, "HTTP/1.1 302 No\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"),
        &[],
        3,
        "refused 302\n",
    ),
    ("hangs up at once", |client| client.socket().map(drop), &[], 1, "failed "),
    ("answers nonsense", |client| refuse(client, "SSH-2.0-nobody\r\n\r\n"), &[], 1, "failed "),
    (
        "hangs up later",
        |client| client.accept().map(drop),
        &["--ping", "hi"],
        1,
        "open subprotocol=- extensions=-\nfailed ",
    ),
    (
        "breaks a rule",
        |client| {
            let mut wire = client.accept()?;
            wire.socket.write_all(b"\x83\0").map_err(|error| error.to_string())?;
            let frames = wire.rest(Instant::now() + PATIENCE)?;
            match frames.last().and_then(Frame::code) {
                Some(1002) => Ok(()),
                code => Err(format!("it was told {code:?}")),
            }
        },
        &[],
        1,
        "open subprotocol=- extensions=-\nfailed ",
    ),
    (
        "is silent",
        |client| client.accept()?.rest(Instant::now() + PATIENCE).map(drop),
        &["--timeout", "1"],
        1,
        "open subprotocol=- extensions=-\nfailed timed out\n",
    ),
    (
        "answers no Close",
        |client| client.accept()?.rest(Instant::now() + PATIENCE).map(drop),
        &["--close-timeout", "300", "--close", "1000"],
        1,
        "open subprotocol=- extensions=-\nfailed ",
    ),
    (
        "selects nothing",
        |client| client.accept()?.rest(Instant::now() + PATIENCE).map(drop),
        &["--subprotocol", "a", "--require-subprotocol"],
        1,
        "failed ",
    ),
];

fn refuse(client: &Calling, answer: &str) -> Outcome {
    let mut socket = client.socket()?;
    opening::heed(&mut socket)?;
    socket.write_all(answer.as_bytes()).map_err(|error| error.to_string())
}

fn echo(client: &Calling) -> Outcome {
    let mut wire: Wire = client.accept()?;
    while let Some(frame) = wire.next(Instant::now() + PATIENCE)? {
        match frame.opcode {
            TEXT => wire.send(&frame)?,
            PING => wire.send(&Frame::new(PONG, frame.payload))?,
            CLOSE => return wire.send(&Frame::close(1000)),
            _ => {}
        }
    }
    Err("no Close came".to_owned())
}

#[test]
fn client_says_how_it_went_as_its_help_promises() {
    let rows: Vec<_> = CASES.iter().map(|case| (case.0, (&PLAIN, case))).collect();
    promise("client's exit codes", &rows);
    if crate::programs::built::has_transports() {
        let rows: Vec<_> = CASES.iter().map(|case| (case.0, (&SECURE, case))).collect();
        promise("client's exit codes, wss", &rows);
    }
}

#[track_caller]
fn promise(check: &str, rows: &[(&str, (&Client, &Case))]) {
    judge::each(check, rows, |(row, (_, serve, options, code, says))| {
        let mut client = Calling::start(row, options)?;
        serve(&client)?;
        let status = client.running.wait(PATIENCE)?;
        let output = client.running.output();
        match status.code() == Some(*code) && output.starts_with(says) {
            true => Ok(()),
            false => Err(format!("{status}: {output}")),
        }
    });
}

#[test]
fn client_tells_that_it_does_not_trust_a_server() {
    if !crate::programs::built::has_transports() {
        return;
    }
    judge::each("untrusted server", &[("client wss", ())], |()| {
        let mut client = Calling::start(&DISTRUSTFUL, &[])?;
        let status = client.running.wait(PATIENCE)?;
        let output = client.running.output();
        match status.code() == Some(1) && output.starts_with("failed invalid peer certificate") {
            true => Ok(()),
            false => Err(format!("{status}: {output}")),
        }
    });
}

/// Options that no server can make right.
#[test]
fn client_calls_bad_options_bad() {
    let bad: &[(&str, &[&str])] = &[
        ("no URL", &[]),
        ("not a URL", &["http://127.0.0.1/"]),
        ("unknown option", &["ws://127.0.0.1:1/", "--bogus"]),
        ("no value", &["ws://127.0.0.1:1/", "--text"]),
        ("not a number", &["ws://127.0.0.1:1/", "--await", "many"]),
        ("not a code", &["ws://127.0.0.1:1/", "--close", "1005"]),
        ("long reason", &["ws://127.0.0.1:1/", "--close", LONG_REASON]),
        ("long ping", &["ws://127.0.0.1:1/", "--ping", LONG_PING]),
        ("certificate without TLS", &["ws://127.0.0.1:1/", "--ca", "/etc/hostname"]),
        ("no such certificate", &["wss://127.0.0.1:1/", "--ca", "/nonexistent"]),
        (
            "not a certificate",
            &["wss://127.0.0.1:1/", "--ca", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")],
        ),
        ("not a clock", &["ws://127.0.0.1:1/", "--ping-interval", "soon"]),
        (
            "key that is not a token",
            &["ws://127.0.0.1:1/", "--credential", "pair:token", "--key", "a b"],
        ),
        ("not a subprotocol", &["ws://127.0.0.1:1/", "--subprotocol", "a b"]),
        ("header with a line break", &["ws://127.0.0.1:1/", "--header", "A: b\r\nC: d"]),
        ("header of the handshake", &["ws://127.0.0.1:1/", "--header", "Upgrade: h2c"]),
        ("key in the clear", &["ws://192.0.2.1:1/", "--credential", "pair:token", "--key", "k"]),
        ("no such file", &["ws://127.0.0.1:1/", "--binary", "/nonexistent"]),
        ("file in no folder", &["ws://127.0.0.1:1/", "--save", "/nonexistent/file"]),
    ];
    judge::each("client's bad options", bad, |args| {
        let mut running = Running::start(program(Package::Examples, "client").args(*args))?;
        match running.wait(PATIENCE)?.code() {
            Some(2) if running.output().lines().count() == 1 => Ok(()),
            code => Err(format!("{code:?}: {}", running.output())),
        }
    });
}

/// With its status code, a reason has room for 123 bytes.
const LONG_REASON: &str = "1000,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

/// A ping has room for 125 bytes.
const LONG_PING: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
