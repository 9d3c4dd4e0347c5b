//! What is offered and answered in permessage-deflate; `$` stands for the extension's name.

use patchcord::deflate::{Context, WindowBits};
use patchcord::handshake::extension::deflate::{AnswerError, Fallback, OwnWindow, Policy};

pub(crate) const fn context(bits: u8, takeover: bool) -> Context {
    match WindowBits::new(bits) {
        Some(window) => Context { window, takeover },
        None => panic!("no window"),
    }
}

pub(crate) const fn policy(own: Context, peer: Context, fallback: Fallback) -> Policy {
    Policy { own, own_window: OwnWindow::Announced, peer, fallback }
}

/// Takes whatever it is offered, and limits nothing.
pub(crate) const OPEN: Policy =
    policy(context(15, true), context(15, true), Fallback::LargestWindow);
/// The same, if a client that does not limit its window is one to decline: there is no limit to miss.
const OPEN_OR_NONE: Policy = Policy { fallback: Fallback::Decline, ..OPEN };
/// The default: 2 KiB without a word of it.
pub(crate) const QUIET: Policy =
    Policy { own: context(11, true), own_window: OwnWindow::Adjustable, ..OPEN };
/// The same, and a client lets nobody ask for less.
pub(crate) const BARE: Policy = Policy { own_window: OwnWindow::Unsaid, ..QUIET };
/// Windows of 2 KiB, and what holds if the client cannot limit its own.
pub(crate) const SMALL: Policy = Policy { own_window: OwnWindow::Announced, ..QUIETLY_SMALL };
pub(crate) const QUIETLY_SMALL: Policy = Policy::SMALL;
pub(crate) const SMALL_OR_LARGEST: Policy = Policy { fallback: Fallback::LargestWindow, ..SMALL };
pub(crate) const SMALL_OR_NONE: Policy = Policy { fallback: Fallback::Decline, ..SMALL };
/// Nothing is taken over.
pub(crate) const FRESH: Policy =
    policy(context(15, false), context(15, false), Fallback::LargestWindow);
/// Nothing of its own is taken over, without a word of it.
pub(crate) const QUIETLY_FRESH: Policy = Policy { own: context(15, false), ..QUIET };

/// A server's policy, what it is offered, its answer, and what it compresses and inflates with.
pub(crate) type Row = (Policy, &'static str, Option<(&'static str, Context, Context)>);

pub(crate) const D: &str = "permessage-deflate";

