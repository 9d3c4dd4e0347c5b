//! Frames, messages and connections.

mod close;
mod compressed;
mod connection;
mod decode;
mod driver;
mod generated;
#[cfg_attr(unix, allow(unsafe_code))]
mod guard;
mod header;
mod mask;
mod patience;
mod say;
mod sending;
mod speaks;
mod utf8;

pub use close::close;
pub use compressed::compressed;
pub use connection::connection;
pub use decode::decode;
pub use generated::generated;
pub use guard::Place;
pub use header::header;
pub use mask::{mask, mask_at};
pub use utf8::utf8;

pub(crate) use decode::{Settings, decoder};
