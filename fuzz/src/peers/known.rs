//! The disagreements that are known and justified; `README.md` has the same table, and a seed
//! meets each of them.

use std::sync::atomic::{AtomicU32, Ordering};

/// A disagreement.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// The peer that disagrees.
    pub peer: &'static str,
    /// What it does.
    pub does: &'static str,
    /// What this crate does.
    pub instead: &'static str,
    /// The section that has the rule.
    pub section: &'static str,
    because: Because,
}

/// Why a target lets a disagreement pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Because {
    Waits,
    LongForms,
    BadCloseCode,
    Code1014,
    TopBit,
    NoRules,
    Limits,
    Characters,
    Scheme,
    Authority,
    Codes,
}

impl Because {
    /// Lets a disagreement in the table pass, and notes that it was met.
    pub(crate) fn excuses(self) -> bool {
        let at = KNOWN.iter().position(|known| known.because == self);
        MET[at.expect("a reason that the table has")].fetch_add(1, Ordering::Relaxed);
        true
    }
}

static MET: [AtomicU32; KNOWN.len()] = [const { AtomicU32::new(0) }; KNOWN.len()];

/// Returns how often each was met in this process.
pub fn met() -> impl Iterator<Item = (&'static Known, u32)> {
    KNOWN.iter().zip(&MET).map(|(known, met)| (known, met.load(Ordering::Relaxed)))
}

const TUNGSTENITE: &str = "tungstenite 0.30";
const SANS_IO: &str = "websocket-sans-io 0.1";
const HTTPARSE: &str = "httparse 1.10";
const RULES: &str = "the rules of URIs";
const MINIZ: &str = "miniz_oxide 0.9";

/// All of them.
pub const KNOWN: &[Known] = &[
    Known {
        peer: TUNGSTENITE,
        does: "judges a frame once it is whole: RSV, opcode, MASK, FIN and length of a control frame, text",
        instead: "fails at the byte that decides",
        section: "RFC 6455 7.1.7 (when to fail is left open)",
        because: Because::Waits,
    },
    Known {
        peer: TUNGSTENITE,
        does: "accepts lengths that are not in their shortest form",
        instead: "1002",
        section: "RFC 6455 5.2",
        because: Because::LongForms,
    },
    Known {
        peer: TUNGSTENITE,
        does: "reports a Close with a forbidden code as one with 1002 from the peer",
        instead: "an error, 1002",
        section: "RFC 6455 7.4",
        because: Because::BadCloseCode,
    },
    Known {
        peer: TUNGSTENITE,
        does: "treats 1014 as forbidden",
        instead: "accepts it",
        section: "IANA's registry of RFC 6455 11.7: 1014, Bad Gateway",
        because: Because::Code1014,
    },
    Known {
        peer: TUNGSTENITE,
        does: "reports a 64-bit length with its top bit set as above a limit",
        instead: "1002",
        section: "RFC 6455 5.2",
        because: Because::TopBit,
    },
    Known {
        peer: SANS_IO,
        does: "has no rules: any bytes are frames",
        instead: "fails; everything before that is the same",
        section: "RFC 6455 5",
        because: Because::NoRules,
    },
    Known {
        peer: HTTPARSE,
        does: "has no limit on a head or a line",
        instead: "431 above 16 KiB, or above 8 KiB in a line",
        section: "RFC 6585 5",
        because: Because::Limits,
    },
    Known {
        peer: RULES,
        does: "allow few characters in a path and a query, and require two digits behind a percent sign",
        instead: "accepts any visible ones except `#`, as browsers send them",
        section: "RFC 3986 3.3, 3.4",
        because: Because::Characters,
    },
    Known {
        peer: RULES,
        does: "allow http and https as the schemes of an absolute target",
        instead: "accepts ws and wss, as nearly all servers do",
        section: "RFC 6455 4.2.1",
        because: Because::Scheme,
    },
    Known {
        peer: RULES,
        does: "allow ports above 65,535, and addresses of versions to come",
        instead: "400: nobody listens there",
        section: "RFC 3986 3.2.2, 3.2.3",
        because: Because::Authority,
    },
    Known {
        peer: MINIZ,
        does: "accepts codes that are incomplete or lack an end of the block, and refuses at once one without symbols, or a repeated length where there is none to repeat",
        instead: "refuses the former, and the latter two as zlib does: one without symbols at its first use, such a length once all its bits are there",
        section: "RFC 1951 3.2.2, 3.2.7",
        because: Because::Codes,
    },
];
