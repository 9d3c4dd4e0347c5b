//! Authenticating a browser: keys among the subprotocols, and how to keep them from leaking.
//!
//! [`handshake::credential`] has the recipe, a complete server function, and the rules that keep it
//! safe. This page covers the choices to make first, and what the page in the browser sees.
//!
//! A page can pass two things when it opens a WebSocket: a URL and a list of subprotocols. URLs are
//! logged everywhere, so the key goes into the list:
//!
//! ```text
//! new WebSocket("wss://api.example/v1/listen", ["token", KEY])
//!
//!   Sec-WebSocket-Protocol: token, KEY     ->   taken out, compared, dropped
//!   Sec-WebSocket-Protocol: token          <-   selected: the part that is not secret
//! ```
//!
//! # Which scheme
//!
//! | [`Scheme`] | offered | selected | choose it |
//! |---|---|---|---|
//! | `pair` | `token, KEY` | `token` | for keys that are tokens already |
//! | `prefixed` | `chat.v1, bearer.KEY` | `chat.v1` | beside real subprotocols, and for keys that must be encoded |
//! | `sole` | `secret.KEY` | the same, key and all | never; only a vendor can force it |
//!
//! Services in use have theirs in [`credential::vendor`]. It gives a client its offer, and a server
//! the scheme to look for and the subprotocol to select:
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
//! let mut reader = Request::new(url).with_offer(offer).write(&mut entropy, &mut request)?;
//!
//! let pages = Admission::origins(&["https://app.example"])?.or_absent();
//! let seen = RequestReader::new(pages).read(&mut &request[..])?.ok_or("cut")?;
//! let mut offers = seen.offers();
//! assert!(offers.take(&OPENAI_REALTIME.scheme)?.is_some_and(|key| key.matches("ek_123")));
//! let selected = offers.select(&["realtime"])?;
//! seen.response().with_subprotocol(selected)?.write(&mut response)?;
//!
//! let Some(Answer::Accepted(open)) = reader.read(&mut &response[..])? else { panic!("refused") };
//! assert_eq!(open.subprotocol(), Some("realtime"));
//! # Ok(())
//! # }
//! # main().unwrap();
//! # }
//! ```
//!
//! A server that supports several schemes takes them out one after the other: [`Offers::take`].
//! Clients that are not browsers can use a header, which [`Request::authorization`] reads:
//! `Bearer`, `Token`, `Basic` with user and password, any other scheme, or a key without a scheme,
//! as some services have it. Decide which of the two counts if both are present, and do not mix
//! them:
//!
//! ```
//! # #[cfg(feature = "credentials")] {
//! use patchcord::handshake::credential::{Authorization, Credential, vendor};
//! use patchcord::handshake::server::{Refusal, Request};
//!
//! /// Returns the key of a client, from `Authorization` if it sent that, or else from the subprotocols.
//! fn key(request: &Request<'_>) -> Result<Option<Credential>, Refusal> {
//!     let mut offers = request.offers();
//!     let offered = offers.take(&vendor::DEEPGRAM.scheme)?;
//!     let offered = offered.or(offers.take(&vendor::DEEPGRAM_BEARER.scheme)?);
//!     Ok(match request.authorization()? {
//!         None => offered,
//!         Some(Authorization::Bearer(key) | Authorization::Token(key)) => Some(key),
//!         Some(_) => return Err(Refusal::UNAUTHORIZED),
//!     })
//! }
//! # let _ = key;
//! # }
//! ```
//!
//! # In a header
//!
//! A program sends its key in a header: `Authorization`, or one of the service's own. A field that
//! is declared secret is treated as `Authorization` is: it is not shown, not indexed by HTTP/2,
//! wiped, and not sent over `ws:` to another machine unless [`allow_plaintext_credential`] allows
//! it.
//!
//! ```
//! use patchcord::handshake::Url;
//! use patchcord::handshake::client::Request;
//!
//! let url = Url::parse("wss://api.example/v1/stream")?;
//! let request = Request::new(url).with_secret_header("xi-api-key", "hunter2")?;
//! assert!(!format!("{request:?}").contains("hunter2"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What a token can hold
//!
//! Subprotocols are tokens (RFC 9110 section 5.6.2): letters, digits, and these.
//!
//! ```text
//! ! # $ % & ' * + - . ^ _ ` | ~
//! ```
//!
//! A JWT is a token. Standard base64 is not, because of `/` and `=`; neither is anything with a
//! space, a comma, a colon or an `@`. A browser throws `SyntaxError` for an entry that is not a
//! token or that occurs twice; here both are an error of the
//! [`Offer`](crate::handshake::subprotocol::Offer). A scheme with an [`Encoding`] makes any bytes
//! fit:
//!
//! ```
//! use patchcord::handshake::credential::{Encoding, Scheme};
//! use patchcord::handshake::subprotocol::{Offer, OfferError};
//!
//! let key = "user:p/ss=";
//! let raw = Scheme::prefixed("bearer.", Encoding::Raw)?;
//! let offer = Offer::required().with_name("chat.v1")?;
//! assert_eq!(offer.clone().with_credential(&raw, key).unwrap_err(), OfferError::NotAToken);
//!
//! let encoded = Scheme::prefixed("bearer.", Encoding::Base64Url)?;
//! let offer = offer.with_credential(&encoded, key)?;
//! assert_eq!(format!("{offer:?}"), "Offer(chat.v1, ..)"); // a log shows this much
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | limit | is | why |
//! |---|--:|---|
//! | [`MAX_ENTRY`] | 12 KiB, encoded | leaves room for names in the line; many proxies accept 8 KiB |
//! | [`HeadLimits::line`] | 16 KiB | the line length that a server here accepts by default; above it 431 |
//! | [`MAX_OFFERED`] | 32 entries | above it 400 |
//!
//! # Where a key can leak
//!
//! - **Back to the client, and into the logs of its proxies**, if a server selects "the first
//!   offer". Here a credential is removed from the [`Offers`] before anything can be selected.
//! - **Into your log**, with the headers of the request. `Debug` of a request, a response, an offer
//!   or a credential shows names but no values. Keeping `expose` and header values out of the log
//!   is up to you.
//! - **Into the log of a proxy** that writes all headers. Only short-lived keys help. A proxy that
//!   is asked for a [tunnel](crate::handshake::client::proxy) sees no field of the handshake.
//! - **To another server**, with a redirect. A [`Redirect`](crate::handshake::client::Redirect)
//!   tells whether the origin is the same, and no request is carried over by itself.
//! - **Onto the wire**, over `ws:`. A client here refuses that, except to this machine itself.
//! - **Through timing**, when strings are compared: use [`Credential::matches`], not `==` on
//!   `expose`.
//!
//! ```
//! # #[cfg(feature = "credentials")] {
//! use patchcord::handshake::credential::vendor::DEEPGRAM;
//! use patchcord::handshake::admission::Admission;
//! use patchcord::handshake::server::RequestReader;
//!
//! let bytes = b"GET /v1/listen?key=hunter2 HTTP/1.1\r\nHost: api.example\r\n\
//!     Upgrade: websocket\r\nConnection: Upgrade\r\n\
//!     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
//!     Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: token, hunter2\r\n\r\n";
//! let mut reader = RequestReader::new(Admission::any());
//! let request = reader.read(&mut &bytes[..]).unwrap().expect("a whole head");
//! let mut offers = request.offers();
//! let key = offers.take(&DEEPGRAM.scheme).unwrap();
//! assert!(!format!("{request:?} {offers:?} {key:?}").contains("hunter2"));
//! assert!(offers.find(|name| name == "hunter2").is_none()); // and nothing selects it
//! # }
//! ```
//!
//! # Which pages may connect
//!
//! A browser adds the page's `Origin`, and the page cannot change it. Programs can send anything.
//! So [`Admission`] protects your users from other people's pages, and the key protects your server
//! from programs. Neither replaces the other.
//!
//! | admission | admits | for |
//! |---|---|---|
//! | [`origins`] | these pages, with `https://*.example.com` below one | production |
//! | [`loopback`] | programs, and these pages, under a name of the loopback | tools on the user's machine |
//! | [`same_host`] | pages of the host that the request names | development; with [`with_hosts`], more |
//! | [`any`] | all pages, and programs | APIs with a key and no cookies |
//! | [`or_absent`] | with the above: programs too | servers that are not for pages alone |
//! | [`with_hosts`] | with the above: these names alone | every server that knows its names |
//!
//! [`admission`] gives the reasons, and the decisions where the standards leave a choice.
//!
//! # A server on the user's own machine
//!
//! Listening only on 127.0.0.1 keeps other machines out, but not pages: every page that the user
//! visits runs on this machine. Unlike `fetch`, WebSockets have no preflight, so the server has to
//! refuse. Three ways in, and what closes them:
//!
//! | a page | says | is refused for |
//! |---|---|---|
//! | of any site opens `ws://127.0.0.1:9001` | `Origin: https://evil.example` | its origin |
//! | lets its own name point at 127.0.0.1 (DNS rebinding) | `Host: evil.example:9001`, and an origin that agrees | its host |
//! | of another tool on `localhost:3000`, or an injection into one | `Origin: http://localhost:3000` | its origin: `localhost` is not one page |
//!
//! A sandboxed frame and a file send `Origin: null`, which is refused as well. A program sends no
//! `Origin`, and is admitted; no browser can send a WebSocket request without one.
//!
//! ```
//! use patchcord::handshake::admission::Admission;
//! use patchcord::handshake::server::{RequestError, RequestReader};
//!
//! // The tool's own page, served on the same port under both names.
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
//! That leaves the machine's other programs and users. A key in a file that only this user can
//! read, and that the tool's page receives with the page, keeps them out: see the example `studio`.
//!
//! # What the page sees
//!
//! Little, on purpose: a page must not use WebSockets to explore a network. It gets an `error`
//! event, which says nothing, and a `close` event:
//!
//! | your server | `event.code` | `event.reason` |
//! |---|--:|---|
//! | refuses with 401, 403, or any status but 101 | 1006 | empty |
//! | answers 101, and selects nothing of what was offered | 1006 | empty |
//! | answers 101, and selects what was not offered | 1006 | empty |
//! | accepts, and closes with 4401 and a reason | 4401 | the reason |
//!
//! The status appears only in the browser's console; programs that are not browsers can read it.
//! Refuse, because an accepted socket costs you more than a refused one. If the page must tell its
//! user that the key is no longer valid, accept and close at once, with a code from 4000 to 4999,
//! the range for applications:
//!
//! ```
//! use bytes::Buf;
//! use patchcord::{Close, CloseCode, Config, Connection, SendBuffer};
//!
//! let mut connection = Connection::server(Config::default()); // after the 101
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
//! [`Credential::matches`]: crate::handshake::credential::Credential::matches
//! [`Encoding`]: crate::handshake::credential::Encoding
//! [`MAX_OFFERED`]: crate::handshake::subprotocol::MAX_OFFERED
//! [`Offers`]: crate::handshake::subprotocol::Offers
//! [`Offers::take`]: crate::handshake::subprotocol::Offers::take
//! [`Admission`]: crate::handshake::admission::Admission
//! [`Request::authorization`]: crate::handshake::server::Request::authorization
//! [`Scheme`]: crate::handshake::credential::Scheme
//! [`allow_plaintext_credential`]: crate::handshake::client::Request::allow_plaintext_credential
//! [`any`]: crate::handshake::admission::Admission::any
//! [`credential::vendor`]: crate::handshake::credential::vendor
//! [`handshake::credential`]: crate::handshake::credential
//! [`with_hosts`]: crate::handshake::admission::Admission::with_hosts
//! [`loopback`]: crate::handshake::admission::Admission::loopback
//! [`or_absent`]: crate::handshake::admission::Admission::or_absent
//! [`origins`]: crate::handshake::admission::Admission::origins
//! [`same_host`]: crate::handshake::admission::Admission::same_host
//! [`HeadLimits::line`]: crate::handshake::HeadLimits::line
//! [`MAX_ENTRY`]: crate::handshake::subprotocol::MAX_ENTRY
//! [`admission`]: crate::handshake::admission
