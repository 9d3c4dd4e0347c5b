//! `WebSocket::next` is cancel safe: dropped wherever it waits, it loses nothing, in neither
//! direction. Time passes for it, and who breaks a rule is told.

use bytes::BytesMut;
use patchcord::{
    Client, Close, CloseCode, Config, Connection, End, Event, Message, Role, Server, State,
    ThreadEntropy, Timeouts,
};
use patchcord_transports::websocket::WebSocket;
use patchcord_transports::{Outcome, tls};
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::Instant;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::{TlsAcceptor, TlsStream};

type Ends<S> = (WebSocket<S, Client<ThreadEntropy>>, WebSocket<S, Server>);

fn ends<S: AsyncRead + AsyncWrite>(near: S, far: S) -> Ends<S> {
    let client = Connection::client(ThreadEntropy, Config::default());
    let server = Connection::server(Config::default());
    (WebSocket::new(near, client, BytesMut::new()), WebSocket::new(far, server, BytesMut::new()))
}

/// What came of one call that was dropped as soon as it had to wait.
enum Once {
    Event(Event<BytesMut>),
    End,
    Dropped,
}

async fn once<S: AsyncRead + AsyncWrite, R: Role>(socket: &mut WebSocket<S, R>) -> Outcome<Once> {
    tokio::select! {
        biased;
        next = socket.next() => Ok(next?.map_or(Once::End, Once::Event)),
        () = ready(()) => Ok(Once::Dropped),
    }
}

/// An echo of texts of every length up to `longest`; how many calls were dropped on the way.
async fn echo<S: AsyncRead + AsyncWrite>(
    (mut client, mut server): Ends<S>,
    longest: usize,
) -> Outcome<usize> {
    let texts: Vec<String> = (0..longest).map(|length| "é!".repeat(length)).collect();
    for text in &texts {
        client.connection.send(Message::Text(text), &mut client.out)?;
    }
    let (mut heard, mut dropped, mut ended) = (Vec::new(), 0, 0);
    while ended < 2 {
        ended = 0;
        match once(&mut server).await? {
            Once::Event(Event::Text(text)) => {
                server.connection.send(Message::Text(&text), &mut server.out)?;
            }
            Once::Event(_) => {}
            Once::Dropped => dropped += 1,
            Once::End => ended += 1,
        }
        match once(&mut client).await? {
            Once::Event(Event::Text(text)) => heard.push(text.to_string()),
            Once::Event(_) => {}
            Once::Dropped => dropped += 1,
            Once::End => ended += 1,
        }
        assert!(dropped < 100_000, "something was lost, and is waited for");
        if heard.len() == texts.len() && client.connection.state() == State::Open {
            client.connection.close(None)?;
        }
    }
    assert_eq!(heard, texts);
    let closed = State::Closed { by: End::Local, code: None };
    assert_eq!(client.connection.state(), closed);
    Ok(dropped)
}

#[tokio::test]
async fn nothing_is_lost_wherever_a_wait_is_dropped() -> Outcome {
    for room in 1..=64 {
        let (near, far) = duplex(room);
        let dropped = echo(ends(near, far), 40).await?;
        // 3 bytes for each of 780 repetitions go through a pipe with so much room.
        assert!(dropped >= 780 * 3 / room, "{dropped} calls were dropped with room for {room}");
    }
    Ok(())
}

/// The same behind TLS, where a write can wait in two places.
#[tokio::test]
async fn nothing_is_lost_behind_tls() -> Outcome {
    for room in [16, 17, 33, 64, 100, 1000, 20_000] {
        let (near, far) = duplex(room);
        let (near, far) = secured(near, far).await?;
        let dropped = echo(ends(near, far), 20).await?;
        assert!(dropped >= 190 * 3 / room, "{dropped} calls were dropped with room for {room}");
    }
    Ok(())
}

async fn secured(
    near: DuplexStream,
    far: DuplexStream,
) -> Outcome<(TlsStream<DuplexStream>, TlsStream<DuplexStream>)> {
    let (acceptor, certificate) = tls::acceptor()?;
    // Tickets come behind the handshake, when nobody reads yet, and such a pipe has no room.
    let mut config = ServerConfig::clone(acceptor.config());
    config.send_tls13_tickets = 0;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let connector = tls::connector(CertificateDer::from_pem_slice(certificate.as_bytes())?)?;
    let name = ServerName::try_from("localhost")?;
    let (near, far) = tokio::try_join!(connector.connect(name, near), acceptor.accept(far))?;
    Ok((near.into(), far.into()))
}

