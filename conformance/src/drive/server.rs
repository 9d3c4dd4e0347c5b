//! A server under test: many connections to it at once.

use super::hold;
use crate::case::{Case, Fault, Outcome, Role};
use crate::conversation::{Opening, Target, Wire};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{io, thread};

/// How often to try a connection, and the pause between: a server may be busy with the other cases.
const TRIES: usize = 5;
const PAUSE: Duration = Duration::from_millis(200);

/// A case that may keep a server busy for long runs by itself: the others would wait for it.
const FLOOD: &str = "limits/pings-while-no-pong-is-read";

/// The case that comes after all others.
const LAST: &str = "limits/still-serving";

/// Runs all cases, some at a time. Those that wait the longest come first.
pub fn judge_server(
    cases: &[Case],
    target: &Target,
    jobs: usize,
    patience: Duration,
) -> Vec<Outcome> {
    let mut order: Vec<usize> = (0..cases.len()).collect();
    order.sort_by_key(|&at| !cases[at].id.starts_with("timing/a"));
    let is_late = |&at: &usize| [FLOOD, LAST].contains(&&*cases[at].id);
    let (last, order): (Vec<_>, Vec<_>) = order.into_iter().partition(is_late);
    let next = AtomicUsize::new(0);
    let outcomes = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                while let Some(&at) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let outcome = judge(&cases[at], target, patience);
                    outcomes.lock().expect("no thread panics while holding it").push((at, outcome));
                }
            });
        }
    });
    let mut outcomes = outcomes.into_inner().expect("no thread panics while holding it");
    outcomes.extend(last.into_iter().map(|at| (at, judge(&cases[at], target, patience))));
    outcomes.sort_by_key(|&(at, _)| at);
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

fn judge(case: &Case, target: &Target, patience: Duration) -> Outcome {
    match connect(target) {
        Ok(wire) => {
            let (target, role) = (target.clone(), Role::Server);
            hold(case, Opening { wire, role, patience, target, request: None, has_old_key: false })
        }
        Err(error) => {
            // One fault, rather than one for each case that could not run because of it.
            let fault = match &*case.id {
                LAST => Fault::must(format!("the server no longer accepts connections: {error}")),
                _ => Fault::Skip(format!("the server no longer accepts connections: {error}")),
            };
            Outcome::of(case, Err(fault), Vec::new(), 0.0)
        }
    }
}

/// Connects, asking the server more than once if necessary.
pub fn connect(target: &Target) -> io::Result<Wire> {
    let mut tried = 1;
    loop {
        match TcpStream::connect(&target.address).and_then(Wire::new) {
            Err(_) if tried < TRIES => {
                tried += 1;
                thread::sleep(PAUSE);
            }
            result => return result,
        }
    }
}

/// Checks that there is a server.
pub fn reachable(target: &Target) -> io::Result<()> {
    TcpStream::connect(&target.address).map(drop)
}
