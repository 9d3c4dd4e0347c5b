//! TLS by rustls, over a stream that leads to the server.

use super::Transport;
use crate::OpenError;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::pki_types::ServerName;

/// Opens TLS to this host, by its own configuration or by the default one.
pub(super) async fn wrap(
    config: Option<Arc<ClientConfig>>,
    host: &str,
    tcp: TcpStream,
) -> Result<Transport, OpenError> {
    let config = match config {
        Some(config) => config,
        None => default()?,
    };
    let name = ServerName::try_from(host.to_owned())
        .map_err(|error| io::Error::new(ErrorKind::InvalidInput, error))?;
    let tls = TlsConnector::from(config).connect(name, tcp).await?;
    Ok(Transport::Tls(Box::new(tls)))
}

/// What Mozilla trusts.
#[cfg(feature = "webpki-roots")]
fn default() -> Result<Arc<ClientConfig>, OpenError> {
    use std::sync::OnceLock;
    use tokio_rustls::rustls::RootCertStore;
    static DEFAULT: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = DEFAULT.get() {
        return Ok(Arc::clone(config));
    }
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = builder()?.with_root_certificates(roots).with_no_client_auth();
    Ok(Arc::clone(DEFAULT.get_or_init(|| Arc::new(over_http(config)))))
}

/// What the operating system trusts.
#[cfg(all(feature = "platform-verifier", not(feature = "webpki-roots")))]
fn default() -> Result<Arc<ClientConfig>, OpenError> {
    use rustls_platform_verifier::BuilderVerifierExt;
    use std::sync::OnceLock;
    static DEFAULT: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = DEFAULT.get() {
        return Ok(Arc::clone(config));
    }
    let config = builder()?.with_platform_verifier().map_err(io::Error::other)?;
    let config = over_http(config.with_no_client_auth());
    Ok(Arc::clone(DEFAULT.get_or_init(|| Arc::new(config))))
}

#[cfg(not(any(feature = "webpki-roots", feature = "platform-verifier")))]
fn default() -> Result<Arc<ClientConfig>, OpenError> {
    Err(OpenError::NoTls)
}

/// With a provider that is named: a program may have another one besides, and none as its default.
#[cfg(any(feature = "webpki-roots", feature = "platform-verifier"))]
fn builder() -> Result<
    tokio_rustls::rustls::ConfigBuilder<ClientConfig, tokio_rustls::rustls::WantsVerifier>,
    OpenError,
> {
    use tokio_rustls::rustls::crypto::ring;
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    Ok(builder.with_safe_default_protocol_versions().map_err(io::Error::other)?)
}

/// Asks for HTTP/1.1, which has the opening handshake; a server that has HTTP/2 as well might take that.
#[cfg(any(feature = "webpki-roots", feature = "platform-verifier"))]
fn over_http(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}
