//! What one end says, and what then has to wait in its send buffer.

use super::driver::{Driver, count};
use super::sending::{Expected, Why, body, opcode, take};
use super::speaks::{Lent, Speaks};
use crate::stream::{Script, Seen};
use bytes::Buf;
use patchcord::{Close, CloseCode, Fragment, Message, MessageKind, SendError, State};
use std::collections::VecDeque;

/// How a message is said.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Copied,
    Compressed,
    Shared,
}

impl<R: Speaks> Driver<R> {
    pub(super) fn message(&mut self, kind: MessageKind, how: How, octets: &[u8]) {
        let text = String::from_utf8_lossy(octets);
        let (message, seen) = said(kind, &text, octets);
        let sent = match how {
            How::Copied => self.connection.send(message, &mut self.out),
            How::Compressed => self.connection.send_compressed(message, &mut self.out),
            How::Shared => R::share(&mut self.connection, message, &mut self.out),
        };
        let payload = if kind == MessageKind::Text { text.as_bytes() } else { octets };
        match sent {
            Ok(()) if how == How::Compressed => {
                self.grew(Expected { why: Why::Said, first: opcode(&seen), payload: None });
            }
            Ok(()) => self.grew(Expected::plain(Why::Said, opcode(&seen), payload)),
            Err(error) => return self.refused(error),
        }
        self.said.push(seen);
    }

    /// Says a message from where it lies, and lets the transport take a part of it at once; the
    /// rest waits with everything else.
    pub(super) fn in_place(
        &mut self,
        kind: MessageKind,
        borrowed: bool,
        script: &mut Script<'_>,
        to: &mut VecDeque<u8>,
    ) {
        let (octets, count) = (script.octets(), count(script));
        let mut payload = octets.to_vec().into_boxed_slice();
        let text = String::from_utf8_lossy(octets);
        let is_text = core::str::from_utf8(octets).is_ok();
        let (message, seen) = said(kind, &text, octets);
        let lent = match borrowed && !R::MASKS && (is_text || kind == MessageKind::Binary) {
            true => Lent::Borrowed(message),
            false => Lent::InPlace(kind, &mut payload),
        };
        let whole = Expected::plain(Why::Said, opcode(&seen), octets);
        let sent = R::lend(&mut self.connection, lent, &mut self.out).map(|mut frame| {
            self.sending.grew(&frame, vec![whole]);
            // One slice after the other, or all that lie side by side.
            let (mut taken, mut is_full) = (Vec::new(), false);
            while taken.len() < count && frame.has_remaining() && !is_full {
                let took = take(&mut frame, count - taken.len(), count % 2 == 0);
                taken.extend(took.0);
                is_full = took.1;
            }
            (taken, is_full)
        });
        match sent {
            Ok((taken, is_full)) => {
                assert!(kind == MessageKind::Binary || is_text, "invalid text was sent");
                self.said.push(seen);
                self.left(&taken, is_full, to);
                let _ = self.ask();
            }
            Err(SendError::InvalidUtf8(_)) => assert!(kind == MessageKind::Text && !is_text),
            Err(error) => self.refused(error),
        }
    }

    pub(super) fn fragment(
        &mut self,
        kind: MessageKind,
        compressed: bool,
        last: bool,
        octets: &[u8],
    ) {
        let first = self.open.is_none();
        let open = self.open.take();
        let (kind, compressed, mut whole) = open.unwrap_or((kind, compressed, Vec::new()));
        let text = String::from_utf8_lossy(octets);
        let payload = if kind == MessageKind::Text { text.as_bytes() } else { octets };
        let fragment = Fragment { kind, first, last, payload };
        let sent = match compressed {
            true => self.connection.send_compressed_fragment(fragment, &mut self.out),
            false => self.connection.send_fragment(fragment, &mut self.out),
        };
        match sent {
            Ok(()) => whole.extend_from_slice(payload),
            Err(error) => return self.refused(error),
        }
        let opcode = if kind == MessageKind::Text { 0x1 } else { 0x2 };
        let bits = if last { 0x80 } else { 0 } | if first { opcode } else { 0 };
        let payload = (!compressed).then(|| payload.to_vec());
        self.grew(Expected { why: Why::Said, first: bits, payload });
        if last {
            self.said.push(Seen::message(kind, whole));
        } else {
            self.open = Some((kind, compressed, whole));
        }
    }

    pub(super) fn ping(&mut self, octets: &[u8]) {
        match self.connection.ping(octets, &mut self.out) {
            Ok(()) => {
                assert!(octets.len() <= 125, "section 5.5");
                self.grew(Expected::plain(Why::Said, 0x89, octets));
            }
            Err(SendError::ControlTooLong { length }) => {
                assert!(length == octets.len() && length > 125);
                self.sending.grew(&self.out, Vec::new());
            }
            Err(error) => self.refused(error),
        }
    }

    /// Says more pings than pongs may wait.
    pub(super) fn pings(&mut self, script: &mut Script<'_>) {
        let count = script.byte().unwrap_or(0) % 80;
        let length = usize::from(script.byte().unwrap_or(0)) % 126;
        let said = (0..count).map_while(|number| {
            let payload = vec![number; length];
            self.connection.ping(&payload, &mut self.out).ok()?;
            Some(Expected::plain(Why::Said, 0x89, &payload))
        });
        let said: Vec<_> = said.collect();
        let open = self.state() == State::Open;
        assert_eq!(said.len(), if open { count.into() } else { 0 }, "a ping was refused");
        self.sending.grew(&self.out, said);
    }

    pub(super) fn close(&mut self, code: Option<u16>) {
        let was_open = self.state() == State::Open;
        let close = code.map(|code| (code, "bye"));
        let code = |code| CloseCode::new(code).expect("1000 to 1003");
        let asked = close.map(|(number, reason)| Close::new(code(number), reason));
        let closed = self.connection.close(asked, &mut self.out);
        assert_eq!(closed, if was_open { Ok(()) } else { Err(SendError::Closed) });
        let expected = if was_open { self.sending.close(&body(close)) } else { Vec::new() };
        self.sending.grew(&self.out, expected);
    }

    fn grew(&mut self, expected: Expected) {
        self.sending.grew(&self.out, vec![expected]);
    }

    /// Nothing was said, and there was a reason.
    fn refused(&mut self, error: SendError) {
        let open = self.state() == State::Open;
        assert_eq!(error, if open { SendError::FragmentOrder } else { SendError::Closed });
        assert!(!open || self.open.is_some());
        self.sending.grew(&self.out, Vec::new());
    }
}

fn said<'a>(kind: MessageKind, text: &'a str, octets: &'a [u8]) -> (Message<'a>, Seen) {
    match kind {
        MessageKind::Text => (Message::Text(text), Seen::Text(text.to_owned())),
        MessageKind::Binary => (Message::Binary(octets), Seen::Binary(octets.to_vec())),
    }
}
