//! Bytes into events: the rules that one direction of a connection keeps.

use super::assembler::Assembler;
use super::{Client, Delivery, Event, Fragment, Input, Kind, Limits, ProtocolError, Role, Server};
use crate::frame::{Close, CloseCode, Header, Length, MAX_HEADER, Opcode, Rsv, Start};
use crate::mask::MaskingKey;
use crate::payload::{InvalidUtf8, Text};

/// Turns the bytes of one peer into events.
///
/// Give [`decode`](Self::decode) what was read, until it returns `None`; keep what it left, and
/// give that again with more bytes behind it. A call takes one whole unit or nothing, so any
/// split of the bytes gives the same events.
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
    masked: bool,
    /// The data message whose last part has not come.
    open: Option<Assembler>,
    /// How many bytes and fragments its headers have declared.
    declared: u64,
    fragments: u32,
    /// What is still to come of the frame that is taken in pieces.
    rest: Option<Rest>,
    failed: Option<ProtocolError>,
}

/// The part of a frame's payload that has not arrived.
#[derive(Clone, Copy, Debug)]
struct Rest {
    length: u64,
    fin: bool,
    key: Option<MaskingKey>,
}

/// What can be consumed now: `header` bytes, and then `payload` bytes of data.
#[derive(Clone, Copy)]
struct Part {
    header: usize,
    payload: usize,
    opcode: Opcode,
    key: Option<MaskingKey>,
    /// Whether the message ends with the frame that this is a part of.
    fin: bool,
    /// How many bytes of that frame come after this part.
    left: u64,
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
            limits,
            delivery,
            masked: !R::MASKS,
            open: None,
            declared: 0,
            fragments: 0,
            rest: None,
            failed: None,
        }
    }

    /// Takes the next event from the front of `input`; `None` if it is not all there.
    ///
    /// With `None`, a long frame or an unfinished text may still have been consumed as far as it
    /// had come; what is left in `input` is to be given again, extended.
    ///
    /// # Errors
    /// When the bytes break a rule of RFC 6455 or a limit, as soon as the byte that decides it
    /// is there. The error is final: every later call returns it again.
    #[inline]
    pub fn decode<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.next(input).inspect_err(|&error| self.failed = Some(error))
    }

    /// How many bytes `input` has to hold before the next call of [`decode`](Self::decode) can
    /// consume any: more than it holds now, if that call returned `None`.
    ///
    /// At most [`Limits::buffer_size`].
    #[must_use]
    pub fn needed(&self, input: &[u8]) -> usize {
        match self.header(input) {
            _ if self.rest.is_some() => 1,
            Ok(Some((header, size))) if self.waits(&header) => size + header.length() as usize,
            Ok(Some((_, size))) => size + 1,
            Ok(None) | Err(_) => (input.len() + 1).min(MAX_HEADER),
        }
    }

    /// Whether a frame was consumed in part.
    pub(crate) const fn is_inside_frame(&self) -> bool {
        self.rest.is_some()
    }

    fn next<I: Input>(
        &mut self,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        while let Some(part) = self.part(input.bytes())? {
            let event = match part.opcode {
                opcode if opcode.is_control() => Some(control(part, input)?),
                _ => self.data(part, input)?,
            };
            if event.is_some() {
                return Ok(event);
            }
        }
        Ok(None)
    }

    /// What of `bytes` can be consumed now.
    #[inline]
    fn part(&self, bytes: &[u8]) -> Result<Option<Part>, ProtocolError> {
        if let Some(rest) = self.rest {
            return Ok(rest.part(bytes));
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
            left,
        }))
    }

    /// Whether a frame is consumed only when it is whole.
    ///
    /// Text that has not arrived whole is taken as far as it has come, so that a bad byte fails
    /// the connection at once and no byte is looked at twice.
    fn waits(&self, header: &Header) -> bool {
        header.opcode().is_control()
            || header.length() <= self.limits.whole as u64 && !self.is_text(header.opcode())
    }

    fn is_text(&self, opcode: Opcode) -> bool {
        match &self.open {
            Some(open) => open.kind() == Kind::Text,
            None => opcode == Opcode::Text,
        }
    }

    /// Judges a header byte by byte, in the order of arrival, so that no split changes an error.
    fn header(&self, bytes: &[u8]) -> Result<Option<(Header, usize)>, ProtocolError> {
        let Some((&first, rest)) = bytes.split_first() else { return Ok(None) };
        let start = Start::parse(first)?;
        self.admit_start(start)?;
        let Some(&second) = rest.first() else { return Ok(None) };
        self.admit_mask(Length::is_masked(second))?;
        let Some(length) = Length::parse(start.opcode, rest)? else { return Ok(None) };
        if !start.opcode.is_control() {
            self.admit_length(length.value)?;
        }
        Ok(Header::complete(start, length, rest))
    }

    fn admit_start(&self, start: Start) -> Result<(), ProtocolError> {
        // RFC 6455 section 5.2: RSV bits are 0 unless an extension defines them.
        if start.rsv != Rsv::NONE {
            return Err(ProtocolError::ReservedBits(start.rsv));
        }
        // RFC 6455 section 5.4: fragments follow one another; control frames may come between.
        match (start.opcode, &self.open) {
            (Opcode::Continuation, None) => Err(ProtocolError::NothingToContinue),
            (Opcode::Text | Opcode::Binary, Some(_)) => Err(ProtocolError::MessageInsideMessage),
            (opcode, _) if !opcode.is_control() && self.fragments >= self.limits.fragments => {
                Err(ProtocolError::TooManyFragments)
            }
            _ => Ok(()),
        }
    }

    fn admit_mask(&self, masked: bool) -> Result<(), ProtocolError> {
        // RFC 6455 section 5.1: a client masks every frame, a server none.
        match (self.masked, masked) {
            (true, false) => Err(ProtocolError::NotMasked),
            (false, true) => Err(ProtocolError::Masked),
            _ => Ok(()),
        }
    }

    fn admit_length(&self, length: u64) -> Result<(), ProtocolError> {
        if length > self.limits.frame {
            return Err(ProtocolError::FrameTooLong);
        }
        if length > self.limits.message.saturating_sub(self.declared) {
            return Err(ProtocolError::MessageTooLong);
        }
        Ok(())
    }

    #[inline]
    fn data<I: Input>(
        &mut self,
        part: Part,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        let whole = part.fin && part.left == 0 && self.open.is_none();
        if whole && self.delivery == Delivery::Messages {
            return message(part, input).map(Some);
        }
        self.fragment(part, input)
    }

    /// Takes a part of a message that is not delivered as it stands.
    fn fragment<I: Input>(
        &mut self,
        part: Part,
        input: &mut I,
    ) -> Result<Option<Event<I::Payload>>, ProtocolError> {
        let first = self.open.is_none();
        let last = part.fin && part.left == 0;
        let before = self.begin(&part);
        input.skip(part.header);
        let open = self.open.get_or_insert_with(|| {
            let kind = if part.opcode == Opcode::Text { Kind::Text } else { Kind::Binary };
            Assembler::new(kind, self.delivery)
        });
        let kind = open.kind();
        let at = |error: InvalidUtf8| ProtocolError::InvalidUtf8 { at: before + error.at as u64 };
        match self.delivery {
            Delivery::Messages => {
                open.join(&input.bytes()[..part.payload], part.key).map_err(at)?;
                input.skip(part.payload);
                if last { self.end().map_or(Ok(None), Assembler::finish) } else { Ok(None) }
            }
            Delivery::Fragments => {
                let payload = payload(part, input);
                open.check(payload.as_ref(), last).map_err(at)?;
                if last {
                    self.end();
                }
                Ok(Some(Event::Fragment(Fragment { kind, first, last, payload })))
            }
        }
    }

    /// Notes that `part` is being taken, and returns how many bytes of its message came before.
    fn begin(&mut self, part: &Part) -> u64 {
        let length = part.payload as u64 + part.left;
        if self.rest.is_none() {
            self.declared += length;
            self.fragments += 1;
        }
        let rest = Rest {
            length: part.left,
            fin: part.fin,
            key: part.key.map(|key| key.rotated(part.payload)),
        };
        self.rest = (part.left > 0).then_some(rest);
        self.declared - length
    }

    fn end(&mut self) -> Option<Assembler> {
        (self.declared, self.fragments) = (0, 0);
        self.open.take()
    }
}

