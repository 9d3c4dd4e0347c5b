use super::Because;
use super::authority::{Verdict, authority, target};
use crate::handshake::list;
use patchcord::handshake::HeadLimits;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::server::{RequestError, RequestReader};

/// A request is accepted if httparse accepts it as a head and the rules of section 4.2.1, written
/// out one by one, are kept. An error has its reason in the head, and no other rule is broken
/// before it.
pub fn heads(data: &[u8]) {
    let is_accepted = judged(data);
    // Stretches some of the accepted heads to the limits, which no short input meets.
    let lines = data.iter().filter(|byte| **byte == b'\n').count();
    if is_accepted
        && data.len().is_multiple_of(8)
        && data.len() < HeadLimits::LINE / 2
        && lines < HeadLimits::LINES
    {
        let head = &data[..end(data).expect("a whole head")];
        let two = |total| {
            let added: usize = total - head.len();
            vec![added / 2, added - added / 2]
        };
        for (lines, within) in [
            (vec![HeadLimits::LINE], true),
            (vec![HeadLimits::LINE + 1], false),
            (two(HeadLimits::HEAD), true),
            (two(HeadLimits::HEAD + 1), false),
        ] {
            assert_eq!(judged(&stretched(head, &lines)), within, "{lines:?} more");
        }
    }
}

/// The head with lines of these lengths, line feed included, behind its first line.
fn stretched(head: &[u8], lines: &[usize]) -> Vec<u8> {
    let blank = head.iter().take_while(|byte| b"\r\n".contains(byte)).count();
    let end = head[blank..].iter().position(|byte| *byte == b'\n').expect("a line") + blank + 1;
    let mut stretched = head[..end].to_vec();
    for length in lines {
        stretched.extend_from_slice(b"X:");
        stretched.resize(stretched.len() + length - 4, b'a');
        stretched.extend_from_slice(b"\r\n");
    }
    stretched.extend_from_slice(&head[end..]);
    stretched
}

/// Returns whether the head is accepted, and checks the reasons.
fn judged(data: &[u8]) -> bool {
    let mut input = data;
    let ours = RequestReader::new(Admission::any()).read(&mut input);
    let mut fields = [httparse::EMPTY_HEADER; HeadLimits::LINES];
    let mut head = httparse::Request::new(&mut fields);
    let theirs = head.parse(data);
    match (ours, theirs) {
        (Ok(Some(request)), Ok(httparse::Status::Complete(length))) => {
            assert_eq!(data.len() - input.len(), length, "the same head");
            let broken: Vec<Rule> =
                RULES.into_iter().filter(|rule| rule.is_broken(&head)).collect();
            assert_eq!(broken, [], "accepted, and a rule is broken");
            assert_eq!(Some(request.target()), head.path);
            let ours = request.headers();
            let same =
                |field: &httparse::Header<'_>| (field.name.to_owned(), trim(field.value).to_vec());
            assert!(
                ours.iter()
                    .map(|(n, v)| (n.to_owned(), v.to_vec()))
                    .eq(head.headers.iter().map(same))
            );
            return true;
        }
        (Ok(None), Ok(httparse::Status::Partial)) => {}
        // An error that httparse reports at once is ours once the head is whole.
        (Ok(None), Err(_)) => assert!(end(data).is_none(), "a whole head is waited for"),
        (Err(error), theirs) => {
            let whole = matches!(theirs, Ok(httparse::Status::Complete(_)));
            assert!(
                is_justified(error, data, whole.then_some(&head)),
                "{error:?}, httparse {theirs:?}"
            );
        }
        (ours, theirs) => panic!("{ours:?}, httparse {theirs:?}"),
    }
    false
}

/// Returns where the head ends: behind the first empty line that does not precede the start line.
fn end(data: &[u8]) -> Option<usize> {
    let mut begun = false;
    let mut at = 0;
    for line in data.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        let blank = matches!(line, b"\n" | b"\r\n");
        if blank && begun {
            return Some(at);
        }
        begun |= !blank;
    }
    None
}

fn trim(value: &[u8]) -> &[u8] {
    let blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
    let start = value.iter().position(|byte| !blank(byte)).unwrap_or(value.len());
    let end = value.iter().rposition(|byte| !blank(byte)).map_or(start, |end| end + 1);
    &value[start..end]
}

/// The rules of RFC 6455 section 4.2.1, RFC 6454, RFC 9110 and RFC 9112 for such a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    Method,
    Version11,
    Target,
    Host,
    Origin,
    Upgrade,
    Key,
    Version13,
    Body,
    Subprotocols,
    Extensions,
}

const RULES: [Rule; 11] = [
    Rule::Method,
    Rule::Version11,
    Rule::Target,
    Rule::Host,
    Rule::Origin,
    Rule::Upgrade,
    Rule::Key,
    Rule::Version13,
    Rule::Body,
    Rule::Subprotocols,
    Rule::Extensions,
];

type Head<'head, 'data> = httparse::Request<'head, 'data>;

fn values<'data>(head: &Head<'_, 'data>, name: &str) -> Vec<&'data [u8]> {
    let named = head.headers.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
    named.map(|field| trim(field.value)).collect()
}

fn lists(head: &Head<'_, '_>, name: &str, element: &str) -> bool {
    values(head, name).iter().any(|value| {
        let mut elements = value.split(|byte| *byte == b',').map(trim);
        elements.any(|other| other.eq_ignore_ascii_case(element.as_bytes()))
    })
}

