//! A transport that can be as unkind as it likes, and an executor to go with it.
#![allow(dead_code, unused_imports)] // each test uses a part

mod executor;
mod frames;
mod wire;

pub(crate) use executor::{Task, enter, poll_until_done, run_all};
pub(crate) use frames::{frame, unmasked};
pub(crate) use wire::{Kindness, Wire};
