//! `Url::parse` keeps to each sentence of its documentation.

use patchcord::handshake::{Url, UrlError};

fn error(text: &str) -> Option<UrlError> {
    Url::parse(text).err()
}

#[test]
fn what_is_percent_encoded_stays_so() {
    let url = Url::parse("ws://a%62c/%2f%2F?%3f=%23").unwrap();
    assert_eq!((url.host(), url.to_string().as_str()), ("a%62c", "ws://a%62c/%2f%2F?.."));
}

#[test]
fn a_port_may_be_left_out_or_empty_and_is_then_the_schemes_own() {
    for (text, port) in [("ws://a", 80), ("ws://a:/b", 80), ("wss://a", 443), ("wss://a:?b", 443)] {
        assert_eq!(Url::parse(text).map(|url| url.port()), Ok(port), "{text}");
    }
}

#[test]
fn a_scheme_that_is_neither_ws_nor_wss_is_refused() {
    for text in
        ["", "a", "/a", "ws:a", "ws:/a", "http://a", "https://a", "wsss://a", "://a", "w%73://a"]
    {
        assert_eq!(error(text), Some(UrlError::Scheme), "{text}");
    }
    assert_eq!((error("ws://a"), error("WSS://a")), (None, None));
}

#[test]
fn a_host_that_is_missing_or_is_not_one_is_refused() {
    for host in [
        "", ":80", "[", "[]", "[::1", "[::g]", "::1]", "a[b]", "[::1]b", "a%", "a%4", "a%zz",
        "a\\b", "a|b",
    ] {
        let refused = error(&format!("ws://{host}/"));
        // What stands behind the last colon is a port before it is part of a host.
        assert!(matches!(refused, Some(UrlError::Host | UrlError::Port)), "{host} {refused:?}");
    }
    for host in ["a", "a.example", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "a%41", "x_y~z"] {
        assert_eq!(error(&format!("ws://{host}/")), None, "{host}");
    }
}

#[test]
fn a_port_that_is_not_a_number_from_1_to_65535_is_refused() {
    for port in ["0", "00", "65536", "99999999999999999999", "-1", "+1", "a", "8o", "1 ", "%31"] {
        let refused = error(&format!("ws://a:{port}/"));
        let expected = if port == "1 " { UrlError::Character } else { UrlError::Port };
        assert_eq!(refused, Some(expected), "{port}");
    }
    for port in ["1", "80", "65535", "0080"] {
        assert_eq!(error(&format!("ws://a:{port}/")), None, "{port}");
    }
}

#[test]
fn a_user_name_or_password_is_refused() {
    for user in ["u@", "u:p@", ":p@", "@", "u%40@"] {
        assert_eq!(error(&format!("wss://{user}a/")), Some(UrlError::User), "{user}");
    }
    assert_eq!(error("wss://a/u@b?u:p@c"), None, "there it is no user");
}

#[test]
fn a_fragment_is_refused_and_its_sign_encoded_is_not() {
    for text in ["ws://a#", "ws://a#b", "ws://a/#b", "ws://a/?b#c", "ws://a/b?#"] {
        assert_eq!(error(text), Some(UrlError::Fragment), "{text}");
    }
    assert_eq!(error("ws://a/%23?%23"), None);
}

/// RFC 3986 appendix A: `unreserved`, `sub-delims`, and what else a path and a query have.
const MAY_STAND: &str =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?";

#[test]
fn a_character_of_a_path_or_query_that_must_be_percent_encoded_is_refused() {
    for c in (0..=0x17f).filter_map(char::from_u32).filter(|c| !"#%".contains(*c)) {
        let expected = (!MAY_STAND.contains(c)).then_some(UrlError::Character);
        for text in [format!("ws://a/{c}"), format!("ws://a/b?{c}"), format!("ws://a?b{c}d")] {
            assert_eq!(error(&text), expected, "{text:?}");
        }
    }
}

#[test]
fn a_percent_sign_without_two_hexadecimal_digits_behind_it_is_refused() {
    for bad in ["%", "%4", "%zz", "%4g", "%g4", "%%41", "%4%41", "100%/"] {
        for text in [format!("ws://a/{bad}"), format!("ws://a/?{bad}")] {
            assert_eq!(error(&text), Some(UrlError::Character), "{text}");
        }
    }
    assert_eq!(error("ws://a/%00%7F%fF?%41%41"), None);
}
