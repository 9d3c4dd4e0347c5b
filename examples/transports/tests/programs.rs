//! The examples, run as their readers run them: alone, and each with the others.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Those that speak HTTP/1.1 over TCP, and so with one another.
const OVER_TCP: [&str; 5] = [
    env!("CARGO_BIN_EXE_tokio_tcp"),
    env!("CARGO_BIN_EXE_tokio_split"),
    env!("CARGO_BIN_EXE_mio_tcp"),
    env!("CARGO_BIN_EXE_hyper_upgrade"),
    env!("CARGO_BIN_EXE_axum_route"),
];
const RUSTLS: &str = env!("CARGO_BIN_EXE_rustls_wss");
const H2: &str = env!("CARGO_BIN_EXE_h2_connect");

/// A server that is stopped when it is dropped.
struct Running {
    child: Child,
    address: SocketAddr,
}

impl Running {
    fn start(program: &str, args: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.arg("serve").arg("127.0.0.1:0").args(args);
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a server");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("its output"));
        stdout.read_line(&mut line).expect("a line");
        std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        let address = line.trim().strip_prefix("listening on ").expect("the address");
        Self { child, address: address.parse().expect("an address") }
    }

    /// Stops the server, and returns its complaints.
    fn stop(mut self) -> String {
        self.child.kill().expect("a server that runs");
        let mut complaints = String::new();
        let mut stderr = self.child.stderr.take().expect("its complaints");
        stderr.read_to_string(&mut complaints).expect("text");
        complaints
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(program: &str, args: &[&str]) -> Output {
    Command::new(program).args(args).output().expect("a program")
}

/// Both talks took place: the client closed one, the server the other.
#[track_caller]
fn assert_talked(output: &Output) {
    let said = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaints.is_empty(), "{said}{complaints}");
    for end in ["a pong; client closed, heard 1000", "a pong; server closed, heard 1001 \"you"] {
        let is_told = |line: &str| {
            line.contains("selected token; received \"Good café\", 3200 bytes of audio")
                && line.contains(end)
        };
        assert!(said.lines().any(is_told), "{end}: {said}");
    }
}

/// The server heard the client's code and reason, and the client's answer to its own.
#[track_caller]
fn assert_heard(output: &Output) {
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("server  heard 1000 \"that was all\""), "{said}");
    assert!(said.contains("server  heard 1001 "), "{said}");
}

#[test]
fn each_talks_with_itself() {
    for program in OVER_TCP.into_iter().chain([RUSTLS, H2]) {
        let output = run(program, &[]);
        assert_talked(&output);
        assert_heard(&output);
    }
}

#[test]
fn a_vectored_write_comes_up_short_and_is_finished() {
    let said = run(OVER_TCP[2], &[]).stdout;
    assert!(String::from_utf8_lossy(&said).contains("bytes wait for room in the socket"));
}

#[test]
fn those_over_tcp_talk_with_one_another() {
    for server in OVER_TCP {
        let running = Running::start(server, &[]);
        let url = format!("ws://{}/echo", running.address);
        for client in OVER_TCP {
            assert_talked(&run(client, &["connect", &url]));
        }
        assert_eq!(running.stop(), "", "{server}");
    }
}

#[test]
fn rustls_and_h2_talk_in_two_processes() {
    let running = Running::start(H2, &[]);
    assert_talked(&run(H2, &["connect", &format!("ws://{}/echo", running.address)]));
    assert_eq!(running.stop(), "");

    let [file, other] = ["own.pem", "other.pem"]
        .map(|name| PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name).display().to_string());
    let running = Running::start(RUSTLS, &[&file]);
    let url = format!("wss://{}/echo", running.address);
    assert_talked(&run(RUSTLS, &["connect", &url, &file]));

    drop(Running::start(RUSTLS, &[&other]));
    let refused = run(RUSTLS, &["connect", &url, &other]);
    assert!(!refused.status.success(), "a certificate that the client does not trust");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("InvalidCertificate"));
}

