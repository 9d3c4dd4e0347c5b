//! A vector as it stands in a file: see `README.md` beside this. What it does not say is an error.

use crate::common::{Seen, Side};
use patchcord::frame::{CloseError, HeaderError};
use patchcord::{Limits, ProtocolError};
use serde_json::{Map, Value};

pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) section: String,
    pub(crate) side: Side,
    pub(crate) limits: Limits,
    /// The Close that this end sent before: none, an empty one, or a code and a reason.
    pub(crate) local_close: Option<Option<(u16, String)>>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) end_of_stream: Option<Ending>,
    pub(crate) expect: Vec<Seen>,
    pub(crate) error: Option<Failure>,
    pub(crate) pending: Vec<u8>,
    pub(crate) state: String,
}

pub(crate) struct Failure {
    pub(crate) kind: String,
    pub(crate) close_code: u16,
    /// The index of the bad octet in its message.
    pub(crate) at: Option<u64>,
    pub(crate) decided_at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Clean,
    BetweenMessages,
    InsideMessage,
    InsideFrame,
    Failed,
}

/// What is left of an object whose fields are taken one by one.
struct Fields {
    whole: String,
    left: Map<String, Value>,
}

impl Fields {
    fn of(value: &Value) -> Self {
        let left = value.as_object().unwrap_or_else(|| panic!("no object: {value}")).clone();
        Self { whole: value.to_string(), left }
    }

    fn take(&mut self, field: &str) -> Option<Value> {
        self.left.remove(field)
    }

    fn need(&mut self, field: &str) -> Value {
        self.take(field).unwrap_or_else(|| panic!("no `{field}` in {}", self.whole))
    }

    fn text(&mut self, field: &str) -> String {
        self.need(field).as_str().expect("a string").to_owned()
    }

    fn number(&mut self, field: &str) -> Option<u64> {
        self.take(field).map(|value| value.as_u64().expect("a number"))
    }

    fn end(self) {
        assert!(self.left.is_empty(), "unknown fields in {}", self.whole);
    }
}

impl Vector {
    pub(crate) fn parse(value: &Value) -> Self {
        let mut fields = Fields::of(value);
        let vector = Self {
            name: fields.text("name"),
            section: fields.text("section"),
            side: match &*fields.text("role") {
                "server" => Side::Server,
                "client" => Side::Client,
                other => panic!("no role: {other}"),
            },
            limits: fields.take("limits").map_or_else(Limits::default, |limits| bounds(&limits)),
            local_close: fields.take("local_close").map(|close| body(&close)),
            bytes: octets(&fields.need("bytes")),
            end_of_stream: fields.take("end_of_stream").map(|ending| end_of(&ending)),
            expect: fields.need("expect").as_array().expect("a list").iter().map(event).collect(),
            error: failure(&mut fields),
            pending: octets(&fields.need("pending")),
            state: fields.text("state"),
        };
        fields.end();
        vector
    }
}

fn failure(fields: &mut Fields) -> Option<Failure> {
    let error = fields.take("error")?;
    let decided_at = fields.number("decided_at").expect("where the error is known") as usize;
    let mut error = Fields::of(&error);
    let failure = Failure {
        kind: error.text("kind"),
        close_code: error.number("close_code").expect("a close code") as u16,
        at: error.number("at"),
        decided_at,
    };
    error.end();
    Some(failure)
}

fn bounds(value: &Value) -> Limits {
    let mut fields = Fields::of(value);
    let default = Limits::default();
    let small = |number: u64| u32::try_from(number).expect("32 bits");
    let limits = Limits {
        whole: fields.number("whole").map_or(default.whole, small),
        frame: fields.number("frame").unwrap_or(default.frame),
        message: fields.number("message").unwrap_or(default.message),
        fragments: fields.number("fragments").map_or(default.fragments, small),
    };
    fields.end();
    limits
}

fn end_of(value: &Value) -> Ending {
    match value.as_str() {
        Some("clean") => Ending::Clean,
        Some("between_messages") => Ending::BetweenMessages,
        Some("inside_message") => Ending::InsideMessage,
        Some("inside_frame") => Ending::InsideFrame,
        Some("failed") => Ending::Failed,
        _ => panic!("no ending: {value}"),
    }
}

fn event(value: &Value) -> Seen {
    let mut fields = Fields::of(value);
    let event = if let Some(text) = fields.take("text") {
        Seen::Text(parts(&text, str::to_owned).concat())
    } else if let Some(binary) = fields.take("binary") {
        Seen::Binary(octets(&binary))
    } else if let Some(ping) = fields.take("ping") {
        Seen::Ping(octets(&ping))
    } else if let Some(pong) = fields.take("pong") {
        Seen::Pong(octets(&pong))
    } else {
        Seen::Close(body(&fields.need("close")))
    };
    fields.end();
    event
}

fn body(value: &Value) -> Option<(u16, String)> {
    if value.is_null() {
        return None;
    }
    let mut fields = Fields::of(value);
    let code = fields.number("code").expect("a code") as u16;
    let body = (code, fields.text("reason"));
    fields.end();
    Some(body)
}

fn octets(value: &Value) -> Vec<u8> {
    parts(value, hex).concat()
}

/// A string, or a list of strings and of `{"repeat": N, "of": string}`.
fn parts<T: Clone>(value: &Value, read: impl Fn(&str) -> T) -> Vec<T> {
    let list = match value {
        Value::Array(list) => list.clone(),
        single => vec![single.clone()],
    };
    let mut parts = Vec::new();
    for part in list {
        if let Some(text) = part.as_str() {
            parts.push(read(text));
            continue;
        }
        let mut fields = Fields::of(&part);
        let count = fields.number("repeat").expect("a count") as usize;
        parts.extend(std::iter::repeat_n(read(&fields.text("of")), count));
        fields.end();
    }
    parts
}

fn hex(text: &str) -> Vec<u8> {
    let byte = |digits| u8::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("{digits:?}"));
    text.split_whitespace().map(byte).collect()
}

/// The name that the files have for an error.
pub(crate) fn kind_of(error: ProtocolError) -> &'static str {
    match error {
        ProtocolError::Header(HeaderError::ReservedOpcode) => "reserved_opcode",
        ProtocolError::Header(HeaderError::FragmentedControl) => "fragmented_control",
        ProtocolError::Header(HeaderError::ControlTooLong) => "control_too_long",
        ProtocolError::Header(HeaderError::CloseOfOneByte) => "close_of_one_byte",
        ProtocolError::Header(HeaderError::LengthNotMinimal) => "length_not_minimal",
        ProtocolError::Header(HeaderError::LengthTopBit) => "length_top_bit",
        ProtocolError::ReservedBits(_) => "reserved_bits",
        ProtocolError::NotMasked => "not_masked",
        ProtocolError::Masked => "masked",
        ProtocolError::NothingToContinue => "nothing_to_continue",
        ProtocolError::MessageInsideMessage => "message_inside_message",
        ProtocolError::InvalidUtf8 { .. } => "invalid_utf8",
        ProtocolError::Close(CloseError::InvalidCode(_)) => "close_code",
        ProtocolError::Close(CloseError::ReasonNotUtf8) => "close_reason",
        ProtocolError::FrameTooLong => "frame_too_long",
        ProtocolError::MessageTooLong => "message_too_long",
        ProtocolError::TooManyFragments => "too_many_fragments",
        other => panic!("an error without a name: {other:?}"),
    }
}
