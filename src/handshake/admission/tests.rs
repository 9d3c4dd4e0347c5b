use super::*;

fn page(text: &str) -> FieldValue<'_> {
    FieldValue::Single(text.as_bytes())
}

fn admits(admission: Admission<'_>, origin: &str) -> bool {
    admission.judge("good.com", page(origin), Fetch::default()).is_ok()
}

fn reaches(admission: Admission<'_>, host: &str) -> bool {
    admission.judge(host, FieldValue::Absent, Fetch::default()) != Err(Denied::Host)
}

#[test]
fn a_list_takes_its_origins_and_no_look_alike() {
    let list = ["https://good.com"];
    let admission = Admission::origins(&list).unwrap();
    for good in ["https://good.com", "HTTPS://GOOD.com", "https://good.com:443"] {
        assert!(admits(admission, good), "{good}");
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
        assert!(!admits(admission, bad), "{bad}");
    }
}

#[test]
fn a_wildcard_takes_what_is_below_and_not_the_host_itself() {
    let list = ["https://*.good.com:8443"];
    let admission = Admission::origins(&list).unwrap();
    assert!(admits(admission, "https://a.good.com:8443"));
    assert!(admits(admission, "https://a.b.good.com:8443"));
    for bad in [
        "https://good.com:8443",
        "https://.good.com:8443",
        "https://agood.com:8443",
        "https://a.good.com",
        "https://*.good.com:8443",
        "https://*.good.com:8443x",
    ] {
        assert!(!admits(admission, bad), "{bad}");
    }
}

/// Cordova and Electron, an extension of Chromium, one of Firefox, Tauri, Capacitor, Electron.
#[test]
fn an_origin_of_a_program_is_taken_where_its_whole_text_is_listed() {
    for listed in [
        "file://",
        "chrome-extension://cfhdojbkjhnklbpkdaibdccddilifddb",
        "moz-extension://0b2b4c34-b5a6-4ed2-94f7-ae5b2a4c1c2e",
        "tauri://localhost",
        "capacitor://localhost:8100",
        "app://-",
        "app://.",
    ] {
        let list = [listed];
        let admission = Admission::origins(&list).unwrap();
        assert!(admits(admission, listed), "{listed}");
        for bad in ["null", "", "https://good.com", "file://x", "app://--", "tauri://localhost:1"] {
            assert!(!admits(admission, bad), "{listed}, {bad}");
        }
        assert!(!admits(admission, &listed[1..]), "{listed}");
        assert!(!admits(admission, &[listed, "/"].concat()), "{listed}");
    }
}

#[test]
fn the_same_host_is_compared_with_its_port() {
    let admission = Admission::same_host();
    for (host, origin, admitted) in [
        ("good.com", "https://good.com", true),
        ("good.com", "http://good.com:80", true),
        ("good.com:443", "https://good.com", true),
        ("good.com:9001", "http://good.com:9001", true),
        ("[::1]:9001", "http://[::1]:9001", true),
        ("[::1]:9001", "http://[0:0::1]:9001", true),
        ("good.com:9001", "http://good.com", false),
        ("good.com", "http://good.com:9001", false),
        ("good.com", "null", false),
        ("good.com", "tauri://good.com", false),
        ("good.com", "ws://good.com", false),
    ] {
        let judged = admission.judge(host, page(origin), Fetch::default());
        assert_eq!(judged.is_ok(), admitted, "{host} {origin}");
    }
}

#[test]
fn an_entry_that_is_not_an_origin_is_refused_by_its_index() {
    for bad in [
        "good.com",
        "https://",
        "https://a:b",
        "https://*",
        "*",
        "https://good.com/x",
        "https://*.[::1]",
        "://good.com",
        "1app://x",
        "file:///",
        "app://a b",
        "app://*.x",
        "app://user@x",
        "NULL",
        "",
    ] {
        let list = ["null", bad];
        let refused = Admission::origins(&list).map(|_| ()).unwrap_err();
        assert_eq!(refused, InvalidEntry::Origin { index: 1 }, "{bad}");
        let refused = Admission::loopback(9001, &list).map(|_| ()).unwrap_err();
        assert_eq!(refused, InvalidEntry::Origin { index: 1 }, "{bad}");
    }
}

