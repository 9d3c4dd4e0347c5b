//! Admission: which clients may open a WebSocket, judged by `Host`, `Origin` and Fetch metadata
//! (RFC 6455 sections 10.2 and 1.6, RFC 6454, W3C Fetch Metadata).
//!
//! Every page that a user visits can open a WebSocket to every server that the user's machine can
//! reach, including `127.0.0.1`, and the browser sends the user's cookies along. There is no
//! preflight, so only the server can refuse. These fields are set by the browser, and no page can
//! change them:
//!
//! | field | says | refuses | answer |
//! |---|---|--:|---|
//! | `Host` | the name that the page used | a name that an attacker's name server pointed at this server (DNS rebinding) | 421 |
//! | `Origin` | the site of the page | other people's pages (cross-site WebSocket hijacking) | 403 |
//! | `Sec-Fetch-Mode`, `Sec-Fetch-Site` | the browser's own view of both | a request whose `Origin` was removed or rewritten in transit | 403 |
//!
//! [`Admission`] makes that judgement, and no request is read without one:
//!
//! | admission | admits | for |
//! |---|---|---|
//! | [`origins`] | these pages, with `https://*.example.com` below one | production |
//! | [`loopback`] | local programs, and these pages, under a name of the loopback | tools on the user's machine |
//! | [`same_host`] | pages of the host that the request names | development, or with [`with_hosts`] |
//! | [`any`] | all pages, and programs | APIs with a key and without cookies |
//! | [`or_absent`] | with the above: programs too | servers that are not for pages alone |
//! | [`with_hosts`] | with the above: these names alone | every server that knows its names |
//!
//! # Decisions where the standards leave a choice
//!
//! - **No `Origin`**: this is how programs connect. Browsers send an origin with every WebSocket
//!   handshake, and the text `null` where the page has none of its own (a sandboxed frame, a file,
//!   a `data:` URL), so a page cannot pass for a program. A program can pass for a page: an origin
//!   protects users, and a key protects the server.
//! - **`null`** is accepted only if it is listed: anyone can make a page that sends it.
//! - **Absent Fetch metadata decides nothing.** Chromium 156 sends none with WebSockets; Firefox
//!   153 sends it to `https` and to the loopback. An unknown value decides nothing either, as the
//!   standard asks.
//! - **A `Sec-Fetch-Mode`** other than `websocket` is refused: the request was not made by `new
//!   WebSocket`.
//! - **`Sec-Fetch-Site` and a list.** A page of another site may be listed, so `cross-site` alone
//!   contradicts nothing. It does contradict an `Origin` that is the request's own host, and a
//!   missing `Origin`: then something in between rewrote the field, and the browser's word counts.
//! - **421 for a wrong `Host`** (RFC 9110 section 15.5.20), since the request was meant for another
//!   server, and 403 for the other checks. Browsers hide both from the page, but someone who debugs
//!   a proxy can tell them apart.
//!
//! [`any`]: Admission::any
//! [`with_hosts`]: Admission::with_hosts
//! [`loopback`]: Admission::loopback
//! [`or_absent`]: Admission::or_absent
//! [`origins`]: Admission::origins
//! [`same_host`]: Admission::same_host

mod error;
mod fetch;
mod host;
mod origin;

pub(super) use error::Denied;
pub use error::InvalidEntry;
pub(super) use fetch::Fetch;

use super::HeadLimits;
use super::head::FieldValue;
use core::str;
use host::Hosts;
use origin::Origin;

/// The clients that a server admits. There is no default, so the decision has to be made.
///
/// ```
/// use patchcord::handshake::admission::Admission;
///
/// let pages = ["https://example.com", "https://*.example.com:8443"];
/// let names = ["api.example.com"];
/// let admission = Admission::origins(&pages)?.with_hosts(&names)?.or_absent(); // programs, too
/// # let _ = admission;
/// # Ok::<(), patchcord::handshake::admission::InvalidEntry>(())
/// ```
#[doc(alias("CORS", "CSWSH", "allowed origins"))]
#[derive(Clone, Copy, Debug)]
pub struct Admission<'list> {
    hosts: Hosts<'list>,
    origins: Origins<'list>,
    absent: bool,
    pub(super) limits: HeadLimits,
}

#[derive(Clone, Copy, Debug)]
enum Origins<'list> {
    Any,
    SameHost,
    List(&'list [&'list str]),
}

impl<'list> Admission<'list> {
    /// Admits every origin, and requests without one. This is for servers without ambient
    /// credentials such as cookies, and not for servers that rely on their network to keep others
    /// out.
    ///
    /// Neither `Host` nor Fetch metadata is checked. Two `Origin` lines are refused, and so is one
    /// that is not UTF-8; no client sends either.
    #[must_use]
    pub const fn any() -> Self {
        Self::new(Origins::Any).or_absent()
    }

    /// Admits pages, over `http` or `https`, of the host and port that the request names.
    ///
    /// Without [`with_hosts`](Self::with_hosts), that includes a page whose host name an attacker's
    /// name server pointed at this server (DNS rebinding). Prefer [`origins`](Self::origins) where
    /// the pages are known: if the server is reached over TLS, a page of the same host over `http`
    /// is refused here only if the browser sends Fetch metadata.
    #[must_use]
    pub const fn same_host() -> Self {
        Self::new(Origins::SameHost)
    }