fn keep_alive() -> Connection<Server> {
    let ping_interval = Some(Duration::from_secs(20));
    let timeouts = Timeouts { ping_interval, ..Timeouts::default() };
    Connection::server(Config { timeouts, ..Config::default() })
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_is_silent_is_asked_and_then_given_up() -> Outcome {
    let (mut near, far) = duplex(64);
    let start = Instant::now();
    let mut server = WebSocket::new(far, keep_alive(), BytesMut::new());
    let mut clock = tokio::time::interval(Duration::from_millis(300));
    let error = loop {
        tokio::select! {
            next = server.next() => break next.expect_err("nobody speaks"),
            _ = clock.tick() => {} // another branch that comes first, again and again
        }
    };
    assert_eq!(error.downcast_ref(), Some(&patchcord::Expired::Pong));
    assert_eq!(start.elapsed().as_secs(), 40); // a ping after 20 s, and 20 s for the pong
    let mut heard = [0; 2];
    near.read_exact(&mut heard).await?;
    assert_eq!(heard, [0x89, 0x00]);
    Ok(())
}

/// TLS peers often leave out close_notify; TCP without it is cut short, as far as TLS can tell.
#[tokio::test]
async fn after_both_closes_a_client_does_not_mind_how_the_stream_ends() -> Outcome {
    let (near, far) = duplex(4096);
    let (near, mut far) = secured(near, far).await?;
    let connection = Connection::client(ThreadEntropy, Config::default());
    let mut client = WebSocket::new(near, connection, BytesMut::new());
    client.connection.close(Some(Close::new(CloseCode::NORMAL, "")))?;
    let server = async {
        far.read_exact(&mut [0; 8]).await?;
        far.write_all(b"\x88\x02\x03\xe8").await?;
        far.flush().await?;
        drop(far);
        Outcome::Ok(())
    };
    let client = async {
        while client.next().await?.is_some() {}
        let closed = State::Closed { by: End::Local, code: Some(CloseCode::NORMAL) };
        assert_eq!(client.connection.state(), closed);
        client.end().await
    };
    tokio::try_join!(client, server).map(drop)
}

#[tokio::test]
async fn after_both_closes_a_server_does_not_mind_how_the_stream_ends() -> Outcome {
    let (near, far) = duplex(4096);
    let (mut near, far) = secured(near, far).await?;
    let mut server = WebSocket::new(far, keep_alive(), BytesMut::new());
    near.write_all(b"\x88\x82\0\0\0\0\x03\xe8").await?;
    near.flush().await?;
    while server.next().await?.is_some() {}
    near.read_exact(&mut [0; 4]).await?;
    drop(near);
    server.end().await
}

#[tokio::test(start_paused = true)]
async fn after_both_closes_a_stream_that_does_not_end_is_not_an_error() -> Outcome {
    let (mut near, far) = duplex(64);
    let mut server = WebSocket::new(far, keep_alive(), BytesMut::new());
    near.write_all(b"\x88\x82\0\0\0\0\x03\xe8").await?;
    while server.next().await?.is_some() {}
    server.end().await
}

#[tokio::test]
async fn a_peer_that_breaks_a_rule_is_told_before_the_stream_ends() -> Outcome {
    let (mut near, far) = duplex(64);
    let mut server = WebSocket::new(far, keep_alive(), BytesMut::new());
    near.write_all(b"\x83\x80 and more that nobody reads").await?;
    assert!(server.next().await?.is_none());
    let peer = async {
        let mut heard = Vec::new();
        near.read_to_end(&mut heard).await?;
        near.shutdown().await?;
        Ok::<_, std::io::Error>(heard)
    };
    let (ended, heard) = tokio::join!(server.end(), peer);
    assert_eq!(heard?, b"\x88\x02\x03\xea"); // 1002
    assert!(ended.is_err_and(|error| error.is::<patchcord::ProtocolError>()));
    Ok(())
}
