//! The readers of opening handshakes, at every cut, with limits at the boundary.

use super::fingerprint::{Fingerprint, START};
use super::search::{Explored, World, search};
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{self, Answer, ResponseReader};
use patchcord::handshake::server::RequestReader;
use patchcord::handshake::{HeadLimits, Url};

const REQUEST: &[u8] =
    b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
/// An empty line before it (RFC 9112 section 2.2), and lines that end with a line feed alone.
const LAX_REQUEST: &[u8] =
    b"\r\nGET / HTTP/1.1\nHost: a\nUpgrade: websocket\nConnection: Upgrade\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nSec-WebSocket-Version: 13\n\n";
const RESPONSE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// The first bytes of a frame, which stay.
const BEHIND: &[u8] = b"\x81\x85\x37";

/// A head, and what bounds it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head {
    pub(crate) name: &'static str,
    bytes: &'static [u8],
    is_request: bool,
    limits: HeadLimits,
    /// The error that is right, and after how many bytes.
    error: Option<(usize, &'static str)>,
}

/// Each head with each limit above what it has, at it, and below.
pub(crate) fn heads() -> [[Head; 7]; 3] {
    [
        ("a request", REQUEST, true),
        ("a request of bare lines", LAX_REQUEST, true),
        ("a response", RESPONSE, false),
    ]
    .map(|(name, bytes, is_request)| {
        let exact = measure(bytes);
        let HeadLimits { head, line, lines, .. } = exact;
        [
            exact,
            HeadLimits { head: head + 1, line: line + 1, lines: lines + 1, ..exact },
            HeadLimits { head: head - 1, ..exact },
            HeadLimits { line: line - 1, ..exact },
            HeadLimits { lines: lines - 1, ..exact },
            HeadLimits { head: 1, ..exact },
            HeadLimits { lines: 0, ..exact },
        ]
        .map(|limits| {
            let error = error(bytes, &limits);
            Head { name, bytes, is_request, limits, error }
        })
    })
}

/// Explores one head with all its limits.
pub(crate) fn explore(heads: &[Head]) -> Explored {
    let seen = heads.iter().map(|head| search(head.name, || Reading::new(head), usize::MAX));
    seen.reduce(Explored::and).expect("a head")
}

/// What a head has, by the naive count of its bytes.
fn measure(head: &[u8]) -> HeadLimits {
    let lines: Vec<&[u8]> = head.split_inclusive(|byte| *byte == b'\n').collect();
    let longest = lines.iter().map(|line| line.len()).max().unwrap_or(0);
    let fields = lines.iter().filter(|line| line.contains(&b':')).count();
    HeadLimits { head: head.len(), line: longest, lines: fields, ..HeadLimits::default() }
}

/// The first limit that one more byte exceeds.
fn error(head: &[u8], limits: &HeadLimits) -> Option<(usize, &'static str)> {
    (1..=head.len()).find_map(|count| {
        let came = measure_open(&head[..count]);
        match () {
            () if came.line > limits.line => Some((count, "LineTooLong")),
            () if came.head > limits.head => Some((count, "HeadTooLong")),
            () if came.lines > limits.lines => Some((count, "TooManyHeaders")),
            () => None,
        }
    })
}

/// What came so far: a line counts as one of the fields once its end is there.
fn measure_open(came: &[u8]) -> HeadLimits {
    let ended = came.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let HeadLimits { line, lines, .. } = measure(&came[..ended]);
    let open = came.len() - ended;
    HeadLimits { head: came.len(), line: line.max(open), lines, ..HeadLimits::default() }
}

#[derive(Debug)]
enum Reader {
    Request(RequestReader<'static>),
    Response(ResponseReader),
}

/// A reader that got some of a head.
pub(crate) struct Reading {
    head: Head,
    all: Vec<u8>,
    reader: Reader,
    came: usize,
    is_over: bool,
}

impl Reading {
    pub(crate) fn new(head: &Head) -> Self {
        let reader = match head.is_request {
            true => Reader::Request(RequestReader::new(Admission::any().with_limits(head.limits))),
            false => {
                let url = Url::parse("wss://a/").expect("a URL");
                let mut nonce = |bytes: &mut [u8]| bytes.copy_from_slice(b"the sample nonce");
                let request = client::Request::new(url).with_limits(head.limits);
                Reader::Response(request.write(&mut nonce, &mut Vec::new()).expect("a request"))
            }
        };
        Self { head: *head, all: [head.bytes, BEHIND].concat(), reader, came: 0, is_over: false }
    }

    /// What the reader makes of so many bytes: an error, or how many it left if it took the head.
    fn read(&mut self) -> Result<Option<usize>, String> {
        let mut input = &self.all[..self.came];
        let taken = match &mut self.reader {
            Reader::Request(reader) => reader
                .read(&mut input)
                .map(|request| request.is_some())
                .map_err(|e| format!("{e:?}")),
            Reader::Response(reader) => match reader.read(&mut input) {
                Ok(answer) => {
                    Ok(answer.is_some_and(|answer| matches!(answer, Answer::Accepted(_))))
                }
                Err(error) => Err(format!("{error:?}")),
            },
        };
        taken.map(|taken| taken.then_some(input.len()))
    }
}

impl World for Reading {
    /// How many bytes there are by now.
    type Step = usize;

    fn steps(&self) -> Vec<usize> {
        if self.is_over { Vec::new() } else { (self.came + 1..=self.all.len()).collect() }
    }

    fn step(&mut self, came: usize) {
        self.came = came;
        let found = self.read();
        let length = self.head.bytes.len();
        let expected = match self.head.error {
            // A client has one error for all of them: it answers nothing.
            Some((at, error)) if came >= at => {
                Err(if self.head.is_request { error } else { "TooLarge" }.to_owned())
            }
            _ if came >= length => Ok(Some(came - length)),
            _ => Ok(None),
        };
        assert_eq!(found, expected, "{:?} after {came} bytes of {length}", self.head.limits);
        self.is_over = expected != Ok(None);
    }

    fn fingerprint(&self) -> u128 {
        let mut to = Fingerprint::new(START);
        to.number(self.came as u64);
        to.debug(&self.reader);
        to.number(self.is_over.into());
        to.finish()
    }

    const ENDS: usize = 1;

    /// The rest, byte by byte.
    fn end(mut self, _: usize, mut note: impl FnMut(usize)) {
        while let Some(next) = self.steps().first() {
            note(*next);
            self.step(*next);
        }
        assert!(self.is_over);
    }
}
