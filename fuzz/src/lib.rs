//! Properties of patchcord. Each is a function of bytes that panics if the property does not hold.
//!
//! `targets/` has a program for each, which `cargo fuzz` runs, and `corpus/` the seeds, which the
//! crate's `tests/packages/corpus.rs` replays without it. What a property demands is in its documentation and
//! in `README.md`.

mod corpus;
mod deflate;
mod frames;
mod handshake;
mod peers;
mod stream;

#[cfg(afl)]
pub use afl;
pub use corpus::{escape, seeds, unescape};
pub use deflate::{deflate, inflate, negotiation};
pub use frames::{
    Place, close, compressed, connection, decode, generated, header, mask, mask_at, utf8,
};
pub use handshake::{
    credentials, extensions, generated_heads, handshake_request, handshake_response, subprotocols,
    url,
};
#[cfg(all(fuzzing, not(afl)))]
pub use libfuzzer_sys;
pub use peers::{KNOWN, Known, frames, heads, messages, met};

/// A property, with the name of its program and of its seeds.
pub type Target = (&'static str, fn(&[u8]));

/// All of them.
pub const TARGETS: &[Target] = &[
    ("header", header),
    ("decode", decode),
    ("generated", generated),
    ("mask", mask),
    ("utf8", utf8),
    ("close", close),
    ("connection", connection),
    ("generated_heads", generated_heads),
    ("handshake_request", handshake_request),
    ("handshake_response", handshake_response),
    ("subprotocols", subprotocols),
    ("extensions", extensions),
    ("credentials", credentials),
    ("url", url),
    ("deflate", deflate),
    ("inflate", inflate),
    ("negotiation", negotiation),
    ("compressed", compressed),
    ("frames", frames),
    ("messages", messages),
    ("heads", heads),
];

/// The program of a property: under `cargo fuzz` a libFuzzer target, under `fuzz/afl` an AFL++ one,
/// otherwise a program that passes it the files named on the command line.
#[macro_export]
macro_rules! target {
    ($property:ident) => {
        #[cfg(all(fuzzing, not(afl)))]
        $crate::libfuzzer_sys::fuzz_target!(|data: &[u8]| $crate::$property(data));

        #[cfg(afl)]
        fn main() {
            $crate::afl::fuzz!(|data: &[u8]| $crate::$property(data));
        }

        #[cfg(not(fuzzing))]
        fn main() -> std::io::Result<()> {
            for file in std::env::args_os().skip(1) {
                println!("{}", file.display());
                $crate::$property(&std::fs::read(file)?);
            }
            Ok(())
        }
    };
}
