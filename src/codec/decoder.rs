//! Bytes into events: the rules that one direction of a connection keeps.

mod fragments;
mod shortcuts;

pub(crate) use shortcuts::Receive;

use super::compression::Inflating;
use super::part::{Open, Part, control, unmasked};
use super::{Client, Delivery, Event, Input, Kind, Limits, ProtocolError, Role, Server};
use crate::frame::{Header, Length, MAX_HEADER, Opcode, Rsv, Start};
use crate::mask::MaskingKey;
use crate::payload::{Delivered, Text};
use alloc::boxed::Box;
use shortcuts::shortcut_below;

/// Turns the bytes of one peer into events.
///
/// Give [`decode`](Self::decode) what was read, until it returns `None`; keep what it left, and
/// give that again with more bytes behind it. Each call takes effect whole, and any split of the
/// bytes gives the same events.
///
/// After the peer's Close nothing is delivered: RFC 6455 section 1.4 has what follows it discarded,
/// and [`decode`](Self::decode) does so, returning `None` for ever.
///
/// ```
/// use patchcord::{Decoder, Delivery, Event, Limits};
///
/// let mut decoder = Decoder::client(Limits::default(), Delivery::Messages);
/// let mut bytes = *b"\x01\x03Hel\x80\x02lo\x82"; // section 5.7, and the start of a frame
/// let mut input = &mut bytes[..];
/// while let Some(event) = decoder.decode(&mut input)? {
///     let Event::Text(text) = event else { panic!("no text") };
///     assert_eq!(&*text, "Hello");
/// }
/// assert_eq!(input, [0x82]);
/// # Ok::<(), patchcord::ProtocolError>(())
/// ```
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    delivery: Delivery,
    /// Whether the peer masks.
    masked: bool,
    /// A message in one frame of fewer bytes than this takes a shortcut if it comes next. Follows
    /// from `phase` and the limits, and is kept for the hot path: 0 unless that is `Ready`.
    shortcut_below: u32,
    phase: Phase,
    inflating: Inflating,
}

/// What may come next.
#[derive(Debug)]
enum Phase {
    /// A message, or the first fragment of one.
    Ready,
    /// The rest of this message.
    Message(Box<Open>),
    /// Nothing: the peer broke a rule.
    Failed(ProtocolError),
    /// Nothing: the peer sent its Close, or the connection ended without one.
    Stopped,
}

impl Decoder {
    /// A decoder of what a client sends: the frames are masked.
    #[must_use]
    pub const fn server(limits: Limits, delivery: Delivery) -> Self {
        Self::new::<Server>(limits, delivery)
    }

    /// A decoder of what a server sends: the frames are not masked.
    #[must_use]
    pub const fn client(limits: Limits, delivery: Delivery) -> Self {
        Self::new::<Client<fn(&mut [u8])>>(limits, delivery)
    }

    pub(crate) const fn new<R: Role>(limits: Limits, delivery: Delivery) -> Self {
        Self {
            shortcut_below: shortcut_below(&limits, delivery),
            limits,
            delivery,
            masked: !R::MASKS,
            phase: Phase::Ready,
            inflating: Inflating::NO,
        }
    }

    /// The same decoder, which also takes compressed messages (RFC 7692).
    ///
    /// The inflater's [`Bounds`](crate::deflate::Bounds) hold for what the messages become; what
    /// comes over the wire stays within the [`Limits`] of the decoder.
    #[cfg(feature = "deflate")]
    #[must_use]
    pub fn with_inflater(self, inflater: crate::deflate::Inflater) -> Self {
        Self { inflating: Inflating::by(inflater), ..self }
    }