    /// Admits the listed origins:
    ///
    /// - `https://example.com`, with a port unless it is the scheme's own;
    /// - `https://*.example.com` for every host below that one, but not for the host itself;
    /// - for other schemes, the whole text as the program sends it: `file://`, `app://-`,
    ///   `chrome-extension://EXTENSION`, `tauri://localhost`;
    /// - `null`, which is the origin of many pages: sandboxed frames of any site, and files.
    ///
    /// # Errors
    /// When an entry has none of these forms.
    pub fn origins(origins: &'list [&'list str]) -> Result<Self, InvalidEntry> {
        match origins.iter().position(|entry| !Origin::is_entry(entry)) {
            Some(index) => Err(InvalidEntry::Origin { index }),
            None => Ok(Self::new(Origins::List(origins))),
        }
    }

    /// Admits, on the loopback and `port`, programs and the listed pages. This is for a tool on the
    /// user's own machine, which every page that the user visits can reach.
    ///
    /// `Host` must be `localhost`, an address in `127.0.0.0/8` or `[::1]`, with this port. `Origin`
    /// must be absent, as for a program on this machine, or listed. No page is trusted merely for
    /// being on `localhost`, where other tools have pages on other ports. List the tool's own page,
    /// if it has one:
    ///
    /// ```
    /// use patchcord::handshake::admission::Admission;
    /// use patchcord::handshake::server::{RequestError, RequestReader};
    ///
    /// let pages = ["http://localhost:9001", "http://127.0.0.1:9001"];
    /// let mut reader = RequestReader::new(Admission::loopback(9001, &pages)?);
    /// let rebound = b"GET / HTTP/1.1\r\nHost: evil.example:9001\r\nUpgrade: websocket\r\n\
    ///     Connection: Upgrade\r\nOrigin: http://evil.example:9001\r\n\
    ///     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    /// assert_eq!(reader.read(&mut &rebound[..]).unwrap_err(), RequestError::Misdirected);
    /// # Ok::<(), patchcord::handshake::admission::InvalidEntry>(())
    /// ```
    ///
    /// This keeps pages out, but not other users and programs on the machine: ask for a key, too.
    ///
    /// # Errors
    /// As for [`origins`](Self::origins).
    pub fn loopback(port: u16, pages: &'list [&'list str]) -> Result<Self, InvalidEntry> {
        let admission = Self::origins(pages)?.or_absent();
        Ok(Self { hosts: Hosts::Loopback { port }, ..admission })
    }

    /// Restricts admission to requests for these hosts: `example.com` with any port,
    /// `example.com:8443` with this port, `*.example.com` for every host below that one, or an
    /// address, with `[::1]` in brackets.
    ///
    /// List the names that clients use; behind a proxy, list what the proxy sends as `Host`. An
    /// entry with port 80 or 443 also matches a `Host` without a port.
    ///
    /// # Errors
    /// When an entry has none of these forms.
    pub fn with_hosts(self, hosts: &'list [&'list str]) -> Result<Self, InvalidEntry> {
        match hosts.iter().position(|entry| !host::is_entry(entry)) {
            Some(index) => Err(InvalidEntry::Host { index }),
            None => Ok(Self { hosts: Hosts::List(hosts), ..self }),
        }
    }

    /// Also admits requests without an origin: those of programs, since browsers always send one.
    #[must_use]
    pub const fn or_absent(self) -> Self {
        Self { absent: true, ..self }
    }

    /// Sets the limits on the heads of requests.
    #[must_use]
    pub const fn with_limits(self, limits: HeadLimits) -> Self {
        Self { limits, ..self }
    }

    const fn new(origins: Origins<'list>) -> Self {
        Self { hosts: Hosts::Any, origins, absent: false, limits: HeadLimits::DEFAULT }
    }

    /// Checks a request to `host`.
    pub(super) fn judge(
        &self,
        host: &str,
        origin: FieldValue<'_>,
        fetch: Fetch<'_>,
    ) -> Result<(), Denied> {
        if !self.hosts.admit(host) {
            return Err(Denied::Host);
        }
        let origin = match origin {
            FieldValue::Absent => None,
            // No browser sends two origins, and choosing one of them would be a guess.
            FieldValue::Repeated => return Err(Denied::Origin),
            FieldValue::Single(origin) => Some(str::from_utf8(origin).map_err(|_| Denied::Origin)?),
        };
        // Fetch metadata protects credentials that browsers add by themselves, and `any` says that
        // there are none.
        if let Origins::Any = self.origins {
            return Ok(());
        }
        if !self.admits(host, origin) {
            return Err(Denied::Origin);
        }
        if !fetch.is_websocket() || fetch.is_cross_origin() && self.is_own(host, origin) {
            return Err(Denied::FetchMetadata);
        }
        Ok(())
    }

    fn admits(&self, host: &str, origin: Option<&str>) -> bool {
        let Some(text) = origin else { return self.absent };
        match (self.origins, Origin::parse(text)) {
            (Origins::SameHost, Some(origin)) => origin.is_at(host),
            (Origins::List(list), Some(origin)) => list.iter().any(|entry| origin.is_in(entry)),
            (Origins::List(list), None) => text == "null" && list.contains(&"null"),
            _ => false,
        }
    }

    /// Returns whether the page of a request can only belong to `host` itself. That includes
    /// requests without an origin, since programs are not from anywhere else.
    fn is_own(&self, host: &str, origin: Option<&str>) -> bool {
        let Some(text) = origin else { return true };
        match self.origins {
            Origins::List(_) => Origin::parse(text).is_some_and(|it| it.is_certainly_at(host)),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests;
