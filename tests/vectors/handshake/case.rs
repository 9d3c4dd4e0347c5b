//! Cases: loaded, with every field looked at, so that a typo cannot make a check vacuous.

use patchcord::handshake::HeadLimits;
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// How binding the verdict of a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strictness {
    Must,
    Choice,
}

/// One case of a file.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) section: String,
    pub(crate) kind: String,
    pub(crate) strictness: Strictness,
    pub(crate) config: Object,
    /// The bytes, or the fields and the status of an extended CONNECT.
    pub(crate) given: Object,
    pub(crate) expect: Value,
}

const ROLES: [(&str, &str); 12] = [
    ("read-request", "server"),
    ("read-connect", "server"),
    ("read-response", "client"),
    ("write-request", "client"),
    ("parse-url", "client"),
    ("read-connect-response", "client"),
    ("write-connect", "client"),
    ("read-redirect", "client"),
    ("write-tunnel", "client"),
    ("read-tunnel", "client"),
    ("forward", "server"),
    ("forward-answer", "server"),
];

/// The cases of a file in this folder.
pub(crate) fn load(file: &str) -> Vec<Case> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/handshake/");
    let text = std::fs::read_to_string(format!("{folder}{file}.json")).expect("the file is there");
    let cases: Vec<Value> = serde_json::from_str(&text).expect("the file is JSON");
    cases.into_iter().map(Case::read).collect()
}

impl Case {
    fn read(value: Value) -> Self {
        let fields = Object::of(expand(value));
        let name = fields.text("name").expect("a name");
        let section = fields.text("section").expect("a section");
        assert!(!section.is_empty(), "{name}: the section is empty");
        fields.text("source");
        let kind = fields.text("kind").expect("a kind");
        let role = fields.text("role").expect("a role");
        assert!(ROLES.contains(&(kind.as_str(), role.as_str())), "{name}: {role} and {kind}");
        let strictness = match fields.text("strictness").as_deref() {
            Some("must") => Strictness::Must,
            Some("choice") => Strictness::Choice,
            other => panic!("{name}: strictness {other:?}"),
        };
        let config = Object::of(fields.take("config").unwrap_or(Value::Object(Map::new())));
        let expect = fields.take("expect").expect("an expectation");
        Self { name, section, kind, strictness, config, given: fields, expect }
    }

    /// The bytes of the case.
    pub(crate) fn input(&self) -> Vec<u8> {
        bytes(&self.given.text("input").expect("an input"))
    }

    /// The name and the value of each field of an extended CONNECT.
    pub(crate) fn fields(&self) -> Vec<(String, Vec<u8>)> {
        let fields = self.given.take("fields").expect("fields");
        pairs(&fields).into_iter().map(|(name, value)| (name, bytes(&value))).collect()
    }

    /// Asserts that each field of the case was looked at.
    pub(crate) fn finish(&self) -> Result<(), String> {
        self.config.finish()?;
        self.given.finish()
    }
}

/// A list of pairs of texts.
pub(crate) fn pairs(value: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let pair = |pair: &Value| match pair.as_array().map(Vec::as_slice) {
        Some([name, value]) => (text(name), text(value)),
        _ => panic!("{pair} is no pair"),
    };
    value.as_array().expect("a list of pairs").iter().map(pair).collect()
}

/// An object that knows which of its fields were looked at.
#[derive(Debug)]
pub(crate) struct Object {
    fields: Map<String, Value>,
    seen: RefCell<BTreeSet<String>>,
}

impl Object {
    pub(crate) fn of(value: Value) -> Self {
        match value {
            Value::Object(fields) => Self { fields, seen: RefCell::default() },
            other => panic!("{other} is no object"),
        }
    }

    pub(crate) fn take(&self, key: &str) -> Option<Value> {
        self.seen.borrow_mut().insert(key.to_owned());
        self.fields.get(key).cloned()
    }

    pub(crate) fn text(&self, key: &str) -> Option<String> {
        self.take(key).map(|value| match value {
            Value::String(text) => text,
            other => panic!("{key}: {other} is no text"),
        })
    }

    pub(crate) fn flag(&self, key: &str) -> bool {
        self.take(key).is_some_and(|value| value.as_bool().expect("a truth value"))
    }

    /// One of `words`, of which the first is the default.
    pub(crate) fn word<'word>(&self, key: &str, words: &[&'word str]) -> &'word str {
        let Some(text) = self.text(key) else { return words[0] };
        let word = words.iter().find(|word| **word == text);
        word.unwrap_or_else(|| panic!("{key}: {text} is none of {words:?}"))
    }

    pub(crate) fn texts(&self, key: &str) -> Vec<String> {
        let list = self.take(key).unwrap_or(Value::Array(Vec::new()));
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        list.as_array().expect("a list").iter().map(text).collect()
    }

    pub(crate) fn objects(&self, key: &str) -> Vec<Value> {
        let list = self.take(key).unwrap_or(Value::Array(Vec::new()));
        list.as_array().expect("a list").clone()
    }

    pub(crate) fn finish(&self) -> Result<(), String> {
        let seen = self.seen.borrow();
        match self.fields.keys().find(|key| !seen.contains(*key)) {
            Some(key) => Err(format!("the field {key} is unknown")),
            None => Ok(()),
        }
    }
}

/// The limits of heads that a side is given: the default's, but for those that are named.
pub(crate) fn limits(config: &Object) -> HeadLimits {
    let mut limits = HeadLimits::default();
    if let Some(named) = config.take("limits").map(Object::of) {
        let number = |key: &str, limit: &mut usize| {
            if let Some(value) = named.take(key) {
                *limit = value.as_u64().and_then(|n| usize::try_from(n).ok()).expect("a number");
            }
        };
        number("head", &mut limits.head);
        number("line", &mut limits.line);
        number("lines", &mut limits.lines);
        number("fields", &mut limits.fields);
        named.finish().expect("limits that are known");
    }
    limits
}

/// The bytes that a text stands for: its characters up to U+00FF.
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(c).expect("a character that stands for a byte")).collect()
}

/// The text that stands for these bytes.
pub(crate) fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// Writes out the long texts: `{"repeat": number, "of": text}` and `{"join": [text, ...]}`.
fn expand(value: Value) -> Value {
    match value {
        Value::Object(fields) if fields.contains_key("repeat") => repeated(&fields).into(),
        Value::Object(fields) if fields.contains_key("join") => joined(fields).into(),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(key, value)| (key, expand(value))).collect())
        }
        Value::Array(parts) => parts.into_iter().map(expand).collect(),
        other => other,
    }
}

fn repeated(fields: &Map<String, Value>) -> String {
    let times = fields["repeat"].as_u64().expect("a number of times");
    let text = fields.get("of").and_then(Value::as_str).expect("a text to repeat");
    assert_eq!(fields.len(), 2, "a repetition has unknown fields: {fields:?}");
    text.repeat(usize::try_from(times).expect("a number of times"))
}

fn joined(mut fields: Map<String, Value>) -> String {
    let parts = fields.remove("join").map(expand).unwrap_or_default();
    assert!(fields.is_empty(), "a join has unknown fields: {fields:?}");
    let parts = parts.as_array().expect("a list of texts").iter();
    parts.map(|part| part.as_str().expect("a text")).collect()
}
