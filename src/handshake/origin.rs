//! `Origin`: which pages may connect (RFC 6455 section 10.2, RFC 6454).

use super::authority::{is_host, split_port};
use super::head::Field;
use core::fmt;

/// From which origins a server takes connections; there is no default, so it must be decided.
///
/// A browser sends the origin of the page, and the page cannot change that. Other clients send
/// none, or what they like: this protects users from foreign pages, and not servers from clients.
///
/// ```
/// use patchcord::handshake::origin::OriginPolicy;
///
/// let pages = ["https://example.com", "https://*.example.com:8443"];
/// let policy = OriginPolicy::list(&pages)?.or_absent(); // and clients that are no browsers
/// # let _ = policy;
/// # Ok::<(), patchcord::handshake::origin::InvalidOrigin>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct OriginPolicy<'list> {
    rule: Rule<'list>,
    absent: bool,
}

#[derive(Clone, Copy, Debug)]
enum Rule<'list> {
    Any,
    SameHost,
    List(&'list [&'list str]),
}

impl<'list> OriginPolicy<'list> {
    /// Takes every origin, and none: for servers without ambient credentials such as cookies.
    #[must_use]
    pub const fn any() -> Self {
        Self { rule: Rule::Any, absent: true }
    }

    /// Takes pages, over `http` or `https`, of the host and port that the request names.
    ///
    /// A [`list`](Self::list) is safer where the names are known: this one takes a page that an
    /// attacker's name server made this host (DNS rebinding), and a page over `http` of a host
    /// that is served over TLS.
    #[must_use]
    pub const fn same_host() -> Self {
        Self { rule: Rule::SameHost, absent: false }
    }

    /// Takes the listed origins: `https://example.com`, with a port unless it is the scheme's
    /// own, `https://*.example.com` for every host below that one, or `null`.
    ///
    /// # Errors
    /// When an entry is none of these.
    pub fn list(origins: &'list [&'list str]) -> Result<Self, InvalidOrigin> {
        let valid = |entry: &&str| *entry == "null" || Origin::parse(entry, true).is_some();
        match origins.iter().position(|entry| !valid(entry)) {
            Some(index) => Err(InvalidOrigin { index }),
            None => Ok(Self { rule: Rule::List(origins), absent: false }),
        }
    }

    /// The same policy, but a request without an origin is taken too: one by no browser.
    #[must_use]
    pub const fn or_absent(self) -> Self {
        Self { absent: true, ..self }
    }

    /// Whether a request to `host` with this `Origin` may go on.
    pub(super) fn admits(&self, host: &str, origin: Field<'_>) -> bool {
        match origin {
            Field::Absent => self.absent,
            Field::Repeated => false,
            Field::Single(origin) => {
                core::str::from_utf8(origin).is_ok_and(|origin| self.admits_origin(host, origin))
            }
        }
    }

    fn admits_origin(&self, host: &str, origin: &str) -> bool {
        match self.rule {
            Rule::Any => true,
            Rule::SameHost => Origin::parse(origin, false).is_some_and(|o| o.is_host(host)),
            Rule::List(list) => match Origin::parse(origin, false) {
                Some(origin) => list
                    .iter()
                    .any(|entry| Origin::parse(entry, true).is_some_and(|e| e.covers(&origin))),
                None => origin == "null" && list.contains(&"null"),
            },
        }
    }
}

/// An origin in parts: scheme, host and port (RFC 6454 section 4).
#[derive(Clone, Copy)]
struct Origin<'text> {
    scheme: &'text str,
    host: &'text str,
    port: Option<u16>,
    below: bool,
}

impl<'text> Origin<'text> {
    fn parse(text: &'text str, wildcard: bool) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let below = wildcard && rest.starts_with("*.");
        let (host, port) = split_port(if below { &rest[2..] } else { rest })?;
        let scheme_ok = !scheme.is_empty()
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
        let host_ok = is_origin_host(host) && !(below && host.starts_with('['));
        (scheme_ok && host_ok).then_some(Self { scheme, host, port, below })
    }

    fn port(&self) -> Option<u16> {
        self.port.or_else(|| default_port(self.scheme))
    }

