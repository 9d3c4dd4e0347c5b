//! `wss:` with rustls over tokio, in both roles; the server makes itself a certificate, and the
//! client trusts only that one: see `src/tls.rs`.
//!
//! In two processes: `serve ADDRESS FILE` writes the certificate to a file, which
//! `connect URL FILE` reads.

use patchcord::handshake::{Url, client::Request};
use patchcord::{ClosedBy, Timeouts};
use patchcord_transports::blocking::address;
use patchcord_transports::command::{self, Settings};
use patchcord_transports::serving::{Place, each};
use patchcord_transports::talk::{Talk, admit, echo, offer};
use patchcord_transports::websocket::WebSocket;
use patchcord_transports::{Outcome, leaving, tls};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};

const USAGE: &str = "usage: [serve ADDRESS FILE | connect URL FILE] [OPTIONS]";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let (words, settings) = command::arguments(USAGE)?;
    leaving::watch(|| {})?;
    match &words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let url = format!("wss://{}/echo", listener.local_addr()?);
            let (acceptor, certificate) = tls::acceptor()?;
            let certificate = CertificateDer::from_pem_slice(certificate.as_bytes())?;
            tokio::select! {
                served = serve(listener, acceptor, settings) => served,
                talked = connect(&url, certificate, settings) => talked,
            }
        }
        ["serve", address, file] => {
            let listener = TcpListener::bind(address).await?;
            let (acceptor, certificate) = tls::acceptor()?;
            std::fs::write(file, certificate)?;
            println!("listening on {}", listener.local_addr()?);
            serve(listener, acceptor, settings).await
        }
        ["connect", url, file] => {
            connect(url, CertificateDer::from_pem_file(file)?, settings).await
        }
        _ => Err(USAGE.into()),
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, settings: Settings) -> Outcome {
    each(listener, settings, |tcp, place| session(tcp, acceptor.clone(), settings, place)).await
}

async fn session(
    tcp: TcpStream,
    acceptor: TlsAcceptor,
    settings: Settings,
    _place: Place,
) -> Outcome {
    let span = settings.config.timeouts.opening.unwrap_or(Timeouts::OPENING);
    let stream = timeout(span, acceptor.accept(tcp)).await??;
    let mut socket = WebSocket::accept(stream, settings.config, admit).await?;
    Ok(socket.run(echo).await?)
}

async fn connect(url: &str, certificate: CertificateDer<'static>, settings: Settings) -> Outcome {
    let url = Url::parse(url)?;
    let connector = tls::connector(certificate)?;
    for first in [ClosedBy::Local, ClosedBy::Peer] {
        let (host, port) = address(&url);
        let tcp = TcpStream::connect((host, port)).await?;
        tcp.set_nodelay(true)?;
        let name = ServerName::try_from(host)?.to_owned();
        let stream = timeout(Timeouts::OPENING, connector.connect(name, tcp)).await??;
        let request = Request::new(url).with_offer(offer()?);
        let (socket, subprotocol) = WebSocket::connect(stream, settings.config, &request).await?;
        Talk::new(first).hold(socket, &subprotocol).await?;
    }
    Ok(())
}
