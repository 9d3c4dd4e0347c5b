//! Servers: axum, rooms, broadcasts, clients that are slow, deadlines, the end of the server.
//!
//! # Behind axum, behind hyper, or alone
//!
//! | you have | use | whose pages may connect |
//! |---|---|---|
//! | an axum router | [`axum::WebSocketUpgrade`](crate::axum::WebSocketUpgrade), a route by `any` | [`admission`](crate::axum::WebSocketUpgrade::admission): without it, all |
//! | a service of hyper | [`hyper::Requested`](crate::hyper::Requested) | an argument |
//! | a `TcpListener` | [`accept`](crate::accept()) | an argument |
//!
//! Every page that a user visits can connect to your server with the user's cookies, and no one but the
//! server can refuse it. A key in a subprotocol is safer than a cookie: no foreign page sends it.
//!
//! # A session
//!
//! Receive until there is nothing more. Pings, and the peer's Close, are answered meanwhile. Answers that
//! may wait for each other are fed: they leave in one write, when there is nothing to read.
//!
//! ```
//! use patchcord_tokio::hyper::Upgraded;
//! use patchcord_tokio::{Error, WebSocket};
//!
//! async fn session(mut socket: WebSocket<Upgraded>) -> Result<(), Error> {
//!     while let Some(message) = socket.recv().await.transpose()? {
//!         if message.is_data() {
//!             socket.feed(message).await?;
//!         }
//!     }
//!     Ok(())
//! }
//! # let _ = session;
//! ```
//!
//! axum leaves Nagle's algorithm on, by which a short message waits until the one before it is acknowledged:
//! up to 40 ms. Turn it off, as below, with axum's `ListenerExt::tap_io`.
//!
//! What a session returns early with is an error to log; its connection is dropped, and the peer sees
//! 1006. To end it in order, [`close`](crate::WebSocket::close) it: that waits for the peer, and
//! [`Timeouts::close`](crate::Timeouts::close) bounds the wait.
//!
//! # Rooms and broadcasts
//!
//! A message to many is encoded once, and queued by reference: [`Prepared`](crate::Prepared) is a counted pointer. Each
//! session selects between its peer and its room; no task and no channel per direction is needed.
//!
//! ```
//! use patchcord_tokio::hyper::Upgraded;
//! use patchcord_tokio::{Error, Message, Prepared, WebSocket};
//! use tokio::sync::broadcast::Sender;
//!
//! async fn session(
//!     mut socket: WebSocket<Upgraded>,
//!     room: Sender<Prepared>,
//! ) -> Result<(), Error> {
//!     let mut hears = room.subscribe();
//!     loop {
//!         tokio::select! {
//!             heard = hears.recv() => {
//!                 let Ok(said) = heard else { return socket.close(None).await };
//!                 if socket.feed_prepared(&said).await.is_err() {
//!                     return socket.close(None).await;
//!                 }
//!             }
//!             received = socket.recv() => match received.transpose()? {
//!                 Some(Message::Text(text)) => {
//!                     let _ = room.send(Prepared::new(patchcord::Message::Text(&text)));
//!                 }
//!                 Some(_) => {}
//!                 None => return Ok(()),
//!             },
//!         }
//!     }
//! }
//! # let _ = session;
//! ```
//!
//! Both branches may lose the race: nothing is lost, and what was fed leaves when `recv` is waited for.
//! The example `rooms` is this with keys and an end, in 80 lines.
//!
//! # Clients that are slow
//!
//! What waits for a peer is bounded by [`Options::backlog`](crate::Options::backlog), 64 KiB by default, and
//! [`Behind`](crate::Behind) says what becomes of a message beyond that:
//!
//! | say | the message | for |
//! |---|---|---|
//! | [`Behind::Wait`](crate::Behind::Wait) | waits, and so does the session | answers; a proxy's other side |
//! | [`Behind::Skip`](crate::Behind::Skip) | is dropped and [counted](crate::WebSocket::skipped) | prices, positions, cursors |
//! | [`Behind::Close`](crate::Behind::Close) | ends the connection with 1013 | chats, logs: nothing may be missing |
//!
//! With `Wait`, a peer that takes nothing at all is given up after
//! [`Timeouts::write`](crate::Timeouts::write); a room that waits for it that long must have a channel that drops,
//! as `tokio::sync::broadcast` does. [`try_feed`](crate::WebSocket::try_feed) never waits and says `Full`.
//!
//! # Deadlines
//!
//! The opening, each write, the answer to a ping and the closing handshake have deadlines by default; pings
//! are sent only if you say how often. Behind a proxy, do: most drop a connection that is silent for 60 s.
//!
//! ```
//! use patchcord_tokio::{Behind, Options, Timeouts};
//! use std::time::Duration;
//!
//! let timeouts = Timeouts { write: Some(Duration::from_secs(10)), ..Timeouts::default() };
//! let options = Options::new()
//!     .timeouts(timeouts)
//!     .ping_interval(Duration::from_secs(20))
//!     .max_message_size(64 * 1024)
//!     .behind(Behind::Skip);
//! # let _ = options;
//! ```
//!
//! # The end of the server
//!
//! A server that just exits leaves its clients with 1006, and all of them come back at once.
//! [`Leaving`](crate::Leaving) says 1001 to every connection that was opened with it, waits for their ends, and says how
//! many were left at the deadline. Stop accepting at the same time:
//!
//! ```no_run
//! use axum::serve::ListenerExt;
//! use axum::{Router, extract::State, response::Response, routing::any};
//! use patchcord_tokio::axum::WebSocketUpgrade;
//! use patchcord_tokio::{Leaving, Options};
//! use std::time::Duration;
//!
//! async fn handler(ws: WebSocketUpgrade, State(leaving): State<Leaving>) -> Response {
//!     ws.options(Options::new().leaving(&leaving)).on_upgrade(|mut socket| async move {
//!         while let Some(Ok(_)) = socket.recv().await {}
//!     })
//! }
//!
//! # async fn serve() -> std::io::Result<()> {
//! let leaving = Leaving::new();
//! let app = Router::new().route("/ws", any(handler)).with_state(leaving.clone());
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! let listener = listener.tap_io(|tcp| drop(tcp.set_nodelay(true)));
//! let stops = leaving.clone();
//! let serves = axum::serve(listener, app).with_graceful_shutdown(async move { stops.left().await });
//! let serves = tokio::spawn(async { serves.await });
//! tokio::signal::ctrl_c().await?;
//! let left = leaving.leave(Duration::from_secs(5)).await;
//! println!("{left} did not say goodbye");
//! serves.await?
//! # }
//! ```