    /// Whether `other` is this origin, or one below it if this is a wildcard.
    fn covers(&self, other: &Self) -> bool {
        self.scheme.eq_ignore_ascii_case(other.scheme)
            && self.port() == other.port()
            && if self.below {
                is_below(other.host, self.host)
            } else {
                same(self.host, other.host)
            }
    }

    /// Whether a `Host` header names this origin's host; without a port in it, the port is the
    /// default of whatever scheme the page has.
    fn is_host(&self, host: &str) -> bool {
        let Some((name, port)) = split_port(host) else { return false };
        let is_web = same(self.scheme, "http") || same(self.scheme, "https");
        is_web && same(self.host, name) && self.port() == port.or_else(|| default_port(self.scheme))
    }
}

/// Whether a browser can write `host` in an origin: dots between labels that are not empty.
fn is_origin_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if host.starts_with('[') { is_host(host) } else { host.split('.').all(is_label) }
}

fn is_below(host: &str, parent: &str) -> bool {
    let Some(cut) = host.len().checked_sub(parent.len()) else { return false };
    cut > 1 && same(&host[cut..], parent) && host.as_bytes()[cut - 1] == b'.'
}

fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

fn default_port(scheme: &str) -> Option<u16> {
    if same(scheme, "https") || same(scheme, "wss") {
        Some(443)
    } else if same(scheme, "http") || same(scheme, "ws") {
        Some(80)
    } else {
        None
    }
}

/// An entry of a list of origins that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidOrigin {
    /// Its index in the list.
    pub index: usize,
}

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "entry {} of the list of origins is no origin", self.index)
    }
}

impl core::error::Error for InvalidOrigin {}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(policy: OriginPolicy<'_>, origin: &str) -> bool {
        policy.admits_origin("good.com", origin)
    }

    #[test]
    fn a_list_takes_its_origins_and_no_look_alike() {
        let list = ["https://good.com"];
        let policy = OriginPolicy::list(&list).unwrap();
        for good in ["https://good.com", "HTTPS://GOOD.com", "https://good.com:443"] {
            assert!(admits(policy, good), "{good}");
        }
        for bad in [
            "https://evil.com",
            "null",
            "",
            "https://good.com.evil.com",
            "https://evilgood.com",
            "https://good.com:8443",
            "http://good.com",
            "https://user@good.com",
            "good.com",
            "https://good.com/",
            "https://good.com https://evil.com",
            "https://sub.good.com",
        ] {
            assert!(!admits(policy, bad), "{bad}");
        }
    }

    #[test]
    fn a_wildcard_takes_what_is_below_and_not_the_host_itself() {
        let list = ["https://*.good.com:8443"];
        let policy = OriginPolicy::list(&list).unwrap();
        assert!(admits(policy, "https://a.good.com:8443"));
        assert!(admits(policy, "https://a.b.good.com:8443"));
        for bad in [
            "https://good.com:8443",
            "https://.good.com:8443",
            "https://agood.com:8443",
            "https://a.good.com",
            "https://*.good.com:8443x",
        ] {
            assert!(!admits(policy, bad), "{bad}");
        }
    }

    #[test]
    fn the_same_host_is_compared_with_its_port() {
        let policy = OriginPolicy::same_host();
        for (host, origin, admitted) in [
            ("good.com", "https://good.com", true),
            ("good.com", "http://good.com:80", true),
            ("good.com:443", "https://good.com", true),
            ("good.com:9001", "http://good.com:9001", true),
            ("[::1]:9001", "http://[::1]:9001", true),
            ("good.com:9001", "http://good.com", false),
            ("good.com", "http://good.com:9001", false),
            ("good.com", "null", false),
            ("good.com", "tauri://good.com", false),
        ] {
            assert_eq!(policy.admits_origin(host, origin), admitted, "{host} {origin}");
        }
    }

    #[test]
    fn a_list_with_an_entry_that_is_no_origin_is_refused() {
        for bad in ["good.com", "https://", "https://a:b", "https://*", "*", "https://good.com/x"] {
            let list = ["null", bad];
            let refused = OriginPolicy::list(&list).map(|_| ()).unwrap_err();
            assert_eq!(refused.index, 1, "{bad}");
        }
    }
}
