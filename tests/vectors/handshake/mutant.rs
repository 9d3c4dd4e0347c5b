//! Good heads, and a seeded generator that spoils them.

use patchcord::handshake::Headers;

/// Heads of requests that are accepted, and their first frames.
pub(crate) const REQUESTS: [&str; 4] = [
    "GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n\
     Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
     Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\n\
     Sec-WebSocket-Version: 13\r\n\r\n",
    "GET http://a:80/?q HTTP/1.1\r\nhost: b\r\nconnection: keep-alive\r\nConnection: Upgrade\r\n\
     upgrade: h2c, WebSocket\r\nsec-websocket-key: AQIDBAUGBwgJCgsMDQ4PEC==\r\n\
     sec-websocket-version: 13\r\n\r\n\u{1}\u{2}\r\n\r\n",
    "\r\nGET / HTTP/1.1\r\nHost:[::1]:9001\r\nUpgrade:websocket\r\nConnection:Upgrade\r\n\
     Sec-WebSocket-Key:dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version:13\r\n\
     Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=\"10\", x\r\n\
     Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: token, KEY\r\n\r\n",
    "GET /x HTTP/1.1\nHost: c\nUpgrade: websocket\nConnection: Upgrade\n\
     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13\n\
     Content-Length: 0\nExpect: 100-continue\nAuthorization: Bearer KEY\n\n",
];

/// Heads of responses to the request of `reading`, interim ones before them.
pub(crate) const RESPONSES: [&str; 4] = [
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
     Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: chat\r\n\
     \r\n\u{1}\u{5}Hello",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n\
     HTTP/1.1 101 \r\nconnection: keep-alive, upgrade\r\nupgrade: WebSocket\r\n\
     sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
     sec-websocket-extensions: foo; x=\"10\"\r\n\r\n",
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Token\r\nContent-Length: 2\r\n\r\nno",
    "HTTP/1.1 101 X\nUpgrade: websocket\nConnection: Upgrade\n\
     Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\nServer: x\n\n",
];

/// What is put into heads: what parsers look for.
const WORDS: [&str; 24] = [
    "\r\n",
    "\n",
    "\r",
    "\r\n\r\n",
    "\n\n",
    ":",
    ": ",
    ",",
    ";",
    " ",
    "\t",
    "\0",
    "\r\n ",
    "=",
    "\"",
    "Upgrade",
    "websocket",
    "13",
    "chat",
    "Host: x\r\n",
    "Connection: Upgrade\r\n",
    "Content-Length: 1\r\n",
    "Sec-WebSocket-Protocol: a, a\r\n",
    "HTTP/1.1 100 x\r\n\r\n",
];

/// A xorshift generator: the same numbers for the same seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() >> 32) as usize % end
    }

    pub(crate) fn byte(&mut self) -> u8 {
        (self.next() >> 40) as u8
    }

    /// One of the heads, spoiled in one to three places, or in none.
    pub(crate) fn mutant(&mut self, heads: &[&str]) -> Vec<u8> {
        let mut bytes = heads[self.below(heads.len())].as_bytes().to_vec();
        for _ in 0..self.below(4) {
            self.spoil(&mut bytes);
        }
        bytes
    }

    fn spoil(&mut self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let at = self.below(bytes.len());
        let end = (at + 1 + self.below(8)).min(bytes.len());
        match self.below(9) {
            0 => bytes[at] ^= 1 << self.below(8),
            1 => bytes[at] = self.byte(),
            2 => drop(bytes.drain(at..end)),
            3 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
            4 => {
                let other = self.below(bytes.len());
                bytes.swap(at, other);
            }
            5 => bytes.truncate(at),
            6 => {
                let word = WORDS[self.below(WORDS.len())];
                drop(bytes.splice(at..at, word.bytes()));
            }
            7 => bytes[at] = bytes[at].to_ascii_uppercase() ^ (bytes[at] & 0x20 ^ 0x20),
            _ => self.move_line(bytes),
        }
    }

    /// Swaps two lines, doubles one or removes one.
    fn move_line(&mut self, bytes: &mut Vec<u8>) {
        let mut lines: Vec<Vec<u8>> =
            bytes.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect();
        let (one, other) = (self.below(lines.len()), self.below(lines.len()));
        match self.below(3) {
            0 => lines.swap(one, other),
            1 => lines.insert(other, lines[one].clone()),
            _ => drop(lines.remove(one)),
        }
        *bytes = lines.concat();
    }
}

/// Appends the lines of the fields, and the empty line behind them.
pub(crate) fn lines_of(headers: Headers<'_>, bytes: &mut Vec<u8>) {
    for (name, value) in headers.iter() {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
}