#[tokio::test]
async fn without_the_key_there_is_no_stream_of_h2() {
    let running = Running::start(H2, &[]);
    let tcp = tokio::net::TcpStream::connect(running.address).await.expect("a server");
    let (http, connection) = h2::client::handshake(tcp).await.expect("HTTP/2");
    tokio::spawn(connection);
    for (offer, status) in [("token, wrong", 401), ("token, k-3141592653", 200)] {
        let url = format!("http://{}/echo", running.address);
        let request = http::Request::connect(url)
            .header("sec-websocket-version", "13")
            .header("sec-websocket-protocol", offer)
            .extension(h2::ext::Protocol::from_static("websocket"));
        let mut http = http.clone().ready().await.expect("room for a stream");
        let request = request.body(()).expect("a request");
        let (response, _sender) = http.send_request(request, false).expect("a stream");
        assert_eq!(response.await.expect("a response").status(), status);
    }
}

/// Returns the head of a server's answer to a request with these fields; some keep the connection.
fn answer(address: SocketAddr, fields: &str) -> String {
    let mut socket = TcpStream::connect(address).expect("a server");
    socket.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket");
    let head = format!("GET /echo HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n");
    socket.write_all(head.as_bytes()).expect("a socket");
    let lines = BufReader::new(socket).lines().map(|line| line.expect("an answer"));
    lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn without_the_key_there_is_no_connection() {
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for server in OVER_TCP {
        let running = Running::start(server, &[]);
        let wrong = format!("{upgrade}Sec-WebSocket-Protocol: token, wrong\r\n");
        for (fields, status) in [(&*wrong, "401"), (upgrade, "401"), ("", "426")] {
            let answer = answer(running.address, fields);
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{server}: {answer}");
        }
    }
}

/// A client's request, with the key.
const REQUEST: &str = "GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Protocol: token, k-3141592653\r\n\r\n";

/// Opens a WebSocket, with these frames right behind the request; returns up to `wanted` bytes that
/// follow the answer.
fn open(address: SocketAddr, frames: &[u8], wanted: usize) -> (TcpStream, Vec<u8>) {
    let mut socket = TcpStream::connect(address).expect("a server");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket");
    socket.write_all(&[REQUEST.as_bytes(), frames].concat()).expect("a socket");
    let mut heard = Vec::new();
    while !heard.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        socket.read_exact(&mut byte).expect("an answer");
        heard.push(byte[0]);
    }
    assert!(heard.starts_with(b"HTTP/1.1 101 "), "{}", heard.escape_ascii());
    let mut rest = vec![0; wanted];
    socket.read_exact(&mut rest).expect("the frames");
    (socket, rest)
}

const HELLO: &[u8] = b"\x81\x85\0\0\0\0Hello";
const ECHO: &[u8] = b"\x81\x05Hello";

/// How long a test waits for something that should happen within a second.
const BOUND: Duration = Duration::from_secs(5);

#[cfg(unix)]
#[test]
fn at_a_signal_all_are_told_1001_and_the_server_is_gone() {
    for server in OVER_TCP {
        let mut running = Running::start(server, &["--close-timeout", "500"]);
        let mut peers = [(); 3].map(|()| open(running.address, HELLO, ECHO.len()).0);
        let start = Instant::now();
        let pid = running.child.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().expect("a shell's kill");
        assert!(sent.success());
        let mut closes = peers.iter_mut().map(|peer| {
            let mut heard = [0; 4];
            peer.read_exact(&mut heard).map(|()| heard)
        });
        // The first two answer; the last never does, and is not waited for for long.
        let are_told = closes.all(|heard| heard.is_ok_and(|heard| heard == *b"\x88\x02\x03\xe9"));
        assert!(are_told, "{server}");
        for peer in &mut peers[..2] {
            peer.write_all(b"\x88\x82\0\0\0\0\x03\xe9").expect("a server that listens");
            assert_eq!(peer.read(&mut [0]).expect("the end"), 0, "{server}");
        }
        let status = running.child.wait().expect("a server");
        assert!(status.success() && start.elapsed() < BOUND, "{server}: {:?}", start.elapsed());
    }
}

