//! The head of a request or a response: RFC 9112, strictly.

/// A head, with its fields in order.
#[derive(Clone, Debug)]
pub struct Head {
    /// The first line.
    pub start: String,
    pub fields: Vec<(String, String)>,
}

impl Head {
    /// Parses the head at the front of the input, and returns its size, if it is complete; or what is wrong with it.
    pub fn parse(input: &[u8]) -> Result<Option<(Self, usize)>, String> {
        let Some(end) = input.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Ok(None);
        };
        let text: String = input[..end].iter().map(|&byte| char::from(byte)).collect();
        let mut lines = text.split("\r\n");
        let start = lines.next().unwrap_or_default().to_owned();
        let fields = lines.map(field).collect::<Result<_, _>>()?;
        Ok(Some((Self { start, fields }, end + 4)))
    }

    /// Returns the values of a field, in order.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let is_it = |(other, _): &&(String, String)| other.eq_ignore_ascii_case(name);
        self.fields.iter().filter(is_it).map(|(_, value)| &**value).collect()
    }

    /// Returns the value of a field that occurs once.
    pub fn one(&self, name: &str) -> Option<&str> {
        match self.all(name)[..] {
            [value] => Some(value),
            _ => None,
        }
    }

    /// Returns whether a list-valued field has the token, in any case.
    pub fn lists(&self, name: &str, token: &str) -> bool {
        let is_it = |entry: &str| entry.trim().eq_ignore_ascii_case(token);
        self.all(name).iter().any(|value| value.split(',').any(is_it))
    }

    /// Returns the status of a response.
    pub fn status(&self) -> Option<u16> {
        let rest = self.start.strip_prefix("HTTP/1.1 ").or(self.start.strip_prefix("HTTP/1.0 "))?;
        let (digits, _) = rest.split_at_checked(3)?;
        matches!(rest.as_bytes().get(3), None | Some(b' ')).then(|| digits.parse().ok())?
    }

    /// Returns the method, target and version of a request.
    pub fn request(&self) -> Option<[&str; 3]> {
        self.start.split(' ').collect::<Vec<_>>().try_into().ok()
    }
}

fn field(line: &str) -> Result<(String, String), String> {
    let (name, value) =
        line.split_once(':').ok_or_else(|| format!("a line without a colon: {line:?}"))?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(format!("{name:?} is not a field name"));
    }
    if value.bytes().any(|byte| byte < 0x20 && byte != b'\t' || byte == 0x7f) {
        return Err(format!("the value of {name} has a control character"));
    }
    Ok((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_to_its_empty_line() {
        let input = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nconnection:a, UPGRADE \r\n\r\n\x81";
        let (head, size) = Head::parse(input).expect("legal").expect("whole");
        assert_eq!((head.status(), size), (Some(101), input.len() - 1));
        assert_eq!(head.one("Upgrade"), Some("websocket"));
        assert!(head.lists("Connection", "upgrade") && !head.lists("connection", "b"));
        assert!(Head::parse(&input[..60]).expect("legal").is_none());
    }

    #[test]
    fn a_line_that_is_no_field_is_told() {
        assert!(Head::parse(b"HTTP/1.1 101 x\r\nUpgrade : websocket\r\n\r\n").is_err());
        assert!(Head::parse(b"HTTP/1.1 101 x\r\nUpgrade\r\n\r\n").is_err());
    }
}
