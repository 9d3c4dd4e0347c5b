//! The other end: it says and hears what its script has, as bytes.

use crate::frames::frame;
use crate::script::{Peer, Step};
use crate::{Trace, next};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, split};
use tokio::sync::mpsc::unbounded_channel;
use tokio::time::Instant;

/// What it says waits for the other end to read, and keeps it from nothing else.
pub(crate) async fn plays(
    steps: Vec<Step<Peer>>,
    stream: DuplexStream,
    start: Instant,
    trace: Trace,
) {
    let (mut hears, mut says) = split(stream);
    let (queue, mut queued) = unbounded_channel::<Option<Vec<u8>>>();
    let said = trace.clone();
    tokio::spawn(async move {
        while let Some(bytes) = queued.recv().await {
            let done = match bytes {
                Some(bytes) => says.write_all(&bytes).await,
                None => says.shutdown().await,
            };
            said.note(start, format!("said: {:?}", done.map_err(|error| error.kind())));
        }
        std::future::pending::<()>().await // the stream is held open
    });
    for step in steps {
        next(start, step.pause, 0).await;
        let bytes = match step.does {
            Peer::Says(length) => frame(0x82, &vec![7; length]),
            Peer::Floods(count) => frame(0x82, b"").repeat(count),
            Peer::Pings => frame(0x89, b"?"),
            Peer::Closes => frame(0x88, b"\x03\xe8"),
            Peer::Hears(most) => {
                hear(&mut hears, most, start, &trace).await;
                continue;
            }
            Peer::HearsAll => {
                let (hears, trace) = (hears, trace.clone());
                tokio::spawn(hears_all(hears, start, trace));
                return std::future::pending().await;
            }
            Peer::EndsItsSide => {
                let _ = queue.send(None);
                continue;
            }
        };
        let _ = queue.send(Some(bytes));
    }
    std::future::pending().await
}

/// Hears what is there.
async fn hear(hears: &mut ReadHalf<DuplexStream>, most: usize, start: Instant, trace: &Trace) {
    let mut heard = vec![0; most];
    let read = std::future::poll_fn(|context| {
        let mut space = tokio::io::ReadBuf::new(&mut heard);
        let read = tokio::io::AsyncRead::poll_read(std::pin::Pin::new(hears), context, &mut space);
        std::task::Poll::Ready(read.is_ready().then(|| space.filled().len()))
    });
    let read = read.await;
    trace.note(start, format!("heard {read:?}"));
}

async fn hears_all(mut hears: ReadHalf<DuplexStream>, start: Instant, trace: Trace) {
    let mut heard = [0; 4096];
    let mut all = 0;
    loop {
        match hears.read(&mut heard).await {
            Ok(0) | Err(_) => break,
            Ok(count) => all += count,
        }
    }
    trace.note(start, format!("heard the end after {all}"));
}
