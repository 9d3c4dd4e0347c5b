//! What a case is, and how it can end.

use crate::conversation::{Conversation, Opening};
use std::fmt;

/// How binding the rule of a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A specification says MUST, or its words mean it.
    Must,
    /// A specification says SHOULD, or connections, memory or time are wasted otherwise.
    Should,
    /// Specifications leave the choice: another outcome is not a fault.
    Choice,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::Choice => "choice",
        })
    }
}

/// The judged implementation, in this role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Server,
    Client,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if *self == Self::Server { "server" } else { "client" })
    }
}

/// Why a case did not pass.
#[derive(Debug)]
pub enum Fault {
    /// A rule is broken: that of the case, or one of another level.
    Broken { level: Option<Level>, what: String },
    /// The implementation lacks what the case is about.
    Skip(String),
}

impl Fault {
    /// The rule of the case is broken.
    pub fn case(what: impl Into<String>) -> Self {
        Self::Broken { level: None, what: what.into() }
    }

    pub fn must(what: impl Into<String>) -> Self {
        Self::Broken { level: Some(Level::Must), what: what.into() }
    }

    pub fn should(what: impl Into<String>) -> Self {
        Self::Broken { level: Some(Level::Should), what: what.into() }
    }
}

pub type Verdict<T = ()> = Result<T, Fault>;

/// What is done with an open connection.
pub type Talk = Box<dyn Fn(&mut Conversation) -> Verdict + Send + Sync>;

/// What is done with a connection on which nothing was said yet, or only the client's request.
pub type Shake = Box<dyn Fn(&mut Opening) -> Verdict + Send + Sync>;

pub enum Run {
    /// After the opening handshake of `offer`: the extensions that are offered, or accepted.
    Talk { deflate: Option<Parameters>, talk: Talk },
    /// Instead of it.
    Shake(Shake),
}

/// The parameters requested of permessage-deflate, in either role: RFC 7692 section 7.1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// The implementation under test is to compress each message by itself.
    pub no_takeover: bool,
    /// Its window must be at most this large.
    pub window_bits: Option<u8>,
    /// More offers behind the first, which ask for less.
    pub has_fallbacks: bool,
    /// We offer to compress each message by itself, as Autobahn does.
    pub offers_no_takeover: bool,
}

pub struct Case {
    /// `group/rule-in-words`
    pub id: String,
    pub level: Level,
    /// The section that has the rule.
    pub why: &'static str,
    /// What is sent, and what must come back.
    pub what: String,
    /// The roles in which an implementation can be judged by it.
    pub roles: &'static [Role],
    /// The cases of Autobahn's suite that ask the same.
    pub autobahn: Vec<String>,
    pub run: Run,
}

pub const BOTH: &[Role] = &[Role::Server, Role::Client];
pub const SERVER: &[Role] = &[Role::Server];
pub const CLIENT: &[Role] = &[Role::Client];

impl Case {
    pub fn in_role(self, roles: &'static [Role]) -> Self {
        Self { roles, ..self }
    }

    /// Names the cases of Autobahn's suite that ask the same, separated by blanks.
    pub fn like(self, autobahn: impl AsRef<str>) -> Self {
        let autobahn = autobahn.as_ref().split_whitespace().map(str::to_owned).collect();
        Self { autobahn, ..self }
    }

    pub fn deflating(mut self, parameters: Parameters) -> Self {
        if let Run::Talk { deflate, .. } = &mut self.run {
            *deflate = Some(parameters);
        }
        self
    }
}

/// Makes a case of words and a talk: the form in which all files of cases are written.
pub fn case(
    level: Level,
    id: impl Into<String>,
    why: &'static str,
    what: impl Into<String>,
    talk: impl Fn(&mut Conversation) -> Verdict + Send + Sync + 'static,
) -> Case {
    let run = Run::Talk { deflate: None, talk: Box::new(talk) };
    Case { id: id.into(), level, why, what: what.into(), roles: BOTH, autobahn: Vec::new(), run }
}

/// Makes one of an opening handshake, which concerns only one role.
pub fn shake(
    roles: &'static [Role],
    level: Level,
    id: impl Into<String>,
    why: &'static str,
    what: impl Into<String>,
    shake: impl Fn(&mut Opening) -> Verdict + Send + Sync + 'static,
) -> Case {
    let run = Run::Shake(Box::new(shake));
    Case { id: id.into(), level, why, what: what.into(), roles, autobahn: Vec::new(), run }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    Passed,
    Failed,
    /// The other choice was made.
    Otherwise,
    Skipped,
}

/// How a case ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub id: String,
    pub level: Level,
    pub status: Status,
    /// What was wrong, chosen or lacking.
    pub detail: String,
    pub log: Vec<String>,
    pub seconds: f64,
}

impl Outcome {
    pub fn of(case: &Case, verdict: Verdict, log: Vec<String>, seconds: f64) -> Self {
        let (status, level, detail) = match verdict {
            Ok(()) => (Status::Passed, case.level, String::new()),
            Err(Fault::Skip(why)) => (Status::Skipped, case.level, why),
            Err(Fault::Broken { level, what }) => {
                let level = level.unwrap_or(case.level);
                let is_choice = level == Level::Choice;
                (if is_choice { Status::Otherwise } else { Status::Failed }, level, what)
            }
        };
        let log = if status == Status::Passed { Vec::new() } else { log };
        Self { id: case.id.clone(), level, status, detail, log, seconds }
    }
}
