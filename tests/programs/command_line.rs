//! The examples with a command line, run as a user runs them.

use crate::programs::built::{Package, program};
use crate::programs::child::{self, output};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Output};
use std::time::Duration;

fn example(name: &str) -> Command {
    program(Package::Examples, name)
}

/// A server that is stopped when it is dropped.
struct Running {
    _child: child::Running,
    address: SocketAddr,
}

impl Running {
    fn start(name: &str, args: &[&str]) -> Self {
        let child = child::Running::start(example(name).args(args)).unwrap();
        let address = child.address().unwrap();
        assert!(child.output().starts_with(&format!("listening on {address}\n")));
        Self { _child: child, address }
    }

    /// Sends a request and then frames, and returns all that comes back.
    fn exchange(&self, fields: &str, frames: &[u8]) -> Vec<u8> {
        self.exchange_at("/", fields, frames)
    }

    fn exchange_at(&self, resource: &str, fields: &str, frames: &[u8]) -> Vec<u8> {
        let mut socket = TcpStream::connect(self.address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let request = format!(
            "GET {resource} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{fields}\r\n"
        );
        socket.write_all(&[request.as_bytes(), frames].concat()).unwrap();
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).unwrap();
        answer
    }
}

/// `Hello`, masked with a key of zeros, and a Close with 1000.
const HELLO_AND_CLOSE: &[u8] = b"\x81\x85\0\0\0\0Hello\x88\x82\0\0\0\0\x03\xe8";

#[track_caller]
fn assert_ends(answer: &[u8], end: &[u8]) {
    assert!(answer.ends_with(end), "{}", answer.escape_ascii());
}

fn status(answer: &[u8]) -> u16 {
    String::from_utf8_lossy(answer).split(' ').nth(1).unwrap().parse().unwrap()
}

#[test]
fn the_echo_server_echoes_closes_and_goes_on() {
    let server = Running::start("echo_server", &["127.0.0.1:0"]);
    for _ in 0..2 {
        let answer = server.exchange("", HELLO_AND_CLOSE);
        assert_ends(&answer, b"\r\n\r\n\x81\x05Hello\x88\x02\x03\xe8");
        let broken = server.exchange("", b"\x83");
        assert_ends(&broken, b"\r\n\r\n\x88\x02\x03\xea");
    }
}

#[test]
fn the_echo_server_answers_each_ping_in_order() {
    let server = Running::start("echo_server", &["127.0.0.1:0"]);
    let frames = b"\x89\x81\0\0\0\0a\x89\x81\0\0\0\0b\x88\x80\0\0\0\0";
    assert_ends(&server.exchange("", frames), b"\x8a\x01a\x8a\x01b\x88\x00");
}

#[test]
fn the_echo_server_echoes_fragments_as_they_come() {
    let server = Running::start("echo_server", &["127.0.0.1:0", "--streaming"]);
    let frames = b"\x01\x81\0\0\0\0\xc3\x80\x81\0\0\0\0\xa9\x88\x80\0\0\0\0";
    assert_ends(&server.exchange("", frames), b"\x01\x01\xc3\x80\x01\xa9\x88\x00");
}

#[test]
fn the_echo_server_refuses_a_message_over_its_limit() {
    let server = Running::start("echo_server", &["127.0.0.1:0", "--max-message", "4"]);
    assert_ends(&server.exchange("", HELLO_AND_CLOSE), b"\x88\x02\x03\xf1");
}

#[test]
fn the_echo_server_checks_keys_origins_and_subprotocols() {
    let options = [
        "127.0.0.1:0",
        "--credential",
        "pair:token",
        "--key",
        "K1",
        "--key",
        "K2",
        "--origin",
        "https://good.com",
        "--require-subprotocol",
        "--subprotocols",
        "v2,token",
    ];
    let server = Running::start("echo_server", &options);
    let offer = |entries: &str| format!("Sec-WebSocket-Protocol: {entries}\r\n");
    let open = server.exchange(&offer("token, K2, v2"), HELLO_AND_CLOSE);
    let text = String::from_utf8_lossy(&open);
    assert!(text.contains("\r\nSec-WebSocket-Protocol: v2\r\n") && !text.contains("K2"), "{text}");

    let authorized = "Authorization: Bearer K1\r\nSec-WebSocket-Protocol: v2\r\n";
    assert_eq!(status(&server.exchange(authorized, HELLO_AND_CLOSE)), 101);
    assert_eq!(status(&server.exchange(&offer("token, wrong"), b"")), 401);
    assert_eq!(status(&server.exchange("", b"")), 401);
    assert_eq!(status(&server.exchange(&offer("token"), b"")), 400);
    assert_eq!(status(&server.exchange("Authorization: Bearer K1\r\n", b"")), 400);
    let foreign = format!("{}Origin: https://evil.com\r\n", offer("token, K1"));
    assert_eq!(status(&server.exchange(&foreign, b"")), 403);
}

fn voice(args: &[&str]) -> Output {
    output(example("voice").args(args))
}

