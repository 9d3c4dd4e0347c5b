//! Nothing prints a key: neither end, on neither stream, in no log, and on no way to fail.

use crate::programs::built::{Package, program};
use crate::programs::child::{PATIENCE, Running};
use crate::programs::frames::{Frame, Outcome, Wire};
use crate::programs::judge;
use crate::programs::peer::{Calling, Serving};
use crate::programs::table::{Carrier, Client, KEY, Server, clients, servers};
use crate::programs::{opening, table};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Keys that clients show in other places than where it is right, or beside what is right.
const OTHERS: [&str; 3] = ["stray-2718281828", "header-1414213562", "query-1618033988"];

/// What a request with keys in all places may look like: right, and wrong in one way each.
fn requests(row: &Server, host: &str) -> Vec<String> {
    let [stray, header, query] = OTHERS;
    let right = row.fields.replace("{host}", host);
    let right = right.trim_end();
    let behind = format!("{right}, {stray}");
    let offers = format!("Sec-WebSocket-Protocol: {stray}, token");
    let twice = format!("Sec-WebSocket-Protocol: token, {stray}, token, {stray}");
    let long = format!("Sec-WebSocket-Protocol: token, {stray}{}", "x".repeat(9000));
    let slash = if row.path.contains('?') { '&' } else { '?' };
    let path = format!("{}{slash}access_token={query}", row.path);
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";
    let authorized = format!("Authorization: Bearer {header}");
    let basic = format!("Authorization: Basic {header}");
    let key = format!("Authorization: Token {KEY}");
    [
        vec![upgrade, &behind],
        vec![upgrade, right],
        vec![upgrade, right, &authorized],
        vec![upgrade, &offers],
        vec![upgrade, &twice],
        vec![upgrade, &long],
        vec![upgrade, &authorized],
        vec![upgrade, &basic],
        vec![upgrade, &key],
        vec![upgrade, &key, &offers],
        vec![&behind, &authorized],
        vec![upgrade, right, "Origin: https://evil.example"],
    ]
    .iter()
    .flat_map(|fields| {
        [&*path, &*format!("/elsewhere?key={query}")].map(|path| {
            let fields = fields.join("\r\n");
            format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{fields}\r\n\r\n")
        })
    })
    .collect()
}

/// Sends a request and, in case it is accepted, a Close that is wrong; reads up to the end.
fn provoke(server: &Serving, request: &str) -> Outcome {
    let mut socket = TcpStream::connect(server.address).map_err(|error| error.to_string())?;
    let patience = Some(Duration::from_secs(20));
    socket.set_read_timeout(patience).map_err(|error| error.to_string())?;
    let close = Frame::close(1000).encode(true);
    socket.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
    let _ = socket.write_all(&close);
    let _ = socket.shutdown(std::net::Shutdown::Write);
    let _ = socket.read_to_end(&mut Vec::new());
    Ok(())
}

fn clean(output: &str) -> Outcome {
    let shown = |key: &&&str| output.contains(**key);
    match [KEY].iter().chain(&OTHERS).find(shown) {
        Some(key) => Err(format!("it prints {key}:\n{output}")),
        None => Ok(()),
    }
}

#[test]
fn servers_print_no_key() {
    let over_http1 = |(_, row): &(&str, &'static Server)| row.carrier != Carrier::H2;
    let servers: Vec<_> = servers().into_iter().filter(over_http1).collect();
    judge::each("no key, server", &servers, |row: &&'static Server| {
        let mut server = Serving::start(row, &[])?;
        for request in requests(row, &server.address.to_string()) {
            provoke(&server, &request)?;
        }
        let mut wire = server.connect()?;
        server.ask(&mut wire)?;
        drop(wire);
        server.ask(&mut server.connect()?)?;
        server.running.terminate();
        server.running.wait(PATIENCE)?;
        clean(&server.running.output())
    });
}

