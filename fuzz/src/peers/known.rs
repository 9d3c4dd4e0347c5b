//! The disagreements that are known and justified; `README.md` beside this has the same table.

/// A disagreement.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Who disagrees.
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
    PongAfterClose,
    NoRules,
    BareLineFeed,
    LeadingLines,
    Limits,
    Target,
    Host,
}

impl Because {
    /// The entry for this reason: what is not in the table is no reason.
    pub(crate) fn known(self) -> &'static Known {
        KNOWN.iter().find(|known| known.because == self).expect("a reason that the table has")
    }
}

const TUNGSTENITE: &str = "tungstenite 0.30";
const SANS_IO: &str = "websocket-sans-io 0.1";
const HTTPARSE: &str = "httparse 1.10 and the rules";

/// All of them.
pub const KNOWN: &[Known] = &[
    Known {
        peer: TUNGSTENITE,
        does: "judges a frame when it is whole: RSV, opcode, MASK, FIN and length of a control frame, text",
        instead: "fails at the byte that decides",
        section: "RFC 6455 7.1.7 (when to fail is left open)",
        because: Because::Waits,
    },
    Known {
        peer: TUNGSTENITE,
        does: "takes lengths that are not in their shortest form",
        instead: "1002",
        section: "RFC 6455 5.2",
        because: Because::LongForms,
    },
    Known {
        peer: TUNGSTENITE,
        does: "reports a Close with a forbidden code as one with 1002 that came from the peer",
        instead: "an error, 1002",
        section: "RFC 6455 7.4",
        because: Because::BadCloseCode,
    },
    Known {
        peer: TUNGSTENITE,
        does: "holds 1014 to be forbidden",
        instead: "takes it",
        section: "IANA's registry of RFC 6455 11.7: 1014, Bad Gateway",
        because: Because::Code1014,
    },
    Known {
        peer: TUNGSTENITE,
        does: "says of a 64-bit length with its top bit set that it is above a limit",
        instead: "1002",
        section: "RFC 6455 5.2",
        because: Because::TopBit,
    },
    Known {
        peer: TUNGSTENITE,
        does: "answers each ping as it comes",
        instead: "answers the latest of those that wait",
        section: "RFC 6455 5.5.3",
        because: Because::PongAfterClose,
    },
    Known {
        peer: SANS_IO,
        does: "has no rules: any bytes are frames",
        instead: "fails; what comes before is the same",
        section: "RFC 6455 5",
        because: Because::NoRules,
    },
    Known {
        peer: HTTPARSE,
        does: "takes heads whose lines end in LF alone, as RFC 9112 2.2 allows",
        instead: "the same: the rules look at lines however they end",
        section: "RFC 9112 2.2",
        because: Because::BareLineFeed,
    },
    Known {
        peer: HTTPARSE,
        does: "skips empty lines before the start line",
        instead: "the same",
        section: "RFC 9112 2.2",
        because: Because::LeadingLines,
    },
    Known {
        peer: HTTPARSE,
        does: "has no limit to a head or a line",
        instead: "431 above 16 KiB, or above 8 KiB in a line",
        section: "RFC 6585 5",
        because: Because::Limits,
    },
    Known {
        peer: HTTPARSE,
        does: "takes targets of any form",
        instead: "400 unless a path or an http URI",
        section: "RFC 9112 3.2, RFC 6455 4.2.1",
        because: Because::Target,
    },
    Known {
        peer: HTTPARSE,
        does: "takes any value of Host",
        instead: "400 unless a host and a port",
        section: "RFC 9110 7.2",
        because: Because::Host,
    },
];
