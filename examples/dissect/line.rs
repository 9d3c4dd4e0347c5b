//! A frame as one line of text.

use crate::judge::Fault;
use crate::wire::WireHeader;
use patchcord::MessageKind;
use patchcord::frame::Opcode;
use std::fmt;
use std::str;

/// The most characters of text that are shown.
const CHARACTERS: usize = 40;

/// The most bytes of binary data that are shown.
const OCTETS: usize = 20;

/// The most bytes of a payload that are kept: enough for the characters of 4 bytes each, and
/// for the whole body of a Close.
pub(crate) const KEPT: usize = 4 * CHARACTERS;

/// A frame, as much of it as was seen.
pub(crate) struct Frame {
    pub(crate) offset: u64,
    pub(crate) header: WireHeader,
    /// The kind of the message that a data frame belongs to.
    pub(crate) kind: Option<MessageKind>,
    /// The beginning of the payload, unmasked.
    pub(crate) kept: Vec<u8>,
    /// How many bytes of the payload have arrived.
    pub(crate) seen: u64,
    pub(crate) faults: Vec<Fault>,
}

impl Frame {
    /// Returns whether a part of the payload is missing.
    pub(crate) fn is_cut(&self) -> bool {
        self.header.has_end() && self.seen < self.header.raw.length
    }

    /// Returns the beginning of the payload, for people.
    pub(crate) fn preview(&self) -> String {
        let more = self.header.raw.length > self.kept.len() as u64;
        match (self.header.opcode(), self.kept.split_first_chunk()) {
            (Some(Opcode::Close), Some((&code, reason))) => {
                format!("{} {}", u16::from_be_bytes(code), text(reason, more))
            }
            _ if self.is_text() => text(&self.kept, more),
            _ => octets(&self.kept, more),
        }
    }

    /// Pings and pongs have no type: they are shown as text if they are text.
    fn is_text(&self) -> bool {
        match self.header.opcode() {
            Some(Opcode::Ping | Opcode::Pong) => {
                !self.kept.is_empty() && str::from_utf8(&self.kept).is_ok()
            }
            _ => self.kind == Some(MessageKind::Text),
        }
    }

    /// Returns `ok`, or what is wrong.
    pub(crate) fn verdict(&self) -> String {
        let mut parts = Vec::new();
        if !self.faults.is_empty() {
            let faults: Vec<_> = self.faults.iter().map(Fault::to_string).collect();
            parts.push(format!("illegal: {}", faults.join("; ")));
        }
        if self.is_cut() {
            let Self { seen, header, .. } = self;
            parts.push(format!("cut short: {seen} of {} bytes of payload", header.raw.length));
        }
        if parts.is_empty() { "ok".into() } else { parts.join("; ") }
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fin = if self.header.raw.fin { "FIN" } else { "-" };
        let rsv = self.header.rsv().bits() >> 4;
        let opcode = opcode(self.header.raw.opcode);
        let key =
            self.header.raw.masking_key.map_or("-".into(), |key| octets(&key.to_bytes(), false));
        let length = self.header.raw.length;
        write!(f, "{:>8}  {fin:<3} {rsv:03b} {opcode:<12} {key:<8} ", self.offset)?;
        write!(f, "{length:>6}  {}  {}", self.preview(), self.verdict())
    }
}

/// Returns an opcode's name, or its number if it is reserved.
pub(crate) fn opcode(bits: u8) -> String {
    match Opcode::from_bits(bits) {
        Some(opcode) => format!("{opcode:?}").to_lowercase(),
        None => format!("reserved-{bits:x}"),
    }
}

/// Returns the beginning of what should be text; invalid bytes are shown as `\x..`.
fn text(bytes: &[u8], more: bool) -> String {
    let shown: Vec<String> = bytes
        .utf8_chunks()
        .flat_map(|chunk| {
            let bad = chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}"));
            chunk.valid().chars().map(character).chain(bad)
        })
        .collect();
    let cut = &shown[..shown.len().min(CHARACTERS)];
    let dots = if more || cut.len() < shown.len() { "..." } else { "" };
    format!("\"{}\"{dots}", cut.concat())
}

/// Escaped, so that no payload can control the terminal.
fn character(character: char) -> String {
    if character == '\'' { "'".into() } else { character.escape_debug().to_string() }
}

fn octets(bytes: &[u8], more: bool) -> String {
    if bytes.is_empty() && !more {
        return "-".into();
    }
    let cut = &bytes[..bytes.len().min(OCTETS)];
    let hex: String = cut.iter().map(|byte| format!("{byte:02x}")).collect();
    if more || cut.len() < bytes.len() { hex + "..." } else { hex }
}