impl Rule {
    fn is_broken(self, head: &Head<'_, '_>) -> bool {
        match self {
            Self::Method => head.method != Some("GET"),
            Self::Version11 => head.version != Some(1),
            Self::Target => !taken(target(head.path.unwrap_or_default())),
            Self::Host => match values(head, "Host")[..] {
                [host] => !taken(named(host)),
                _ => true,
            },
            Self::Origin => match values(head, "Origin")[..] {
                [] => false,
                [origin] => core::str::from_utf8(origin).is_err(),
                _ => true,
            },
            Self::Upgrade => {
                !(lists(head, "Upgrade", "websocket") && lists(head, "Connection", "upgrade"))
            }
            Self::Key => !matches!(values(head, "Sec-WebSocket-Key")[..], [key] if is_key(key)),
            Self::Version13 => !matches!(values(head, "Sec-WebSocket-Version")[..], [b"13"]),
            Self::Body => {
                let lengths = values(head, "Content-Length");
                !values(head, "Transfer-Encoding").is_empty() || lengths.iter().any(|l| *l != b"0")
            }
            Self::Subprotocols => {
                let lines = values(head, "Sec-WebSocket-Protocol");
                !lines.is_empty() && !is_list_of_tokens(&lines)
            }
            Self::Extensions => {
                let lines = values(head, "Sec-WebSocket-Extensions");
                let text = |line: &&[u8]| core::str::from_utf8(line).ok().map(str::to_owned);
                let lines: Option<Vec<String>> = lines.iter().map(text).collect();
                lines.is_none_or(|lines| !lines.is_empty() && !are_extensions(&lines))
            }
        }
    }
}

fn named(host: &[u8]) -> Verdict {
    core::str::from_utf8(host).map_or(Verdict::Illegal, authority)
}

/// Returns whether this crate accepts it: everything legal, and some more for a reason.
fn taken(verdict: Verdict) -> bool {
    match verdict {
        Verdict::Legal => true,
        Verdict::Taken => Because::Characters.excuses(),
        Verdict::TakenScheme => Because::Scheme.excuses(),
        Verdict::Refused => !Because::Authority.excuses(),
        Verdict::Illegal => false,
    }
}

/// 16 bytes in base64: 22 letters, the last of which may have bits left over, and padding.
fn is_key(key: &[u8]) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'+' || *byte == b'/';
    key.len() == 24 && key.ends_with(b"==") && key[..22].iter().all(is_letter)
}

fn is_token(text: &[u8]) -> bool {
    let is_tchar = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(b);
    !text.is_empty() && text.iter().all(is_tchar)
}

fn is_list_of_tokens(lines: &[&[u8]]) -> bool {
    let entries = lines.iter().flat_map(|line| line.split(|byte| *byte == b',')).map(trim);
    let entries: Vec<&[u8]> = entries.filter(|entry| !entry.is_empty()).collect();
    let unique = entries.iter().enumerate().all(|(i, entry)| !entries[..i].contains(entry));
    !entries.is_empty()
        && entries.len() <= 32
        && unique
        && entries.iter().all(|entry| is_token(entry))
}

/// Section 9.1, each line by itself, by the reading of the target `extensions`; a line of commas
/// counts for nothing beside one that has an extension.
fn are_extensions(lines: &[String]) -> bool {
    let nothing = |line: &String| line.chars().all(|c| " \t,".contains(c));
    let has_some = !lines.iter().all(nothing);
    lines.iter().all(|line| (has_some && nothing(line)) || list(line).is_some())
}

/// Returns whether the head has what the error says; `head` is there if httparse accepts it.
fn is_justified(error: RequestError, data: &[u8], head: Option<&Head<'_, '_>>) -> bool {
    let broken = |rule: Rule| head.is_some_and(|head| rule.is_broken(head));
    match error {
        RequestError::Syntax => head.is_none() && (end(data).is_some() || !begins(data)),
        RequestError::HeadTooLong => {
            let is_long =
                data.len() > HeadLimits::HEAD && end(data).is_none_or(|end| end > HeadLimits::HEAD);
            is_long && Because::Limits.excuses()
        }
        RequestError::LineTooLong => {
            let is_long = |line: &[u8]| line.len() >= HeadLimits::LINE;
            data.split(|byte| *byte == b'\n').any(is_long) && Because::Limits.excuses()
        }
        RequestError::TooManyHeaders => {
            data.iter().filter(|byte| **byte == b'\n').count() > HeadLimits::LINES
        }
        RequestError::Method => broken(Rule::Method),
        RequestError::HttpVersion => broken(Rule::Version11),
        RequestError::Target => broken(Rule::Target),
        RequestError::Host => broken(Rule::Host),
        RequestError::Origin => broken(Rule::Origin),
        RequestError::Body => broken(Rule::Body),
        RequestError::NoUpgrade => broken(Rule::Upgrade),
        RequestError::Version => broken(Rule::Version13),
        RequestError::Key => broken(Rule::Key),
        RequestError::Subprotocols(_) => broken(Rule::Subprotocols),
        RequestError::Extensions => broken(Rule::Extensions),
        _ => false,
    }
}

/// Returns whether a request can begin so: with a token, or with an empty line.
fn begins(data: &[u8]) -> bool {
    data.first().is_none_or(|first| b"\r\n".contains(first) || is_token(&[*first]))
}