/// How a server treats a client: in words, and its answer to a request.
type Treatment = (&'static str, fn(&str) -> Outcome<String>);

const ANSWERS: [Treatment; 7] = [
    ("selects the key", |head| opening::open(head, &format!("Sec-WebSocket-Protocol: {KEY}\r\n"))),
    ("selects another", |head| opening::open(head, "Sec-WebSocket-Protocol: other\r\n")),
    ("selects nothing", |head| opening::open(head, "")),
    ("adds an extension", |head| {
        opening::open(head, &format!("Sec-WebSocket-Extensions: x-{KEY}\r\n"))
    }),
    ("refuses", |_| {
        let body = format!("no such key: {KEY}\n");
        let length = body.len();
        Ok(format!(
            "HTTP/1.1 401 What {KEY}\r\ndg-error: {KEY}\r\nLocation: /?key={KEY}\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        ))
    }),
    ("answers something else", |_| Ok(format!("{KEY} {KEY}\r\n\r\n"))),
    ("hangs up", |_| Ok(String::new())),
];

#[test]
fn clients_print_no_key() {
    let over_http1 = |(_, row): &(&str, &'static Client)| row.carrier != Carrier::H2;
    let clients: Vec<_> = clients().into_iter().filter(over_http1).collect();
    judge::each("no key, client", &clients, |row: &&Client| {
        for (how, answer) in ANSWERS {
            let mut client = Calling::start(row, &[])?;
            let mut socket = client.socket()?;
            let (head, rest) = opening::heed(&mut socket)?;
            let answer = answer(&head)?;
            socket.write_all(answer.as_bytes()).map_err(|error| error.to_string())?;
            if answer.contains(" 101 ") {
                let mut wire = Wire::new(socket, false, rest);
                let _ = wire.send(&Frame::close(1000));
                let _ = wire.rest(Instant::now() + PATIENCE);
            } else {
                drop(socket);
            }
            client.running.wait(PATIENCE)?;
            clean(&client.running.output()).map_err(|why| format!("a server {how}: {why}"))?;
        }
        Ok(())
    });
}

/// Command lines that are wrong, with a key in each.
#[test]
fn wrong_command_lines_print_no_key() {
    let wrong: &[(&str, &[&str])] = &[
        (
            "client",
            &["ws://127.0.0.1:1/?key={key}", "--credential", "pair:token", "--key", "{key}"],
        ),
        ("client", &["ws://127.0.0.1:x/?key={key}"]),
        ("client", &["ws://user:{key}@127.0.0.1:1/"]),
        ("client", &["ws://127.0.0.1:1/", "--credential", "pair:token", "--key", "{key} {key}"]),
        ("client", &["ws://127.0.0.1:1/", "--header", "Authorization Bearer {key}"]),
        ("client", &["ws://127.0.0.1:1/", "--header", "X-Key: {key}\r\n", "--close", "1000"]),
        ("client", &["wss://127.0.0.1:1/?key={key}"]),
        ("client", &["ws://192.0.2.1:x/", "--credential", "pair:token", "--key", "{key}"]),
        ("voice", &["--connect", "ws://127.0.0.1:1/v1/listen?key={key}", "--key", "{key}"]),
        ("voice", &["--connect", "ws://127.0.0.1:x/v1/listen?key={key}", "--key", "{key}"]),
        ("voice", &["--connect", "ws://user:{key}@127.0.0.1:1/v1/listen"]),
        ("voice", &["--connect", "wss://127.0.0.1:1/?key={key}", "--key", "{key}"]),
        ("voice", &["--key", "{key} {key}"]),
        ("voice", &["--serve", "127.0.0.1:x", "--key", "{key}"]),
        ("voice", &["--serve", "127.0.0.1:0", "--key", "{key} "]),
        ("echo_server", &["127.0.0.1:x", "--key", "{key}"]),
        ("studio", &["--port", "0", "--key", "{key} {key}"]),
        ("studio", &["--port", "x", "--key", "{key}"]),
    ];
    let rows: Vec<_> = wrong.iter().map(|(name, args)| (*name, (*name, *args))).collect();
    judge::each("no key, command line", &rows, |(name, args)| {
        let mut command = program(Package::Examples, table::program(name));
        command.args(args.iter().map(|arg| arg.replace("{key}", KEY)));
        let mut running = Running::start(&mut command)?;
        match running.wait(PATIENCE)?.success() {
            true => Err(format!("{args:?} are accepted")),
            false => clean(&running.output()).map_err(|why| format!("{args:?}: {why}")),
        }
    });
}
