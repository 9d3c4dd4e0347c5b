//! One direction of a connection: bytes into events, messages into bytes.
//!
//! The [`Decoder`] adds to `frame` the rules that need context: masking by role, the order of
//! fragments, UTF-8 in text, limits on lengths. The [`Encoder`] enforces the same rules on frames
//! to send, and draws a new masking key for each. Each can live on a thread of its own: the
//! [crate's page](crate#each-direction-alone) has an example.

mod assembler;
mod borrowed_frame;
mod buffer;
mod compression;
mod decoder;
mod encoder;
mod error;
mod event;
mod frames;
mod input;
mod limits;
mod outgoing;
mod part;
mod prepared;
mod role;
mod run;
mod send_buffer;

pub use borrowed_frame::BorrowedFrame;
pub use buffer::{ReceiveBuffer, Unconsumed};
pub use decoder::Decoder;
pub(crate) use decoder::Receive;
pub use encoder::Encoder;
pub use error::{ProtocolError, SendError};
pub use event::{Event, Fragment, Message, MessageKind, SharedMessage};
pub use frames::{FramePart, Frames, Piece};
pub use input::Input;
pub use limits::{Delivery, Limits};
pub use outgoing::Outgoing;
pub use prepared::Prepared;
pub use role::{Client, Role, Server};
pub(crate) use send_buffer::Progress;
pub use send_buffer::SendBuffer;
