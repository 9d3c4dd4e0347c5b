//! Both ends over real sockets, by each way to drive them.
#![cfg(feature = "connect")]

use futures_util::{SinkExt, StreamExt, stream};
use patchcord_tokio::handshake::Url;
use patchcord_tokio::handshake::admission::Admission;
use patchcord_tokio::handshake::client::Request;
use patchcord_tokio::{
    CloseFrame, Connect, Error, Event, Message, Options, WebSocket, accept, close_code,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

type Ended = JoinHandle<Result<(), Error>>;

/// A server that says everything back, one way or the other, and its URL.
async fn server<F>(session: fn(WebSocket<TcpStream>) -> F) -> (String, Ended)
where
    F: Future<Output = Result<(), Error>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("ws://{}/", listener.local_addr().unwrap());
    let serves = tokio::spawn(async move {
        let (tcp, _) = listener.accept().await.unwrap();
        let socket = accept(tcp, Admission::any(), |request| Ok(request.response())).await;
        session(socket.unwrap()).await
    });
    (url, serves)
}

async fn by_feed(mut socket: WebSocket<TcpStream>) -> Result<(), Error> {
    while let Some(message) = socket.recv().await {
        let message = message?;
        if message.is_data() {
            socket.feed(message).await?;
        }
    }
    Ok(())
}

async fn by_run(mut socket: WebSocket<TcpStream>) -> Result<(), Error> {
    socket
        .run(|event, answers| match event {
            Event::Text(text) => answers.send(patchcord::Message::Text(&text)),
            Event::Binary(bytes) => answers.send(patchcord::Message::Binary(&bytes)),
            _ => Ok(()),
        })
        .await
}

async fn by_stream(socket: WebSocket<TcpStream>) -> Result<(), Error> {
    let (sink, stream) = socket.split();
    let data = stream.filter(|message| {
        let is_data = message.as_ref().map_or(true, Message::is_data);
        std::future::ready(is_data)
    });
    match data.forward(sink).await {
        Err(Error::Closed) => Ok(()), // the peer closed first
        ended => ended,
    }
}

/// Sizes on both sides of what a header says in other ways, of a buffer, and of what fits a socket.
const SIZES: [usize; 9] = [0, 1, 125, 126, 65_535, 65_536, 300_000, 1 << 20, 5_000_000];

async fn converse(url: &str) {
    let mut socket = Connect::new(url).unwrap().open().await.unwrap();
    for size in SIZES {
        let message = Message::binary(vec![0x5a; size]);
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.recv().await.unwrap().unwrap(), message, "{size}");
    }
    let words: Vec<Message> = (0..1000).map(|word| Message::from(word.to_string())).collect();
    socket.send_all(&mut stream::iter(words.clone()).map(Ok)).await.unwrap();
    for word in words {
        assert_eq!(socket.next().await.unwrap().unwrap(), word);
    }
    let bye = CloseFrame { code: close_code::NORMAL, reason: "bye".into() };
    socket.send(Message::Close(Some(bye))).await.unwrap();
    let answer = CloseFrame { code: close_code::NORMAL, reason: "".into() };
    assert_eq!(socket.recv().await.unwrap().unwrap(), Message::Close(Some(answer)));
    assert!(socket.recv().await.is_none());
    assert!(matches!(socket.send("late").await, Err(Error::Closed)));
}

#[tokio::test]
async fn what_is_fed_comes_back_in_order_and_whole() {
    let (url, serves) = server(by_feed).await;
    converse(&url).await;
    serves.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_is_lent_comes_back_in_order_and_whole() {
    let (url, serves) = server(by_run).await;
    converse(&url).await;
    serves.await.unwrap().unwrap();
}

#[tokio::test]
async fn what_goes_through_the_halves_of_futures_comes_back_in_order_and_whole() {
    let (url, serves) = server(by_stream).await;
    converse(&url).await;
    serves.await.unwrap().unwrap();
}

#[tokio::test]
async fn the_answer_to_a_request_has_left_when_a_server_has_accepted_it() {
    let (ours, theirs) = tokio::io::duplex(64); // less than the answer has
    let request = Request::new(Url::parse("ws://a/").unwrap());
    let options = Options::new();
    let accepts = options.accept(ours, Admission::any(), |request| Ok(request.response()));
    let (server, client) = tokio::join!(accepts, options.connect(theirs, &request));
    let (_server, _client) = (server.unwrap(), client.unwrap()); // neither was polled since
}

#[tokio::test]
async fn a_pong_that_answers_nothing_comes_as_one_and_asks_for_no_answer() {
    let (ours, theirs) = tokio::io::duplex(256);
    let mut server = Options::new().server(ours);
    let mut client = Options::new().client(theirs);
    server.send(Message::Pong("still here".into())).await.unwrap();
    server.send("?").await.unwrap();
    assert_eq!(client.recv().await.unwrap().unwrap(), Message::Pong("still here".into()));
    assert_eq!(client.recv().await.unwrap().unwrap(), Message::from("?"));
    client.send(Message::Pong("me too".into())).await.unwrap();
    client.send("!").await.unwrap();
    assert_eq!(server.recv().await.unwrap().unwrap(), Message::Pong("me too".into()));
    assert_eq!(server.recv().await.unwrap().unwrap(), Message::from("!"));
    let long = server.send(Message::Pong(vec![0; 126].into())).await;
    assert!(matches!(long, Err(Error::Invalid)));
}