pub(crate) const ACCEPTED: &[Row] = &[
    (OPEN, "$", Some(("$", context(15, true), context(15, true)))),
    (OPEN_OR_NONE, "$", Some(("$", context(15, true), context(15, true)))),
    (OPEN, "$; client_max_window_bits", Some(("$", context(15, true), context(15, true)))),
    (
        OPEN,
        "$; client_max_window_bits=10",
        Some(("$; client_max_window_bits=10", context(15, true), context(10, true))),
    ),
    (
        OPEN,
        "$; client_max_window_bits=\"10\"",
        Some(("$; client_max_window_bits=10", context(15, true), context(10, true))),
    ),
    (
        OPEN,
        "$; client_max_window_bits=\"1\\0\"",
        Some(("$; client_max_window_bits=10", context(15, true), context(10, true))),
    ),
    (
        OPEN,
        "$; client_max_window_bits=8",
        Some(("$; client_max_window_bits=8", context(15, true), context(8, true))),
    ),
    (
        OPEN,
        "$; server_max_window_bits=10",
        Some(("$; server_max_window_bits=10", context(10, true), context(15, true))),
    ),
    (
        OPEN,
        "$; server_max_window_bits=15",
        Some(("$; server_max_window_bits=15", context(15, true), context(15, true))),
    ),
    (
        OPEN,
        "$; server_no_context_takeover",
        Some(("$; server_no_context_takeover", context(15, false), context(15, true))),
    ),
    (
        OPEN,
        "$; client_no_context_takeover",
        Some(("$; client_no_context_takeover", context(15, true), context(15, false))),
    ),
    (
        OPEN,
        "$; client_max_window_bits=9; server_max_window_bits=9; client_no_context_takeover; \
         server_no_context_takeover",
        Some((
            "$; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; \
             client_max_window_bits=9",
            context(9, false),
            context(9, false),
        )),
    ),
    // What was not asked for is not answered, though less is used.
    (QUIET, "$", Some(("$", context(11, true), context(15, true)))), // Firefox
    (QUIET, "$; client_max_window_bits", Some(("$", context(11, true), context(15, true)))),
    (
        QUIET,
        "$; client_max_window_bits=15; server_max_window_bits=15", // IXWebSocket
        Some(("$; server_max_window_bits=15", context(11, true), context(15, true))),
    ),
    (
        QUIET,
        "$; client_max_window_bits=12; server_max_window_bits=12", // Python's websockets
        Some((
            "$; server_max_window_bits=12; client_max_window_bits=12",
            context(11, true),
            context(12, true),
        )),
    ),
    (
        QUIET,
        "$; server_max_window_bits=10",
        Some(("$; server_max_window_bits=10", context(10, true), context(15, true))),
    ),
    (
        QUIET,
        "$; client_no_context_takeover; server_no_context_takeover", // gorilla, Java-WebSocket
        Some((
            "$; server_no_context_takeover; client_no_context_takeover",
            context(11, false),
            context(15, false),
        )),
    ),
    (
        QUIET,
        "$; server_max_window_bits=15; client_max_window_bits, $; client_max_window_bits", // lomond
        Some(("$; server_max_window_bits=15", context(11, true), context(15, true))),
    ),
    (
        QUIET,
        "$; client_no_context_takeover",
        Some(("$; client_no_context_takeover", context(11, true), context(15, false))),
    ),
    (QUIETLY_FRESH, "$", Some(("$", context(15, false), context(15, true)))),
    (
        QUIETLY_FRESH,
        "$; server_no_context_takeover",
        Some(("$; server_no_context_takeover", context(15, false), context(15, true))),
    ),
    (BARE, "$; client_max_window_bits", Some(("$", context(11, true), context(15, true)))),
    (
        QUIETLY_SMALL,
        "$; client_max_window_bits",
        Some(("$; client_max_window_bits=11", context(11, true), context(11, true))),
    ),
    (
        QUIETLY_SMALL,
        "$",
        Some(("$; client_no_context_takeover", context(11, true), context(15, false))),
    ),
    (
        QUIETLY_SMALL,
        "$; client_max_window_bits=9; server_max_window_bits=14",
        Some((
            "$; server_max_window_bits=14; client_max_window_bits=9",
            context(11, true),
            context(9, true),
        )),
    ),
    // What the policy limits.
    (
        SMALL,
        "$; client_max_window_bits", // Chromium
        Some((
            "$; server_max_window_bits=11; client_max_window_bits=11",
            context(11, true),
            context(11, true),
        )),
    ),
    (
        SMALL,
        "$; client_max_window_bits=9; server_max_window_bits=14",
        Some((
            "$; server_max_window_bits=11; client_max_window_bits=9",
            context(11, true),
            context(9, true),
        )),
    ),
    (
        SMALL,
        "$; client_max_window_bits=12; server_max_window_bits=9",
        Some((
            "$; server_max_window_bits=9; client_max_window_bits=11",
            context(9, true),
            context(11, true),
        )),
    ),
    (
        SMALL,
        "$", // Firefox
        Some((
            "$; client_no_context_takeover; server_max_window_bits=11",
            context(11, true),
            context(15, false),
        )),
    ),
    (
        SMALL_OR_LARGEST,
        "$",
        Some(("$; server_max_window_bits=11", context(11, true), context(15, true))),
    ),
    (SMALL_OR_NONE, "$", None),
    (
        SMALL_OR_NONE,
        "$, $; client_max_window_bits; server_max_window_bits=15",
        Some((
            "$; server_max_window_bits=11; client_max_window_bits=11",
            context(11, true),
            context(11, true),
        )),
    ),
    (
        FRESH,
        "$; client_max_window_bits",
        Some((
            "$; server_no_context_takeover; client_no_context_takeover",
            context(15, false),
            context(15, false),
        )),
    ),
    // Several offers: the first that can be accepted.
    (
        OPEN,
        "$; server_max_window_bits=10, $",
        Some(("$; server_max_window_bits=10", context(10, true), context(15, true))),
    ),
    (OPEN, "x-webkit-deflate-frame, $", Some(("$", context(15, true), context(15, true)))),
    (OPEN, "$; foo, $", Some(("$", context(15, true), context(15, true)))),
    (OPEN, "$; server_max_window_bits=8, $", Some(("$", context(15, true), context(15, true)))),
    (
        OPEN,
        "$; server_max_window_bits=16, $;foo, foo; bar, $;client_no_context_takeover",
        Some(("$; client_no_context_takeover", context(15, true), context(15, false))),
    ),
];

