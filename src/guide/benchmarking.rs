//! Benchmarking: the tools of the repository, and how not to fool yourself.
//!
//! # The tools
//!
//! | in the repository | answers | needs or takes |
//! |---|---|---|
//! | `cargo bench` | How long does a path take here, for the sizes of audio frames? | criterion |
//! | `benches/instructions/run` | Did a change make a hot path longer by 2 percent? | valgrind |
//! | `benches/peers/run` | How long does the same take with ten other crates? | 12 minutes |
//! | `benches/sockets/run` | What does an echo server over TCP cost, compared with others? | 20 minutes |
//! | `tests/memory/allocations.rs` | Does a hot path allocate? | |
//!
//! Instruction counts do not vary from run to run, so they can gate a change; they do not tell how
//! long a path takes, so the other two exist as well. If you make a path longer on purpose, update
//! `counts.txt` in the same commit, and give the reason.
//!
//! # Measuring your own use
//!
//! Measure the loop that you will run, with your sizes and your reads. This program is complete;
//! build it with `--release`:
//!
//! ```
//! use patchcord::{Config, Connection, Encoder, Event, Message, SendBuffer};
//! use std::hint::black_box;
//! use std::time::{Duration, Instant};
//!
//! const FRAMES: usize = 100;
//! const ROUNDS: usize = 31;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A client's frames, each with a key of its own, with lengths like those of Opus: 60 to 180 bytes.
//! let mut state = 1_u32;
//! let mut next = move || {
//!     state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
//!     state >> 16
//! };
//! let lengths: Vec<usize> = (0..FRAMES).map(|_| 60 + next() as usize % 121).collect();
//! let entropy = move |bytes: &mut [u8]| bytes.fill_with(|| next() as u8);
//! let mut client = Encoder::client(entropy);
//! let mut wire = Vec::new();
//! for length in &lengths {
//!     client.encode(Message::Binary(&[0x5a; 180][..*length]), &mut wire)?;
//! }
//!
//! let (mut server, mut out) = (Connection::server(Config::default()), SendBuffer::new());
//! let mut read = wire.clone();
//! let mut times = Vec::new();
//! for _ in 0..ROUNDS {
//!     let (start, mut heard) = (Instant::now(), 0);
//!     read.copy_from_slice(black_box(&wire)); // a read copies too, and receiving unmasks in place
//!     let mut input = &mut read[..];
//!     while let Some(event) = server.receive(&mut input, &mut out)? {
//!         if let Event::Binary(opus) = event {
//!             heard += black_box(&*opus).len();
//!         }
//!     }
//!     times.push(start.elapsed());
//!     assert_eq!(heard, lengths.iter().sum::<usize>()); // a fast wrong result is worthless
//! }
//! times.sort_unstable();
//! let per_frame = |time: Duration| time.as_nanos() as f64 / FRAMES as f64;
//! let (least, median) = (per_frame(times[0]), per_frame(times[ROUNDS / 2]));
//! println!("{median:.1} ns per frame, {least:.1} at least");
//! # assert!(least > 0.0 && least <= median);
//! # Ok(())
//! # }
//! ```
//!
//! # Common mistakes
//!
//! - **Inlining.** `receive` is inlined into the loop that matches on its result. A loop that
//!   passes events through a function that is not inlined takes twice as long. Let the loop contain
//!   the call.
//! - **A single size.** A branch predictor learns one length, or a list of a hundred. Masking
//!   random lengths from 60 to 180 bytes takes most other crates two to six times as long as 160
//!   bytes alone. (The list above is too short for a figure to publish: use thousands.)
//! - **A single connection.** Its state never leaves the nearest cache. With 8,192 connections in
//!   turn a message of 160 bytes takes 39 ns instead of 12.6.
//! - **No read.** In memory a decoder is as fast as its input is close. Include the copy that a
//!   read makes, as above, and give every candidate its own.
//! - **Predictable keys.** RFC 6455 section 5.3 requires unpredictable ones. A predictable
//!   generator is faster: compare like with like, and say which one it was.
//! - **Unchecked text.** Some crates leave UTF-8 to their users. Validate it for them, or leave
//!   text out.
//! - **Buffers.** A crate may have defaults for another load. Give it the setting that its own
//!   documentation recommends for yours, and show both.
//! - **Noise.** Let candidates take turns, in rotating order, for many short rounds; keep the
//!   median and the minimum. Differences below a tenth mean nothing: the placement of a loop by the
//!   compiler makes as much.
//! - **Debug builds**, which includes `cargo test`.
//!
//! # Comparing crates
//!
//! `benches/peers` does all of this, and its README says how, and what is not fair in it. It checks
//! the output of each candidate before timing it: a candidate with wrong output is named and not
//! measured. Adding a crate takes one file.
//!
//! Where others are faster, `docs/peers.md` says so, in the tables and in the list of missed
//! targets. Then put the figures into perspective: a frame takes nanoseconds here, and a system
//! call hundreds of them. What a codec can really spoil is memory per connection, allocations, and
//! the cost of a hostile peer: measure these, too.
