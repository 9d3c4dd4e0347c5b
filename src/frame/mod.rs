//! Frames as values and as bytes (RFC 6455 section 5.2), with the rules that need no context.
//!
//! ```text
//!  byte 0        byte 1        0, 2 or 8 bytes       0 or 4 bytes   length bytes
//! +-+---+------+-+-----------+---------------------+--------------+-------------+
//! |F|RSV|opcode|M|  length   | extended length     | masking key  | payload     |
//! |I|123|      |A|  0..=125  |   none              | if MASK      | masked      |
//! |N|   |      |S|  126      |   16 bit, 126..     |              | if MASK     |
//! | |   |      |K|  127      |   64 bit, 65536..   |              |             |
//! +-+---+------+-+-----------+---------------------+--------------+-------------+
//! ```
//! The codec decides who must mask, what RSV may mean and which frame may follow which.

mod bytes;
mod close;
mod header;
mod opcode;
mod raw;
mod short;

pub use bytes::HeaderBytes;
pub use close::{Close, CloseCode, CloseError};
pub(crate) use header::{FIN, Length, Start};
pub use header::{Header, HeaderError, MAX_CONTROL_PAYLOAD, MAX_HEADER};
pub use opcode::{Opcode, Rsv};
pub use raw::{LengthForm, RawHeader};
pub(crate) use short::Short;
