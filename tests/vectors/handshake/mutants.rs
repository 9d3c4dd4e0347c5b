//! What holds for every head, tried with thousands of heads that were good before they were
//! mutated. The generator is seeded: a failure comes back.
#![cfg(feature = "credentials")]

use super::mutant::{REQUESTS, RESPONSES, Random, lines_of};
use super::reading::{Outcome, Reading, read_request, read_response, reader_of_responses};
use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::Request;
use patchcord::handshake::extension::Extensions;
use patchcord::handshake::server::RequestReader;

/// How many mutants each property is tried with.
const MUTANTS: usize = 8000;

/// All at once, byte by byte, and in pieces of random lengths.
fn ways(random: &mut Random, length: usize) -> [Vec<usize>; 3] {
    let mut pieces = vec![];
    let mut end = 0;
    while end < length {
        end = (end + 1 + random.below(40)).min(length);
        pieces.push(end);
    }
    pieces.push(length);
    [vec![length], (0..=length).collect(), pieces]
}

/// Reads mutants in every way, and says how many were accepted and refused.
fn read_mutants(
    seed: u64,
    heads: &[&str],
    read: impl Fn(&[u8], &[usize]) -> Reading,
    written_again: impl Fn(&[u8]) -> Vec<u8>,
) -> (usize, usize) {
    let mut random = Random::new(seed);
    let (mut accepted, mut refused) = (0, 0);
    for _ in 0..MUTANTS {
        let bytes = random.mutant(heads);
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        let [whole, others @ ..] = ways(&mut random, bytes.len());
        let reading = read(&bytes, &whole);
        for lengths in others {
            assert_eq!(read(&bytes, &lengths), reading, "{lengths:?} of {:?}", text());
        }
        match &reading.outcome {
            Outcome::Incomplete => {}
            Outcome::Refused(_) => refused += 1,
            Outcome::Accepted(_) => {
                accepted += 1;
                let (head, _) = bytes.split_at(reading.consumed);
                assert_eq!(read(head, &[head.len()]), reading, "alone: {:?}", text());
                let less = read(&head[..head.len() - 1], &[head.len() - 1]);
                assert_eq!(less.outcome, Outcome::Incomplete, "one byte less: {:?}", text());
                let again = written_again(head);
                let outcome = read(&again, &[again.len()]).outcome;
                assert_eq!(outcome, reading.outcome, "again: {:?}", String::from_utf8(again));
            }
        }
    }
    (accepted, refused)
}

#[test]
fn a_request_is_the_same_however_it_is_cut() {
    let read = |bytes: &[u8], lengths: &[usize]| read_request(bytes, lengths);
    let again = |head: &[u8]| {
        let request = RequestReader::new(Admission::any()).read(&mut &*head);
        let request = request.expect("accepted before").expect("whole before");
        let mut bytes = format!("GET {} HTTP/1.1\r\n", request.target()).into_bytes();
        lines_of(request.headers(), &mut bytes);
        bytes
    };
    let (accepted, refused) = read_mutants(1, &REQUESTS, read, again);
    assert!(accepted > MUTANTS / 20 && refused > MUTANTS / 4, "{accepted} and {refused}");
}

#[test]
fn a_response_is_the_same_however_it_is_cut() {
    let read = |bytes: &[u8], lengths: &[usize]| read_response(bytes, lengths);
    let again = |head: &[u8]| {
        let mut input = head;
        let answer = reader_of_responses().read(&mut input).expect("accepted before");
        let (status, headers) = match answer.expect("whole before") {
            patchcord::handshake::client::Answer::Accepted(open) => (101, open.headers()),
            patchcord::handshake::client::Answer::Refused(response) => {
                (response.status(), response.headers())
            }
        };
        let mut bytes = format!("HTTP/1.1 {status:03} Whatever\r\n").into_bytes();
        lines_of(headers, &mut bytes);
        bytes
    };
    let (accepted, refused) = read_mutants(2, &RESPONSES, read, again);
    assert!(accepted > MUTANTS / 20 && refused > MUTANTS / 4, "{accepted} and {refused}");
}

#[test]
fn random_bytes_are_never_accepted() {
    let mut random = Random::new(3);
    for _ in 0..MUTANTS {
        let length = random.below(200);
        let bytes: Vec<u8> = (0..length).map(|_| random.byte()).collect();
        for lengths in ways(&mut random, length) {
            assert!(!matches!(read_request(&bytes, &lengths).outcome, Outcome::Accepted(_)));
            assert!(!matches!(read_response(&bytes, &lengths).outcome, Outcome::Accepted(_)));
        }
    }
}

#[test]
fn every_text_is_a_url_or_none_and_a_url_makes_a_request_that_is_accepted() {
    const PARTS: [&str; 40] = [
        "ws",
        "wss",
        "WS",
        "http",
        ":",
        "//",
        "/",
        "://",
        "ws://",
        "wss://",
        "@",
        "#",
        "?",
        "[",
        "]",
        "::1",
        "[::1]",
        ".",
        "a",
        "example.com",
        "80",
        "443",
        "65535",
        "65536",
        "0",
        "%",
        "%20",
        "é",
        "🎧",
        " ",
        "\t",
        "\r\n",
        "\0",
        "\\",
        "\"",
        "<",
        "*",
        "|",
        "{}",
        "^",
    ];
    let mut random = Random::new(4);
    let (mut good, mut nonce) = (0, |bytes: &mut [u8]| bytes.fill(1));
    for _ in 0..20 * MUTANTS {
        let start = if random.below(2) == 0 { "ws://" } else { "" };
        let parts = (0..random.below(8)).map(|_| PARTS[random.below(PARTS.len())]);
        let text: String = [start].into_iter().chain(parts).collect();
        let Ok(url) = Url::parse(&text) else { continue };
        good += 1;
        assert!(!url.host().is_empty() && url.port() > 0, "{text:?}");
        assert!(!format!("{url} {url:?}").contains(['\r', '\n', '#']), "{text:?}");
        let mut head = Vec::new();
        Request::new(url).write(&mut nonce, &mut head).expect("a request");
        assert_eq!(head.iter().filter(|&&byte| byte == b'\n').count(), 7, "{text:?}");
        let mut input = &head[..];
        let read = RequestReader::new(Admission::any()).read(&mut input);
        assert!(matches!(read, Ok(Some(_))), "{text:?} makes a request that is refused: {read:?}");
        assert!(input.is_empty(), "{text:?}");
    }
    assert!(good > MUTANTS, "only {good} URLs");
}

#[test]
fn extensions_that_are_written_again_are_the_same() {
    const PARTS: [&str; 20] = [
        "foo",
        "permessage-deflate",
        "x",
        "10",
        ",",
        ";",
        "=",
        "\"",
        "\\",
        " ",
        "\t",
        ", ",
        "; ",
        "\"10\"",
        "=\"1\\0\"",
        "é",
        "(",
        "/",
        "\0",
        "bar",
    ];
    let mut random = Random::new(5);
    let mut good = 0;
    for _ in 0..10 * MUTANTS {
        let parts = (0..random.below(9)).map(|_| PARTS[random.below(PARTS.len())]);
        let value: String = parts.collect();
        let Ok(extensions) = Extensions::parse(&value) else { continue };
        good += 1;
        let written = extensions.to_string();
        let again = Extensions::parse(&written).expect("written by the crate");
        assert_eq!(again.to_string(), written, "{value:?}");
        assert_eq!(again.iter().count(), extensions.iter().count(), "{value:?}");
    }
    assert!(good > MUTANTS / 4, "only {good} values");
}
