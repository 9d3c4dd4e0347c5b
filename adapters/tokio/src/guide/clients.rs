//! Clients: TLS, proxies, reconnecting, halves, `select!`.
//!
//! # TLS
//!
//! With the feature `rustls`, a `wss:` URL is enough; which certificates are trusted is a feature, too:
//! `webpki-roots` are Mozilla's, in the program, and `platform-verifier` is what the operating system
//! trusts. With roots of your own, or a client's certificate, hand over the configuration:
//!
//! ```
//! use patchcord_tokio::{Connect, OpenError, Transport, WebSocket};
//! use std::sync::Arc;
//! use tokio_rustls::rustls::{ClientConfig, RootCertStore};
//!
//! async fn connect(roots: RootCertStore) -> Result<WebSocket<Transport>, OpenError> {
//!     let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
//!     Connect::new("wss://api.example.com/v1")?.tls(Arc::new(config)).open().await
//! }
//! # let _ = connect;
//! ```
//!
//! Over another stream, such as a Unix socket or another TLS, [`Options::connect`](crate::Options::connect) opens.
//!
//! # Proxies
//!
//! ```
//! use patchcord_tokio::{Connect, Proxy};
//!
//! # fn client() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let proxy = Proxy::new("proxy.example.com:3128")?;
//! let client = Connect::new("wss://api.example.com/v1")?.proxy(proxy);
//! # let _ = client;
//! # Ok(())
//! # }
//! # let _ = client;
//! ```
//!
//! The proxy sees the host and the port, and with `wss:` nothing else. The environment is not read: whether
//! `https_proxy` counts is for your program to say.
//!
//! # Keys, and messages
//!
//! A credential that goes in a header is a [`secret_header`](crate::Connect::secret_header), and one that
//! goes in a subprotocol is a part of the [`offer`](crate::Connect::offer): neither is in any `Debug`, goes over
//! `ws:` to another machine, or follows a redirect to another host.
//!
//! # Reconnecting
//!
//! A [`Connect`](crate::Connect) opens as often as it is asked. How often that is depends on what was said: 1001, 1012 and
//! 1013 mean later, 1008 means never. Wait longer each time, and not as long as all the others.
//!
//! ```no_run
//! use patchcord_tokio::{Connect, Error, OpenError, Transport, WebSocket};
//! use std::hash::{BuildHasher, RandomState};
//! use std::time::Duration;
//!
//! # async fn session(socket: WebSocket<Transport>) -> Result<bool, Error> { Ok(true) }
//! async fn stay(client: Connect) -> Result<(), OpenError> {
//!     let mut wait = Duration::from_millis(250);
//!     loop {
//!         match client.open().await {
//!             Ok(socket) => {
//!                 wait = Duration::from_millis(250);
//!                 if matches!(session(socket).await, Ok(true)) {
//!                     return Ok(()); // everything was said
//!                 }
//!             }
//!             // It will say the same tomorrow.
//!             Err(OpenError::Refused(refused)) if (400..500).contains(&refused.status) => {
//!                 return Err(OpenError::Refused(refused));
//!             }
//!             Err(_) => {}
//!         }
//!         let part = RandomState::new().hash_one(()) % 1000;
//!         tokio::time::sleep(wait / 2 + wait.mul_f64(part as f64 / 2000.0)).await;
//!         wait = (wait * 2).min(Duration::from_secs(30));
//!     }
//! }
//! # let _ = stay;
//! ```
//!
//! # Receiving and sending at a time
//!
//! One task is enough where it selects:
//!
//! ```
//! use patchcord_tokio::{Error, Transport, WebSocket};
//! use tokio::sync::mpsc::Receiver;
//!
//! async fn session(
//!     mut socket: WebSocket<Transport>,
//!     mut microphone: Receiver<Vec<u8>>,
//! ) -> Result<(), Error> {
//!     loop {
//!         tokio::select! {
//!             samples = microphone.recv() => match samples {
//!                 Some(samples) => socket.feed(samples).await?,
//!                 None => return socket.close(None).await,
//!             },
//!             received = socket.recv() => match received.transpose()? {
//!                 Some(message) => println!("{} bytes", message.len()),
//!                 None => return Ok(()),
//!             },
//!         }
//!     }
//! }
//! # let _ = session;
//! ```
//!
//! Every method may lose the race: see [cancel safety](crate::WebSocket#cancel-safety). A branch that waits
//! long keeps the other from its turn, so put nothing slow into one.
//!
//! Two tasks need halves: [`split`](crate::WebSocket::split) divides the connection, and whichever half is polled
//! keeps pongs, deadlines and the Close going.
//!
//! ```
//! use patchcord_tokio::{Error, Message, Transport, WebSocket};
//!
//! async fn session(socket: WebSocket<Transport>) -> Result<(), Error> {
//!     let (mut sender, mut receiver) = socket.split();
//!     let speaks = tokio::spawn(async move {
//!         for number in 0..10 {
//!             sender.send(format!("line {number}")).await?;
//!         }
//!         sender.close(None).await
//!     });
//!     while let Some(message) = receiver.recv().await.transpose()? {
//!         if let Message::Text(text) = message {
//!             println!("{text}");
//!         }
//!     }
//!     speaks.await.unwrap_or(Ok(()))
//! }
//! # let _ = session;
//! ```
