//! Two halves in two tasks, by every order in which these can be polled at the start, over every
//! transport: each future is dropped after each poll and made anew, and a task is polled only after
//! somebody woke it.

mod common;

use common::{Kindness, Task, Wire, enter, frame, run_all};
use patchcord_tokio::{CloseFrame, Error, Message, Options, Receiver, Sender};
use std::pin::pin;
use std::task::{Context, Poll, ready};

/// Polls once what is made for that.
fn once<T>(future: impl Future<Output = T>, context: &mut Context<'_>) -> Poll<T> {
    pin!(future).poll(context)
}

/// How many polls may come in either order.
const ORDERS: u32 = 7;

const WORDS: [&str; 3] = ["one", "two", "three"];

fn bye() -> Option<CloseFrame> {
    Some(CloseFrame { code: 1000, reason: "bye".into() })
}

/// Says its words, each as it is told, and then the Close.
fn speaks(sender: Sender<Wire>, flushes: bool) -> Task<'static> {
    let mut sender = Some(sender);
    let (mut said, mut is_flushed) = (0, true);
    Box::new(move |context| {
        let half = sender.as_mut().unwrap();
        while said < WORDS.len() {
            if !is_flushed {
                ready!(once(half.flush(), context)).unwrap();
                is_flushed = true;
            }
            ready!(once(half.feed(WORDS[said]), context)).unwrap();
            said += 1;
            is_flushed = !flushes;
        }
        ready!(once(half.close(bye()), context)).unwrap();
        sender = None;
        Poll::Ready(())
    })
}

/// Hears everything.
fn listens(receiver: Receiver<Wire>, heard: &mut Vec<Result<Message, Error>>) -> Task<'_> {
    let mut receiver = Some(receiver);
    Box::new(move |context| {
        let half = receiver.as_mut().unwrap();
        while let Some(message) = ready!(once(half.recv(), context)) {
            heard.push(message);
        }
        receiver = None;
        Poll::Ready(())
    })
}

#[test]
fn halves_say_and_hear_everything_in_any_order_of_polls() {
    let runtime = enter();
    let _entered = runtime.enter();
    let says = [frame(0x81, b"go"), frame(0x89, b"?"), frame(0x82, b"on")].concat();
    let words = b"\x81\x03one\x81\x03two\x81\x05three";
    let (pong, close) = (b"\x8a\x01?", b"\x88\x05\x03\xe8bye");
    let total = words.len() + pong.len() + close.len();
    for kindness in Kindness::all() {
        for (flushes, schedule) in [false, true]
            .into_iter()
            .flat_map(|flushes| (0..1 << ORDERS).map(move |schedule| (flushes, schedule)))
        {
            let case = format!("{kindness:?}, {flushes}, {schedule:#b}");
            let wire = Wire::new(kindness, &says).then(total, &frame(0x88, b"\x03\xe8"));
            let (sender, receiver) = Options::new().server(wire.clone()).split();
            let mut heard = Vec::new();
            run_all(vec![speaks(sender, flushes), listens(receiver, &mut heard)], schedule);
            let heard: Vec<Message> = heard.into_iter().map(Result::unwrap).collect();
            let answer = CloseFrame { code: 1000, reason: "".into() };
            let expected = [
                "go".into(),
                Message::Ping("?".into()),
                b"on"[..].into(),
                Message::Close(Some(answer)),
            ];
            assert_eq!(heard, expected, "{case}");
            // The pong is somewhere between the words.
            let mut said = wire.heard();
            let at = said.windows(pong.len()).position(|part| part == pong).expect(&case);
            said.drain(at..at + pong.len());
            assert_eq!(said, [&words[..], close].concat(), "{case}");
            assert_eq!(wire.holders(), 1, "{case}");
        }
    }
}
