//! The cost of a turn, and what it leaves for others.

use super::{answer, server};
use patchcord::Config;
use patchcord_transports::Outcome;
use patchcord_transports::websocket::WebSocket;
use std::future::ready;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{
    AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex,
};

/// A stream that counts.
struct Counting {
    stream: DuplexStream,
    reads: usize,
    writes: usize,
}

impl AsyncRead for Counting {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let read = ready!(Pin::new(&mut self.stream).poll_read(context, to));
        self.reads += 1;
        Poll::Ready(read)
    }
}

impl AsyncWrite for Counting {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        from: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, from));
        self.writes += 1;
        Poll::Ready(written)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

fn counting(stream: DuplexStream) -> Counting {
    Counting { stream, reads: 0, writes: 0 }
}

#[tokio::test]
async fn three_small_frames_are_answered_in_one_write_and_idling_needs_no_buffer() -> Outcome {
    let (mut near, far) = duplex(4096);
    let mut counts = counting(far);
    let mut server = server(&mut counts, Config::default());
    near.write_all(&b"\x81\x85\0\0\0\0Hello".repeat(3)).await?;
    assert!(server.turn(answer).await?);
    let mut heard = [0; 21];
    near.read_exact(&mut heard).await?;
    assert_eq!(heard, *b"\x81\x05Hello".repeat(3));
    // Half a frame stays, in as much memory as it takes.
    let input = |server: &WebSocket<_, _>| format!("{:?}", server.driver.input);
    assert_eq!(input(&server), "ReceiveBuffer(0 bytes, room for 0)");
    near.write_all(b"\x81\x85\0\0").await?;
    assert!(server.turn(answer).await?);
    assert_eq!(input(&server), "ReceiveBuffer(4 bytes, room for 0)");
    drop(server);
    assert_eq!((counts.reads, counts.writes), (2, 1));
    Ok(())
}

/// The next turn may be a long time coming.
#[tokio::test]
async fn a_long_message_leaves_little_room_with_what_came_behind_it() -> Outcome {
    let (mut near, far) = duplex(1 << 20);
    let mut server = server(far, Config::default());
    let header = b"\x82\xff\0\0\0\0\0\x04\0\0\0\0\0\0"; // 256 KiB
    let stream = [header, &[0; 256 * 1024][..], b"\x82"].concat();
    for part in stream.chunks(150_000) {
        near.write_all(part).await?;
        assert!(server.turn(answer).await?);
    }
    assert_eq!(format!("{:?}", server.driver.input), "ReceiveBuffer(1 bytes, room for 138)");
    Ok(())
}

/// Other tasks of the thread have their turn between two turns of one that always has work.
#[tokio::test]
async fn a_peer_that_never_stops_does_not_take_all_turns() -> Outcome {
    struct Endless;
    impl AsyncRead for Endless {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            to: &mut ReadBuf<'_>,
        ) -> Poll<std::io::Result<()>> {
            to.put_slice(b"\x81\x85\0\0\0\0Hello");
            Poll::Ready(Ok(()))
        }
    }
    impl AsyncWrite for Endless {
        fn poll_write(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            from: &[u8],
        ) -> Poll<std::io::Result<usize>> {
            Poll::Ready(Ok(from.len()))
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }
    let mut heard = 0;
    let mut server = server(Endless, Config::default());
    tokio::select! {
        biased;
        ended = server.run(|_, _, _| {
            heard += 1;
            assert!(heard <= 16, "the other task waits for ever");
            Ok(())
        }) => ended?,
        () = ready(()) => {}
    }
    assert!(heard > 0);
    Ok(())
}
