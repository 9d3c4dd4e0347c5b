//! The errors of a server's response to an offer of permessage-deflate.

use core::fmt;

/// An error: the server's response about permessage-deflate breaks a rule (RFC 7692 section 7.1).
/// The client must close the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerError {
    /// The extension occurs more than once, although only one offer can be accepted (section 5).
    Repeated,
    /// The response has a parameter that the extension does not define (section 7.1).
    UnknownParameter,
    /// A parameter occurs twice (section 7.1).
    RepeatedParameter,
    /// A parameter has a value that it must not have, lacks one that it must have, or has one that
    /// is not a number from 8 to 15 without leading zeros (sections 7.1.1 and 7.1.2).
    Value,
    /// The server would take over its context, although it was asked not to (section 7.1.1.1).
    ServerTakeover,
    /// The server's window is larger than the client asked for (section 7.1.2.1).
    ServerWindow,
    /// The server limits the client's window, which the client did not offer (section 7.1.2.2).
    ClientWindow,
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Repeated => "the server accepted permessage-deflate more than once",
            Self::UnknownParameter => {
                "the server answered with an unknown parameter of permessage-deflate"
            }
            Self::RepeatedParameter => "a parameter of permessage-deflate occurs twice",
            Self::Value => "a parameter of permessage-deflate has an invalid value",
            Self::ServerTakeover => {
                "the server keeps its compression context, although it was asked not to"
            }
            Self::ServerWindow => "the server's window is larger than the client asked for",
            Self::ClientWindow => {
                "the server limits the client's window, which the client did not offer"
            }
        })
    }
}

impl core::error::Error for AnswerError {}
