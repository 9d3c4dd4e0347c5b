//! A sans-IO WebSocket codec.
#![no_std]
#![doc(test(attr(deny(warnings))))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

pub mod codec;
pub mod connection;
pub mod entropy;
pub mod frame;
pub mod handshake;
pub mod mask;
pub mod payload;

pub use codec::{
    Client, Decoder, Delivery, Encoder, Event, Fragment, Input, Kind, Limits, Message,
    ProtocolError, ReceiveBuffer, Role, SendError, Server, Vectored,
};
pub use connection::{Config, Connection, End, Expired, Lost, State, Timeouts};
#[cfg(feature = "getrandom")]
pub use entropy::Csprng;
pub use entropy::Entropy;
#[cfg(all(feature = "getrandom", feature = "std"))]
pub use entropy::ThreadEntropy;
pub use frame::{Close, CloseCode};
pub use mask::MaskingKey;
pub use payload::{InvalidUtf8, Payload, Text, Utf8};
