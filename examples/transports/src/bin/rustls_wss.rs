//! `wss:` with rustls over tokio, in both roles; the server makes itself a certificate, and the
//! client trusts that one alone: see `src/tls.rs`.
//!
//! In two processes: `serve ADDRESS FILE` writes the certificate to a file, which
//! `connect URL FILE` reads.

use patchcord::handshake::{Deadline, Url};
use patchcord::{Config, Connection, End, ThreadEntropy};
use patchcord_transports::talk::{Talk, echo};
use patchcord_transports::websocket::WebSocket;
use patchcord_transports::{Outcome, command, opening, tls};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let (words, config) = command::arguments()?;
    match &words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let url = format!("wss://{}/echo", listener.local_addr()?);
            let (acceptor, certificate) = tls::acceptor()?;
            let certificate = CertificateDer::from_pem_slice(certificate.as_bytes())?;
            tokio::select! {
                served = serve(listener, acceptor, config) => served,
                talked = connect(&url, certificate, config) => talked,
            }
        }
        ["serve", address, file] => {
            let listener = TcpListener::bind(address).await?;
            let (acceptor, certificate) = tls::acceptor()?;
            std::fs::write(file, certificate)?;
            println!("listening on {}", listener.local_addr()?);
            serve(listener, acceptor, config).await
        }
        ["connect", url, file] => connect(url, CertificateDer::from_pem_file(file)?, config).await,
        _ => Err("usage: [serve ADDRESS FILE | connect URL FILE] [OPTIONS]".into()),
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, config: Config) -> Outcome {
    command::each(listener, |tcp| session(tcp, acceptor.clone(), config)).await
}

async fn session(tcp: TcpStream, acceptor: TlsAcceptor, config: Config) -> Outcome {
    let mut stream = timeout(Deadline::SPAN, acceptor.accept(tcp)).await??;
    let input = opening::answer(&mut stream).await?;
    let mut socket = WebSocket::new(stream, Connection::server(config), input);
    while let Some(event) = socket.next().await? {
        echo(&event, &mut socket.connection, &mut socket.out)?;
    }
    socket.end().await
}

async fn connect(url: &str, certificate: CertificateDer<'static>, config: Config) -> Outcome {
    let url = Url::parse(url)?;
    let connector = tls::connector(certificate)?;
    for first in [End::Local, End::Peer] {
        let (host, port) = opening::address(&url);
        let tcp = TcpStream::connect((host, port)).await?;
        tcp.set_nodelay(true)?;
        let name = ServerName::try_from(host)?.to_owned();
        let mut stream = connector.connect(name, tcp).await?;
        let (subprotocol, input) = opening::ask(&mut stream, url).await?;
        let connection = Connection::client(ThreadEntropy, config);
        let socket = WebSocket::new(stream, connection, input);
        Talk::new(first).hold(socket, &subprotocol).await?;
    }
    Ok(())
}
