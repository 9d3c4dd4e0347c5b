//! What is wrong with a server's answer.

use core::fmt;

/// A server's answer about permessage-deflate that a client must not go on with (RFC 7692
/// section 7.1): the connection is to be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AnswerError {
    /// The extension is there more than once, where one offer can be accepted (section 5).
    Repeated,
    /// A parameter that the extension does not have (section 7.1).
    UnknownParameter,
    /// A parameter is there twice (section 7.1).
    RepeatedParameter,
    /// A value where there must be none, none where there must be one, or one that is not a
    /// number from 8 to 15 without leading zeros (sections 7.1.1 and 7.1.2).
    Value,
    /// The server would take its context over, and was asked not to (section 7.1.1.1).
    ServerTakeover,
    /// The server's window is larger than it was asked for (section 7.1.2.1).
    ServerWindow,
    /// The server limits the client's window, which was not offered (section 7.1.2.2).
    ClientWindow,
}

impl fmt::Display for AnswerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Repeated => "the server accepts permessage-deflate more than once",
            Self::UnknownParameter => "permessage-deflate has a parameter that it does not know",
            Self::RepeatedParameter => "a parameter of permessage-deflate is there twice",
            Self::Value => "a parameter of permessage-deflate has a wrong value",
            Self::ServerTakeover => "the server keeps its context, which it was asked not to",
            Self::ServerWindow => "the server's window is larger than it was asked for",
            Self::ClientWindow => "the server limits the client's window, which was not offered",
        })
    }
}

impl core::error::Error for AnswerError {}
