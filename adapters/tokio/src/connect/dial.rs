//! TCP to a name.

use std::io;
use tokio::net::TcpStream;

/// Connects to one of the addresses that a name has.
pub(super) async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let tcp = dial(host, port).await?;
    // Small messages would wait for acknowledgements of others, which is 40 ms and more.
    tcp.set_nodelay(true)?;
    Ok(tcp)
}

#[cfg(not(feature = "happy-eyeballs"))]
async fn dial(host: &str, port: u16) -> io::Result<TcpStream> {
    TcpStream::connect((host, port)).await
}

/// By hyper's connector, which has what RFC 8305 asks for: the families in turn, with a head start.
#[cfg(feature = "happy-eyeballs")]
async fn dial(host: &str, port: u16) -> io::Result<TcpStream> {
    use hyper_util::client::legacy::connect::HttpConnector;
    use hyper_util::service::TowerToHyperService;
    let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let uri = format!("http://{host}:{port}/").parse().map_err(io::Error::other)?;
    let connector = TowerToHyperService::new(HttpConnector::new());
    let connected = hyper::service::Service::call(&connector, uri);
    Ok(connected.await.map_err(io::Error::other)?.into_inner())
}
