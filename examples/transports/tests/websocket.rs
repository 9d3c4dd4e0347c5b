//! `WebSocket::turn` is cancel safe: dropped wherever it waits, it loses nothing, in either
//! direction. Its deadlines pass, and a peer that breaks a rule is told.

#[path = "websocket/turns.rs"]
mod turns;

use patchcord::{
    Client, Close, CloseCode, ClosedBy, Config, Driver, Event, Expired, Failure, Message, Role,
    Server, State, ThreadEntropy, Timeouts,
};
use patchcord_transports::talk::echo as answer;
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

fn client<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    config: Config,
) -> WebSocket<S, Client<ThreadEntropy>> {
    WebSocket::opened(stream, Driver::client(ThreadEntropy, config))
}

fn server<S: AsyncRead + AsyncWrite + Unpin>(stream: S, config: Config) -> WebSocket<S, Server> {
    WebSocket::opened(stream, Driver::server(config))
}

fn ends<S: AsyncRead + AsyncWrite + Unpin>(near: S, far: S) -> Ends<S> {
    (client(near, Config::default()), server(far, Config::default()))
}

/// The outcome of one call that was dropped as soon as it had to wait.
#[derive(PartialEq)]
enum Once {
    GoesOn,
    End,
    Dropped,
}

/// Answers texts with themselves, or keeps them in `heard`.
async fn once<S: AsyncRead + AsyncWrite + Unpin, R: Role>(
    socket: &mut WebSocket<S, R>,
    mut heard: Option<&mut Vec<String>>,
) -> Outcome<Once> {
    let turn = socket.turn(|event, connection, out| match (event, &mut heard) {
        (Event::Text(text), Some(heard)) => {
            heard.push(text.to_string());
            Ok(())
        }
        (Event::Text(text), None) => connection.send(Message::Text(&text), out),
        _ => Ok(()),
    });
    tokio::select! {
        biased;
        goes_on = turn => Ok(if goes_on? { Once::GoesOn } else { Once::End }),
        () = ready(()) => Ok(Once::Dropped),
    }
}

