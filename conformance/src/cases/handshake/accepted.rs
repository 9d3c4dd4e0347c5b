//! What a server must accept, and how it must answer: RFC 6455 section 4.2.2.

use super::refused::BAD;
use crate::case::{Case, Fault, Level, SERVER, shake};
use crate::conversation::{Opening, Text};
use crate::wire::Frame;
use Level::{Choice, Must, Should};

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    accepted(&mut cases);
    offers(&mut cases);
    writes(&mut cases);
    cases
}

fn accepts(level: Level, id: &str, why: &'static str, what: &str, ask: fn(Text) -> Text) -> Case {
    let id = format!("handshake/accepts-{id}");
    shake(SERVER, level, id, why, format!("accepted with 101: {what}"), move |opening| {
        let ask = ask(opening.ask());
        opening.expect_open(&ask).map(drop)
    })
}

fn accepted(cases: &mut Vec<Case>) {
    let mut add =
        |level, id: &str, why, what: &str, ask| cases.push(accepts(level, id, why, what, ask));
    add(Must, "a-plain-request", "RFC 6455 4.2.2", "the smallest request", |ask| ask);
    let key = "a key whose last letter has bits left over, as in section 4.1's example";
    add(Must, "a-key-with-bits-left-over", "RFC 6455 4.1 item 7", key, |ask| {
        ask.set("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEC==")
    });
    add(
        Must,
        "keep-alive-and-upgrade",
        "RFC 6455 4.2.1 item 4",
        "Connection: keep-alive, Upgrade (Firefox)",
        |ask| ask.set("Connection", "keep-alive, Upgrade"),
    );
    add(Must, "two-lines-of-connection", "RFC 9110 5.3", "two lines of Connection", |ask| {
        ask.set("Connection", "keep-alive").add("Connection", "Upgrade")
    });
    add(Must, "tokens-in-any-case", "RFC 6455 4.2.1 items 3, 4", "WebSocket and UPGRADE", |ask| {
        ask.set("Upgrade", "WebSocket").set("Connection", "UPGRADE")
    });
    add(Must, "blanks-around-values", "RFC 9112 5", "tabs and blanks around values", |ask| {
        ask.set("Upgrade", "\t websocket \t")
            .set("Sec-WebSocket-Key", "  dGhlIHNhbXBsZSBub25jZQ==  ")
    });
    add(Must, "fields-it-does-not-know", "RFC 9110 5.1", "unknown fields", |ask| {
        ask.add("X-Unknown", "a, b; c=\"d\"")
            .add("Pragma", "no-cache")
            .add("User-Agent", "conformance (test)")
    });
    add(
        Must,
        "an-origin-of-its-own",
        "RFC 6455 4.2.1 item 7",
        "Origin with the host of the request",
        |ask| {
            let origin = format!("http://{}", ask.value("Host").unwrap_or_default());
            ask.add("Origin", &origin)
        },
    );
    add(
        Must,
        "an-unknown-extension",
        "RFC 6455 9.1",
        "an unknown extension, which is declined",
        |ask| ask.add("Sec-WebSocket-Extensions", "x-unknown; a=1; b"),
    );
    accepted_if_liked(cases);
}

fn accepted_if_liked(cases: &mut Vec<Case>) {
    let mut add =
        |level, id: &str, why, what: &str, ask| cases.push(accepts(level, id, why, what, ask));
    add(Choice, "an-upgrade-list", "RFC 9110 7.8", "Upgrade: foo/1, websocket", |ask| {
        ask.set("Upgrade", "foo/1, websocket")
    });
    add(
        Choice,
        "an-empty-extensions-line",
        "RFC 6455 9.1",
        "Sec-WebSocket-Extensions without a value",
        |ask| ask.add("Sec-WebSocket-Extensions", ""),
    );
    add(Should, "a-query", "RFC 6455 4.2.1 item 1, 3", "a query behind the path", |ask| {
        let line = ask.to_string();
        let target = line.split(' ').nth(1).unwrap_or("/").to_owned();
        let sign = if target.contains('?') { '&' } else { '?' };
        ask.start(format!("GET {target}{sign}a=1&b=%2F HTTP/1.1"))
    });
    add(
        Should,
        "an-absolute-target",
        "RFC 6455 4.2.1 item 1, RFC 9112 3.2.2 (MUST accept)",
        "GET http://host/path",
        |ask| {
            let line = ask.to_string();
            let target = line.split(' ').nth(1).unwrap_or("/").to_owned();
            let host = ask.value("Host").unwrap_or_default().to_owned();
            ask.start(format!("GET http://{host}{target} HTTP/1.1"))
        },
    );
}