#[test]
fn the_voice_session_hears_what_was_said() {
    let output = voice(&[]);
    let summary = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{summary}");
    assert!(summary.contains("identical   yes, byte for byte: 179940 bytes of audio"), "{summary}");
    assert!(summary.contains("closed      1000, by the server first"), "{summary}");
    // What sha256sum says of the file behind its 44 octets of header.
    let digest = "649f791e2c6e8ae09a7bca226fa66efaa67b73dbe9f7992566e10b142a77fbbf";
    assert!(summary.contains(digest), "{summary}");
    assert_eq!(voice(&["--speak", "Hello, world"]).status.code(), Some(0));
}

#[test]
fn the_voice_client_and_server_work_apart_and_a_wrong_key_is_401() {
    let server = Running::start("voice", &["--serve", "127.0.0.1:0", "--key", "K1"]);
    let url = format!("ws://{}/v1/listen", server.address);
    assert_eq!(voice(&["--connect", &url, "--key", "K1"]).status.code(), Some(0));
    let refused = voice(&["--connect", &url, "--key", "K2"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("401"));
}

#[test]
fn the_voice_server_takes_a_key_from_where_deepgrams_clients_have_it() {
    let server = Running::start("voice", &["--serve", "127.0.0.1:0", "--key", "K1"]);
    for (field, selected) in [
        ("Authorization: Token K1", None),
        ("Authorization: bearer K1", None),
        ("Sec-WebSocket-Protocol: token, K1", Some("token")),
        ("Sec-WebSocket-Protocol: bearer, K1", Some("bearer")),
        ("Sec-WebSocket-Protocol: token,K1,x-deepgram-session-id,7", Some("token")),
    ] {
        let answer = server.exchange_at("/v1/listen", &format!("{field}\r\n"), HELLO_AND_CLOSE);
        assert_eq!(status(&answer), 101, "{field}");
        let head = String::from_utf8_lossy(&answer);
        let line = head.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Protocol: "));
        assert_eq!(line, selected, "{field}");
    }
    for field in [
        "Authorization: Token K2",
        "Authorization: Basic SzE=",
        "Sec-WebSocket-Protocol: K1, token-of-mine",
        "Sec-WebSocket-Protocol: x-deepgram-session-id, K1",
    ] {
        let answer = server.exchange_at("/v1/speak", &format!("{field}\r\n"), b"");
        let head = String::from_utf8_lossy(&answer);
        assert_eq!(status(&answer), 401, "{field}");
        assert!(head.contains("\r\ndg-error: ") && head.contains("\r\ndg-request-id: "), "{head}");
    }
}

#[test]
fn the_voice_server_refuses_what_it_cannot_do() {
    let server = Running::start("voice", &["--serve", "127.0.0.1:0", "--key", "K1"]);
    for (resource, expected) in [
        ("/v1/listen?encoding=opus", 400),
        ("/v1/listen?encoding=linear16&sample_rate=7999", 400),
        ("/v1/listen?channels=2", 400),
        ("/v1/listen?interim_results=yes", 400),
        ("/v1/listen?utterance_end_ms=1000", 400),
        ("/v1/listen?interim_results=true&utterance_end_ms=999", 400),
        ("/v1/speak?sample_rate=48001", 400),
        ("/v2/listen", 404),
        ("/v1/listen?model=any&interim_results=true&utterance_end_ms=1000", 101),
        ("/v1/speak?encoding=linear16&sample_rate=48000", 101),
    ] {
        let answer = server.exchange_at(resource, "Authorization: Token K1\r\n", HELLO_AND_CLOSE);
        assert_eq!(status(&answer), expected, "{resource}");
    }
}

#[test]
fn two_ends_talk_over_a_socket_pair_and_in_memory() {
    for (name, says) in [
        ("unix_pair", &["selected Some(\"v1.audio\")", "640 bytes", "CloseCode(1000)"][..]),
        ("memory_pair", &["subprotocol token", "640 bytes", "close 1001 restarting"]),
    ] {
        let output = output(&mut example(name));
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{name}: {said}");
        assert!(says.iter().all(|part| said.contains(part)), "{name}: {said}");
    }
}

#[test]
fn bad_input_to_voice_is_one_clear_line_and_exit_2() {
    for (args, says) in [
        (&["--wav", "/nonexistent.wav"][..], "/nonexistent.wav"),
        (&["--wav", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")], "not a whole WAV"),
        (&["--connect", "ws://127.0.0.1:1/v1/listen"], "refused"),
        (&["--connect", "http://127.0.0.1/"], "ws://"),
        (&["--frame-ms", "0"], "1 to 1000"),
        (&["--bogus"], "--bogus"),
    ] {
        let output = voice(args);
        let line = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {line}");
        assert!(line.contains(says) && line.lines().count() == 1, "{args:?}: {line}");
    }
}

#[test]
fn bad_input_to_the_echo_server_is_one_clear_line_and_exit_2() {
    for (args, says) in [
        (&["--origin", "example.com"][..], "origin"),
        (&["--credential", "pair:a b"], "a b"),
        (&["--credential", "both:a"], "both"),
        (&["--max-message", "many"], "many"),
        (&["nowhere"], "nowhere"),
        (&["--bogus"], "--bogus"),
    ] {
        let output = output(example("echo_server").args(args));
        let line = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {line}");
        assert!(line.contains(says) && line.lines().count() == 1, "{args:?}: {line}");
    }
}