/// An echo of texts of every length up to `longest`; returns how many calls were dropped on the way.
async fn echo<S: AsyncRead + AsyncWrite + Unpin>(
    (mut client, mut server): Ends<S>,
    longest: usize,
) -> Outcome<usize> {
    let texts: Vec<String> = (0..longest).map(|length| "é!".repeat(length)).collect();
    for text in &texts {
        client.driver.connection.send(Message::Text(text), &mut client.driver.output)?;
    }
    let (mut heard, mut dropped) = (Vec::new(), 0);
    let (mut near_ended, mut far_ended) = (false, false);
    while !near_ended || !far_ended {
        for is_near in [false, true] {
            let came = match is_near {
                true if !near_ended => once(&mut client, Some(&mut heard)).await?,
                false if !far_ended => once(&mut server, None).await?,
                _ => continue,
            };
            dropped += usize::from(came == Once::Dropped);
            *(if is_near { &mut near_ended } else { &mut far_ended }) |= came == Once::End;
        }
        assert!(dropped < 100_000, "something was lost, and is waited for");
        let Driver { connection, output, .. } = &mut client.driver;
        if heard.len() == texts.len() && connection.state() == State::Open {
            connection.close(None, output)?;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(heard, texts);
    let closed = State::Closed { by: ClosedBy::Local, code: None };
    assert_eq!(client.driver.connection.state(), closed);
    Ok(dropped)
}

#[tokio::test]
async fn nothing_is_lost_wherever_a_wait_is_dropped() -> Outcome {
    for room in 1..=64 {
        let (near, far) = duplex(room);
        let dropped = echo(ends(near, far), 40).await?;
        // 3 bytes for each of 780 repetitions go through a pipe with that much room, and a turn that
        // reads ends without a wait.
        assert!(dropped >= 780 / room, "{dropped} calls were dropped with room for {room}");
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
        assert!(dropped >= 190 / room, "{dropped} calls were dropped with room for {room}");
    }
    Ok(())
}

async fn secured(
    near: DuplexStream,
    far: DuplexStream,
) -> Outcome<(TlsStream<DuplexStream>, TlsStream<DuplexStream>)> {
    let (acceptor, certificate) = tls::acceptor()?;
    // Tickets follow the handshake, when nobody reads yet, and such a pipe has no room.
    let mut config = ServerConfig::clone(acceptor.config());
    config.send_tls13_tickets = 0;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let connector = tls::connector(CertificateDer::from_pem_slice(certificate.as_bytes())?)?;
    let name = ServerName::try_from("localhost")?;
    let (near, far) = tokio::try_join!(connector.connect(name, near), acceptor.accept(far))?;
    Ok((near.into(), far.into()))
}

fn keep_alive() -> Config {
    let ping_interval = Some(Duration::from_secs(20));
    let timeouts = Timeouts { ping_interval, ..Timeouts::default() };
    Config { timeouts, ..Config::default() }
}

/// Returns what made a connection end, as far as the peer is to blame.
fn failure(ended: std::io::Result<()>) -> Option<Failure> {
    ended.err()?.get_ref()?.downcast_ref().copied()
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_is_silent_is_asked_and_then_given_up() -> Outcome {
    let (mut near, far) = duplex(64);
    let start = Instant::now();
    let mut server = server(far, keep_alive());
    let mut clock = tokio::time::interval(Duration::from_millis(300));
    let error = loop {
        tokio::select! {
            goes_on = server.turn(answer) => break goes_on.map(drop),
            _ = clock.tick() => {} // another branch that comes first, again and again
        }
    };
    assert_eq!(failure(error), Some(Failure::Expired(Expired::Pong)));
    assert_eq!(start.elapsed().as_secs(), 40); // a ping after 20 s, and 20 s for the pong
    let mut heard = [0; 6];
    near.read_exact(&mut heard).await?;
    assert_eq!(&heard[..2], [0x89, 0x00]);
    assert_eq!(&heard[2..3], [0x88]); // it is told why
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_answers_each_ping_is_kept() -> Outcome {
    let (mut near, far) = duplex(64);
    let mut server = server(far, keep_alive());
    let peer = async {
        for _ in 0..10 {
            let mut ping = [0; 2];
            near.read_exact(&mut ping).await?;
            assert_eq!(ping, [0x89, 0x00]);
            near.write_all(b"\x8a\x80\0\0\0\0").await?;
        }
        near.write_all(b"\x88\x80\0\0\0\0").await?;
        let mut rest = Vec::new();
        near.read_to_end(&mut rest).await?;
        near.shutdown().await?;
        std::io::Result::Ok(rest)
    };
    let start = Instant::now();
    let (ended, rest) = tokio::join!(server.run(answer), peer);
    assert_eq!(rest?, b"\x88\x00");
    assert_eq!(start.elapsed().as_secs(), 200);
    Ok(ended?)
}

#[tokio::test(start_paused = true)]
async fn a_peer_that_reads_nothing_is_let_go() -> Outcome {
    let (mut near, far) = duplex(64);
    let mut server = server(far, Config::default());
    let large = Message::Binary(&[0; 1000]);
    server.driver.connection.send(large, &mut server.driver.output)?;
    let start = Instant::now();
    let ended = server.run(answer).await;
    assert_eq!(failure(ended), Some(Failure::Expired(Expired::Write)));
    assert_eq!(start.elapsed(), Timeouts::WRITE);
    near.read_exact(&mut [0; 64]).await?;
    Ok(())
}

/// TLS peers often omit close_notify; TCP without it is cut short, as far as TLS can tell.
#[tokio::test]
async fn after_both_closes_a_client_does_not_mind_how_the_stream_ends() -> Outcome {
    let (near, far) = duplex(4096);
    let (near, mut far) = secured(near, far).await?;
    let mut client = client(near, Config::default());
    let Driver { connection, output, .. } = &mut client.driver;
    connection.close(Some(Close::new(CloseCode::NORMAL, "")), output)?;
    let server = async {
        far.read_exact(&mut [0; 8]).await?;
        far.write_all(b"\x88\x02\x03\xe8").await?;
        far.flush().await?;
        drop(far);
        Outcome::Ok(())
    };
    let (ended, served) = tokio::join!(client.run(|_, _, _| Ok(())), server);
    let closed = State::Closed { by: ClosedBy::Local, code: Some(CloseCode::NORMAL) };
    assert_eq!(client.driver.connection.state(), closed);
    served?;
    Ok(ended?)
}

#[tokio::test]
async fn after_both_closes_a_server_does_not_mind_how_the_stream_ends() -> Outcome {
    let (near, far) = duplex(4096);
    let (mut near, far) = secured(near, far).await?;
    let mut server = server(far, keep_alive());
    near.write_all(b"\x88\x82\0\0\0\0\x03\xe8").await?;
    near.flush().await?;
    let peer = async {
        near.read_exact(&mut [0; 4]).await?;
        drop(near);
        Outcome::Ok(())
    };
    let (ended, heard) = tokio::join!(server.run(answer), peer);
    heard?;
    Ok(ended?)
}

/// Before both Closes, it means what it says: the peer is lost.
#[tokio::test]
async fn a_stream_that_is_cut_before_a_close_is_an_error() -> Outcome {
    let (near, far) = duplex(4096);
    let (near, far) = secured(near, far).await?;
    let mut server = server(far, keep_alive());
    drop(near);
    assert!(server.run(answer).await.is_err());
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn after_both_closes_a_stream_that_does_not_end_is_not_an_error() -> Outcome {
    let (mut near, far) = duplex(64);
    near.write_all(b"\x88\x82\0\0\0\0\x03\xe8").await?;
    Ok(server(far, keep_alive()).run(answer).await?)
}

#[tokio::test]
async fn a_peer_that_breaks_a_rule_is_told_before_the_stream_ends() -> Outcome {
    let (mut near, far) = duplex(64);
    let mut server = server(far, keep_alive());
    near.write_all(b"\x83\x80 and more that nobody reads").await?;
    let peer = async {
        let mut heard = Vec::new();
        near.read_to_end(&mut heard).await?;
        near.shutdown().await?;
        Ok::<_, std::io::Error>(heard)
    };
    let (ended, heard) = tokio::join!(server.run(answer), peer);
    assert_eq!(heard?, b"\x88\x02\x03\xea"); // 1002
    assert!(matches!(failure(ended), Some(Failure::Protocol(_))));
    Ok(())
}

/// The end of the peer's side takes nothing from what it is owed.
#[tokio::test]
async fn half_a_close_loses_nothing() -> Outcome {
    for room in 1..=200 {
        let (mut near, far) = duplex(room);
        let mut server = server(far, Config::default());
        let peer = async {
            let (mut reader, mut writer) = tokio::io::split(&mut near);
            let says = async {
                for _ in 0..20 {
                    writer.write_all(b"\x81\x85\0\0\0\0Hello").await?;
                }
                writer.shutdown().await
            };
            let mut heard = Vec::new();
            let (said, read) = tokio::join!(says, reader.read_to_end(&mut heard));
            said.and(read).map(|_| heard)
        };
        let (ended, heard) = tokio::join!(server.run(answer), peer);
        assert_eq!(heard?, b"\x81\x05Hello".repeat(20), "with room for {room}");
        assert!(matches!(failure(ended), Some(Failure::Lost(_))));
    }
    Ok(())
}
