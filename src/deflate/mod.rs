//! permessage-deflate (RFC 7692): messages into DEFLATE and back, for any WebSocket.
//!
//! This layer knows neither frames nor handshakes. A [`Deflater`] makes the payload of compressed
//! messages, and an [`Inflater`] takes such payloads, in whatever parts they arrive, within
//! [`InflateLimits`]. What they may do was agreed on in the handshake:
//! [`handshake::extension::deflate`](crate::handshake::extension::deflate) does that. When it is
//! worth it at all is in the [guide](crate::guide::compression).
//!
//! ```
//! use patchcord::deflate::{Agreed, InflateLimits, Compression, Engines, Pool};
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
//! # Live or pooled
//!
//! An engine has hundreds of kilobytes, nearly all of which are tables that one message needs
//! and the next one fills again. What the next message needs of the last is its window. So a
//! pooled connection keeps that alone, and borrows an engine for each message. Its peer cannot
//! tell.
//!
//! Bytes that an idle connection holds for both directions, as counted by the allocator:
//!
//! | window | live | pooled | pooled, no takeover |
//! |---|--:|--:|--:|
//! | 2^9 | 299,552 | 962 | 200 |
//! | 2^11 | 307,232 | 4,034 | 200 |
//! | 2^12 | 317,472 | 8,130 | 200 |
//! | 2^15 | up to 460,800 | up to 65,474 | 200 |
//!
//! Windows grow with what was said: of a peer that has 32 KiB and said 1,000 bytes, 1,000 are kept. By
//! the default policy a pooled connection so keeps up to 1,786 bytes of its own messages and 32,768 of
//! its peer's, in `tests/rfc7692/memory.rs`.
//!
//! A message that is open costs what arrived of it, four times at most, and 4 KiB: it is inflated
//! without an engine until 512 bytes of its data have come, or 1 KiB came out, and then has one
//! until it ends. Nothing is held back meanwhile, and an error is raised at the byte that decides
//! it. A message whose data is there at once ([`Inflater::message`]) has an engine for the time of
//! the call.
//!
//! Nanoseconds to deflate and to inflate a JSON message of 1 KiB with takeover, and the ratio of
//! what is sent to what was said; of one connection that has the processor to itself, and of 64
//! and 512 that take turns:
//!
//! | window, level | ratio | live, 1 | live, 64 | live, 512 | pooled, 1 | pooled, 64 | pooled, 512 |
//! |---|--:|--:|--:|--:|--:|--:|--:|
//! | 2^9, 1 | .501 | 4,020 / 1,197 | 14,911 / 1,627 | 15,728 / 1,508 | 4,037 / 1,234 | 4,868 / 1,271 | 4,595 / 1,223 |
//! | 2^11, 1 | .360 | 2,725 / 914 | 15,156 / 1,775 | 21,169 / 2,043 | 2,355 / 915 | 4,475 / 1,057 | 4,117 / 992 |
//! | 2^12, 1 | .338 | 2,459 / 873 | 15,813 / 2,211 | 18,598 / 2,341 | 2,239 / 952 | 6,158 / 1,149 | 5,773 / 1,123 |
//! | 2^15, 1 | .312 | 2,987 / 1,003 | 19,992 / 4,473 | 32,397 / 4,739 | 3,783 / 1,290 | 9,412 / 2,424 | 8,976 / 2,444 |
//! | 2^11, 6 | .263 | 11,082 / 1,647 | 32,634 / 3,314 | 46,916 / 3,677 | 11,428 / 1,733 | 12,987 / 2,150 | 16,943 / 1,886 |
//! | 2^15, 6 | .234 | 15,323 / 1,856 | 51,372 / 5,519 | 58,860 / 5,804 | 17,234 / 1,787 | 17,541 / 3,195 | 27,967 / 3,056 |
//!
//! Those are the least of 15 rounds of each, in rotating order, on a machine with two cores of
//! which others used both, so differences below a third say nothing. What they do say:
//!
//! - To restore a window of 2 KiB costs some 2,000 ns (half of it to reset the engine, which has a
//!   table of 131,072 bytes). A connection whose engine was not lent to another is spared that.
//! - Live engines of many connections cost far more, most likely because they push each other out
//!   of the processor's caches. Pooled is the faster way for many connections, and as fast for one.
//! - Without takeover, at 2^15 and level 1, the ratio is .488 and not .312: half as much again is
//!   sent.
//! - What does not compress costs as much as what does: random bytes take 4,400 ns and grow by
//!   6 %. Compress text, and not audio.
//!
//! So [`Engines::Pooled`] is for servers, with windows of 2 KiB, as
//! [`Policy`](crate::handshake::extension::deflate::Policy) has them for what this end sends, and
//! [`Policy::SMALL`](crate::handshake::extension::deflate::Policy::SMALL) for both directions; and
//! level 1, unless bytes cost more than time. [`Engines::Owned`] is for an end with a few connections that
//! has no pool to hand round.
//!
//! # What compression gives away
//!
//! The length of a compressed message tells what it has in common with the window. Who can make
//! an end repeat his words beside a secret, and can see the lengths, can guess it: do not compress
//! messages in which the two meet.
//!
//! # The engine
//!
//! `zlib-rs`, chosen by measurement: it took 1,639 ns for a message of this JSON at level 1 with a
//! window of 32 KiB, and `miniz_oxide` 5,351, which has that window alone. `flate2` with the
//! same engine took 1,626, and hides what is not needed here; it would be one dependency more.
//! `zlib-rs` allocates through `std`, so this feature asks for that.

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

/// What ends every flush, and is left away (RFC 7692 section 7.2.1).
const TAIL: [u8; 4] = [0x00, 0x00, 0xff, 0xff];

/// The first byte of an empty block without compression; the others are the tail.
const EMPTY: u8 = 0x00;
