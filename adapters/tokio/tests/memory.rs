//! What a connection costs that waits, counted by the allocator: the task, the socket and all.

mod common;

use allocation_counter::measure;
use common::frame;
use patchcord_tokio::handshake::admission::Admission;
use patchcord_tokio::{Event, Options};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::time::sleep;

const CONNECTIONS: usize = 100;

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";

/// Connections of a server that says everything back, and their clients, which cost no heap.
struct Server {
    runtime: Runtime,
    clients: Vec<TcpStream>,
    /// The bytes that all of the connections have.
    live: i64,
}

impl Server {
    fn open(options: &'static Options) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let mut server = Self { runtime, clients: Vec::with_capacity(CONNECTIONS), live: 0 };
        server.serve_one(options); // what a thread has once is not a connection's
        let mut clients = std::mem::take(&mut server.clients);
        let cost = measure(|| {
            for _ in 0..CONNECTIONS {
                server.serve_one(options);
            }
        });
        server.live = cost.bytes_current;
        clients.append(&mut server.clients);
        server.clients = clients;
        server
    }

    fn serve_one(&mut self, options: &'static Options) {
        self.runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
            client.set_nodelay(true).unwrap(); // else the rest of a frame waits for an acknowledgement
            client.write_all(REQUEST).unwrap();
            let (tcp, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let accepted =
                    options.accept(tcp, Admission::any(), |request| Ok(request.response()));
                let mut socket = accepted.await.unwrap();
                while let Some(Ok(message)) = socket.recv().await {
                    if message.is_data() {
                        socket.feed(message).await.unwrap();
                    }
                }
            });
            settle().await;
            client.set_nonblocking(true).unwrap();
            let mut answer = [0; 256];
            assert!(client.read(&mut answer).unwrap() > 100);
            self.clients.push(client);
        });
    }

    /// What each connection has more, or less, after all clients said this.
    fn say(&mut self, bytes: &[u8]) -> i64 {
        let cost = measure(|| {
            for client in &mut self.clients {
                client.write_all(bytes).unwrap();
            }
            self.runtime.block_on(settle());
            let mut heard = [0; 64 * 1024];
            for client in &mut self.clients {
                while client.read(&mut heard).is_ok_and(|count| count > 0) {}
            }
            self.runtime.block_on(settle());
        });
        self.live += cost.bytes_current;
        self.each()
    }

    fn each(&self) -> i64 {
        self.live / i64::try_from(CONNECTIONS).unwrap()
    }
}

/// Lets everything be done that can be.
async fn settle() {
    for _ in 0..3 {
        sleep(Duration::from_millis(2)).await;
    }
}

#[test]
fn a_connection_that_waits_has_1400_bytes_and_what_was_sent_of_a_frame() {
    let options = Box::leak(Box::new(Options::new()));
    let mut server = Server::open(options);
    let idle = server.each();
    println!("idle: {idle}");
    assert!(idle <= 1400, "{idle}");

    let after = server.say(&frame(0x82, &[1; 1024]));
    println!("after a message: {after}");
    assert!(after <= 1400, "{after}");

    let half = frame(0x82, &[1; 1024])[..520].to_vec();
    let with_half = server.say(&half);
    println!("with 520 bytes of a frame: {with_half}");
    assert!(with_half <= after + 520 + 600, "{with_half}");

    let rest = frame(0x82, &[1; 1024])[520..].to_vec();
    let whole = server.say(&rest);
    assert!(whole <= 1400, "{whole}");

    let large = server.say(&frame(0x82, &[1; 60_000]));
    println!("after 60,000 bytes: {large}");
    assert!(large <= 1400, "{large}");
}

#[test]
fn one_that_is_pinged_has_a_timer_besides() {
    let options = Options::new().ping_interval(Duration::from_secs(20));
    let server = Server::open(Box::leak(Box::new(options)));
    println!("idle: {}", server.each());
    assert!(server.each() <= 1500, "{}", server.each());
}

/// A stream that says the same again, so many times, and takes everything.
struct Repeats {
    says: Vec<u8>,
    at: usize,
    left: usize,
}

impl AsyncRead for Repeats {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        space: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.left == 0 {
            return Poll::Pending;
        }
        let to = self.says.len().min(self.at + space.remaining());
        space.put_slice(&self.says[self.at..to]);
        self.at = to % self.says.len();
        self.left -= usize::from(self.at == 0);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Repeats {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn long_messages_that_are_lent_take_no_memory_of_their_own() {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let _entered = runtime.enter();
    let header = [&[0x82, 0xff][..], &(1_u64 << 20).to_be_bytes(), &[0; 4]].concat();
    let says = [header, vec![7; 1 << 20]].concat();
    let mut socket = Options::new().server(Repeats { says, at: 0, left: 0 });
    let mut hear = |count| {
        socket.get_mut().left = count;
        let mut heard = 0;
        let run = socket.run(|event, answers| {
            let Event::Binary(bytes) = event else { panic!() };
            heard += bytes.len() >> 20;
            answers.send(patchcord::Message::Binary(&bytes))
        });
        assert!(pin!(run).poll(&mut Context::from_waker(Waker::noop())).is_pending());
        assert_eq!(heard, count);
    };
    hear(3); // the thread's buffers have their size
    let cost = measure(|| hear(3));
    assert_eq!((cost.count_total, cost.bytes_current), (0, 0));
}
