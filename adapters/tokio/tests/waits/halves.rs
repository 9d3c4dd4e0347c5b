//! The two halves, each as its script has it.

use crate::script::{Receives, Sends, Step};
use crate::stream::Fickle;
use crate::{Trace, next};
use patchcord_tokio::{Error, Event, Message, Receiver, Sender};
use std::time::Duration;
use tokio::time::{Instant, timeout};

const SENDER: u64 = 3;
const RECEIVER: u64 = 6;

/// Waits for so many steps and a little, and then no longer.
async fn patiently<T>(patience: Option<u64>, done: impl Future<Output = T>) -> Option<T> {
    match patience {
        Some(steps) => timeout(Duration::from_millis(10 * steps + 4), done).await.ok(),
        None => Some(done.await),
    }
}

pub(crate) async fn sends(
    steps: Vec<Step<Sends>>,
    mut sender: Sender<Fickle>,
    start: Instant,
    trace: Trace,
) {
    for Step { pause, does, patience } in steps {
        next(start, pause, SENDER).await;
        let done = patiently(patience, async {
            match does {
                Sends::Feed(length) => sender.feed(vec![1; length]).await,
                Sends::TryFeed(length) => sender.try_feed(vec![2; length]),
                Sends::Send(length) => sender.send(vec![3; length]).await,
                Sends::Flush => sender.flush().await,
                Sends::Ping => sender.send(Message::Ping("?".into())).await,
                Sends::Close => sender.close(None).await,
            }
        });
        let done = done.await.map_or_else(|| "cancelled".into(), |done| format!("{done:?}"));
        trace.note(start, format!("{does:?}: {done}, skipped {}", sender.skipped()));
    }
}

pub(crate) async fn receives(
    steps: Vec<Step<Receives>>,
    mut receiver: Receiver<Fickle>,
    start: Instant,
    trace: Trace,
) {
    for Step { pause, does, patience } in steps {
        next(start, pause, RECEIVER).await;
        match does {
            Receives::One => {
                let heard = patiently(patience, receiver.recv()).await;
                trace.note(start, told(heard));
            }
            Receives::Lent { answers } => {
                let mut count = 0;
                let lent = receiver.run(|event, says| {
                    count += 1;
                    match event {
                        Event::Binary(bytes) if answers => {
                            says.send(patchcord::Message::Binary(&bytes))?;
                        }
                        _ => {}
                    }
                    Err(Error::Full) // one is enough
                });
                let done = patiently(patience, lent).await;
                trace.note(start, format!("lent {count}, {done:?}"));
            }
            Receives::Drop => return trace.note(start, "gone".into()),
        }
    }
    while let Some(heard) = receiver.recv().await {
        let is_empty = heard.as_ref().is_ok_and(|message| message.is_data() && message.is_empty());
        if !is_empty {
            trace.note(start, told(Some(Some(heard))));
        }
    }
    trace.note(start, "the end".into());
}

fn told(heard: Option<Option<Result<Message, Error>>>) -> String {
    match heard {
        None => "cancelled".into(),
        Some(None) => "the end".into(),
        Some(Some(Ok(Message::Binary(bytes)))) => format!("binary of {}", bytes.len()),
        Some(Some(heard)) => format!("{heard:?}"),
    }
}