#[test]
fn an_entry_that_is_not_a_host_is_refused_by_its_index() {
    for bad in
        ["", "https://a", "a/b", "a:b", "a:70000", "*", "*.", "*.*.a", "a.*", "*.[::1]", "::1"]
    {
        let list = ["good.com", bad];
        let refused = Admission::any().with_hosts(&list).map(|_| ()).unwrap_err();
        assert_eq!(refused, InvalidEntry::Host { index: 1 }, "{bad}");
    }
}

#[test]
fn a_list_of_hosts_takes_its_names_with_their_ports() {
    let list =
        ["good.com", "other.com:8443", "web.com:443", "*.wild.com", "[::1]:9001", "10.0.0.1"];
    let admission = Admission::any().with_hosts(&list).unwrap();
    for good in [
        "good.com",
        "GOOD.com:1",
        "other.com:8443",
        "web.com",
        "web.com:443",
        "a.wild.com:5",
        "a.b.wild.com",
        "[::1]:9001",
        "[0::0:1]:9001",
        "10.0.0.1:80",
    ] {
        assert!(reaches(admission, good), "{good}");
    }
    for bad in [
        "evil.com",
        "good.com.",
        "good.com.evil.com",
        "a.good.com",
        "other.com",
        "other.com:443",
        "web.com:80",
        "wild.com",
        ".wild.com",
        "..wild.com",
        "a..wild.com",
        ".a.wild.com",
        "awild.com",
        "[::1]",
        "[::2]:9001",
        "10.0.0.11",
        "good.com:x",
        "%67ood.com",
    ] {
        assert!(!reaches(admission, bad), "{bad}");
    }
}

#[test]
fn the_loopback_is_its_names_and_addresses_with_the_port() {
    let admission = Admission::loopback(9001, &[]).unwrap();
    for good in
        ["localhost:9001", "LocalHost:9001", "127.0.0.1:9001", "127.9.8.7:9001", "[::1]:9001"]
    {
        assert!(reaches(admission, good), "{good}");
    }
    for bad in [
        "localhost",
        "localhost:9002",
        "localhost.:9001",
        "a.localhost:9001",
        "localhost.evil.com:9001",
        "127.0.0.1.evil.com:9001",
        "127.1:9001",
        "0.0.0.0:9001",
        "0127.0.0.1:9001",
        "192.168.0.1:9001",
        "[::]:9001",
        "[::ffff:127.0.0.1]:9001",
        "[::2]:9001",
        "evil.com:9001",
    ] {
        assert!(!reaches(admission, bad), "{bad}");
    }
    let web = Admission::loopback(80, &[]).unwrap();
    assert!(reaches(web, "localhost") && reaches(web, "localhost:80"));
}

#[test]
fn fetch_metadata_contradicts_the_hosts_own_page_and_no_page() {
    let (modes, sites) = (["websocket", "x"], ["none", "same-origin", "x", "Cross-site", ""]);
    let list = ["https://good.com", "https://other.com", "null", "http://good.com"];
    let listed = Admission::origins(&list).unwrap().or_absent();
    let judge =
        |admission: Admission<'_>, origin, fetch| admission.judge("good.com", origin, fetch);
    let own = page("https://good.com");
    for (admission, origin, may_be_elsewhere) in [
        (listed, own, false),
        (listed, FieldValue::Absent, false),
        (listed, page("https://other.com"), true),
        (listed, page("null"), true),
        (listed, page("http://good.com"), true),
        (Admission::same_host(), own, false),
        (Admission::same_host(), page("http://good.com"), false),
        (Admission::same_host().or_absent(), FieldValue::Absent, false),
        (Admission::any(), own, true),
    ] {
        for (mode, site) in modes.iter().flat_map(|mode| sites.map(|site| (*mode, site))) {
            let fetch = Fetch { mode: page(mode), site: page(site) };
            assert_eq!(judge(admission, origin, fetch), Ok(()), "{mode} {site:?}");
        }
        for site in [page("cross-site"), page("same-site"), FieldValue::Repeated] {
            let judged = judge(admission, origin, Fetch { site, ..Fetch::default() });
            let expected = if may_be_elsewhere { Ok(()) } else { Err(Denied::FetchMetadata) };
            assert_eq!(judged, expected, "{admission:?}");
        }
    }
    for mode in
        [page("cors"), page("navigate"), page("no-cors"), page("same-origin"), FieldValue::Repeated]
    {
        let fetch = Fetch { mode, ..Fetch::default() };
        assert_eq!(judge(listed, own, fetch), Err(Denied::FetchMetadata));
        assert_eq!(judge(Admission::any(), own, fetch), Ok(()));
    }
}
