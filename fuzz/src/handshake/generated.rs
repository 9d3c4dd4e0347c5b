use super::handshake_request;
use super::handshake_response;
use super::response::reader;
use crate::peers::heads;
use arbitrary::{Arbitrary, Unstructured};
use patchcord::arbitrary::{AnyHead, RequestHead, ResponseHead};
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::Answer;
use patchcord::handshake::server::RequestReader;

/// Heads that the crate's own `Arbitrary` makes: a request is accepted, a response opens the
/// connection, and those with faults keep the properties of all heads.
pub fn generated_heads(data: &[u8]) {
    let Some((&[choice, seed], rest)) = data.split_first_chunk() else { return };
    let mut u = Unstructured::new(rest);
    let bytes = match choice % 4 {
        0 => RequestHead::arbitrary(&mut u).map(|head| accepted(head.bytes)),
        1 => ResponseHead::arbitrary(&mut u).map(|head| opened(head.bytes)),
        _ => AnyHead::arbitrary(&mut u).map(|head| head.bytes),
    };
    let Ok(bytes) = bytes else { return };
    heads(&bytes);
    let with = [&[choice >> 2, seed], &bytes[..]].concat();
    handshake_request(&with);
    handshake_response(&with);
}

fn accepted(head: Vec<u8>) -> Vec<u8> {
    let mut input = &head[..];
    let request = RequestReader::new(Admission::any()).read(&mut input);
    assert!(request.expect("a legal request").is_some() && input.is_empty());
    head
}

fn opened(head: Vec<u8>) -> Vec<u8> {
    let mut input = &head[..];
    let answer = reader(0).read(&mut input).expect("a legal response");
    assert!(matches!(answer, Some(Answer::Accepted(_))) && input.is_empty());
    head
}
