//! Seeds as text, one per line, escaped as a Rust byte string, so that a head is readable
//! and changing one seed changes one line; in hexadecimal behind a `#` if that is shorter.

use std::io;
use std::path::Path;

/// Reads the seeds of a target.
///
/// # Errors
/// When the file is missing, or has a line that is not a byte string.
pub fn seeds(target: &str) -> io::Result<Vec<Vec<u8>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let text = std::fs::read_to_string(folder.join(target).with_extension("txt"))?;
    let seed = |line| unescape(line).ok_or_else(|| io::Error::other(format!("{target}: {line}")));
    text.lines().map(seed).collect()
}

/// Writes a seed as a line.
#[must_use]
pub fn escape(seed: &[u8]) -> String {
    let escaped = seed.escape_ascii().to_string();
    if escaped.len() <= 1 + 2 * seed.len() && !escaped.starts_with('#') {
        return escaped;
    }
    seed.iter().fold(String::from("#"), |line, byte| line + &format!("{byte:02x}"))
}

/// Reads the seed of a line; `None` if it has an invalid escape.
#[must_use]
pub fn unescape(line: &str) -> Option<Vec<u8>> {
    if let Some(digits) = line.strip_prefix('#') {
        let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
        return rest.is_empty().then(|| pairs.iter().map(|pair| byte(pair)).collect())?;
    }
    let mut bytes = Vec::with_capacity(line.len());
    let mut rest = line.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let (escape, after) = rest.split_first()?;
        rest = after;
        bytes.push(match escape {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'x' => {
                let (digits, after) = rest.split_at_checked(2)?;
                rest = after;
                byte(digits)?
            }
            b'\\' | b'\'' | b'"' => *escape,
            _ => return None,
        });
    }
    Some(bytes)
}

fn byte(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()
}
