//! The head of an HTTP/1.1 response, parsed; used for servers and for proxies.

use super::{Response, ResponseError};
use crate::handshake::head::{Headers, with_room};
use crate::handshake::steps;

pub(in crate::handshake) fn parse(
    head: &[u8],
    headers: usize,
) -> Result<Response<'_>, ResponseError> {
    let config = httparse::ParserConfig::default();
    steps::count(head.len());
    let parsed = with_room(headers, |fields| {
        let mut response = httparse::Response::new(&mut []);
        let parsed = config.parse_response_with_uninit_headers(&mut response, head, fields);
        let is_whole = matches!(parsed, Ok(httparse::Status::Complete(end)) if end == head.len());
        is_whole.then_some((response.code, response.version, response.reason))
    });
    let (code, version, reason) = parsed.ok_or(ResponseError::Syntax)?;
    // RFC 9110 section 15: the first digit is one of five classes.
    let status = code.filter(|code| *code >= 100).ok_or(ResponseError::Syntax)?;
    // RFC 9110 section 7.8: only HTTP/1.1 can upgrade.
    if status == 101 && version != Some(1) {
        return Err(ResponseError::Syntax);
    }
    let reason = reason.unwrap_or_default();
    Ok(Response { status, reason, headers: Headers::from_head(head), body: &[] })
}