#[test]
fn a_server_has_a_limit_on_its_connections() {
    for server in OVER_TCP {
        let running = Running::start(server, &["--connections", "2"]);
        let first = open(running.address, HELLO, ECHO.len());
        let second = open(running.address, HELLO, ECHO.len());
        let mut third = TcpStream::connect(running.address).expect("a server");
        let mut answer = String::new();
        third.read_to_string(&mut answer).expect("an answer without a question");
        assert!(answer.starts_with("HTTP/1.1 503 "), "{server}: {answer}");
        drop(first);
        let deadline = Instant::now() + BOUND;
        while !is_admitted(running.address) {
            assert!(Instant::now() < deadline, "{server}: a place that is free is not given");
        }
        drop(second);
    }
}

fn is_admitted(address: SocketAddr) -> bool {
    let mut socket = TcpStream::connect(address).expect("a server");
    let mut answer = [0; 12];
    socket.write_all(REQUEST.as_bytes()).is_ok()
        && socket.read_exact(&mut answer).is_ok()
        && answer == *b"HTTP/1.1 101"
}

#[test]
fn a_peer_that_never_reads_is_let_go() {
    for server in OVER_TCP {
        let running = Running::start(server, &["--write-timeout", "500"]);
        let (mut socket, _) = open(running.address, b"", 0);
        socket.set_write_timeout(Some(BOUND)).expect("a socket");
        // The server stops listening to a peer that does not listen, and then drops it.
        let message = [&b"\x82\xff\0\0\0\0\0\x10\0\0\0\0\0\0"[..], &[7; 1 << 20]].concat();
        let failed = (0..100).map(|_| socket.write_all(&message)).find_map(Result::err);
        let kind = failed.expect("a server that does not listen for ever").kind();
        let gone = [std::io::ErrorKind::ConnectionReset, std::io::ErrorKind::BrokenPipe];
        assert!(gone.contains(&kind), "{server}: {kind:?}");
    }
}

#[test]
fn the_end_of_one_side_loses_nothing() {
    for server in OVER_TCP {
        let running = Running::start(server, &[]);
        for _ in 0..200 {
            let frames = HELLO.repeat(50);
            let (mut socket, mut heard) = open(running.address, &frames, 0);
            socket.write_all(b"\x88\x82\0\0\0\0\x03\xe8").expect("a server");
            socket.shutdown(std::net::Shutdown::Write).expect("a socket");
            socket.read_to_end(&mut heard).expect("all of it");
            assert_eq!(heard, [&ECHO.repeat(50)[..], b"\x88\x02\x03\xe8"].concat(), "{server}");
        }
        for _ in 0..200 {
            let (mut socket, mut heard) = open(running.address, &HELLO.repeat(50), 0);
            socket.shutdown(std::net::Shutdown::Write).expect("a socket");
            socket.read_to_end(&mut heard).expect("all of it");
            assert_eq!(heard, ECHO.repeat(50), "{server}");
        }
    }
}

#[test]
fn an_opening_that_does_not_come_is_not_waited_for() {
    for server in OVER_TCP {
        let running = Running::start(server, &["--opening-timeout", "300"]);
        let mut socket = TcpStream::connect(running.address).expect("a server");
        socket.set_read_timeout(Some(BOUND)).expect("a socket");
        socket.write_all(b"GET /echo HTTP/1.1\r\nHost: localhost\r\n").expect("a socket");
        // Some answer 408 before that, others nothing.
        let ended = socket.read_to_end(&mut Vec::new());
        assert!(ended.is_ok_and(|heard| heard < 1000), "{server}");
    }
}

#[test]
fn help_tells_of_the_options_and_an_unknown_one_is_an_error() {
    for program in OVER_TCP.into_iter().chain([RUSTLS, H2]) {
        let help = run(program, &["--help"]);
        let said = String::from_utf8_lossy(&help.stdout);
        assert!(help.status.success() && said.contains("--connections N"), "{program}: {said}");
        assert!(said.contains("--write-timeout MS"), "{program}: {said}");
        assert_eq!(run(program, &["--bogus"]).status.code(), Some(1), "{program}");
    }
}
