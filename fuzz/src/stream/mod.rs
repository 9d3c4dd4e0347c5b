//! A stream of bytes: how it is fed, what comes of it, and what should.

mod cuts;
mod oracle;
mod outcome;
mod script;
mod seen;

pub(crate) use cuts::Cuts;
pub(crate) use oracle::{Rules, Verdict, first_bad, judge};
pub(crate) use outcome::{Outcome, run, run_buffered, run_owned};
pub(crate) use script::Script;
pub(crate) use seen::Seen;
