use super::in_proportion;
use patchcord::handshake::extension::Extensions;

/// A value is read exactly if it keeps the grammar of section 9.1. The parts are those that a
/// slower reading finds, and what is written reads back the same.
pub fn extensions(data: &[u8]) {
    let Ok(value) = core::str::from_utf8(data) else { return };
    let expected = list(value);
    let parsed = in_proportion(value.len(), || Extensions::parse(value));
    assert_eq!(parsed.is_ok(), expected.is_some(), "{value:?}");
    let (Ok(parsed), Some(expected)) = (parsed, expected) else { return };
    assert_eq!(in_proportion(value.len(), || parts(&parsed)), expected);
    assert_eq!(parsed.is_empty(), expected.is_empty());
    let written = parsed.to_string();
    let again = Extensions::parse(&written).expect("what was written is read");
    assert_eq!(parts(&again), expected);
    assert_eq!(again.to_string(), written);
}

/// The extensions, each with its parameters and their values.
pub(crate) type Parts = Vec<(String, Vec<(String, Option<String>)>)>;

fn parts(extensions: &Extensions<'_>) -> Parts {
    let value = |parameter: &patchcord::handshake::extension::Parameter<'_>| {
        parameter.value().map(|value| value.chars().collect())
    };
    extensions
        .iter()
        .map(|extension| {
            let parameters = extension.parameters();
            let parameters =
                parameters.map(|parameter| (parameter.name().to_owned(), value(&parameter)));
            (extension.name().to_owned(), parameters.collect())
        })
        .collect()
}

/// Reads the list by cutting it up: first at commas, then at semicolons, then at `=`, wherever these
/// are not in quotes. A blank value is an empty list; commas alone are not a list.
pub(crate) fn list(value: &str) -> Option<Parts> {
    let mut list = Parts::new();
    for element in split(value, ',')? {
        if element.is_empty() {
            continue;
        }
        let mut pieces = split(element, ';')?.into_iter();
        let name = token(pieces.next()?)?;
        let parameters = pieces.map(parameter).collect::<Option<_>>()?;
        list.push((name, parameters));
    }
    (!list.is_empty() || !value.contains(',')).then_some(list)
}

/// Returns the parts without the blanks around them; `None` if a quote is not closed.
fn split(text: &str, at: char) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut quoted) = (Vec::new(), 0, false);
    let mut characters = text.char_indices();
    while let Some((index, c)) = characters.next() {
        match c {
            '\\' if quoted => drop(characters.next()),
            '"' => quoted = !quoted,
            _ if c == at && !quoted => {
                parts.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    let blank = |c: char| c == ' ' || c == '\t';
    (!quoted).then(|| parts.into_iter().map(|part| part.trim_matches(blank)).collect())
}

fn parameter(piece: &str) -> Option<(String, Option<String>)> {
    match &split(piece, '=')?[..] {
        [name] => Some((token(name)?, None)),
        [name, value] => Some((token(name)?, Some(unquoted(value)?))),
        _ => None,
    }
}

fn unquoted(value: &str) -> Option<String> {
    let Some(rest) = value.strip_prefix('"') else { return token(value) };
    let (mut text, mut characters) = (String::new(), rest.chars());
    loop {
        match characters.next()? {
            '"' => return if characters.as_str().is_empty() { token(&text) } else { None },
            '\\' => text.push(characters.next()?),
            c => text.push(c),
        }
    }
}

/// RFC 9110 section 5.6.2.
fn token(text: &str) -> Option<String> {
    let is_tchar = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    (!text.is_empty() && text.chars().all(is_tchar)).then(|| text.to_owned())
}
