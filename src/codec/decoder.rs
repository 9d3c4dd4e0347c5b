//! Bytes into events: the rules that one direction of a connection keeps.

mod fragments;
mod headers;
mod shortcuts;

pub(crate) use shortcuts::Receive;

use super::compression::Inflating;
use super::part::{Mark, OpenMessage, Part, control, unmasked};
use super::{Client, Delivery, Event, Input, Limits, ProtocolError, Role, Server};
use crate::frame::Opcode;
use crate::mask::MaskingKey;
use crate::payload::{Delivered, Text};
use alloc::boxed::Box;
use fragments::Joining;
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
    /// The rest of this message: on the heap, since an idle connection has nothing there.
    Joining(Box<Joining>),
    /// The rest of the message that the input holds.
    Held(Mark),
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
    /// The inflater's [`InflateLimits`](crate::deflate::InflateLimits) hold for what the messages become; what
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
    /// had come; what is left in `input` is to be given again, extended. A
    /// [`ReceiveBuffer`](super::ReceiveBuffer) holds what was consumed of a message, and has to be
    /// given until that ends. Nothing is left once the peer's Close was returned: what comes behind
    /// it is consumed, and means nothing.
    ///
    /// # Errors
    /// When the bytes break a rule of RFC 6455 or a limit, as soon as the byte that decides it
    /// is there; the body of a Close is judged when the frame is whole, and so is the data of a
    /// compressed binary frame of up to [`Limits::whole_frame`] bytes. The error is final: every later
    /// call returns it again.
    #[inline(always)]
    pub fn decode<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        self.next(input, &mut ())
    }

    /// Whether a frame was consumed in part.
    pub(crate) fn is_inside_frame(&self) -> bool {
        self.mark().is_some_and(Mark::is_inside_frame)
    }

    /// Whether a message was begun whose last byte has not come.
    pub(crate) fn is_inside_message(&self) -> bool {
        self.mark().is_some()
    }

    /// How far the message that is open was taken, wherever it is.
    fn mark(&self) -> Option<Mark> {
        match &self.phase {
            Phase::Joining(message) => Some(message.open.mark()),
            Phase::Held(mark) => Some(*mark),
            _ => None,
        }
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

    /// The message that is open. If the input should hold it, it does, and no other.
    fn open<'a, I: Input>(
        &'a self,
        input: &'a I,
    ) -> Result<Option<&'a OpenMessage>, ProtocolError> {
        match (&self.phase, input.held()) {
            (Phase::Held(mark), Some(open)) if *mark == open.mark() => Ok(Some(open)),
            (Phase::Held(_), _) | (_, Some(_)) => Err(ProtocolError::MessageElsewhere),
            (Phase::Joining(message), None) => Ok(Some(&message.open)),
            (_, None) => Ok(None),
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
    fn decode_slowly<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        match self.phase {
            Phase::Ready | Phase::Joining(_) | Phase::Held(_) => {}
            Phase::Failed(error) => return Err(error),
            Phase::Stopped => {
                input.discard();
                input.skip(usize::MAX);
                return Ok(None);
            }
        }
        loop {
            let part = match self.open(input) {
                Ok(open) => self.part(open, input.bytes()),
                Err(error) => return self.fail(error),
            };
            let part = match part {
                Ok(Some(part)) => part,
                Ok(None) => {
                    let needed = self.needed(input.bytes());
                    input.wait_for(needed);
                    return Ok(None);
                }
                Err(error) => return self.fail_in(input, error),
            };
            if part.opcode.is_control() {
                return self.control(part, input);
            }
            let is_first = matches!(self.phase, Phase::Ready);
            if is_first && part.is_last() && self.delivery == Delivery::Messages {
                return match part.compressed {
                    true => self.inflate(part, input),
                    false => self.message(part.opcode, part.key, part.take(input)),
                };
            }
            let taken = match self.is_held::<I>(&part) {
                true => self.hold(&part, input),
                false => self.fragment(part, input),
            };
            match taken {
                Ok(None) if input.bytes().is_empty() => return Ok(None),
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
                    self.forget(input);
                    self.stop();
                }
                Ok(Some(event))
            }
            Err(error) => self.fail_in(input, error),
        }
    }

    /// Fails for good, and frees what the input holds.
    #[cold]
    fn fail_in<I: Input, T>(
        &mut self,
        input: &mut I,
        error: ProtocolError,
    ) -> Result<T, ProtocolError> {
        self.forget(input);
        self.fail(error)
    }

    /// Frees what the input holds of the message that is open.
    fn forget<I: Input>(&self, input: &mut I) {
        if let Phase::Held(_) = self.phase {
            input.discard();
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
}
