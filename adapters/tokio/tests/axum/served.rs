//! Servers of axum, and clients of other makers.

use axum::Router;
use axum::body::Body;
use http_body_util::BodyExt;
use hyper::ext::Protocol;
use hyper_util::rt::{TokioExecutor, TokioIo};
use patchcord_tokio::hyper::Upgraded;
use patchcord_tokio::{Options, WebSocket};
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderMap, HeaderName, HeaderValue};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub(crate) type Peer = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async { axum::serve(listener, service).await.unwrap() });
    address
}

/// A client of tokio-tungstenite, and the header of what it was answered.
pub(crate) async fn tungstenite(
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<(Peer, HeaderMap), u16> {
    let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        request.headers_mut().append(name, HeaderValue::from_str(value).unwrap());
    }
    match connect_async(request).await {
        Ok((peer, response)) => Ok((peer, response.headers().clone())),
        Err(tokio_tungstenite::tungstenite::Error::Http(response)) => {
            Err(response.status().as_u16())
        }
        Err(error) => panic!("{error}"),
    }
}

/// A client of hyper's HTTP/2, with this package above it.
pub(crate) async fn over_http2(
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<(WebSocket<Upgraded>, http::HeaderMap), (u16, String)> {
    let io = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let builder = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
    let (mut requests, connection) = builder.handshake::<_, Body>(io).await.unwrap();
    tokio::spawn(connection);
    let mut request = http::Request::connect(path)
        .extension(Protocol::from_static("websocket"))
        .header("sec-websocket-version", "13")
        .header("host", "server.example.com");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    requests.ready().await.unwrap(); // its SETTINGS have come
    let request = request.body(Body::empty()).unwrap();
    let mut response = requests.send_request(request).await.unwrap();
    if response.status() != 200 {
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        return Err((status, String::from_utf8(body.to_vec()).unwrap()));
    }
    let upgraded = hyper::upgrade::on(&mut response).await.unwrap();
    Ok((Options::new().client(Upgraded::from(upgraded)), response.headers().clone()))
}
