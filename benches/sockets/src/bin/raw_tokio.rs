//! Writes back what it reads, on tokio: the limit of what a server on it can do. The buffer belongs to
//! the thread, is as large as patchcord's, and is borrowed while there is something in it.

use serving::{Outcome, serve};
use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = RefCell::new(vec![0; patchcord_transports::lent::READ]);
}

fn main() -> Outcome {
    serve(session)
}

async fn session(mut tcp: TcpStream) -> Outcome {
    loop {
        let turn = |context: &mut Context<'_>| {
            BUFFER.with_borrow_mut(|buffer| poll_echo(&mut tcp, buffer, context))
        };
        match poll_fn(turn).await? {
            Echoed::All => {}
            Echoed::Left(left) => tcp.write_all(&left).await?,
            Echoed::End => return Ok(()),
        }
    }
}

enum Echoed {
    All,
    /// What the socket had no room for.
    Left(Vec<u8>),
    End,
}

/// Reads once, and writes once.
fn poll_echo(
    tcp: &mut TcpStream,
    buffer: &mut [u8],
    context: &mut Context<'_>,
) -> Poll<io::Result<Echoed>> {
    let mut space = ReadBuf::new(buffer);
    ready!(Pin::new(&mut *tcp).poll_read(context, &mut space))?;
    let read = space.filled();
    if read.is_empty() {
        return Poll::Ready(Ok(Echoed::End));
    }
    let written = match Pin::new(tcp).poll_write(context, read) {
        Poll::Ready(written) => written?,
        Poll::Pending => 0,
    };
    Poll::Ready(Ok(match &read[written..] {
        [] => Echoed::All,
        left => Echoed::Left(left.to_vec()),
    }))
}
