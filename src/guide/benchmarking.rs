//! Benchmarking: what the repository has for it, and how not to fool oneself.
//!
//! # What is there
//!
//! | in the repository | answers | with, or in |
//! |---|---|---|
//! | `cargo bench` | How long does a path take here? By the sizes of audio frames. | criterion |
//! | `benches/instructions/run` | Did a change make one of 23 hot paths longer by 2 percent? | valgrind |
//! | `benches/peers/run` | How long does the same take with ten other crates? | 12 minutes |
//! | `benches/sockets/run` | What does an echo server cost over TCP, by itself and beside others? | 20 minutes |
//! | `tests/memory/allocations.rs` | Does a hot path allocate? | |
//!
//! Instructions do not vary from run to run, so they are what a gate can look at; they do not say
//! how long a path takes, so the other two are there too. Who makes a path longer on purpose
//! changes `counts.txt` in the same commit, with the reason.
//!
//! # Measuring your own use
//!
//! Measure the loop that you will run, with your sizes and your reads. This one is whole; give it
//! `--release`:
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
//! // What a client sends, each frame with a key of its own, lengths as of Opus: 60 to 180 bytes.
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
//!     assert_eq!(heard, lengths.iter().sum::<usize>()); // fast and wrong is no result
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
//! # What fools
//!
//! - **Inlining.** `receive` is inlined into the loop that matches on what it returns. A loop that
//!   passes events through a function which is not inlined takes twice as long. Let the loop see
//!   the call.
//! - **One size.** A branch predictor learns one length, and a list of a hundred. To mask random
//!   lengths from 60 to 180 bytes takes most other crates two to six times as long as 160 bytes
//!   alone. (The list above is too short for a figure to publish: take thousands.)
//! - **One connection.** Its state never leaves the nearest cache. With 8,192 in turn a message of
//!   160 bytes takes 39 ns and not 12.6.
//! - **No read.** In memory a decoder is as fast as its input is near. Count the copy that a read
//!   is, as above, and give every candidate its own.
//! - **Keys that are not random.** RFC 6455 section 5.3 asks for unpredictable ones. A generator
//!   that can be predicted is faster: compare like with like, and say which it was.
//! - **Text that nobody checks.** Some crates leave UTF-8 to their users. Check it for them, or
//!   leave texts out.
//! - **Buffers.** A crate may have defaults for another load. Give it the setting that its own
//!   documentation names for yours, and show both.
//! - **Noise.** Let candidates take turns, in rotating order, for many short rounds; keep the
//!   median and the least. Below a tenth nothing is known: where the compiler puts a loop makes as
//!   much.
//! - **Debug builds**, and `cargo test` is one.
//!
//! # Comparing crates
//!
//! `benches/peers` does all of that, and its README says what it does and what is not fair in it.
//! It checks what each candidate delivers before it takes the time: one that is wrong is named and
//! not measured. To add a crate is one file.
//!
//! Where others are faster, `docs/peers.md` says so, in the tables and in the list of targets that
//! are missed. Then put figures into their place: a frame takes nanoseconds here, and a system call
//! hundreds of them. What a codec can spoil is memory per connection, allocations, and what a
//! hostile peer costs; measure these too.
