//! What was said, for people who look for a fault.

use std::time::Instant;

/// As many lines as anybody reads.
const LINES: usize = 200;
/// The most bytes shown of one write or read.
const BYTES: usize = 64;

pub struct Log {
    start: Instant,
    lines: Vec<String>,
    left_out: usize,
}

impl Log {
    pub fn new() -> Self {
        Self { start: Instant::now(), lines: Vec::new(), left_out: 0 }
    }

    pub fn sent(&mut self, bytes: &[u8]) {
        self.bytes("->", bytes);
    }

    pub fn received(&mut self, bytes: &[u8]) {
        self.bytes("<-", bytes);
    }

    pub fn note(&mut self, text: &str) {
        self.line("--", text);
    }

    /// Takes all lines out of the log.
    pub fn take(&mut self) -> Vec<String> {
        if self.left_out > 0 {
            self.lines.push(format!("... and {} more lines", self.left_out));
        }
        std::mem::take(&mut self.lines)
    }

    fn bytes(&mut self, arrow: &str, bytes: &[u8]) {
        let shown = &bytes[..bytes.len().min(BYTES)];
        let is_text = shown.starts_with(b"GET ") || shown.starts_with(b"HTTP/");
        let text = if is_text {
            String::from_utf8_lossy(&bytes[..bytes.len().min(20 * BYTES)])
                .escape_debug()
                .to_string()
        } else {
            shown.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
        };
        let more =
            if bytes.len() > BYTES { format!(" ({} bytes)", bytes.len()) } else { String::new() };
        self.line(arrow, &format!("{text}{more}"));
    }

    fn line(&mut self, arrow: &str, text: &str) {
        if self.lines.len() == LINES {
            self.left_out += 1;
            return;
        }
        let at = self.start.elapsed().as_secs_f64() * 1000.0;
        self.lines.push(format!("{at:8.1} ms {arrow} {text}"));
    }
}
