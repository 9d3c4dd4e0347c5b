use super::{Field, admitted, disguised, in_proportion, write};
use crate::stream::Cuts;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::server::{Refusal, Request, RequestError, RequestReader};

/// A request comes to the same in any cuts and in one piece, and is consumed whole or not at
/// all. One that is accepted is accepted again when its parts are rewritten; its answer names
/// something it offered, no `Debug` shows a possible credential, and only a listed host or page is let in.
pub fn handshake_request(data: &[u8]) {
    let Some((&[choice, seed], bytes)) = data.split_first_chunk() else { return };
    let list = ["https://example.com", "https://*.example.com:8443", "null"];
    let admission = match choice % 6 {
        0 | 1 => Admission::any(),
        2 => Admission::same_host(),
        3 => Admission::origins(&list).expect("origins").or_absent(),
        4 => admitted::named(),
        _ => admitted::loopback(),
    };
    let whole = read(bytes, Cuts::None, admission);
    assert_eq!(read(bytes, Cuts::drawn(seed), admission), whole, "cut, and whole");
    // A hundred reads take most of the time, so only some seeds ask for them.
    if seed.is_multiple_of(4) {
        let every = Cuts::Every(1 + bytes.len() / 100);
        assert_eq!(read(bytes, every, admission), whole, "cut evenly, and whole");
    }
    if let Ok(Some(rest)) = whole {
        let mut input = bytes;
        let mut reader = RequestReader::new(admission);
        let request = reader.read(&mut input).expect("accepted").expect("whole");
        assert_eq!(input, &bytes[bytes.len() - rest..]);
        match choice % 6 {
            4 => admitted::is_named(&request),
            5 => admitted::is_on_loopback(&request),
            _ => {}
        }
        accepted(&request, admission);
    }
}

/// Returns the error, or how many bytes are left behind a complete request.
fn read(bytes: &[u8], cuts: Cuts, admission: Admission<'_>) -> Result<Option<usize>, RequestError> {
    in_proportion(bytes.len(), || read_cut(bytes, cuts, admission))
}

fn read_cut(
    bytes: &[u8],
    cuts: Cuts,
    admission: Admission<'_>,
) -> Result<Option<usize>, RequestError> {
    let mut reader = RequestReader::new(admission);
    for length in cuts.lengths(bytes.len()) {
        let exact = bytes[..length].to_vec().into_boxed_slice();
        let mut input = &exact[..];
        let read = reader.read(&mut input).map(|request| request.is_some());
        match read {
            Ok(true) => return Ok(Some(bytes.len() - (length - input.len()))),
            Ok(false) => assert_eq!(input.len(), length, "an unfinished request was consumed"),
            Err(error) => {
                assert_eq!(input.len(), length, "a refused request was consumed");
                assert!(matches!(Refusal::from(error).status(), 400..=599));
                return Err(error);
            }
        }
    }
    Ok(None)
}

fn fields(request: &Request<'_>) -> Vec<Field> {
    request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_vec())).collect()
}

fn accepted(request: &Request<'_>, admission: Admission<'_>) {
    let start = format!("GET {} HTTP/1.1", request.target());
    let fields = fields(request);
    let again = write(&start, &fields);
    let mut input = &again[..];
    let same = RequestReader::new(admission).read(&mut input).expect("accepted again");
    let same = same.expect("a whole head");
    assert!(input.is_empty());
    assert_eq!(
        (same.target(), same.host(), same.path()),
        (request.target(), request.host(), request.path())
    );
    assert_eq!((same.query(), same.origin()), (request.query(), request.origin()));
    assert_eq!(same.extensions().to_string(), request.extensions().to_string());
    let names = |request: &Request<'_>| -> Vec<String> {
        request.offers().iter().map(|offer| offer.as_str().to_owned()).collect()
    };
    assert_eq!(names(&same), names(request));
    let (mut out, mut other) = (Vec::new(), Vec::new());
    in_proportion(again.len(), || {
        let response = request.response().with_subprotocol(request.offers().iter().last());
        let response = response.expect("of this request");
        let _ = response.clone().with_extensions(request.extensions()).expect("what was offered");
        response.write(&mut out).expect("room");
    });
    let response = same.response().with_subprotocol(same.offers().iter().last());
    response.expect("of that request").write(&mut other).expect("room");
    assert_eq!(out, other, "the same answer");
    let foreign = request.offers().iter().last();
    assert_eq!(same.response().with_subprotocol(foreign).is_ok(), foreign.is_none(), "of another");
    answered(&out, names(request).last());
    shown(request, &start, &fields, admission);
}

/// The answer is one head, with the subprotocol on a line of its own and nothing that was not there.
fn answered(out: &[u8], selected: Option<&String>) {
    let text = core::str::from_utf8(out).expect("ASCII");
    let head = text.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n").unwrap_or(text);
    assert!(head.starts_with("HTTP/1.1 101 Switching Protocols\r\n") && head.ends_with("\r\n\r\n"));
    let lines: Vec<&str> = head.trim_end().lines().collect();
    assert_eq!(lines.len(), 4 + usize::from(selected.is_some()), "{head}");
    if let Some(name) = selected {
        assert_eq!(lines[4], format!("Sec-WebSocket-Protocol: {name}"));
    }
}

fn shown(request: &Request<'_>, start: &str, fields: &[Field], admission: Admission<'_>) {
    let other = write(start, &disguised(fields));
    let mut input = &other[..];
    // Another secret of the same shape cannot be refused: no two names become equal,
    // since letters are exchanged one for one.
    let other = RequestReader::new(admission).read(&mut input).expect("accepted").expect("whole");
    let offers = |request: &Request<'_>| format!("{:#?}", request.offers());
    assert_eq!(format!("{request:?}"), format!("{other:?}"), "Debug shows a secret");
    assert_eq!(offers(request), offers(&other), "Debug shows an offer");
    if let Some(query) = request.query().filter(|query| query.len() > 8) {
        let before = request.target().split_once('?').map_or("", |(path, _)| path);
        let elsewhere = [before.as_bytes(), request.host().as_bytes()]
            .into_iter()
            .chain(fields.iter().map(|(name, _)| name.as_bytes()))
            .any(|text| text.windows(query.len()).any(|part| part == query.as_bytes()));
        assert!(elsewhere || !format!("{request:?}").contains(query), "Debug shows the query");
    }
}
