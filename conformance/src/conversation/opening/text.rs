//! Heads to send: legal ones, which cases then change.

use crate::wire::accept_for;
use std::fmt;

/// The key of RFC 6455 section 1.3. A server answers a key that is not random too.
pub const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// A head that is written as it is, however wrong it is.
#[derive(Clone, Debug)]
pub struct Text {
    start: String,
    fields: Vec<(String, String)>,
}

/// Returns a request that every server accepts.
pub fn request(path: &str, host: &str) -> Text {
    Text { start: format!("GET {path} HTTP/1.1"), fields: Vec::new() }
        .add("Host", host)
        .add("Upgrade", "websocket")
        .add("Connection", "Upgrade")
        .add("Sec-WebSocket-Key", KEY)
        .add("Sec-WebSocket-Version", "13")
}

/// Returns the answer that every client accepts.
pub fn answer(key: &str) -> Text {
    Text { start: "HTTP/1.1 101 Switching Protocols".into(), fields: Vec::new() }
        .add("Upgrade", "websocket")
        .add("Connection", "Upgrade")
        .add("Sec-WebSocket-Accept", &accept_for(key))
}

impl Text {
    pub fn start(self, start: impl Into<String>) -> Self {
        Self { start: start.into(), ..self }
    }

    /// Adds one more field after the others.
    pub fn add(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.into(), value.into()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(other, _)| other != name);
        self
    }

    /// Gives the field another value, in its place.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        for (other, old) in &mut self.fields {
            if other == name {
                *old = value.into();
            }
        }
        self
    }

    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(other, _)| other == name).map(|(_, value)| &**value)
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(other, _)| other == name).map(|(_, value)| &**value)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\r\n", self.start)?;
        for (name, value) in &self.fields {
            write!(f, "{name}: {value}\r\n")?;
        }
        f.write_str("\r\n")
    }
}
