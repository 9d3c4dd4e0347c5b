//! What the clients do.

use std::fmt;

/// Messages that are sent and come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    /// Bytes of the payload.
    pub size: usize,
    pub content: Content,
    pub connections: usize,
    /// How many messages a client sends at once. It sends as many again once all have come back.
    pub in_flight: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    Binary,
    /// ASCII, like most JSON.
    Text,
}

const KIND: [(usize, Content); 5] = [
    (20, Content::Binary),
    (160, Content::Binary),
    (1024, Content::Binary),
    (1024, Content::Text),
    (16 * 1024, Content::Binary),
];

const CONNECTIONS: [usize; 3] = [1, 50, 500];

const IN_FLIGHT: [usize; 2] = [1, 16];

/// A message several times as long as any socket's buffer.
pub const LONG: usize = 1 << 20;

/// More connections with more in flight would need gigabytes of the kernel's memory.
const LONG_CASES: [(usize, usize); 3] = [(1, 1), (50, 1), (1, 16)];

impl Case {
    pub const fn binary(size: usize, connections: usize, in_flight: usize) -> Self {
        Self { size, content: Content::Binary, connections, in_flight }
    }

    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for (size, content) in KIND {
            for connections in CONNECTIONS {
                let case = |in_flight| Self { size, content, connections, in_flight };
                all.extend(IN_FLIGHT.map(case));
            }
        }
        all.extend(
            LONG_CASES.map(|(connections, in_flight)| Self::binary(LONG, connections, in_flight)),
        );
        all
    }

    /// Returns the few cases of a run that only shows that everything works.
    pub fn few() -> Vec<Self> {
        vec![Self::binary(160, 50, 16), Self::binary(LONG, 1, 1)]
    }

    /// Returns the cases in which system calls are counted.
    pub fn counted() -> [Self; 4] {
        [(160, 1), (160, 16), (1024, 16), (16 * 1024, 1)]
            .map(|(size, in_flight)| Self::binary(size, 50, in_flight))
    }

    /// Returns the payload's length and kind.
    pub fn payload(&self) -> String {
        let size = match self.size {
            size if size >= 1 << 20 => format!("{} MiB", size >> 20),
            size if size >= 8192 => format!("{} KiB", size >> 10),
            size => size.to_string(),
        };
        match self.content {
            Content::Binary => size,
            Content::Text => format!("text {size}"),
        }
    }
}

/// Payload, connections, messages in flight.
impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {} / {}", self.payload(), self.connections, self.in_flight)
    }
}
