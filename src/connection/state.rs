//! Where a connection is on its way from open to closed (RFC 6455 section 7).

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
///     | end of stream or a deadline, in Open or Closing
///     +-----------------------------------------------> Lost
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Messages may be sent and received.
    #[default]
    Open,
    /// This end sent a Close, and waits for the peer's; messages may still be received.
    Closing {
        /// The status code that was sent, if any.
        code: Option<CloseCode>,
    },
    /// Both ends sent a Close, or the answer waits to be written (section 7.1.4).
    Closed {
        /// Who sent its Close first.
        by: End,
        /// The status code of that first Close, if any.
        code: Option<CloseCode>,
    },
    /// The peer broke a rule (section 7.1.7).
    Failed(ProtocolError),
    /// The connection ended without a closing handshake: what JavaScript sees as code 1006.
    Lost,
}

/// What of [`State`] the decoder does not know.
#[derive(Clone, Copy, Debug)]
pub(super) enum Phase {
    Open,
    Closing { code: Option<CloseCode> },
    Closed { by: End, code: Option<CloseCode> },
    Lost,
}

/// One end of a connection, as seen from this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// This end.
    Local,
    /// The other end.
    Peer,
}

/// The stream ended before the closing handshake was done (section 7.1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// How many bytes the input would have had to hold to go on, when it ended inside a frame;
    /// 0 if it ended between two. If the peer is still there, the receive buffer is too small.
    pub needed: usize,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.needed {
            0 => f.write_str("the stream ended without a closing handshake"),
            needed => write!(
                f,
                "the stream ended inside a frame, or the receive buffer is too small: \
                 {needed} bytes are needed in it"
            ),
        }
    }
}

impl core::error::Error for Lost {}
