//! Authenticating a browser: keys among the subprotocols, and what may become of them.
//!
//! [`handshake::credential`] has the recipe, a server's function in whole, and the rules that keep
//! it safe. This page is about the choices before it, and about what the page in the browser sees.
//!
//! A page can say two things when it opens a WebSocket, a URL and a list of subprotocols. URLs are
//! logged everywhere, so the key goes into the list:
//!
//! ```text
//! new WebSocket("wss://api.example/v1/listen", ["token", KEY])
//!
//!   Sec-WebSocket-Protocol: token, KEY     ->   taken out, compared, forgotten
//!   Sec-WebSocket-Protocol: token          <-   selected: what is no secret
//! ```
//!
//! # Which scheme
//!
//! | [`Scheme`] | offered | selected | choose it |
//! |---|---|---|---|
//! | `Pair` | `token, KEY` | `token` | for keys that are tokens as they are |
//! | `Prefixed` | `chat.v1, bearer.KEY` | `chat.v1` | beside real subprotocols, and for keys to encode |
//! | `Sole` | `secret.KEY` | the same, key and all | never; only a vendor can force it |
//!
//! Services in use have theirs in [`credential::vendor`]. A client takes its offer from there, and
//! a server what to look for and what to select:
//!
//! ```
//! # #[cfg(all(feature = "credentials", feature = "getrandom", feature = "std"))] {
//! use patchcord::handshake::Url;
//! use patchcord::handshake::client::{Answer, Request};
//! use patchcord::handshake::credential::vendor::OPENAI_REALTIME;
//! use patchcord::handshake::admission::Admission;
//! use patchcord::handshake::server::RequestReader;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let mut entropy = patchcord::ThreadEntropy;
//! let url = Url::parse("wss://api.example/v1/realtime?model=m")?;
//! let (mut request, mut response) = (Vec::new(), Vec::new());
//! let offer = OPENAI_REALTIME.offer("ek_123")?;
//! let mut reader = Request::new(url).offer(offer).write(&mut entropy, &mut request)?;
//!
//! let pages = Admission::origins(&["https://app.example"])?.or_absent();
//! let seen = RequestReader::new(pages).read(&mut &request[..])?.ok_or("cut")?;
//! let offers = seen.subprotocols(&[OPENAI_REALTIME.scheme])?;
//! assert!(offers.credential(0).is_some_and(|key| key.matches("ek_123")));
//! let selected = offers.server_preference(OPENAI_REALTIME.selected().as_slice());
//! seen.accept(offers.require(selected)?, &mut response)?;
//!
//! let Some(Answer::Open(open)) = reader.read(&mut &response[..])? else { panic!("refused") };
//! assert_eq!(open.subprotocol(), Some("realtime"));
//! # Ok(())
//! # }
//! # main().unwrap();
//! # }
//! ```
//!
//! A server that knows several ways gives all their schemes, four at most, and asks for each by its
//! index: [`Offers::credential`]. [`RequestHead::credential`] joins that with the `Authorization`
//! of clients that are no browsers; the header counts if both are there.
//!
//! # What a token can hold
//!
//! Subprotocols are tokens (RFC 9110 section 5.6.2): letters, digits, and these.
//!
//! ```text
//! ! # $ % & ' * + - . ^ _ ` | ~
//! ```
//!
//! A JWT is one. Standard base64 is not, for `/` and `=`; nor is anything with a space, a comma, a
//! colon or an `@`. A browser throws `SyntaxError` for what is no token, and for an entry that is
//! there twice; here both are an error of the [`Offer`](crate::handshake::subprotocol::Offer). A
//! scheme with a [`Codec`] makes any text fit:
//!
//! ```
//! use patchcord::handshake::credential::{Codec, Scheme};
//! use patchcord::handshake::subprotocol::{Offer, OfferError};
//!
//! let key = "user:p/ss=";
//! let raw = Scheme::Prefixed { prefix: "bearer.", codec: Codec::Raw };
//! let offer = Offer::required().name("chat.v1")?;
//! assert_eq!(offer.clone().credential(raw, key).unwrap_err(), OfferError::NotAToken);
//!
//! let encoded = Scheme::Prefixed { prefix: "bearer.", codec: Codec::Base64Url };
//! let offer = offer.credential(encoded, key)?;
//! assert_eq!(format!("{offer:?}"), "Offer(chat.v1, ..)"); // a log shows this much
//! # Ok::<(), OfferError>(())
//! ```
//!
//! | limit | is | why |
//! |---|--:|---|
//! | [`MAX_ENTRY`] | 12 KiB, encoded | leaves room for names in the line; many proxies take 8 KiB |
//! | [`HeadLimits::line`] | 16 KiB | what a server here takes as a line, unless it says otherwise; above it 431 |
//! | [`MAX_OFFERED`] | 32 entries | above it 400 |
//! | [`MAX_SCHEMES`] | 4 in one request | above it 500: the server's own mistake |
//!
//! # Where a key gets out
//!
//! - **Back to the client, and into its proxies' logs**, when a server selects "the first offer".
//!   Here a credential is out of the [`Offers`] before anything can be selected.
//! - **Into your log**, with the request's headers. `Debug` of a request, a head, an offer and a
//!   credential shows names and no values. `expose` and a header's value are yours to keep out.
//! - **Into the log of a proxy** that writes all headers. Only keys that live for seconds help. A proxy that
//!   is asked for a [tunnel](crate::handshake::client::proxy) sees no field of the handshake.
//! - **To another server**, with a redirect. A [`Redirect`](crate::handshake::client::Redirect) says whether
//!   the origin is the same, and has no request that could carry a key along.
//! - **Onto the wire**, over `ws:`. A client here refuses that, but to this machine itself.
//! - **Through time**, when strings are compared: use [`Credential::matches`], not `==` on
//!   `expose`.
//!
//! ```
//! # #[cfg(feature = "credentials")] {
//! use patchcord::handshake::credential::Scheme;
//! use patchcord::handshake::admission::Admission;
//! use patchcord::handshake::server::RequestReader;
//!
//! let bytes = b"GET /v1/listen?key=hunter2 HTTP/1.1\r\nHost: api.example\r\n\
//!     Upgrade: websocket\r\nConnection: Upgrade\r\n\
//!     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
//!     Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: token, hunter2\r\n\r\n";
//! let mut reader = RequestReader::new(Admission::any());
//! let request = reader.read(&mut &bytes[..]).unwrap().expect("a whole head");
//! let offers = request.subprotocols(&[Scheme::Pair { marker: "token" }]).unwrap();
//! let key = offers.credential(0);
//! assert!(!format!("{request:?} {offers:?} {key:?}").contains("hunter2"));
//! assert!(offers.find(|name| name == "hunter2").is_none()); // and nothing selects it
//! # }
//! ```
//!
//! # From which pages
//!
//! A browser adds the page's `Origin`, and the page cannot change it. Programs send what they like.
//! So [`Admission`] protects your users from other people's pages, and the key protects your server
//! from programs; one does not replace the other.
//!
//! | admission | takes | for |
//! |---|---|---|
//! | [`origins`] | these pages, with `https://*.example.com` below one | production |
//! | [`loopback`] | programs, and these pages, under a name of the loopback | tools on the user's machine |
//! | [`same_host`] | pages of the host that the request names | development; with [`hosts`], more |
//! | [`any`] | all pages, and programs | APIs with a key and no cookies |
//! | [`or_absent`] | with the above: programs too | servers that are not for pages alone |
//! | [`hosts`] | with the above: these names alone | every server that knows its names |
//!
//! [`admission`] has the reasons, and what is decided where the standards leave a choice.
//!
//! # A server on the user's own machine
//!
//! "It listens on 127.0.0.1 alone" keeps other machines out, and no page: each page that the user
//! visits runs on this machine. WebSockets ask no permission before, as `fetch` does, so it is the
//! server that has to refuse. Three ways in, and what closes them:
//!
//! | a page | says | is refused for |
//! |---|---|---|
//! | of any site opens `ws://127.0.0.1:9001` | `Origin: https://evil.example` | its origin |
//! | lets its own name point at 127.0.0.1 (DNS rebinding) | `Host: evil.example:9001`, and an origin that agrees | its host |
//! | of another tool on `localhost:3000`, or an injection into one | `Origin: http://localhost:3000` | its origin: `localhost` is not one page |
//!
//! A sandboxed frame and a file send `Origin: null`, which is refused, too. A program sends no
//! `Origin`, and is taken; no browser can send a WebSocket request without one.
//!
//! ```
//! use patchcord::handshake::admission::Admission;
//! use patchcord::handshake::server::{RequestError, RequestReader};
//!
//! // The tool's own page, which is served on the same port under both names.
//! let pages = ["http://localhost:9001", "http://127.0.0.1:9001"];
//! let admission = Admission::loopback(9001, &pages)?;
//!
//! let judge = |host: &str, origin: &str| {
//!     let head = format!(
//!         "GET / HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n\
//!          Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
//!          Sec-WebSocket-Version: 13\r\n\r\n"
//!     );
//!     RequestReader::new(admission).read(&mut head.as_bytes()).map(|_| ())
//! };
//! assert_eq!(judge("localhost:9001", "http://localhost:9001"), Ok(()));
//! let (rebound, evil) = ("evil.example:9001", "http://evil.example:9001");
//! assert_eq!(judge(rebound, evil), Err(RequestError::Misdirected));
//! assert_eq!(judge("localhost:9001", evil), Err(RequestError::Origin));
//! assert_eq!(judge("localhost:9001", "http://localhost:3000"), Err(RequestError::Origin));
//! assert_eq!(judge("localhost:9001", "null"), Err(RequestError::Origin));
//! # Ok::<(), patchcord::handshake::admission::InvalidEntry>(())
//! ```
//!
//! That leaves the machine's other programs and users. A key in a file that only this user can read,
//! which the tool's page gets with the page, keeps those out: see the example `studio`.
//!
//! # What the page sees
//!
//! Little, on purpose: a page must not use WebSockets to explore a network. It gets the events
//! `error`, which says nothing, and `close`:
//!
//! | your server | `event.code` | `event.reason` |
//! |---|--:|---|
//! | refuses with 401, 403, or any status but 101 | 1006 | empty |
//! | answers 101, and selects nothing of what was offered | 1006 | empty |
//! | answers 101, and selects what was not offered | 1006 | empty |
//! | accepts, and closes with 4401 and a reason | 4401 | the reason |
//!
//! The status is in the browser's console alone, and whoever is not a browser reads it. Refuse, for
//! an accepted socket costs you more than a refused one; if the page must tell its user that the
//! key is no longer valid, accept and close at once, with a code from 4000 to 4999, which are for
//! applications:
//!
//! ```
//! use bytes::Buf;
//! use patchcord::{Close, CloseCode, Config, Connection, SendBuffer};
//!
//! let mut connection = Connection::server(Config::default()); // behind the 101
//! let expired = CloseCode::new(4401).expect("from 1000 to 4999");
//! let mut out = SendBuffer::new();
//! connection.close(Some(Close::new(expired, "the key has expired")), &mut out)?;
//! assert!(out.chunk().starts_with(b"\x88\x15\x11\x31the key")); // 4401
//! # Ok::<(), patchcord::SendError>(())
//! ```
//!
//! Then wait for the page's Close before you drop the transport: [`timers`](super::timers) says how
//! long.
//!
//! [`Codec`]: crate::handshake::credential::Codec
//! [`Credential::matches`]: crate::handshake::credential::Credential::matches
//! [`HeadLimits::line`]: crate::handshake::HeadLimits::line
//! [`MAX_ENTRY`]: crate::handshake::subprotocol::MAX_ENTRY
//! [`MAX_OFFERED`]: crate::handshake::subprotocol::MAX_OFFERED
//! [`MAX_SCHEMES`]: crate::handshake::subprotocol::MAX_SCHEMES
//! [`Offers`]: crate::handshake::subprotocol::Offers
//! [`Offers::credential`]: crate::handshake::subprotocol::Offers::credential
//! [`Admission`]: crate::handshake::admission::Admission
//! [`RequestHead::credential`]: crate::handshake::server::RequestHead::credential
//! [`Scheme`]: crate::handshake::credential::Scheme
//! [`admission`]: crate::handshake::admission
//! [`any`]: crate::handshake::admission::Admission::any
//! [`credential::vendor`]: crate::handshake::credential::vendor
//! [`handshake::credential`]: crate::handshake::credential
//! [`hosts`]: crate::handshake::admission::Admission::hosts
//! [`loopback`]: crate::handshake::admission::Admission::loopback
//! [`or_absent`]: crate::handshake::admission::Admission::or_absent
//! [`origins`]: crate::handshake::admission::Admission::origins
//! [`same_host`]: crate::handshake::admission::Admission::same_host
