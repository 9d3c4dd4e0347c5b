//! Heads, written without the crate.

/// A header field: its name, and its value.
pub(crate) type Field = (String, Vec<u8>);

/// Writes a head with this start line and these fields.
pub(crate) fn write(start: &str, fields: &[Field]) -> Vec<u8> {
    let mut head = [start.as_bytes(), b"\r\n"].concat();
    for (name, value) in fields {
        head.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    [&head[..], b"\r\n"].concat()
}

/// Writes the request of RFC 6455 section 1.2 with these additional fields.
pub(crate) fn request_with(fields: &[(&str, &[u8])]) -> Vec<u8> {
    let own: [(&str, &[u8]); 5] = [
        ("Host", b"example.com"),
        ("Upgrade", b"websocket"),
        ("Connection", b"Upgrade"),
        ("Sec-WebSocket-Key", b"dGhlIHNhbXBsZSBub25jZQ=="),
        ("Sec-WebSocket-Version", b"13"),
    ];
    let fields = own.iter().chain(fields).map(|(name, value)| ((*name).to_owned(), value.to_vec()));
    write("GET /chat HTTP/1.1", &fields.collect::<Vec<_>>())
}

/// The fields whose values can be credentials.
const SECRET: [&str; 5] =
    ["Sec-WebSocket-Protocol", "Authorization", "Proxy-Authorization", "Cookie", "X-Key"];

/// The same fields with other secrets of the same shape: each letter and each digit of a value
/// becomes another. Output that shows no secrets shows no difference.
pub(crate) fn disguised(fields: &[Field]) -> Vec<Field> {
    let is_secret = |name: &str| SECRET.iter().any(|secret| secret.eq_ignore_ascii_case(name));
    let other = |byte: &u8| match byte {
        b'a'..=b'z' => b'a' + (byte - b'a' + 13) % 26,
        b'A'..=b'Z' => b'A' + (byte - b'A' + 13) % 26,
        b'0'..=b'9' => b'0' + (byte - b'0' + 5) % 10,
        _ => *byte,
    };
    fields
        .iter()
        .map(|(name, value)| match is_secret(name) {
            true => (name.clone(), value.iter().map(other).collect()),
            false => (name.clone(), value.clone()),
        })
        .collect()
}
