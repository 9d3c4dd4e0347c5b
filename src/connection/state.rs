//! The states of a connection, from open to closed (RFC 6455 section 7).

use super::Expired;
use crate::codec::ProtocolError;
use crate::frame::CloseCode;
use core::fmt;

/// The state of a connection.
///
/// ```text
///           close()                    peer's Close
///   Open ------------> Closing ----------------------> Closed by Local
///     | peer's Close (answered)
///     +-----------------------------------------------> Closed by Peer
///     | a broken rule, in Open or Closing
///     +-----------------------------------------------> Failed
///     | end of stream, in Open or Closing
///     +-----------------------------------------------> Lost
///     | a deadline, while anything is to be received or written
///     +-----------------------------------------------> Expired
/// ```
/// The status codes of both Closes are kept in every state:
/// [`close_sent`](super::Connection::close_sent) and
/// [`close_received`](super::Connection::close_received) return them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// Messages may be sent and received.
    Open,
    /// This end sent a Close and waits for the peer's; messages may still be received.
    Closing {
        /// The status code that was sent, if any.
        code: Option<CloseCode>,
    },
    /// Both ends sent a Close; the answer may still wait to be written (section 7.1.4).
    Closed {
        /// The end that sent its Close first.
        by: ClosedBy,
        /// The status code that was received, if any: the connection's close code (section 7.1.5).
        code: Option<CloseCode>,
    },
    /// The peer broke a rule (section 7.1.7).
    Failed(ProtocolError),
    /// A deadline passed.
    Expired(Expired),
    /// The stream ended without a closing handshake: JavaScript reports this as code 1006.
    Lost(ConnectionLost),
}

/// The part of [`State`] that the decoder does not track.
#[derive(Clone, Copy, Debug)]
pub(super) enum Phase {
    Open,
    Closing,
    Closed(ClosedBy),
    Expired(Expired),
    Lost(ConnectionLost),
}

/// The Close of one direction: absent, or present with its code. It takes two bytes, which
/// `Option<Option<CloseCode>>` would not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said(u16);

impl Said {
    /// No Close yet.
    pub(super) const NOTHING: Self = Self(0);

    /// 1005 stands for a Close without a code: no frame can carry it (section 7.1.5).
    const WITHOUT_CODE: u16 = 1005;

    pub(super) fn close(code: Option<CloseCode>) -> Self {
        Self(code.map_or(Self::WITHOUT_CODE, CloseCode::get))
    }

    pub(super) const fn get(self) -> Option<Option<CloseCode>> {
        match self.0 {
            0 => None,
            code => Some(CloseCode::new(code)),
        }
    }

    pub(super) const fn code(self) -> Option<CloseCode> {
        CloseCode::new(self.0)
    }
}

/// The end of a connection that sent its Close first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClosedBy {
    /// This end.
    Local,
    /// The peer.
    Peer,
}

/// The stream ended before the closing handshake was complete (section 7.1.5).
#[doc(alias("ConnectionClosed", "ConnectionReset", "1006"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionLost {
    /// It ended before the opening handshake was complete.
    InsideHandshake,
    /// It ended between two messages.
    BetweenMessages,
    /// It ended between two fragments of a message.
    InsideMessage,
    /// It ended inside a frame.
    InsideFrame,
}

impl fmt::Display for ConnectionLost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InsideHandshake => "the stream ended inside the opening handshake",
            Self::BetweenMessages => "the stream ended without a closing handshake",
            Self::InsideMessage => "the stream ended inside a message",
            Self::InsideFrame => "the stream ended inside a frame",
        })
    }
}

impl core::error::Error for ConnectionLost {}
