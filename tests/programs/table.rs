//! The programs: a row each. A new one is judged by every check as soon as it has its row.

use crate::programs::built::Package::{self, Examples, Transports};
use crate::programs::frames::Frame;

/// The key that all servers here ask for, and that all clients show.
pub(crate) const KEY: &str = "k-3141592653";

/// What lies between the frames and TCP.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carrier {
    Http1,
    /// HTTP/1.1 over TLS; the certificate goes through a file.
    Tls,
    /// A stream of HTTP/2.
    H2,
}

pub(crate) struct Server {
    pub(crate) name: &'static str,
    pub(crate) package: Package,
    /// `{pem}` is the file for the certificate. The port is taken from the line that says where it listens.
    pub(crate) args: &'static [&'static str],
    pub(crate) carrier: Carrier,
    pub(crate) path: &'static str,
    /// Fields of the request; `{host}` is the address.
    pub(crate) fields: &'static str,
    pub(crate) talk: Talk,
    /// The longest message that it takes, as far as these tests need one.
    pub(crate) longest: usize,
}

/// What a server answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Talk {
    /// The same again.
    Echo,
    /// As Deepgram's recognizer.
    Listen,
    /// As Deepgram's voice.
    Speak,
}

impl Talk {
    /// Something small that is answered.
    pub(crate) fn question(self, number: usize) -> Frame {
        match self {
            Self::Echo => Frame::text(&format!("question {number}")),
            Self::Listen => Frame::text(r#"{"type":"Finalize"}"#),
            Self::Speak => Frame::text(r#"{"type":"Flush"}"#),
        }
    }

    /// Whether this answers such a question.
    pub(crate) fn is_answer(self, frame: &Frame) -> bool {
        frame.is_text_with(match self {
            Self::Echo => "question ",
            Self::Listen => r#""from_finalize":true"#,
            Self::Speak => r#""Flushed""#,
        })
    }
}

/// Larger than the buffers of a socket: some of it waits in the program.
const MANY: usize = 12 * 1024 * 1024;

/// What transports' servers want to see.
const TOKEN: &str = "Sec-WebSocket-Protocol: token, k-3141592653\r\n";

const fn transport(name: &'static str) -> Server {
    Server {
        name,
        package: Transports,
        args: &["serve", "127.0.0.1:0"],
        carrier: Carrier::Http1,
        path: "/echo",
        fields: TOKEN,
        talk: Talk::Echo,
        longest: MANY,
    }
}

const fn voice(name: &'static str, path: &'static str, talk: Talk) -> Server {
    Server {
        name,
        package: Examples,
        args: &["--serve", "127.0.0.1:0", "--key", KEY],
        path,
        talk,
        longest: 60 * 1024,
        ..transport(name)
    }
}

pub(crate) const SERVERS: &[Server] = &[
    Server {
        package: Examples,
        args: &["127.0.0.1:0", "--key", KEY, "--credential", "pair:token", "--log"],
        ..transport("echo_server")
    },
    voice("voice listen", "/v1/listen", Talk::Listen),
    voice("voice speak", "/v1/speak?sample_rate=48000", Talk::Speak),
    Server {
        package: Examples,
        args: &["--port", "0", "--key", KEY],
        path: "/socket",
        fields: "Origin: http://{host}\r\nSec-WebSocket-Protocol: token, k-3141592653\r\n",
        longest: 60 * 1024,
        ..transport("studio")
    },
    transport("tokio_tcp"),
    transport("tokio_split"),
    transport("mio_tcp"),
    Server {
        args: &["serve", "127.0.0.1:0", "{pem}"],
        carrier: Carrier::Tls,
        ..transport("rustls_wss")
    },
    transport("hyper_upgrade"),
    transport("axum_route"),
    Server { carrier: Carrier::H2, ..transport("h2_connect") },
];

pub(crate) struct Client {
    pub(crate) name: &'static str,
    pub(crate) package: Package,
    /// `{url}` is the server's, without a path; `{pem}` is the file with its certificate.
    pub(crate) args: &'static [&'static str],
    pub(crate) carrier: Carrier,
}

const fn talker(name: &'static str) -> Client {
    Client { name, package: Transports, args: &["connect", "{url}/echo"], carrier: Carrier::Http1 }
}

pub(crate) const CLIENTS: &[Client] = &[
    Client {
        package: Examples,
        args: &["{url}", "--text", "hello", "--credential", "pair:token", "--key", KEY],
        ..talker("client")
    },
    Client {
        package: Examples,
        args: &[
            "{url}",
            "--ca",
            "{pem}",
            "--text",
            "hello",
            "--credential",
            "pair:token",
            "--key",
            KEY,
        ],
        carrier: Carrier::Tls,
        ..talker("client wss")
    },
    Client {
        package: Examples,
        args: &["--connect", "{url}/v1/listen", "--key", KEY],
        ..talker("voice client")
    },
    talker("tokio_tcp"),
    talker("tokio_split"),
    talker("mio_tcp"),
    Client {
        args: &["connect", "{url}/echo", "{pem}"],
        carrier: Carrier::Tls,
        ..talker("rustls_wss")
    },
    talker("hyper_upgrade"),
    talker("axum_route"),
    Client { carrier: Carrier::H2, ..talker("h2_connect") },
];

/// The rows with their names, without those of a package that is not there.
pub(crate) fn servers() -> Vec<(&'static str, &'static Server)> {
    let there = SERVERS.iter().filter(|row| is_there(row.package));
    there.map(|row| (row.name, row)).collect()
}

pub(crate) fn clients() -> Vec<(&'static str, &'static Client)> {
    // What relays TLS is one of the others.
    let is_possible = |row: &&Client| {
        is_there(row.package) && (row.carrier != Carrier::Tls || is_there(Transports))
    };
    let there = CLIENTS.iter().filter(is_possible);
    there.map(|row| (row.name, row)).collect()
}

fn is_there(package: Package) -> bool {
    package == Examples || crate::programs::built::has_transports()
}

/// The program of a row, which may stand for one of its modes.
pub(crate) fn program(name: &str) -> &str {
    name.split(' ').next().unwrap_or(name)
}
