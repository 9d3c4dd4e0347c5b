//! Whoever waits is woken by everything that it waits for: a session of two halves, whatever these and
//! their peer do, goes as it does when both halves are polled every millisecond, besides.

#[path = "../common/frames.rs"]
#[allow(dead_code)]
mod frames;
mod halves;
mod peer;
mod script;
mod stream;

use script::Script;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use stream::Fickle;
use tokio::io::duplex;
use tokio::runtime::Builder;
use tokio::time::{Instant, interval, timeout};

/// How many sessions are compared.
const SESSIONS: u64 = 1000;

/// Nothing takes as long as this: whoever is not at its end hangs.
const LIMIT: Duration = Duration::from_millis(600);

/// How much later a deadline may be seen: it is looked for once more, and timers count milliseconds.
const LATE: u128 = 3;

/// What happened when, in the order in which each saw it.
#[derive(Clone, Default)]
struct Trace(Arc<Mutex<Vec<(u128, String)>>>);

impl Trace {
    fn note(&self, start: Instant, what: String) {
        self.0.lock().unwrap().push((start.elapsed().as_millis(), what));
    }

    fn take(&self) -> Vec<(u128, String)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// Polls a task every millisecond, whoever wakes it.
async fn restless<T>(task: impl Future<Output = T>) -> T {
    let (mut task, mut ticks) = (pin!(task), interval(Duration::from_millis(1)));
    poll_fn(|context| {
        let polled = task.as_mut().poll(context);
        while polled.is_pending() && ticks.poll_tick(context).is_ready() {}
        polled
    })
    .await
}

/// Plays a session; returns what the sender saw, the receiver, and the peer.
fn play(script: &Script, is_restless: bool) -> [Vec<(u128, String)>; 3] {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let traces: [Trace; 3] = Default::default();
    runtime.block_on(async {
        let start = Instant::now();
        let (ours, theirs) = duplex(script.room);
        let ours = Fickle::new(ours, start, script);
        let (sender, receiver) = script.options().server(ours).split();
        let peer = tokio::spawn(peer::plays(script.peer.clone(), theirs, start, traces[2].clone()));
        let sends = halves::sends(script.sender.clone(), sender, start, traces[0].clone());
        let receives =
            halves::receives(script.receiver.clone(), receiver, start, traces[1].clone());
        let both = match is_restless {
            true => (tokio::spawn(restless(sends)), tokio::spawn(restless(receives))),
            false => (tokio::spawn(sends), tokio::spawn(receives)),
        };
        let ended = timeout(LIMIT, async { tokio::join!(both.0, both.1) }).await;
        if let Ok((sent, received)) = ended {
            sent.unwrap();
            received.unwrap();
        }
        peer.abort();
    });
    traces.map(|trace| trace.take())
}

fn differ(woken: &[(u128, String)], restless: &[(u128, String)]) -> bool {
    woken.len() != restless.len()
        || woken
            .iter()
            .zip(restless)
            .any(|((at, what), (other, others))| what != others || at.abs_diff(*other) > LATE)
}

#[test]
fn a_session_goes_as_if_its_halves_were_polled_all_the_time() {
    let only = std::env::var("SESSION").ok().map(|seed| seed.parse().unwrap());
    let seeds = only.map_or(0..SESSIONS, |seed: u64| seed..seed + 1);
    let mut wrong = Vec::new();
    for seed in seeds {
        let script = Script::of(seed);
        let (woken, restless) = (play(&script, false), play(&script, true));
        let differs = |at: &usize| differ(&woken[*at], &restless[*at]);
        if let Some(at) = (0..3).find(differs) {
            wrong.push(seed);
            if wrong.len() == 1 {
                println!("{script:?}\nwoken: {:?}\nrestless: {:?}", woken[at], restless[at]);
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} sessions, such as {:?}",
        wrong.len(),
        &wrong[..wrong.len().min(9)]
    );
}

#[test]
fn most_sessions_come_to_what_can_be_waited_for() {
    let mut seen: [usize; 4] = [0; 4];
    for seed in 0..300 {
        let [sender, receiver, _] = play(&Script::of(seed), false);
        let of = |trace: &[(u128, String)], what: &str| {
            usize::from(trace.iter().any(|(_, said)| said.contains(what)))
        };
        seen[0] += of(&sender, "cancelled");
        seen[1] += of(&receiver, "Close");
        seen[2] += of(&receiver, "Expired");
        seen[3] += of(&receiver, "Io");
    }
    assert!(seen.iter().all(|&count| count >= 10), "{seen:?}");
}

/// 3 for one that sends, 6 for one that receives, 0 for the peer: nobody does something at the same
/// time as another, so that it does not matter whose turn comes first.
async fn at(start: Instant, step: u64, offset: u64) {
    tokio::time::sleep_until(start + Duration::from_millis(10 * step + offset)).await;
}

/// Waits for the next time at which this one does something.
async fn next(start: Instant, steps: u64, offset: u64) {
    let now = u64::try_from(start.elapsed().as_millis()).unwrap();
    at(start, (now + 10 - offset) / 10 + steps, offset).await;
}
