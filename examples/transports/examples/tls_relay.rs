//! A relay that speaks TLS on one side only: with it, tests without TLS talk to programs that
//! speak nothing else.
//!
//! `connect ADDRESS FILE` leads clients to the server at ADDRESS, whose certificate is in
//! FILE; `serve ADDRESS FILE` is a TLS server that leads to ADDRESS, and writes its certificate.

use patchcord_transports::{Outcome, tls};
use std::net::SocketAddr;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [side, address, file] = &args[..] else { return Err("see the source".into()) };
    let address: SocketAddr = address.parse()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    if side == "connect" {
        let connector = tls::connector(CertificateDer::from_pem_file(file)?)?;
        println!("listening on {}", listener.local_addr()?);
        loop {
            let (mut near, connector) = (accept(&listener).await?, connector.clone());
            tokio::spawn(async move {
                let far = connect(address).await?;
                let mut far = connector.connect(ServerName::try_from("localhost")?, far).await?;
                Outcome::Ok(copy_bidirectional(&mut near, &mut far).await?)
            });
        }
    }
    let (acceptor, certificate) = tls::acceptor()?;
    std::fs::write(file, certificate)?;
    println!("listening on {}", listener.local_addr()?);
    loop {
        let (near, acceptor) = (accept(&listener).await?, acceptor.clone());
        tokio::spawn(async move {
            let mut near = acceptor.accept(near).await?;
            let mut far = connect(address).await?;
            Outcome::Ok(copy_bidirectional(&mut near, &mut far).await?)
        });
    }
}

async fn accept(listener: &TcpListener) -> Outcome<TcpStream> {
    let (tcp, _) = listener.accept().await?;
    tcp.set_nodelay(true)?;
    Ok(tcp)
}

async fn connect(address: SocketAddr) -> Outcome<TcpStream> {
    let tcp = TcpStream::connect(address).await?;
    tcp.set_nodelay(true)?;
    Ok(tcp)
}
