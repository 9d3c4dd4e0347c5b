//! Where a connection is on its way from open to closed (RFC 6455 section 7).

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
/// Which codes the two Closes had, if they were sent, stays known in all of these:
/// [`close_sent`](super::Connection::close_sent) and
/// [`close_received`](super::Connection::close_received).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum State {
    /// Messages may be sent and received.
    Open,
    /// This end sent a Close, and waits for the peer's; messages may still be received.
    Closing {
        /// The status code that was sent, if any.
        code: Option<CloseCode>,
    },
    /// Both ends sent a Close, or the answer waits to be written (section 7.1.4).
    Closed {
        /// Who sent its Close first.
        by: ClosedBy,
        /// The status code that was received, if any: the connection's close code (section 7.1.5).
        code: Option<CloseCode>,
    },
    /// The peer broke a rule (section 7.1.7).
    Failed(ProtocolError),
    /// A deadline passed.
    Expired(Expired),
    /// The connection ended without a closing handshake: what JavaScript sees as code 1006.
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

/// Whether a Close was said in one direction, with which code: in the size of that code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said(u16);

impl Said {
    /// No Close was.
    pub(super) const NOTHING: Self = Self(0);

    /// 1005, which no Close can carry, stands for one without a code (section 7.1.5).
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

/// One end of a connection, as seen from this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClosedBy {
    /// This end.
    Local,
    /// The other end.
    Peer,
}

/// The stream ended before the closing handshake was done (section 7.1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ConnectionLost {
    /// It ended before the opening handshake was done.
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