/// Offers that are declined, with an answer of 101 as ever.
pub(crate) const DECLINED: &[&str] = &[
    "x-webkit-deflate-frame",
    "Permessage-Deflate",
    "permessage-bzip2; server_no_context_takeover",
    "$; foo",
    "$; foo=15",
    "$; Server_No_Context_Takeover",
    "$; server_no_context_takeover=1",
    "$; server_no_context_takeover=\"true\"",
    "$; client_no_context_takeover=true",
    "$; server_max_window_bits",
    "$; server_max_window_bits=7",
    "$; server_max_window_bits=8", // it cannot be compressed with
    "$; server_max_window_bits=08",
    "$; server_max_window_bits=010",
    "$; server_max_window_bits=16",
    "$; server_max_window_bits=0",
    "$; server_max_window_bits=-9",
    "$; server_max_window_bits=+9",
    "$; server_max_window_bits=9.0",
    "$; server_max_window_bits=0x9",
    "$; server_max_window_bits=1000",
    "$; server_max_window_bits=4294967305",
    "$; server_max_window_bits=ten",
    "$; client_max_window_bits=7",
    "$; client_max_window_bits=16",
    "$; client_max_window_bits=09",
    "$; client_max_window_bits=\"09\"",
    "$; server_max_window_bits=10; server_max_window_bits=10",
    "$; client_max_window_bits; client_max_window_bits",
    "$; client_max_window_bits; client_max_window_bits=10",
    "$; server_no_context_takeover; server_no_context_takeover",
    "$; client_no_context_takeover; client_no_context_takeover",
];

/// Offers that break the header's grammar, for which the answer is 400.
pub(crate) const MALFORMED: &[&str] =
    &["$;;", "$; client_max_window_bits=\"\"", "$; client_max_window_bits=", "$; =9", "$ x"];

