//! What a source of entropy may do: run at the end of a thread.
#![cfg(all(feature = "getrandom", feature = "std"))]

use bytes::Buf;
use patchcord::{Config, Connection, Entropy, Message, SendBuffer, ThreadEntropy};
use std::cell::RefCell;
use std::panic::catch_unwind;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// Frames without a payload, which show their keys.
type Outcome = thread::Result<[Vec<u8>; 2]>;

/// Sends when its thread ends.
#[derive(Default)]
struct AtExit(Option<Sender<Outcome>>);

impl Drop for AtExit {
    fn drop(&mut self) {
        if let Some(outcome) = self.0.take() {
            let _ = outcome.send(catch_unwind(|| [0; 2].map(|_| send())));
        }
    }
}

// Values are destroyed in an order that depends on which was used first, and on the platform.
thread_local!(static BEFORE: RefCell<AtExit> = RefCell::default());
thread_local!(static BEHIND: RefCell<AtExit> = RefCell::default());

fn send() -> Vec<u8> {
    let (mut out, mut long) = (SendBuffer::new(), [0; 40]);
    ThreadEntropy.fill(&mut long);
    assert_ne!(long, [0; 40]);
    Connection::client(ThreadEntropy, Config::default())
        .send(Message::Binary(b""), &mut out)
        .unwrap();
    out.chunk().to_vec()
}

fn at_exits(uses_it_before: bool) -> Receiver<Outcome> {
    let (sender, receiver) = channel();
    let run = move || {
        BEFORE.set(AtExit(Some(sender.clone())));
        if uses_it_before {
            send();
        }
        BEHIND.set(AtExit(Some(sender)));
    };
    thread::spawn(run).join().unwrap();
    receiver
}

#[test]
fn the_threads_source_is_there_in_every_destructor_of_the_thread() {
    for uses_it_before in [false, true] {
        let outcomes: Vec<_> = at_exits(uses_it_before).iter().collect();
        assert_eq!(outcomes.len(), 2);
        for outcome in outcomes {
            let [one, other] = outcome.expect("a source that panics at the end of its thread");
            assert_ne!(one, other, "two frames with one key");
        }
    }
}
