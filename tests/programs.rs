//! The examples as black boxes: built here, started as their users start them, and talked to over
//! raw sockets with frame code of this folder's own.
//!
//! `table.rs` has a row for each program: to add one is to write its row. Most tests are one check,
//! which is made of all programs that it applies to, at once. With `--nocapture`, each check says what
//! came of each program. Nothing here sleeps for an exact time: a check waits for what it wants to see,
//! and only the bounds after which it gives up are times.
#![cfg(all(feature = "credentials", feature = "getrandom", unix))]

mod programs {
    mod built;
    mod child;
    mod closed;
    mod command_line;
    #[cfg(target_os = "linux")]
    mod deaf;
    mod dissect;
    mod exit_codes;
    mod frames;
    mod half_close;
    mod idle;
    mod judge;
    mod keys;
    mod limit;
    #[cfg(target_os = "linux")]
    mod memory;
    mod opening;
    mod orders;
    mod pace;
    mod peer;
    mod shown;
    mod table;
    mod terminate;
    mod tunnel;
    #[cfg(target_os = "linux")]
    mod turns;
}
