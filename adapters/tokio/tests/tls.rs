//! `wss:`, with a certificate made at run time, and peers that end TLS as real ones do.
#![cfg(feature = "rustls")]

use patchcord_tokio::handshake::admission::Admission;
use patchcord_tokio::{CloseFrame, Connect, Error, Message, OpenError, accept};
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::server::TlsStream;

/// A server's side, and a client's that trusts it alone.
fn pair() -> (TlsAcceptor, Arc<ClientConfig>) {
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate: CertificateDer<'static> = own.cert.der().clone();
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(ring::default_provider());
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    (TlsAcceptor::from(Arc::new(server)), Arc::new(client))
}

/// How a server ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// With a Close, and close_notify behind it.
    Orderly,
    /// With a Close, and the end of TCP behind it.
    WithoutNotify,
    /// With the end of TCP alone.
    WithoutClose,
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, end: End) {
    let (tcp, _) = listener.accept().await.unwrap();
    let tls: TlsStream<TcpStream> = acceptor.accept(tcp).await.unwrap();
    let mut socket = accept(tls, Admission::any(), |request| Ok(request.response())).await.unwrap();
    let message = socket.recv().await.unwrap().unwrap();
    socket.send(message).await.unwrap();
    match end {
        End::Orderly => while socket.recv().await.is_some() {},
        End::WithoutNotify => {
            assert_eq!(socket.recv().await.unwrap().unwrap(), Message::Close(None));
            socket.flush().await.unwrap();
            socket.get_mut().get_mut().0.shutdown().await.unwrap();
        }
        End::WithoutClose => socket.get_mut().get_mut().0.shutdown().await.unwrap(),
    }
}

#[tokio::test]
async fn tls_without_its_own_end_is_an_error_only_without_a_close() {
    let message = Message::from(vec![9; 100_000]);
    for end in [End::Orderly, End::WithoutNotify, End::WithoutClose] {
        let (acceptor, config) = pair();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("wss://localhost:{}/", listener.local_addr().unwrap().port());
        let serves = tokio::spawn(serve(listener, acceptor, end));
        let mut socket = Connect::new(&url).unwrap().tls(config).open().await.unwrap();
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.recv().await.unwrap().unwrap(), message);
        if end == End::WithoutClose {
            let failed = socket.recv().await.unwrap().unwrap_err();
            assert!(matches!(failed, Error::Io(_) | Error::Lost(_)), "{failed:?}");
        } else {
            socket.send(Message::Close(None)).await.unwrap();
            let close = socket.recv().await.unwrap().unwrap();
            assert_eq!(close, Message::Close(None::<CloseFrame>));
        }
        let rest = socket.recv().await;
        assert!(rest.is_none(), "{end:?}: {rest:?}");
        serves.await.unwrap();
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_trusts_opens_nothing() {
    let (acceptor, _) = pair();
    let (_, config) = pair();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("wss://localhost:{}/", listener.local_addr().unwrap().port());
    let serves = async {
        let (tcp, _) = listener.accept().await.unwrap();
        assert!(acceptor.accept(tcp).await.is_err());
    };
    let client = Connect::new(&url).unwrap().tls(config);
    let (opened, ()) = tokio::join!(client.open(), serves);
    assert!(matches!(opened, Err(OpenError::Io(_))), "{opened:?}");
}