impl Rest {
    fn part(self, bytes: &[u8]) -> Option<Part> {
        let payload = self.length.min(bytes.len() as u64);
        (payload > 0).then_some(Part {
            header: 0,
            payload: payload as usize,
            opcode: Opcode::Continuation,
            key: self.key,
            fin: self.fin,
            left: self.length - payload,
        })
    }
}

/// Consumes the part's payload, unmasked where it lies; its header is consumed already.
#[inline]
fn payload<I: Input>(part: Part, input: &mut I) -> I::Payload {
    let mut payload = input.take(part.payload);
    if let Some(key) = part.key {
        key.apply(payload.as_mut());
    }
    payload
}

/// Consumes a message that came in one frame.
#[inline]
fn message<I: Input>(part: Part, input: &mut I) -> Result<Event<I::Payload>, ProtocolError> {
    input.skip(part.header);
    let payload = payload(part, input);
    if part.opcode == Opcode::Binary {
        return Ok(Event::Binary(payload));
    }
    match Text::new(payload) {
        Ok(text) => Ok(Event::Text(text)),
        Err(InvalidUtf8 { at }) => Err(ProtocolError::InvalidUtf8 { at: at as u64 }),
    }
}

fn control<I: Input>(part: Part, input: &mut I) -> Result<Event<I::Payload>, ProtocolError> {
    input.skip(part.header);
    Ok(match part.opcode {
        Opcode::Ping => Event::Ping(payload(part, input)),
        Opcode::Pong => Event::Pong(payload(part, input)),
        _ => Event::Close(close(part, input)?),
    })
}

fn close<I: Input>(part: Part, input: &mut I) -> Result<Option<Close<I::Payload>>, ProtocolError> {
    if part.payload == 0 {
        return Ok(None);
    }
    let code = payload(Part { payload: CloseCode::SIZE, ..part }, input);
    let key = part.key.map(|key| key.rotated(CloseCode::SIZE));
    let reason = payload(Part { payload: part.payload - CloseCode::SIZE, key, ..part }, input);
    Ok(Some(Close::from_parts(code.as_ref(), reason)?))
}
