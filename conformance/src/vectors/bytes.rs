//! Bytes as vectors and JSON lines write them.

use serde_json::Value;

/// Reads hexadecimal bytes with blanks between.
pub fn octets(value: &Value) -> Option<Vec<u8>> {
    parts(value, &unhex)
}

/// Reads a text whose characters are bytes.
pub fn latin1(value: &Value) -> Option<Vec<u8>> {
    parts(value, &|text| text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect())
}

/// Reads a text in UTF-8.
pub fn text(value: &Value) -> Option<Vec<u8>> {
    parts(value, &|text| Some(text.as_bytes().to_vec()))
}

/// Reads a string, `{"repeat": N, "of": string}` or `{"join": [..]}` of such.
fn parts(value: &Value, read: &dyn Fn(&str) -> Option<Vec<u8>>) -> Option<Vec<u8>> {
    if let Some(text) = value.as_str() {
        return read(text);
    }
    if let Some(list) = value["join"].as_array() {
        let all: Option<Vec<_>> = list.iter().map(|part| parts(part, read)).collect();
        return all.map(|all| all.concat());
    }
    Some(parts(&value["of"], read)?.repeat(count(&value["repeat"])?))
}

fn count(value: &Value) -> Option<usize> {
    value.as_u64()?.try_into().ok()
}

pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    digits.chunks(2).map(pair).collect()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The ways to cut an input: whole, in two at some points, byte by byte. Long ones are cut less often.
pub fn cuts(bytes: &[u8]) -> Vec<Vec<&[u8]>> {
    const POINTS: usize = 24;
    const LONG: usize = 4096;
    let mut all = vec![vec![bytes]];
    let step = bytes.len().div_ceil(POINTS).max(1);
    all.extend((1..bytes.len()).step_by(step).map(|at| vec![&bytes[..at], &bytes[at..]]));
    if bytes.len() <= LONG {
        all.push(bytes.chunks(1).collect());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn octets_and_texts_are_read_with_their_repetitions() {
        let value = json!({"join": ["81 05", {"repeat": 2, "of": "61 62"}]});
        assert_eq!(octets(&value), Some(b"\x81\x05abab".to_vec()));
        assert_eq!(
            latin1(&json!({"join": ["\u{e9}", {"repeat": 2, "of": "ab"}]})),
            Some(b"\xe9abab".to_vec())
        );
        assert_eq!(text(&json!("é")), Some("é".into()));
        assert_eq!(hex(&unhex("81 ff").expect("octets")), "81ff");
    }

    #[test]
    fn every_cut_is_of_all_bytes() {
        for cut in cuts(b"0123456789") {
            assert_eq!(cut.concat(), b"0123456789");
        }
        assert_eq!(cuts(b"0123456789").len(), 11);
    }
}
