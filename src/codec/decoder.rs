//! Bytes into events, under the rules for one direction of a connection.

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
/// Pass the bytes that were read to [`decode`](Self::decode) until it returns `None`. Keep the
/// bytes that it left, and pass them again with more behind them. Each call takes effect completely
/// before it returns, and the events do not depend on where reads split the bytes.
///
/// After the peer's Close, nothing is delivered: data behind a Close is discarded (RFC 6455 section
/// 1.4), and [`decode`](Self::decode) returns `None` from then on.
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
#[doc(alias("split", "FrameReader", "FragmentCollector"))]
#[derive(Debug)]
pub struct Decoder {
    limits: Limits,
    delivery: Delivery,
    /// Whether the peer masks.
    masked: bool,
    /// A message in a single frame with a payload shorter than this takes the shortcut. It follows
    /// from `phase` and the limits, and is kept for the hot path: 0 unless `phase` is `Ready`.
    shortcut_below: u32,
    phase: Phase,
    inflating: Inflating,
}

/// The state of the stream: it decides which frames may come next.
#[derive(Debug)]
enum Phase {
    /// A message may begin.
    Ready,
    /// This message is unfinished. It is on the heap, so that an idle connection does not pay for
    /// it.
    Joining(Box<Joining>),
    /// The message that the input holds is unfinished.
    Held(Mark),
    /// No frame may come: the peer broke a rule.
    Failed(ProtocolError),
    /// No frame may come: the peer sent its Close, or the connection ended without one.
    Stopped,
}

impl Decoder {
    /// Creates a decoder for the frames of a client, which are masked.
    #[must_use]
    pub const fn server(limits: Limits, delivery: Delivery) -> Self {
        Self::new::<Server>(limits, delivery)
    }

    /// Creates a decoder for the frames of a server, which are not masked.
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

    /// Returns the decoder with an inflater for compressed messages (RFC 7692).
    ///
    /// The inflater's [`InflateLimits`](crate::deflate::InflateLimits) apply to the inflated
    /// messages; the decoder's [`Limits`] apply to the bytes on the wire.
    #[cfg(feature = "deflate")]
    #[doc(alias("permessage-deflate", "compression"))]
    #[must_use]
    pub fn with_inflater(self, inflater: crate::deflate::Inflater) -> Self {
        Self { inflating: Inflating::by(inflater), ..self }
    }

    /// Returns the bounds on what the peer may send.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Takes the next event from the front of `input`; returns `None` if more bytes are needed.
    ///
    /// Even then, it may have consumed a part of a long frame or of an unfinished text. Pass the
    /// bytes that are left in `input` again, with more behind them. A
    /// [`ReceiveBuffer`](super::ReceiveBuffer) holds the consumed part of a message, so it has to
    /// be the input until the message ends. After the peer's Close, all further bytes are consumed
    /// and ignored.
    ///
    /// # Errors
    /// When the bytes break a rule of RFC 6455 or a limit, as soon as the deciding byte is in
    /// `input`. The body of a Close is judged when its frame is complete; so is a compressed binary
    /// frame of up to [`Limits::whole_frame`] bytes. The error is final: every later call returns
    /// it again.
    #[inline(always)]
    pub fn decode<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        self.next(input, &mut ())
    }

    /// Returns whether a frame was consumed in part.
    pub(crate) fn is_inside_frame(&self) -> bool {
        self.mark().is_some_and(Mark::is_inside_frame)
    }

    /// Returns whether a message is unfinished.
    pub(crate) fn is_inside_message(&self) -> bool {
        self.mark().is_some()
    }

    /// Returns the mark of the unfinished message, on the heap or in the input.
    fn mark(&self) -> Option<Mark> {
        match &self.phase {
            Phase::Joining(message) => Some(message.open.mark()),
            Phase::Held(mark) => Some(*mark),
            _ => None,
        }
    }

    /// Returns the error with which the decoder failed.
    pub(crate) const fn failed(&self) -> Option<ProtocolError> {
        match self.phase {
            Phase::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// Stops decoding, and frees the memory for it. If the decoder failed, its error is kept.
    pub(crate) fn stop(&mut self) {
        self.end(match self.phase {
            Phase::Failed(error) => Phase::Failed(error),
            _ => Phase::Stopped,
        });
    }

    /// Enters a final phase.
    fn end(&mut self, phase: Phase) {
        self.phase = phase;
        self.shortcut_below = 0;
        self.inflating = Inflating::NO;
    }

    /// Returns the unfinished message. Fails unless the input holds the message that it should
    /// hold, and no other.
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

    /// Returns a complete message; its `payload` is still masked if there is a key.
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

    /// Takes the next event, whatever it is.
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
                Ok(None) => {} // the part is kept until its message ends: go on with the next
                Ok(Some(event)) => return Ok(Some(event)),
                Err(error) => return self.fail(error),
            }
        }
    }

    /// Takes a control frame. RFC 6455 section 5.5.1: no data follows a Close.
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

    /// Fails for good, and frees the message that the input holds.
    #[cold]
    fn fail_in<I: Input, T>(
        &mut self,
        input: &mut I,
        error: ProtocolError,
    ) -> Result<T, ProtocolError> {
        self.forget(input);
        self.fail(error)
    }

    /// Frees the unfinished message if the input holds it.
    fn forget<I: Input>(&self, input: &mut I) {
        if let Phase::Held(_) = self.phase {
            input.discard();
        }
    }

    /// Fails for good. It returns a complete result and is not inlined, so that the caller's `Ok`
    /// is stored in one piece: a load right behind several smaller stores waits for all of them.
    #[cold]
    #[inline(never)]
    fn fail<T>(&mut self, error: ProtocolError) -> Result<T, ProtocolError> {
        self.end(Phase::Failed(error));
        Err(error)
    }
}
