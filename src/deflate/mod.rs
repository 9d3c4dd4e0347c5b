//! permessage-deflate (RFC 7692): messages into DEFLATE and back, for any WebSocket.
//!
//! This layer knows neither frames nor handshakes. A [`Deflater`] makes the payload of compressed
//! messages; an [`Inflater`] inflates such payloads, in whatever parts they arrive, within
//! [`InflateLimits`]. Both use parameters that were agreed on in the handshake, by
//! [`handshake::extension::deflate`](crate::handshake::extension::deflate). When compression is
//! worth it at all is covered in the [guide](crate::guide::compression).
//!
//! ```
//! use patchcord::deflate::{Agreed, Compression, Engines, InflateLimits, Pool};
//!
//! let engines = Engines::Pooled(Pool::default()); // once, for all connections
//!
//! let agreed = Agreed::default(); // comes from the handshake
//! let mut inflater = agreed.inflater(InflateLimits::default(), &engines);
//! let mut deflater = agreed.deflater(Compression::default(), &engines).ok_or("window")?;
//!
//! let transcript = r#"{"word":"one","at":0.1},{"word":"two","at":0.4}"#;
//! let (mut payload, mut message) = (Vec::new(), Vec::new());
//! deflater.finish(transcript.as_bytes(), &mut payload);
//! inflater.inflate(&payload, &mut message)?;
//! inflater.finish()?;
//! assert_eq!(message, transcript.as_bytes());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Owned or pooled engines
//!
//! An engine takes hundreds of kilobytes. Nearly all of that is tables that are filled again for
//! every message. The only thing that one message needs from the last is the window. So a pooled
//! connection keeps the window alone, and borrows an engine for each message. Its peer cannot tell
//! the difference.
//!
//! The bytes that an idle connection holds for both directions, as counted by the allocator:
//!
//! | window | owned | pooled | pooled, no takeover |
//! |---|--:|--:|--:|
//! | 2^9 | 299,552 | 962 | 200 |
//! | 2^11 | 307,232 | 4,034 | 200 |
//! | 2^12 | 317,472 | 8,130 | 200 |
//! | 2^15 | up to 460,800 | up to 65,474 | 200 |
//!
//! A window grows with the traffic: if a peer with a window of 32 KiB has sent 1,000 bytes, 1,000
//! bytes are kept. With the default policy a pooled connection keeps up to 1,786 bytes of its own
//! messages and 32,768 bytes of its peer's (`tests/rfc7692/memory.rs`).
//!
//! An open message takes at most four times what has arrived of it, plus 4 KiB. It is inflated
//! without an engine until 512 bytes of its data have arrived or 1 KiB of output was produced;
//! after that, it has an engine until it ends. Nothing is held back in the meantime, and an error
//! is raised at the byte that decides it. A message whose data is all there ([`Inflater::message`])
//! uses an engine only for the duration of the call.
//!
//! The table has nanoseconds to deflate and to inflate a JSON message of 1 KiB with takeover, and
//! the ratio of bytes sent to bytes of text: for one connection that has the processor to itself,
//! and for 64 and 512 connections that take turns.
//!
//! | window, level | ratio | owned, 1 | owned, 64 | owned, 512 | pooled, 1 | pooled, 64 | pooled, 512 |
//! |---|--:|--:|--:|--:|--:|--:|--:|
//! | 2^9, 1 | .501 | 4,020 / 1,197 | 14,911 / 1,627 | 15,728 / 1,508 | 4,037 / 1,234 | 4,868 / 1,271 | 4,595 / 1,223 |
//! | 2^11, 1 | .360 | 2,725 / 914 | 15,156 / 1,775 | 21,169 / 2,043 | 2,355 / 915 | 4,475 / 1,057 | 4,117 / 992 |
//! | 2^12, 1 | .338 | 2,459 / 873 | 15,813 / 2,211 | 18,598 / 2,341 | 2,239 / 952 | 6,158 / 1,149 | 5,773 / 1,123 |
//! | 2^15, 1 | .312 | 2,987 / 1,003 | 19,992 / 4,473 | 32,397 / 4,739 | 3,783 / 1,290 | 9,412 / 2,424 | 8,976 / 2,444 |
//! | 2^11, 6 | .263 | 11,082 / 1,647 | 32,634 / 3,314 | 46,916 / 3,677 | 11,428 / 1,733 | 12,987 / 2,150 | 16,943 / 1,886 |
//! | 2^15, 6 | .234 | 15,323 / 1,856 | 51,372 / 5,519 | 58,860 / 5,804 | 17,234 / 1,787 | 17,541 / 3,195 | 27,967 / 3,056 |
//!
//! Each figure is the minimum of 15 rounds, in rotating order, on a machine whose two cores were
//! both in use by others, so differences below a third mean nothing. What the figures do show:
//!
//! - Restoring a window of 2 KiB takes some 2,000 ns, half of it to reset the engine, which has a
//!   table of 131,072 bytes. A connection whose last engine was not lent to anyone else skips that.
//! - Owned engines of many connections cost far more, most likely because they evict each other
//!   from the processor's caches. Pooled engines are faster for many connections, and as fast for
//!   one.
//! - Without takeover, at 2^15 and level 1, the ratio is .488 instead of .312: half as much again
//!   is sent.
//! - Incompressible data costs as much as compressible data: random bytes take 4,400 ns and grow by
//!   6 %. Compress text, not audio.
//!
//! So [`Engines::Pooled`] is for servers, with windows of 2 KiB:
//! [`Policy`](crate::handshake::extension::deflate::Policy) uses them by default for what this end
//! sends, and [`Policy::SMALL`](crate::handshake::extension::deflate::Policy::SMALL) for both
//! directions. Use level 1, unless bytes cost more than time. [`Engines::Owned`] is for an end with
//! a few connections that has no pool to pass around.
//!
//! # What compression gives away
//!
//! The length of a compressed message reveals how much it has in common with the window. An
//! attacker who can place text next to a secret, and can see the lengths, can guess the secret. Do
//! not compress messages in which the two meet.
//!
//! # The engine
//!
//! `zlib-rs` was chosen by measurement: it took 1,639 ns for a message of this JSON at level 1 with
//! a window of 32 KiB; `miniz_oxide`, which supports only that window, took 5,351 ns. `flate2` on
//! top of `zlib-rs` took 1,626 ns; it hides functions that are needed here, and would be one more
//! dependency. `zlib-rs` allocates through `std`, so this feature requires `std`.

mod agreed;
mod code;
mod counted;
mod deflater;
mod inflater;
mod limits;
mod opening;
mod output;
mod pool;
mod window;

pub use agreed::{Agreed, Context};
pub use deflater::{Compression, Deflater, Level};
pub use inflater::Inflater;
pub use limits::{InflateError, InflateLimits};
pub use pool::{Engines, Pool};
pub use window::WindowBits;

/// The four bytes that end every flush, which are not sent (RFC 7692 section 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// The first byte of an empty block without compression; the tail has the other four.
const EMPTY: u8 = 0x00;
