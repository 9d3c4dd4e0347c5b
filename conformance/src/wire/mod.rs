//! What is on the wire, read and written in the plainest way: nothing here is fast, and nothing is
//! shared with a judged implementation.

mod accept;
mod deflate;
mod frame;
mod head;
mod inflate;

pub use accept::{accept_for, base64};
pub use deflate::{Deflater, stored};
pub use frame::{Frame, Opcode, header, parse};
pub use head::Head;
pub use inflate::Inflater;
