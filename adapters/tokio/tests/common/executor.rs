//! Polls a future once, drops it, and makes it anew.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use tokio::runtime::{EnterGuard, Runtime};

/// A runtime for timers, whose clock stands still.
pub(crate) fn enter() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

/// How many polls are a hang: none of the sessions needs a thousandth of that.
const HANG: usize = 1_000_000;

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Polls what `make` makes until it is done, each time anew.
///
/// # Panics
/// When nobody would ever have polled it again.
pub(crate) fn poll_until_done<T>(mut make: impl AsyncFnMut() -> T) -> T {
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    for _ in 0..HANG {
        let future = pin!(make());
        if let Poll::Ready(done) = future.poll(&mut Context::from_waker(&waker)) {
            return done;
        }
        assert!(woken.0.swap(false, Ordering::SeqCst), "it hangs");
    }
    panic!("it goes round and round");
}

/// A task that is polled once at a time, by whatever is in it, and says when it is done.
pub(crate) type Task<'a> = Box<dyn FnMut(&mut Context<'_>) -> Poll<()> + 'a>;

/// Runs tasks until all are done. Whenever more than one could be polled, the next bit of `schedule`
/// chooses.
///
/// # Panics
/// When nobody would ever have polled one of them again.
pub(crate) fn run_all(tasks: Vec<Task<'_>>, mut schedule: u64) {
    let mut tasks: Vec<_> = tasks
        .into_iter()
        .map(|task| {
            let woken = Arc::new(Woken(AtomicBool::new(true)));
            (Some(task), Waker::from(Arc::clone(&woken)), woken)
        })
        .collect();
    for _ in 0..HANG {
        let is_ready = |(task, _, woken): &(Option<Task<'_>>, Waker, Arc<Woken>)| {
            task.is_some() && woken.0.load(Ordering::SeqCst)
        };
        let ready: Vec<usize> = (0..tasks.len()).filter(|&at| is_ready(&tasks[at])).collect();
        let Some(&first) = ready.first() else {
            assert!(tasks.iter().all(|(task, ..)| task.is_none()), "a task hangs");
            return;
        };
        let chosen = match schedule & 1 {
            1 => *ready.last().unwrap_or(&first),
            _ => first,
        };
        if ready.len() > 1 {
            schedule = schedule.rotate_right(1);
        }
        let (task, waker, woken) = &mut tasks[chosen];
        woken.0.store(false, Ordering::SeqCst);
        let polled = task.as_mut().map(|task| task(&mut Context::from_waker(waker)));
        if let Some(Poll::Ready(())) = polled {
            *task = None;
        }
    }
    panic!("they go round and round");
}
