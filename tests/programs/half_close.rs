//! A peer that ends its stream still hears all that it asked for.

use crate::programs::child::PATIENCE;
use crate::programs::frames::{Frame, Outcome};
use crate::programs::judge;
use crate::programs::peer::Serving;
use crate::programs::table::{Server, servers};
use std::time::Instant;

/// How often it is tried: what a race loses is lost in some runs only.
const RUNS: usize = 200;

/// Questions in each run.
const QUESTIONS: usize = 20;

#[test]
fn servers_answer_everything_though_the_peer_ended_its_stream() {
    judge::each("half-close loses nothing", &servers(), |row: &&'static Server| {
        let server = Serving::start(row, &[])?;
        for run in 1..=RUNS {
            let mut wire = server.connect()?;
            let questions: Vec<Frame> = (0..QUESTIONS).map(|n| row.talk.question(n)).collect();
            wire.send_all(&questions)?;
            wire.shut()?;
            let frames = wire.rest(Instant::now() + PATIENCE)?;
            let answers = frames.iter().filter(|frame| row.talk.is_answer(frame)).count();
            if answers != QUESTIONS {
                return Err(format!("{answers} of {QUESTIONS} answers came in run {run}"));
            }
        }
        Outcome::Ok(())
    });
}