/// A client's policy, what it is answered, and what it makes of that: what it compresses and
/// inflates with.
pub(crate) type Answered = (Policy, &'static str, Result<Option<Both>, AnswerError>);
type Both = (Context, Context);

pub(crate) const ANSWERS: &[Answered] = &[
    (OPEN, "", Ok(None)),
    (OPEN, "$", Ok(Some((context(15, true), context(15, true))))),
    (OPEN, "$; server_max_window_bits=9", Ok(Some((context(15, true), context(9, true))))),
    (OPEN, "$; server_max_window_bits=8", Ok(Some((context(15, true), context(8, true))))),
    (OPEN, "$; client_max_window_bits=9", Ok(Some((context(9, true), context(15, true))))),
    (OPEN, "$; client_max_window_bits=\"9\"", Ok(Some((context(9, true), context(15, true))))),
    (OPEN, "$; client_max_window_bits=8", Ok(Some((context(8, true), context(15, true))))),
    (OPEN, "$; server_no_context_takeover", Ok(Some((context(15, true), context(15, false))))),
    (OPEN, "$; client_no_context_takeover", Ok(Some((context(15, false), context(15, true))))),
    (QUIET, "", Ok(None)),
    (QUIET, "$", Ok(Some((context(11, true), context(15, true))))),
    (QUIET, "$; client_max_window_bits=15", Ok(Some((context(11, true), context(15, true))))),
    (QUIET, "$; client_max_window_bits=12", Ok(Some((context(11, true), context(15, true))))),
    (QUIET, "$; client_max_window_bits=10", Ok(Some((context(10, true), context(15, true))))),
    (QUIET, "$; server_max_window_bits=10", Ok(Some((context(11, true), context(10, true))))),
    (QUIETLY_FRESH, "$", Ok(Some((context(15, false), context(15, true))))),
    (BARE, "$", Ok(Some((context(11, true), context(15, true))))),
    (BARE, "$; server_max_window_bits=15", Ok(Some((context(11, true), context(15, true))))),
    (BARE, "$; client_no_context_takeover", Ok(Some((context(11, false), context(15, true))))),
    // Section 7.1.2.2: a client that offered no limit is not to be given one.
    (BARE, "$; client_max_window_bits=15", Err(AnswerError::ClientWindow)),
    (BARE, "$; client_max_window_bits=9", Err(AnswerError::ClientWindow)),
    (FRESH, "$; server_no_context_takeover", Ok(Some((context(15, false), context(15, false))))),
    (FRESH, "$", Err(AnswerError::ServerTakeover)),
    (FRESH, "$; client_no_context_takeover", Err(AnswerError::ServerTakeover)),
    (
        SMALL_OR_NONE,
        "$; server_max_window_bits=11",
        Ok(Some((context(11, true), context(11, true)))),
    ),
    (
        SMALL_OR_NONE,
        "$; server_max_window_bits=10",
        Ok(Some((context(11, true), context(10, true)))),
    ),
    (SMALL_OR_NONE, "$; server_max_window_bits=12", Err(AnswerError::ServerWindow)),
    (SMALL_OR_NONE, "$", Err(AnswerError::ServerWindow)),
    (
        SMALL_OR_NONE,
        "$; server_max_window_bits=9; client_max_window_bits=12",
        Ok(Some((context(11, true), context(9, true)))),
    ),
    (SMALL, "$; server_no_context_takeover", Ok(Some((context(11, true), context(15, false))))),
    (SMALL, "$; server_max_window_bits=11", Ok(Some((context(11, true), context(11, true))))),
    (SMALL, "$", Err(AnswerError::ServerTakeover)),
    (SMALL, "$; server_max_window_bits=12", Err(AnswerError::ServerTakeover)),
    (
        SMALL_OR_LARGEST,
        "$; server_max_window_bits=12",
        Ok(Some((context(11, true), context(12, true)))),
    ),
    (
        SMALL_OR_LARGEST,
        "$; client_max_window_bits=10",
        Ok(Some((context(10, true), context(15, true)))),
    ),
    // What no policy takes.
    (OPEN, "$, $", Err(AnswerError::Repeated)),
    (OPEN, "$; foo", Err(AnswerError::UnknownParameter)),
    (OPEN, "$; client_max_window_bits", Err(AnswerError::Value)),
    (OPEN, "$; server_max_window_bits", Err(AnswerError::Value)),
    (OPEN, "$; server_max_window_bits=7", Err(AnswerError::Value)),
    (OPEN, "$; server_max_window_bits=16", Err(AnswerError::Value)),
    (OPEN, "$; server_max_window_bits=1000", Err(AnswerError::Value)), // CVE-2026-2229
    (OPEN, "$; server_max_window_bits=09", Err(AnswerError::Value)),
    (OPEN, "$; client_max_window_bits=010", Err(AnswerError::Value)),
    (OPEN, "$; server_no_context_takeover=1", Err(AnswerError::Value)),
    (OPEN, "$; client_no_context_takeover=\"0\"", Err(AnswerError::Value)),
    (
        OPEN,
        "$; server_max_window_bits=9; server_max_window_bits=9",
        Err(AnswerError::RepeatedParameter),
    ),
    (
        OPEN,
        "$; client_no_context_takeover; client_no_context_takeover",
        Err(AnswerError::RepeatedParameter),
    ),
];