fn offers(cases: &mut Vec<Case>) {
    let what = "no unknown subprotocol is selected: the field is omitted, or the request refused";
    let why = "RFC 6455 4.2.2 item 5";
    cases.push(shake(
        SERVER,
        Must,
        "handshake/selects-no-unknown-subprotocol",
        why,
        what,
        |opening| {
            let ask = opening
                .ask()
                .without("Sec-WebSocket-Protocol")
                .add("Sec-WebSocket-Protocol", "x-a.example, x-b.example");
            match opening.expect_open(&ask) {
                Err(Fault::Broken { level: None, .. }) | Ok(_) => Ok(()),
                Err(fault) => Err(fault),
            }
        },
    ));
    for (id, value, what) in [
        ("an-empty-subprotocol", ",", "Sec-WebSocket-Protocol with only a comma"),
        ("a-subprotocol-that-is-no-token", "a/b", "Sec-WebSocket-Protocol: a/b"),
        ("two-equal-subprotocols", "a, a", "the same subprotocol twice"),
    ] {
        let id = format!("handshake/refuses-{id}");
        let why = "RFC 6455 4.1 item 10, 4.2.1";
        cases.push(shake(SERVER, Choice, id, why, format!("refused: {what}"), move |opening| {
            let ask = opening
                .ask()
                .without("Sec-WebSocket-Protocol")
                .add("Sec-WebSocket-Protocol", value);
            opening.expect_refusal(&ask.to_string(), BAD).map(drop)
        }));
    }
    let what = "an extension list that breaks the grammar is refused or declined, and nothing is agreed on";
    cases.push(shake(
        SERVER,
        Must,
        "handshake/agrees-to-no-broken-extension",
        "RFC 6455 9.1",
        what,
        |opening| {
            let ask = opening.ask().add("Sec-WebSocket-Extensions", "permessage-deflate;;");
            match opening.expect_open(&ask) {
                Ok(head) if !head.all("Sec-WebSocket-Extensions").is_empty() => {
                    Err(Fault::case("it agrees to it"))
                }
                Err(Fault::Broken { level: None, .. }) | Ok(_) => Ok(()),
                Err(fault) => Err(fault),
            }
        },
    ));
}

fn writes(cases: &mut Vec<Case>) {
    let what = "accepted with 101: field names in lower case, as proxies and Node write them";
    cases.push(shake(
        SERVER,
        Must,
        "handshake/accepts-names-in-lower-case",
        "RFC 9110 5.1",
        what,
        |opening| {
            let ask = opening.ask();
            let lower = |line: &str| match line.split_once(':') {
                Some((name, value)) if !line.starts_with("GET") => {
                    format!("{}:{value}", name.to_ascii_lowercase())
                }
                _ => line.to_owned(),
            };
            let text = ask.to_string().split("\r\n").map(lower).collect::<Vec<_>>().join("\r\n");
            finish(opening, &ask, &text)
        },
    ));
    let what = "a request in single bytes is accepted";
    cases.push(shake(
        SERVER,
        Must,
        "handshake/accepts-single-bytes",
        "RFC 9112 2.2",
        what,
        |opening| {
            let text = opening.ask().to_string();
            let (front, last) = text.split_at(text.len() - 1);
            for byte in front.as_bytes() {
                opening.wire.write(&[*byte]);
            }
            assert_eq!(last, "\n");
            let ask = opening.ask();
            finish(opening, &ask, last)
        },
    ));
    let what =
        "a frame that arrives in one write with the head is read after it, or the request refused";
    let why =
        "RFC 6455 4.1 (a client has to wait, but TCP may bring both at once to a slow server)";
    cases.push(shake(SERVER, Choice, "handshake/a-frame-behind-the-head", why, what, |opening| {
        let ask = opening.ask();
        let frame = Frame::text("first").encode(Some([1, 2, 3, 4]));
        opening.wire.write(&[ask.to_string().as_bytes(), &frame].concat());
        let head = opening.response()?;
        if head.status() != Some(101) {
            return Ok(());
        }
        opening.expect_bytes(&Frame::text("first").encode(None))
    }));
}

/// Writes the rest of a request that was begun, and expects the 101.
fn finish(opening: &mut Opening, ask: &Text, rest: &str) -> crate::case::Verdict {
    opening.wire.write(rest.as_bytes());
    let head = opening.response()?;
    let accept = crate::wire::accept_for(ask.value("Sec-WebSocket-Key").unwrap_or_default());
    match (head.status(), head.one("Sec-WebSocket-Accept")) {
        (Some(101), Some(value)) if value == accept => Ok(()),
        _ => Err(Fault::case(format!("expected a 101 with {accept}, got {:?}", head.start))),
    }
}
