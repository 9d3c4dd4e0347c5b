//! A vector as it stands in a file: see `README.md` beside this. What it does not say is an error.

use crate::common::{Seen, Side};
use crate::vectors::json::{Fields, body, bounds, event, octets};
use patchcord::Limits;
use serde_json::Value;

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

impl Vector {
    pub(crate) fn parse(value: &Value) -> Self {
        let mut fields = Fields::of(value);
        let vector = Self {
            name: fields.text("name"),
            section: section(&fields.text("section")),
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

/// Where RFC 6455 has the rule: what is asked of frames is all from there.
fn section(text: &str) -> String {
    text.strip_prefix("RFC 6455 section ").expect("a section of RFC 6455").to_owned()
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

fn end_of(value: &Value) -> Ending {
    match value.as_str() {
        Some("clean") => Ending::Clean,
        Some("between-messages") => Ending::BetweenMessages,
        Some("inside-message") => Ending::InsideMessage,
        Some("inside-frame") => Ending::InsideFrame,
        Some("failed") => Ending::Failed,
        _ => panic!("no ending: {value}"),
    }
}
