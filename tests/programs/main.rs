//! The examples as black boxes: built here, started as their users start them, and talked to over
//! raw sockets with frame code of this folder's own.
//!
//! `table.rs` has a row for each program. Most tests are one check, which is made of all programs it
//! applies to, at once; `expected.rs` lists what is known to fail, and a test fails as well when such
//! a check passes. Nothing here sleeps for an exact time: a check waits for what it wants to see, and
//! only the bounds after which it gives up are times.
#![cfg(all(feature = "credentials", feature = "getrandom", target_os = "linux"))]

mod built;
mod child;
mod closed;
mod command_line;
mod expected;
mod frames;
mod idle;
mod judge;
mod keys;
mod opening;
mod peer;
mod table;
mod tunnel;
