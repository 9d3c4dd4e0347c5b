//! The two ways to reach an implementation over sockets.

mod client;
mod server;

pub use client::judge_client;
pub use server::{judge_server, reachable};

use crate::case::{Case, Outcome, Run, Verdict};
use crate::conversation::Opening;
use std::time::Instant;

/// Runs the case over this connection.
fn hold(case: &Case, mut opening: Opening) -> Outcome {
    let start = Instant::now();
    let verdict = talk(case, &mut opening);
    Outcome::of(case, verdict, opening.wire.log.take(), start.elapsed().as_secs_f64())
}

fn talk(case: &Case, opening: &mut Opening) -> Verdict {
    match &case.run {
        Run::Shake(shake) => shake(opening),
        Run::Talk { deflate, talk } => talk(&mut opening.open(deflate.as_ref())?),
    }
}
