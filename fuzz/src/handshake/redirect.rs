//! Redirects by RFC 3986: the pseudo-code of section 5.2, word for word.

use patchcord::handshake::client::{Redirect, RedirectError};
use patchcord::handshake::{Url, UrlError};
use std::net::Ipv6Addr;

/// A reference in parts, without its fragment (RFC 3986 appendix B).
struct Reference<'text> {
    scheme: Option<&'text str>,
    authority: Option<&'text str>,
    path: &'text str,
    query: Option<&'text str>,
}

/// A redirect leads where the pseudo-code leads, or is refused for what is wrong there. It says
/// whether that is another origin; nothing goes from `wss` to `ws`, or to a URL with a user; and the
/// query is not shown.
pub(super) fn redirect(base: Url<'_>, location: &str) {
    let found = Redirect::resolve(base, location);
    let expected = match target(base, &split(location)) {
        Err(error) => return assert_eq!(found, Err(RedirectError::Url(error)), "{location:?}"),
        Ok(expected) => expected,
    };
    let next = match (Url::parse(&expected), &found) {
        (Err(error), _) => {
            return assert_eq!(found, Err(RedirectError::Url(error)), "{location:?}");
        }
        (Ok(next), Err(RedirectError::Downgrade)) => {
            return assert!(base.is_secure() && !next.is_secure(), "{location:?}");
        }
        (Ok(next), found) => {
            let found = found.as_ref().expect("a URL that parses");
            assert_eq!(found.url(), next, "{location:?}");
            next
        }
    };
    assert!(!next.authority().contains('@'), "{location:?}");
    assert!(next.is_secure() || !base.is_secure(), "{location:?}");
    let changed = (
        base.is_secure() != next.is_secure(),
        !is_same_host(base.host(), next.host()),
        base.port() != next.port(),
    );
    match &found {
        Ok(Redirect::SameOrigin(_)) => assert_eq!(changed, (false, false, false), "{location:?}"),
        Ok(Redirect::OtherOrigin { scheme, host, port, .. }) => {
            assert_eq!((*scheme, *host, *port), changed);
            assert!(*scheme || *host || *port);
        }
        Err(_) => unreachable!("returned above"),
    }
    let (scheme, query) =
        (if next.is_secure() { "wss" } else { "ws" }, next.query().map_or("", |_| "?.."));
    let redacted = format!("UrlBuf({scheme}://{}{}{query})", next.authority(), next.path());
    let shown = format!("{found:?}");
    assert!(shown.contains(&redacted), "{shown}");
}

fn is_same_host(one: &str, other: &str) -> bool {
    let address = |host: &str| host.parse::<Ipv6Addr>();
    one.eq_ignore_ascii_case(other)
        || matches!((address(one), address(other)), (Ok(one), Ok(other)) if one == other)
}

fn split(text: &str) -> Reference<'_> {
    let text = text.split_once('#').map_or(text, |(before, _)| before);
    let end = text.find([':', '/', '?']).filter(|end| text[*end..].starts_with(':'));
    let is_scheme = |scheme: &&str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    };
    let scheme = end.map(|end| &text[..end]).filter(is_scheme);
    let rest = scheme.map_or(text, |scheme| &text[scheme.len() + 1..]);
    let (hierarchy, query) = match rest.find('?') {
        Some(mark) => (&rest[..mark], Some(&rest[mark + 1..])),
        None => (rest, None),
    };
    match hierarchy.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            Reference { scheme, authority: Some(&rest[..end]), path: &rest[end..], query }
        }
        None => Reference { scheme, authority: None, path: hierarchy, query },
    }
}

/// Sections 5.2.2 and 5.3; http and https become what the WebSockets standard says.
fn target(base: Url<'_>, reference: &Reference<'_>) -> Result<String, UrlError> {
    let scheme = match reference.scheme.map(str::to_ascii_lowercase).as_deref() {
        None => {
            if base.is_secure() {
                "wss"
            } else {
                "ws"
            }
        }
        Some("ws" | "http") => "ws",
        Some("wss" | "https") => "wss",
        Some(_) => return Err(UrlError::Scheme),
    };
    let (authority, path, query) = match (reference.authority, reference.path) {
        (Some(authority), path) => (authority, remove_dot_segments(path), reference.query),
        (None, _) if reference.scheme.is_some() => return Err(UrlError::Host),
        (None, "") => (base.authority(), base.path().into(), reference.query.or(base.query())),
        (None, path) if path.starts_with('/') => {
            (base.authority(), remove_dot_segments(path), reference.query)
        }
        (None, path) => {
            let end = base.path().rfind('/').expect("a path begins with a slash");
            let merged = base.path()[..=end].to_owned() + path;
            (base.authority(), remove_dot_segments(&merged), reference.query)
        }
    };
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    Ok(format!("{scheme}://{authority}{path}{query}"))
}

/// Section 5.2.4, its steps A to E.
fn remove_dot_segments(path: &str) -> String {
    let (mut input, mut output) = (path.to_owned(), String::new());
    while !input.is_empty() {
        if let Some(rest) = input.strip_prefix("../").or(input.strip_prefix("./")) {
            input = rest.to_owned();
        } else if input.starts_with("/./") || input == "/." {
            input = format!("/{}", input.get(3..).unwrap_or_default());
        } else if input.starts_with("/../") || input == "/.." {
            input = format!("/{}", input.get(4..).unwrap_or_default());
            output.truncate(output.rfind('/').unwrap_or(0));
        } else if input == "." || input == ".." {
            input.clear();
        } else {
            let end = input[1..].find('/').map_or(input.len(), |end| end + 1);
            output += &input[..end];
            input.drain(..end);
        }
    }
    output
}
