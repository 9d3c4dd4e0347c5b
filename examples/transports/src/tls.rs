//! TLS with rustls: a certificate made at run time, and a client that trusts only that one.

use crate::Outcome;
use std::sync::Arc;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Returns a server's side, and its certificate as PEM.
///
/// # Errors
/// When there is no randomness for a key.
pub fn acceptor() -> Outcome<(TlsAcceptor, String)> {
    let names = ["localhost", "127.0.0.1", "::1"].map(String::from);
    let own = rcgen::generate_simple_self_signed(names)?;
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der())?;
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)?;
    Ok((TlsAcceptor::from(Arc::new(config)), own.cert.pem()))
}

/// Returns a client's side, which trusts this certificate.
///
/// # Errors
/// When it is not a certificate.
pub fn connector(certificate: CertificateDer<'static>) -> Outcome<TlsConnector> {
    let mut trusted = RootCertStore::empty();
    trusted.add(certificate)?;
    let config = ClientConfig::builder().with_root_certificates(trusted).with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
