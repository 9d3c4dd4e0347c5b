use super::{in_proportion, request_with};
use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client;
use patchcord::handshake::server::{RequestError, RequestReader};
use patchcord::handshake::subprotocol::{
    MAX_OFFERED, Offer, Offers, OffersError, SelectionError, Subprotocol,
};

/// The lines of `Sec-WebSocket-Protocol` (one per line of the input) are read as a list of tokens,
/// each only once, in their order; both preferences select what a loop over that list does; and
/// what a client can offer is written so that it reads back the same.
pub fn subprotocols(data: &[u8]) {
    let Some((&choice, value)) = data.split_first() else { return };
    let lines: Vec<&[u8]> = value.split(|byte| *byte == b'\n').collect();
    if lines.len() > 8 || value.len() > 4096 || !value.iter().all(|byte| may_stand(*byte)) {
        return;
    }
    let fields: Vec<(&str, &[u8])> =
        lines.iter().map(|line| ("Sec-WebSocket-Protocol", *line)).collect();
    let head = request_with(&fields);
    let expected = listed(&lines);
    let mut input = &head[..];
    match in_proportion(head.len(), || RequestReader::new(Admission::any()).read(&mut input)) {
        Err(RequestError::Subprotocols(error)) => assert_eq!(Err(error), expected),
        Err(error) => panic!("{error:?}"),
        Ok(request) => {
            let expected = expected.expect("what is accepted is a list");
            let offers = request.expect("a whole head").offers();
            let names: Vec<&str> = offers.iter().map(|offer| offer.as_str()).collect();
            assert_eq!(names, expected);
            selected(&offers, &expected, choice);
            offered(&expected);
        }
    }
}

/// Returns whether a field value can hold this byte, apart from its ends (RFC 9110 section 5.5).
fn may_stand(byte: u8) -> bool {
    byte == b'\n' || byte == b'\t' || byte >= b' ' && byte != 0x7f
}

/// RFC 9110 section 5.6.2.
fn is_token(text: &str) -> bool {
    let is_tchar = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(is_tchar)
}

/// Reads the list in the lines, rule by rule, entry by entry.
fn listed<'a>(lines: &[&'a [u8]]) -> Result<Vec<&'a str>, OffersError> {
    let mut names: Vec<&str> = Vec::new();
    for entry in lines.iter().flat_map(|line| line.split(|byte| *byte == b',')) {
        let blank = |byte: &u8| *byte == b' ' || *byte == b'\t';
        let start = entry.iter().position(|byte| !blank(byte)).unwrap_or(entry.len());
        let end = entry.iter().rposition(|byte| !blank(byte)).map_or(start, |end| end + 1);
        if start == end {
            continue; // an empty element, which a recipient has to tolerate
        }
        if names.len() == MAX_OFFERED {
            return Err(OffersError::TooMany);
        }
        let name = core::str::from_utf8(&entry[start..end]).map_err(|_| OffersError::NotAToken)?;
        if !is_token(name) {
            return Err(OffersError::NotAToken);
        }
        if names.contains(&name) {
            return Err(OffersError::Duplicate);
        }
        names.push(name);
    }
    if names.is_empty() { Err(OffersError::Empty) } else { Ok(names) }
}

fn selected(offers: &Offers<'_>, names: &[&str], choice: u8) {
    let supported: [Vec<&str>; 4] = [
        vec!["chat", "superchat"],
        vec!["token"],
        names.iter().rev().copied().collect(),
        vec!["CHAT", "Chat", names[usize::from(choice >> 2) % names.len()]],
    ];
    let supported = &supported[usize::from(choice & 3)];
    let server = supported.iter().find(|name| names.contains(name));
    let client = names.iter().find(|name| supported.contains(name));
    let names = |selected: Result<Option<Subprotocol<'_>>, SelectionError>| match selected {
        Ok(selected) => Some(selected.expect("something was offered").as_str().to_owned()),
        Err(error) => {
            assert_eq!(error, SelectionError::NoneSupported);
            None
        }
    };
    assert_eq!(names(offers.select(supported)).as_deref(), server.copied());
    assert_eq!(names(offers.select_by_client(supported)).as_deref(), client.copied());
}

/// Checks that a client's offers arrive in order, and that whichever one a server chooses is accepted.
fn offered(names: &[&str]) {
    let mut offer = Offer::required();
    for name in names {
        offer = offer.with_name(name).expect("a token that is new");
    }
    assert!(offer.clone().with_name(names[0]).is_err(), "twice");
    let url = Url::parse("wss://example.com/").expect("a URL");
    let mut zeros = |bytes: &mut [u8]| bytes.fill(0);
    let mut head = Vec::new();
    let mut reader = client::Request::new(url)
        .with_offer(offer)
        .write(&mut zeros, &mut head)
        .expect("a request");
    let request = RequestReader::new(Admission::any()).read(&mut &head[..]);
    let request = request.expect("a legal request").expect("a whole head");
    let offers = request.offers();
    assert!(offers.iter().map(|offer| offer.as_str()).eq(names.iter().copied()));
    let mut response = Vec::new();
    let answer =
        request.response().with_subprotocol(offers.iter().last()).expect("of this request");
    answer.write(&mut response).expect("room");
    let answer = reader.read(&mut &response[..]).expect("an answer to this request");
    let Some(client::Answer::Accepted(open)) = answer else { panic!("not open") };
    assert_eq!(open.subprotocol(), names.last().copied());
}
