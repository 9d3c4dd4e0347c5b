//! What vectors and reports are made of, as it stands in their files. What a file does not say is an
//! error.

use crate::common::Seen;
use patchcord::frame::{CloseError, HeaderError};
use patchcord::{Limits, MessageKind, ProtocolError};
use serde_json::{Map, Value};

/// What is left of an object whose fields are taken one by one.
pub(crate) struct Fields {
    whole: String,
    left: Map<String, Value>,
}

impl Fields {
    pub(crate) fn of(value: &Value) -> Self {
        let left = value.as_object().unwrap_or_else(|| panic!("no object: {value}")).clone();
        Self { whole: value.to_string(), left }
    }

    pub(crate) fn take(&mut self, field: &str) -> Option<Value> {
        self.left.remove(field)
    }

    pub(crate) fn need(&mut self, field: &str) -> Value {
        self.take(field).unwrap_or_else(|| panic!("no `{field}` in {}", self.whole))
    }

    pub(crate) fn text(&mut self, field: &str) -> String {
        self.need(field).as_str().expect("a string").to_owned()
    }

    pub(crate) fn number(&mut self, field: &str) -> Option<u64> {
        self.take(field).map(|value| value.as_u64().expect("a number"))
    }

    pub(crate) fn end(self) {
        assert!(self.left.is_empty(), "unknown fields in {}", self.whole);
    }
}

pub(crate) fn bounds(value: &Value) -> Limits {
    let mut fields = Fields::of(value);
    let default = Limits::default();
    let small = |number: u64| u32::try_from(number).expect("32 bits");
    let limits = Limits {
        whole_frame: fields.number("whole").map_or(default.whole_frame, small),
        frame: fields.number("frame").unwrap_or(default.frame),
        message: fields.number("message").unwrap_or(default.message),
        fragments: fields.number("fragments").map_or(default.fragments, small),
    };
    fields.end();
    limits
}

pub(crate) fn event(value: &Value) -> Seen {
    let mut fields = Fields::of(value);
    let event = if let Some(text) = fields.take("text") {
        Seen::message(MessageKind::Text, parts(&text, &|text| text.as_bytes().to_vec()))
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

pub(crate) fn body(value: &Value) -> Option<(u16, String)> {
    if value.is_null() {
        return None;
    }
    let mut fields = Fields::of(value);
    let code = fields.number("code").expect("a code") as u16;
    let body = (code, fields.text("reason"));
    fields.end();
    Some(body)
}

pub(crate) fn octets(value: &Value) -> Vec<u8> {
    parts(value, &hex)
}

/// A string, `{"repeat": N, "of": string}` or `{"join": [..]}` of such.
fn parts(value: &Value, read: &dyn Fn(&str) -> Vec<u8>) -> Vec<u8> {
    if let Some(text) = value.as_str() {
        return read(text);
    }
    let mut fields = Fields::of(value);
    let octets = if let Some(list) = fields.take("join") {
        list.as_array().expect("a list").iter().flat_map(|part| parts(part, read)).collect()
    } else {
        let count = fields.number("repeat").expect("a count") as usize;
        parts(&fields.need("of"), read).repeat(count)
    };
    fields.end();
    octets
}

fn hex(text: &str) -> Vec<u8> {
    let byte = |digits| u8::from_str_radix(digits, 16).unwrap_or_else(|_| panic!("{digits:?}"));
    text.split_whitespace().map(byte).collect()
}

/// The name that the files have for an error.
pub(crate) fn kind_of(error: ProtocolError) -> &'static str {
    match error {
        ProtocolError::Header(HeaderError::ReservedOpcode) => "reserved-opcode",
        ProtocolError::Header(HeaderError::FragmentedControl) => "fragmented-control",
        ProtocolError::Header(HeaderError::ControlTooLong) => "control-too-long",
        ProtocolError::Header(HeaderError::CloseTooShort) => "close-of-one-byte",
        ProtocolError::Header(HeaderError::LengthNotMinimal) => "length-not-minimal",
        ProtocolError::Header(HeaderError::LengthTopBit) => "length-top-bit",
        ProtocolError::ReservedBits(_) => "reserved-bits",
        ProtocolError::NotMasked => "not-masked",
        ProtocolError::Masked => "masked",
        ProtocolError::NothingToContinue => "nothing-to-continue",
        ProtocolError::MessageInsideMessage => "message-inside-message",
        ProtocolError::InvalidUtf8 { .. } => "invalid-utf8",
        ProtocolError::Close(CloseError::InvalidCode(_)) => "close-code",
        ProtocolError::Close(CloseError::ReasonNotUtf8) => "close-reason",
        ProtocolError::FrameTooLong => "frame-too-long",
        ProtocolError::MessageTooLong => "message-too-long",
        ProtocolError::TooManyFragments => "too-many-fragments",
        other => panic!("an error without a name: {other:?}"),
    }
}
