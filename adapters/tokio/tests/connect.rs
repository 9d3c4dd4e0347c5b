//! From a URL to a connection: redirects, proxies, refusals.
#![cfg(feature = "connect")]

use patchcord_tokio::handshake::admission::Admission;
use patchcord_tokio::handshake::credential::vendor::DEEPGRAM;
use patchcord_tokio::{Connect, Error, Message, OpenError, Options, Proxy, Timeouts, accept};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    (listener, address)
}

/// The head of a request.
async fn head(tcp: &mut TcpStream) -> String {
    let mut reader = BufReader::with_capacity(1, tcp);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).await.unwrap() > 0);
    }
    head
}

/// Answers one request with these bytes, and returns its head.
async fn answer(listener: &TcpListener, bytes: &[u8]) -> String {
    let (mut tcp, _) = listener.accept().await.unwrap();
    let head = head(&mut tcp).await;
    tcp.write_all(bytes).await.unwrap();
    tcp.shutdown().await.unwrap();
    let _ = tcp.read(&mut [0]).await;
    head
}

/// Says what it was asked for and offered, as the first message.
async fn serve(listener: &TcpListener) {
    let (tcp, _) = listener.accept().await.unwrap();
    let mut asked = String::new();
    let mut socket = accept(tcp, Admission::any(), |request| {
        let is_known = request.headers().get("x-key").is_some();
        let mut offers = request.offers();
        let has_key = offers.take(&DEEPGRAM.scheme)?.is_some();
        asked = format!("{} {is_known} {has_key}", request.path());
        Ok(request.response().with_subprotocol(offers.select(&["token", "chat"])?)?)
    })
    .await
    .unwrap();
    socket.send(asked).await.unwrap();
    while socket.recv().await.is_some() {}
}

#[tokio::test]
async fn a_redirect_is_followed_if_that_was_asked_for_and_credentials_stay_with_their_server() {
    let (first, first_address) = listener().await;
    let (second, second_address) = listener().await;
    let client = Connect::new(&format!("ws://{first_address}/one"))
        .unwrap()
        .secret_header("X-Key", "5ec7e7")
        .unwrap()
        .offer(DEEPGRAM.offer("5ec7e7").unwrap());
    let elsewhere = |to: &str| {
        format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
    };
    let away = elsewhere(&format!("ws://{second_address}/two"));

    let (opened, _) = tokio::join!(client.open(), answer(&first, away.as_bytes()));
    let Err(OpenError::Redirected(redirect)) = opened else { panic!("{opened:?}") };
    assert_eq!(redirect.url().path(), "/two");

    let client = client.redirects(5);
    let serves = async {
        answer(&first, elsewhere("/here").as_bytes()).await;
        let here = answer(&first, away.as_bytes()).await;
        assert!(here.starts_with("GET /here ") && here.contains("5ec7e7"), "{here}");
        serve(&second).await;
    };
    let asks = async {
        let mut socket = client.open().await.unwrap();
        let asked = socket.recv().await.unwrap().unwrap();
        assert_eq!(asked, Message::from("/two false false"));
        socket.close(None).await.unwrap();
    };
    tokio::join!(serves, asks);
}

