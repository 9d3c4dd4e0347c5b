//! Who may open a WebSocket: one judgement over `Host`, `Origin` and Fetch metadata (RFC 6455
//! sections 10.2 and 1.6, RFC 6454, W3C Fetch Metadata).
//!
//! Every page that a user visits can open a WebSocket to every server that the user's machine
//! reaches, `127.0.0.1` included, and the browser sends the user's cookies along. There is no
//! preflight, so nobody but the server can refuse. What a browser says, and no page can change:
//!
//! | field | says | refuses | answer |
//! |---|---|--:|---|
//! | `Host` | which name the page used | a name that an attacker's name server pointed at this server (DNS rebinding) | 421 |
//! | `Origin` | whose page it is | other people's pages (cross-site WebSocket hijacking) | 403 |
//! | `Sec-Fetch-Mode`, `Sec-Fetch-Site` | what the browser thinks of both | a request whose `Origin` was removed or rewritten on the way | 403 |
//!
//! [`Admission`] is that judgement, and no request is read without one:
//!
//! | admission | takes | for |
//! |---|---|---|
//! | [`origins`] | these pages, with `https://*.example.com` below one | production |
//! | [`loopback`] | local programs, and these pages, under a name of the loopback | tools on the user's machine |
//! | [`same_host`] | pages of the host that the request names | development, or with [`with_hosts`] |
//! | [`any`] | all pages, and programs | APIs with a key and without cookies |
//! | [`or_absent`] | with the above: programs too | servers that are not for pages alone |
//! | [`with_hosts`] | with the above: these names alone | every server that knows its names |
//!
//! # What is decided where the standards leave a choice
//!
//! - **No `Origin`** is what programs send. Browsers send one with every WebSocket handshake, the
//!   text `null` where the page has none of its own (a sandboxed frame, a file, a `data:` URL), so a page cannot
//!   pass for a program. A program can pass for a page: an origin protects users, and a key
//!   protects the server.
//! - **`null`** is taken only where it is listed: anybody can make a page that sends it.
//! - **Fetch metadata that is absent decides nothing.** Chromium 156 sends none with WebSockets; Firefox
//!   153 sends it to `https` and to the loopback. A value that the standard does not know decides
//!   nothing either, as the standard asks.
//! - **`Sec-Fetch-Mode`** other than `websocket` is refused: whatever it was, it was not `new WebSocket`.
//! - **`Sec-Fetch-Site` against a list.** A page of another site may be listed, so `cross-site` alone
//!   contradicts nothing. It contradicts an `Origin` that is the request's own host, or no `Origin`
//!   at all: then something on the way rewrote it, and the browser's word counts.
//! - **421 for a wrong `Host`** (RFC 9110 section 15.5.20), since the request was for somebody else; 403 for the
//!   others. Browsers hide either from the page; people who debug a proxy see which it was.
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