    /// The bounds on what the peer may send.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Takes the next event from the front of `input`; `None` if it is not all there.
    ///
    /// With `None`, a long frame or an unfinished text may still have been consumed as far as it
    /// had come; what is left in `input` is to be given again, extended. Nothing is left once the
    /// peer's Close was returned: what comes behind it is consumed, and means nothing.
    ///
    /// # Errors
    /// When the bytes break a rule of RFC 6455 or a limit, as soon as the byte that decides it
    /// is there; the body of a Close is judged when the frame is whole, and so is the data of a
    /// compressed binary frame of up to [`Limits::whole`] bytes. The error is final: every later
    /// call returns it again.
    #[inline(always)]
    pub fn decode<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        self.next(input, &mut ())
    }

    /// How many bytes `input` has to hold before the next call of [`decode`](Self::decode) can
    /// consume any: more than it holds now, if that call returned `None`.
    ///
    /// At most [`Limits::buffer_size`].
    #[must_use]
    pub fn needed(&self, input: &[u8]) -> usize {
        match self.header(input) {
            _ if self.is_inside_frame() || matches!(self.phase, Phase::Stopped) => 1,
            Ok(Some((header, size))) if self.waits(&header) => {
                size.saturating_add(header.length() as usize)
            }
            Ok(Some((header, size))) => size + usize::from(header.length() > 0),
            Ok(None) | Err(_) => (input.len() + 1).min(MAX_HEADER),
        }
    }

    /// Whether a frame was consumed in part.
    pub(crate) fn is_inside_frame(&self) -> bool {
        self.open().is_some_and(|open| open.rest > 0)
    }

    /// Whether a message was begun whose last byte has not come.
    pub(crate) const fn is_inside_message(&self) -> bool {
        matches!(self.phase, Phase::Message(_))
    }

    /// Why the peer's bytes are no longer decoded.
    pub(crate) const fn failed(&self) -> Option<ProtocolError> {
        match self.phase {
            Phase::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// Delivers nothing more, and frees what was for that. Why it failed, if it did, stays known.
    pub(crate) fn stop(&mut self) {
        self.end(match self.phase {
            Phase::Failed(error) => Phase::Failed(error),
            _ => Phase::Stopped,
        });
    }

    /// Enters a phase in which nothing comes next.
    fn end(&mut self, phase: Phase) {
        self.phase = phase;
        self.shortcut_below = 0;
        self.inflating = Inflating::NO;
    }

    /// The message that is open.
    fn open(&self) -> Option<&Open> {
        match &self.phase {
            Phase::Message(open) => Some(open),
            _ => None,
        }
    }

    /// A message that is there whole: `payload` is what it carries, still masked if there is a key.
    #[inline(always)]
    fn message<P: Delivered + AsMut<[u8]>>(
        &mut self,
        opcode: Opcode,
        key: Option<MaskingKey>,
        payload: P,
    ) -> Result<Option<Event<P>>, ProtocolError> {
        if opcode != Opcode::Text {
            return Ok(Some(Event::Binary(unmasked(key, payload))));
        }
        match Text::unmask(key, payload) {
            Ok(text) => Ok(Some(Event::Text(text))),
            Err(bytes) => self.not_utf8(bytes.as_ref(), &mut ()),
        }
    }

    /// Takes whatever comes next.
    #[inline(never)]
    fn any<I: Input>(&mut self, input: &mut I) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        match self.phase {
            Phase::Ready | Phase::Message(_) => {}
            Phase::Failed(error) => return Err(error),
            Phase::Stopped => {
                input.skip(usize::MAX);
                return Ok(None);
            }
        }
        loop {
            let part = match self.part(input.bytes()) {
                Ok(Some(part)) => part,
                Ok(None) => return Ok(None),
                Err(error) => return self.fail(error),
            };
            if part.opcode.is_control() {
                return self.control(part, input);
            }
            if part.is_last() && self.open().is_none() && self.delivery == Delivery::Messages {
                return match part.compressed {
                    true => self.inflate(part, input),
                    false => self.message(part.opcode, part.key, part.take(input)),
                };
            }
            match self.fragment(part, input) {
                Ok(None) => {} // kept until the rest of its message comes
                Ok(Some(event)) => return Ok(Some(event)),
                Err(error) => return self.fail(error),
            }
        }
    }

    /// Takes a control frame. RFC 6455 section 5.5.1: no data comes behind a Close.
    fn control<I: Input>(
        &mut self,
        part: Part,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        match control(part, input) {
            Ok(event) => {
                if let Event::Close(_) = event {
                    self.stop();
                }
                Ok(Some(event))
            }
            Err(error) => self.fail(error),
        }
    }

    /// Fails for good. What is returned is a whole result, and the function not inlined, so that a
    /// caller's `Ok` is stored in one piece: read back at once, an `Ok` in pieces waits for them.
    #[cold]
    #[inline(never)]
    fn fail<T>(&mut self, error: ProtocolError) -> Result<T, ProtocolError> {
        self.end(Phase::Failed(error));
        Err(error)
    }

    /// What of `bytes` can be consumed now.
    fn part(&self, bytes: &[u8]) -> Result<Option<Part>, ProtocolError> {
        if let Some(open) = self.open()
            && open.rest > 0
        {
            return Ok(open.rest(bytes));
        }
        let Some((header, size)) = self.header(bytes)? else { return Ok(None) };
        let there = bytes.len() - size;
        let payload = header.length().min(there as u64);
        let left = header.length() - payload;
        if left > 0 && (there == 0 || self.waits(&header)) {
            return Ok(None);
        }
        Ok(Some(Part {
            header: size,
            payload: payload as usize,
            opcode: header.opcode(),
            key: header.key(),
            fin: header.fin(),
            compressed: header.rsv() != Rsv::NONE,
            left,
        }))
    }

    /// Whether a frame is consumed only when it is whole.
    ///
    /// Text that has not arrived whole is taken as far as it has come, so that a bad byte fails
    /// the connection at once and no byte is checked twice. The other way, to leave it and to
    /// remember how far it was checked, is faster where texts span reads: ARCHITECTURE.md has the
    /// figures, and why it is not done.
    fn waits(&self, header: &Header) -> bool {
        let is_text = match self.open() {
            Some(open) => open.assembler.kind() == Kind::Text,
            None => header.opcode() == Opcode::Text,
        };
        header.opcode().is_control() || header.length() <= self.limits.whole.into() && !is_text
    }

    /// Judges a header byte by byte, in the order of arrival, so that no split changes an error.
    fn header(&self, bytes: &[u8]) -> Result<Option<(Header, usize)>, ProtocolError> {
        let Some((&first, rest)) = bytes.split_first() else { return Ok(None) };
        let start = Start::parse(first)?;
        self.admit_start(start)?;
        let Some(&second) = rest.first() else { return Ok(None) };
        // RFC 6455 section 5.1: a client masks every frame, a server none.
        if Length::is_masked(second) != self.masked {
            return Err(if self.masked { ProtocolError::NotMasked } else { ProtocolError::Masked });
        }
        let Some(length) = Length::parse(start.opcode, rest)? else { return Ok(None) };
        if !start.opcode.is_control() {
            self.admit_length(length.value)?;
        }
        Ok(Header::complete(start, length, rest))
    }

    fn admit_start(&self, start: Start) -> Result<(), ProtocolError> {
        // RFC 6455 section 5.2: RSV bits are 0 unless an extension defines them. RFC 7692 section
        // 6: RSV1 on the first frame of a message says that it is compressed.
        let may_be_compressed = matches!(start.opcode, Opcode::Text | Opcode::Binary)
            && start.rsv == Rsv::RSV1
            && self.inflating.is_agreed();
        if start.rsv != Rsv::NONE && !may_be_compressed {
            return Err(ProtocolError::ReservedBits(start.rsv));
        }
        // RFC 6455 section 5.4: fragments follow one another; control frames may come between.
        let fragments = match (start.opcode, self.open()) {
            (Opcode::Continuation, None) => return Err(ProtocolError::NothingToContinue),
            (Opcode::Continuation, Some(open)) => open.fragments,
            (Opcode::Text | Opcode::Binary, Some(_)) => {
                return Err(ProtocolError::MessageInsideMessage);
            }
            (Opcode::Text | Opcode::Binary, None) => 0,
            _ => return Ok(()),
        };
        if fragments >= self.limits.fragments {
            return Err(ProtocolError::TooManyFragments);
        }
        Ok(())
    }

    fn admit_length(&self, length: u64) -> Result<(), ProtocolError> {
        let declared = self.open().map_or(0, |open| open.declared);
        if length > self.limits.frame {
            return Err(ProtocolError::FrameTooLong);
        }
        if length > self.limits.message.saturating_sub(declared) {
            return Err(ProtocolError::MessageTooLong);
        }
        Ok(())
    }
}
