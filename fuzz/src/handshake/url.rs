use super::redirect::redirect;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{Request, WriteError};
use patchcord::handshake::credential::vendor::DEEPGRAM;
use patchcord::handshake::server::RequestReader;
use patchcord::handshake::{Url, UrlBuf, UrlError};
use std::net::IpAddr;

/// A URL is refused for what section 3 forbids. The parts of one that is accepted are in it, and make
/// the same URL again; a server reads from the request what the URL says; a credential goes
/// over `ws` only to this machine. Anything behind a line feed is a redirect from there.
pub fn url(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    if text.len() > 4096 {
        return;
    }
    let (text, location) = text.split_once('\n').map_or((text, None), |(a, b)| (a, Some(b)));
    match Url::parse(text) {
        Ok(url) => {
            accepted(text, &url);
            location.into_iter().for_each(|location| redirect(url, location));
        }
        Err(error) => refused(text, error),
    }
}

/// Splits the scheme from what comes behind `://`.
fn split(text: &str) -> Option<(String, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    Some((scheme.to_ascii_lowercase(), rest))
}

/// Each error has its reason in the text.
fn refused(text: &str, error: UrlError) {
    let rest = split(text).map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let reason = match error {
        // A `#` begins a fragment, and does not count as a character that was left unencoded.
        UrlError::Character => {
            let resource = &rest[authority.len()..];
            !is_visible(text) || !rest.contains('#') && !is_encoded(resource)
        }
        UrlError::Scheme => split(text).is_none_or(|(scheme, _)| scheme != "ws" && scheme != "wss"),
        UrlError::Fragment => rest.contains('#'),
        UrlError::User => authority.contains('@'),
        UrlError::Port => authority.contains(':'),
        UrlError::Host => !is_plain(authority),
        _ => panic!("an error without a reason: {error:?}"),
    };
    assert!(reason, "{error:?} of {text:?}");
}

fn is_visible(text: &str) -> bool {
    text.bytes().all(|byte| (0x21..=0x7e).contains(&byte))
}

/// RFC 3986 sections 3.3 and 3.4: only characters that the grammar of a path and query has.
fn is_encoded(resource: &str) -> bool {
    let is_octet = |digits: Option<&[u8]>| {
        digits.is_some_and(|digits| digits.iter().all(|digit| digit.is_ascii_hexdigit()))
    };
    resource.bytes().enumerate().all(|(at, byte)| match byte {
        b'%' => is_octet(resource.as_bytes().get(at + 1..at + 3)),
        _ => byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte),
    })
}

/// A host name that nobody refuses, and perhaps a port.
fn is_plain(authority: &str) -> bool {
    let is_port = |(_, port): &(&str, &str)| port.bytes().all(|byte| byte.is_ascii_digit());
    let host = authority.rsplit_once(':').filter(is_port).map_or(authority, |(host, _)| host);
    let label = |label: &str| {
        let ends = label.starts_with('-') || label.ends_with('-');
        !label.is_empty() && !ends && label.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
    };
    host.len() < 64 && !host.is_empty() && host.split('.').all(label)
}

fn accepted(text: &str, url: &Url<'_>) {
    let (scheme, rest) = split(text).expect("a scheme");
    assert!(text.is_ascii() && !text.contains('#') && !text.contains([' ', '\r', '\n', '\0']));
    assert_eq!(url.is_secure(), scheme == "wss");
    let host = host(url);
    assert!(rest.starts_with(&host) && !url.host().is_empty());
    let behind = &rest[host.len()..];
    let end = behind.find(['/', '?']).unwrap_or(behind.len());
    let (port, resource) = behind.split_at(end);
    assert!(is_encoded(resource), "{resource}");
    let default = if url.is_secure() { 443 } else { 80 };
    assert!(port.is_empty() || port.starts_with(':'));
    // RFC 3986 section 3.2.3: an empty port is the same as none.
    let digits = port.strip_prefix(':').filter(|digits| !digits.is_empty());
    let named = digits.map(|digits| digits.parse::<u16>().expect("a port"));
    assert_ne!(named, Some(0));
    assert_eq!(url.port(), named.unwrap_or(default));
    let again = format!("{scheme}://{host}:{}{resource}", url.port());
    let same = Url::parse(&again).expect("the same URL, written out");
    let parts = |url: &Url<'_>| (url.is_secure(), url.host().to_owned(), url.port());
    assert_eq!(parts(&same), parts(url));
    let path = resource.split('?').next().filter(|path| !path.is_empty()).unwrap_or("/");
    let query = resource.split_once('?').map(|(_, query)| query);
    assert_eq!((url.path(), url.query()), (path, query));
    assert_eq!(Url::parse(&url.to_string()).as_ref(), Ok(url), "what is displayed");
    let shown = url.redacted().to_string();
    let hidden = if query.is_some() { "?.." } else { "" };
    assert_eq!(shown, format!("{scheme}://{}{path}{hidden}", url.authority()));
    assert!(format!("{url:?}").contains(&shown));
    let owned = UrlBuf::from(*url);
    assert_eq!((owned.as_url(), owned.to_string()), (*url, url.to_string()));
    assert_eq!(url.with_resource(path, query), Ok(owned), "the same resource");
    written(url, resource);
}

/// The host as a URL writes it: an IPv6 address in brackets.
fn host(url: &Url<'_>) -> String {
    match url.host() {
        host if host.contains(':') => format!("[{host}]"),
        host => host.to_owned(),
    }
}

fn written(url: &Url<'_>, resource: &str) {
    let mut zeros = |bytes: &mut [u8]| bytes.fill(0);
    let mut head = Vec::new();
    Request::new(*url).write(&mut zeros, &mut head).expect("a request");
    let request = RequestReader::new(Admission::any()).read(&mut &head[..]);
    let request = request.expect("a legal request").expect("a whole head");
    let target =
        if resource.starts_with('/') { resource.to_owned() } else { format!("/{resource}") };
    assert_eq!(request.target(), target);
    let default = if url.is_secure() { 443 } else { 80 };
    let host = host(url);
    assert_eq!(request.host(), url.authority());
    match request.host().rsplit_once(':').filter(|(other, _)| *other == host) {
        Some((_, port)) => {
            assert_eq!((port.parse(), url.port() != default), (Ok(url.port()), true))
        }
        None => assert_eq!((request.host(), url.port()), (&*host, default)),
    }
    let offer = DEEPGRAM.offer("KEY").expect("tokens");
    let sent = Request::new(*url).with_offer(offer).write(&mut zeros, &mut Vec::new());
    let refused = matches!(sent, Err(WriteError::PlaintextCredential));
    assert_eq!(refused, !url.is_secure() && !is_this_machine(url.host()), "a credential over ws");
}

fn is_this_machine(host: &str) -> bool {
    let address = host.parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}