#[tokio::test]
async fn redirects_in_a_ring_have_an_end() {
    let (ring, address) = listener().await;
    let client = Connect::new(&format!("ws://{address}/")).unwrap().redirects(3);
    let goes_round = async {
        loop {
            answer(&ring, b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n").await;
        }
    };
    let opened = tokio::select! {
        opened = client.open() => opened,
        () = goes_round => unreachable!(),
    };
    assert!(matches!(opened, Err(OpenError::Redirected(_))), "{opened:?}");
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel_and_the_server_through_it() {
    let (proxy, proxy_address) = listener().await;
    let (server, server_address) = listener().await;
    let way = Proxy::new(&proxy_address).unwrap().basic("me", "5ec7e7").unwrap();
    assert!(!format!("{way:?}").contains("5ec7e7"));
    let client = Connect::new(&format!("ws://{server_address}/x")).unwrap().proxy(way);
    assert!(!format!("{client:?}").contains("5ec7e7"));
    let tunnels = async {
        let (mut near, _) = proxy.accept().await.unwrap();
        let asked = head(&mut near).await;
        let expected = format!(
            "CONNECT {server_address} HTTP/1.1\r\nHost: {server_address}\r\n\
             Proxy-Authorization: Basic bWU6NWVjN2U3\r\n\r\n"
        );
        assert_eq!(asked, expected);
        let mut far = TcpStream::connect(&server_address).await.unwrap();
        near.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
    };
    let asks = async {
        let mut socket = client.open().await.unwrap();
        assert_eq!(socket.recv().await.unwrap().unwrap(), Message::from("/x false false"));
        socket.close(None).await.unwrap();
    };
    tokio::join!(tunnels, serve(&server), asks);
}

#[tokio::test]
async fn what_a_proxy_refuses_is_told_apart_from_what_a_server_refuses() {
    let (proxy, address) = listener().await;
    let client = Connect::new("ws://nowhere.invalid/").unwrap();
    let client = client.proxy(Proxy::new(&address).unwrap());
    let refusal = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
    let (opened, _) = tokio::join!(client.open(), answer(&proxy, refusal));
    assert!(matches!(opened, Err(OpenError::ProxyRefused(407))), "{opened:?}");

    let early = b"HTTP/1.1 200 OK\r\n\r\n\x81\x00";
    let (opened, _) = tokio::join!(client.open(), answer(&proxy, early));
    assert!(matches!(opened, Err(OpenError::Io(_))), "{opened:?}");
}

#[tokio::test]
async fn a_refusal_is_there_to_be_read_and_not_printed() {
    let (server, address) = listener().await;
    let client = Connect::new(&format!("ws://{address}/")).unwrap();
    let refusal = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Token\r\n\
        X-Error: 5ec7e7\r\nContent-Length: 9\r\n\r\nwrong key";
    let (opened, _) = tokio::join!(client.open(), answer(&server, refusal));
    let Err(OpenError::Refused(refused)) = opened else { panic!("{opened:?}") };
    assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some("Token")));
    assert_eq!(refused.body, "wrong key");
    assert!(!format!("{refused:?}").contains("5ec7e7"));
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up_after_the_opening_deadline() {
    let (_server, address) = listener().await;
    let opening = Some(Duration::from_millis(50));
    let options = Options::new().timeouts(Timeouts { opening, ..Timeouts::default() });
    let client = Connect::new(&format!("ws://{address}/")).unwrap().options(options);
    let opened = client.open().await;
    assert!(matches!(opened, Err(OpenError::Ended(Error::Expired(_)))), "{opened:?}");
}

#[tokio::test]
async fn a_subprotocol_is_known_at_both_ends() {
    let (server, address) = listener().await;
    let url = format!("ws://localhost:{}/", address.split(':').next_back().unwrap());
    let client = Connect::new(&url).unwrap().offer(DEEPGRAM.offer("5ec7e7").unwrap());
    let asks = async {
        let mut socket = client.open().await.unwrap();
        assert_eq!(socket.subprotocol(), Some("token"));
        assert_eq!(socket.recv().await.unwrap().unwrap(), Message::from("/ false true"));
        socket.close(None).await.unwrap();
    };
    tokio::join!(asks, serve(&server));
}

#[cfg(not(feature = "rustls"))]
#[tokio::test]
async fn without_tls_a_wss_url_is_an_error_that_says_so() {
    let (_server, address) = listener().await;
    let opened = Connect::new(&format!("wss://{address}/")).unwrap().open().await;
    assert!(matches!(opened, Err(OpenError::NoTls)), "{opened:?}");
}
