//! The servers, and how each is driven.

use crate::process::Process;
use std::path::PathBuf;

/// An echo server: a program that listens on a port of the system's choosing and prints it.
pub struct Server {
    /// The name of its package, and in brackets what differs from its first examples.
    pub name: &'static str,
    pub class: Class,
    program: Program,
    pub opening: Opening,
    /// How it is driven, for the table: one phrase.
    pub driven: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Ours,
    /// What the loop allows, whatever uses it: never counted as a peer.
    Floor,
    /// A crate.
    Rust,
    /// Anything else.
    Other,
}

enum Program {
    /// A binary of this package, and its argument.
    Here(&'static str, &'static str),
    /// A program that `install` has put in place, and a file in `servers/`.
    Installed(&'static str, &'static [&'static str]),
}

/// The first bytes from a client.
#[derive(Clone, Copy)]
pub enum Opening {
    Nothing,
    /// A request, with these fields beside the required ones.
    Request(&'static str),
}

const PLAIN: Opening = Opening::Request("");

pub const RAW_MIO: &str = "(raw echo, mio)";
pub const RAW_TOKIO: &str = "(raw echo, tokio)";
pub const MIO: &str = "patchcord (mio)";
pub const TOKIO: &str = "patchcord-tokio";
pub const TOKIO_RUN: &str = "patchcord-tokio (run)";
pub const UWEBSOCKETS: &str = "uWebSockets";

const fn here(
    name: &'static str,
    class: Class,
    program: (&'static str, &'static str),
    driven: &'static str,
) -> Server {
    Server { name, class, program: Program::Here(program.0, program.1), opening: PLAIN, driven }
}

const fn installed(
    name: &'static str,
    program: &'static str,
    arguments: &'static [&'static str],
    driven: &'static str,
) -> Server {
    let program = Program::Installed(program, arguments);
    Server { name, class: Class::Other, program, opening: PLAIN, driven }
}

/// All of them, in the order of the tables.
pub static ALL: &[Server] = &[
    Server {
        name: RAW_MIO,
        class: Class::Floor,
        program: Program::Here("raw_mio", ""),
        opening: Opening::Nothing,
        driven: "writes back what it reads, on the loop of the example `mio_tcp`, with as large a \
            buffer",
    },
    Server {
        name: MIO,
        class: Class::Ours,
        program: Program::Here("patchcord_mio", ""),
        opening: Opening::Request(KEYED),
        driven: "the example `mio_tcp`: one buffer of 512 KiB for all connections, one read and \
            one write per turn, deadlines and pings",
    },
    Server {
        name: RAW_TOKIO,
        class: Class::Floor,
        program: Program::Here("raw_tokio", ""),
        opening: Opening::Nothing,
        driven: "writes back what it reads: `poll_read` into a buffer of the thread, `poll_write`",
    },
    here(
        TOKIO,
        Class::Ours,
        ("patchcord_tokio", ""),
        "`recv`, `feed`, as in its example `echo.rs`",
    ),
    here(
        TOKIO_RUN,
        Class::Ours,
        ("patchcord_tokio", "run"),
        "`run`, which lends each message in place",
    ),
    here(
        "tokio-tungstenite",
        Class::Rust,
        ("tokio_tungstenite", ""),
        "`next`, `send`, as in its `autobahn-server.rs`",
    ),
    here(
        "tokio-tungstenite (forward)",
        Class::Rust,
        ("tokio_tungstenite", "forward"),
        "`split`, `forward`, as in its `echo-server.rs`",
    ),
    here(
        "tokio-tungstenite (forward, 16 KiB)",
        Class::Rust,
        ("tokio_tungstenite", "forward-small"),
        "the same with a `read_buffer_size` of 16 KiB, instead of 128 KiB",
    ),
    here(
        "fastwebsockets",
        Class::Rust,
        ("fastwebsockets", ""),
        "`upgrade` with hyper, `FragmentCollector`, `read_frame`, `write_frame`, as in its \
            `echo_server.rs`; it has no way to write several messages at once",
    ),
    here(
        "tokio-websockets",
        Class::Rust,
        ("tokio_websockets", ""),
        "`next`, `send`, as in its `echo_server.rs`; its `next` writes what was fed, so that \
            several messages are not written at once",
    ),
    here("yawc", Class::Rust, ("yawc", ""), "`upgrade` with hyper, `next`, `send`, UTF-8 checked"),
    here(
        "yawc (batched)",
        Class::Rust,
        ("yawc", "batched"),
        "`feed` for what is ready, 32 messages at most, then `flush`, as in its own benchmark",
    ),
    here(
        "sockudo-ws",
        Class::Rust,
        ("sockudo_ws", ""),
        "`next`, `send`, as in its `simple_echo.rs`",
    ),
    here(
        "sockudo-ws (batched)",
        Class::Rust,
        ("sockudo_ws", "batched"),
        "`next`, `feed`, as in its README",
    ),
    here(
        "wtx",
        Class::Rust,
        ("wtx", ""),
        "`WebSocketAcceptor` on tokio's sockets, `read_frame`, `write_frame`; it has no way to \
            write several messages at once",
    ),
    installed(
        UWEBSOCKETS,
        "uwebsockets",
        &[],
        "`servers/uwebsockets/echo.cpp`: its `EchoServer.cpp` without compression and TLS; from the sources that the crate `libuwebsockets-sys` carries, `-O3`",
    ),
    installed(
        "bun",
        "node_modules/.bin/bun",
        &["servers/bun.js"],
        "`Bun.serve`, which has uWebSockets inside; in JavaScript",
    ),
    installed(
        "deno",
        "node_modules/.bin/deno",
        &["run", "--allow-net", "servers/deno.js"],
        "`Deno.upgradeWebSocket`, which has fastwebsockets inside; in JavaScript",
    ),
];

/// The fields that the example requires of its clients.
const KEYED: &str = "Sec-WebSocket-Protocol: token, k-3141592653\r\n";

impl Server {
    /// Returns its name in the form that a file name allows.
    pub fn id(&self) -> String {
        self.name.chars().filter(char::is_ascii_alphanumeric).collect()
    }

    pub const fn is_raw(&self) -> bool {
        matches!(self.opening, Opening::Nothing)
    }

    /// Returns whether it is a program of this package.
    pub const fn is_here(&self) -> bool {
        matches!(self.program, Program::Here(..))
    }

    /// Returns the program, and its arguments.
    pub fn command(&self) -> (PathBuf, Vec<String>) {
        match self.program {
            Program::Here(program, way) => (beside().join(program), vec![way.into()]),
            Program::Installed(program, arguments) => {
                let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/");
                let argument = |argument: &&str| match argument.strip_prefix("servers/") {
                    Some(_) => format!("{folder}{argument}"),
                    None => (*argument).into(),
                };
                (installed_in().join(program), arguments.iter().map(argument).collect())
            }
        }
    }

    /// Returns whether its program exists.
    pub fn is_there(&self) -> bool {
        self.command().0.exists()
    }

    /// Returns the version that is measured; empty if it is not a package.
    pub fn version(&self) -> &'static str {
        let package = self.name.split(' ').next().unwrap_or_default();
        match (self.class, &self.program) {
            (Class::Floor, _) => "",
            (_, Program::Here(..)) => bench_report::version(include_str!("../Cargo.lock"), package),
            (_, Program::Installed(..)) => pinned(package),
        }
    }
}

/// Returns the version that `install` asks for.
fn pinned(package: &str) -> &'static str {
    let lines = include_str!("../servers/versions").lines();
    let mut words = lines.map(|line| line.split_once(' ').unwrap_or_default());
    words.find(|(name, _)| *name == package).map_or("unknown", |(_, version)| version)
}

/// Returns the folder of this program.
fn beside() -> PathBuf {
    let program = std::env::current_exe().unwrap_or_default();
    program.parent().map(Into::into).unwrap_or_default()
}

/// Returns where `install` puts the servers that are not in Rust.
fn installed_in() -> PathBuf {
    beside().join("../others")
}

/// Returns why a server could not be measured, and what it said.
pub fn failure(
    server: &Server,
    what: &str,
    error: &std::io::Error,
    process: Option<&Process>,
) -> String {
    let said = process.map(|process| process.said()).unwrap_or_default();
    format!("{}: {what}: {error}; {said}", server.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use patchcord_transports::talk::KEY;

    #[test]
    fn the_key_is_that_of_the_example() {
        assert_eq!(KEYED, format!("Sec-WebSocket-Protocol: token, {KEY}\r\n"));
    }

    #[test]
    fn every_server_has_a_version_but_the_floors() {
        for server in ALL {
            assert_eq!(
                server.version().is_empty(),
                server.class == Class::Floor,
                "{}",
                server.name
            );
            assert_ne!(server.version(), "unknown", "{}", server.name);
        }
    }
}