/// What a server lets in; there is no default, so it must be decided.
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
    /// Takes every origin, and none: for servers without ambient credentials such as cookies, whose
    /// network lets nobody in either.
    ///
    /// Neither `Host` nor Fetch metadata is looked at. Refused are two `Origin` lines, and one that is
    /// not UTF-8, which no client sends.
    #[must_use]
    pub const fn any() -> Self {
        Self::of(Origins::Any).or_absent()
    }

    /// Takes pages, over `http` or `https`, of the host and port that the request names.
    ///
    /// Without [`with_hosts`](Self::with_hosts), that is also a page that an attacker's name server made this
    /// host (DNS rebinding). [`origins`](Self::origins) is better where the pages are known: a page over `http` of a
    /// host that is served over TLS is refused here only if the browser sends Fetch metadata.
    #[must_use]
    pub const fn same_host() -> Self {
        Self::of(Origins::SameHost)
    }

    /// Takes the listed origins:
    ///
    /// - `https://example.com`, with a port unless it is the scheme's own;
    /// - `https://*.example.com` for every host below that one, and not for itself;
    /// - of other schemes the whole text, as the program sends it: `file://`, `app://-`,
    ///   `chrome-extension://EXTENSION`, `tauri://localhost`;
    /// - `null`, which stands for many pages: sandboxed frames of any site, and files.
    ///
    /// # Errors
    /// When an entry is none of these.
    pub fn origins(origins: &'list [&'list str]) -> Result<Self, InvalidEntry> {
        match origins.iter().position(|entry| !Origin::is_entry(entry)) {
            Some(index) => Err(InvalidEntry::Origin { index }),
            None => Ok(Self::of(Origins::List(origins))),
        }
    }

    /// Takes, on the loopback and `port`, programs and the listed pages: for a tool on the user's
    /// own machine, which every page that the user visits can reach.
    ///
    /// `Host` must be `localhost`, an address of `127.0.0.0/8` or `[::1]`, with this port. `Origin` must
    /// be absent, which is a program of this machine, or listed. No page is trusted for being on
    /// `localhost`: other tools have pages there, with ports of their own. List the tool's own page,
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
    /// This keeps pages out, and not the machine's other users and programs: ask for a key, too.
    ///
    /// # Errors
    /// As [`origins`](Self::origins).
    pub fn loopback(port: u16, pages: &'list [&'list str]) -> Result<Self, InvalidEntry> {
        let admission = Self::origins(pages)?.or_absent();
        Ok(Self { hosts: Hosts::Loopback { port }, ..admission })
    }

    /// The same admission, but for requests to these hosts alone: `example.com` with any port,
    /// `example.com:8443` with this one, `*.example.com` for every host below that one, or an
    /// address, `[::1]` in brackets.
    ///
    /// List the names that clients use: behind a proxy, what the proxy sends as `Host`. The port 80 or
    /// 443 is also that of a `Host` without a port.
    ///
    /// # Errors
    /// When an entry is none of these.
    pub fn with_hosts(self, hosts: &'list [&'list str]) -> Result<Self, InvalidEntry> {
        match hosts.iter().position(|entry| !host::is_entry(entry)) {
            Some(index) => Err(InvalidEntry::Host { index }),
            None => Ok(Self { hosts: Hosts::List(hosts), ..self }),
        }
    }

    /// The same admission, but a request without an origin is taken too: one of a program, since
    /// browsers always send one.
    #[must_use]
    pub const fn or_absent(self) -> Self {
        Self { absent: true, ..self }
    }

    /// The same admission with these limits on the heads of requests.
    #[must_use]
    pub const fn with_limits(self, limits: HeadLimits) -> Self {
        Self { limits, ..self }
    }

    const fn of(origins: Origins<'list>) -> Self {
        Self { hosts: Hosts::Any, origins, absent: false, limits: HeadLimits::DEFAULT }
    }

    /// Judges a request to `host`.
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
            FieldValue::Repeated => return Err(Denied::Origin),
            FieldValue::Single(origin) => Some(str::from_utf8(origin).map_err(|_| Denied::Origin)?),
        };
        if let Origins::Any = self.origins {
            return Ok(());
        }
        if !self.admits(host, origin) {
            return Err(Denied::Origin);
        }
        if !fetch.is_of_a_websocket() || fetch.is_from_elsewhere() && self.is_own(host, origin) {
            return Err(Denied::FetchMetadata);
        }
        Ok(())
    }

    fn admits(&self, host: &str, origin: Option<&str>) -> bool {
        let Some(text) = origin else { return self.absent };
        match (self.origins, Origin::parse(text)) {
            (Origins::SameHost, Some(origin)) => origin.is_of(host),
            (Origins::List(list), Some(origin)) => list.iter().any(|entry| origin.is_in(entry)),
            (Origins::List(list), None) => text == "null" && list.contains(&"null"),
            _ => false,
        }
    }

    /// Whether the page of a request can only be one of `host` itself. No page is that, too: programs
    /// come from nowhere else.
    fn is_own(&self, host: &str, origin: Option<&str>) -> bool {
        let Some(text) = origin else { return true };
        match self.origins {
            Origins::List(_) => Origin::parse(text).is_some_and(|it| it.is_surely_of(host)),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests;
