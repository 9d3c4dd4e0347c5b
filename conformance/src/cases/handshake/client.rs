//! What a client must send, what it must accept, and what it must not.

use crate::case::{CLIENT, Case, Fault, Level, Verdict, shake};
use crate::conversation::{Opening, Text};
use crate::wire::Head;
use Level::{Choice, Must, Should};
use std::time::Duration;

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    requests(&mut cases);
    accepted(&mut cases);
    abandoned(&mut cases);
    cases
}

fn asked(opening: &Opening) -> Verdict<&Head> {
    opening.request.as_ref().ok_or_else(|| Fault::must("no request came"))
}

fn requests(cases: &mut Vec<Case>) {
    let what =
        "GET, HTTP/1.1, one Host, Upgrade: websocket, Connection: Upgrade, version 13, no body";
    cases.push(shake(CLIENT, Must, "handshake/request", "RFC 6455 4.1", what, |opening| {
        let head = asked(opening)?;
        let checks = [
            (
                head.request()
                    .is_some_and(|[method, _, version]| method == "GET" && version == "HTTP/1.1"),
                "GET and HTTP/1.1",
            ),
            (head.all("Host").len() == 1, "one Host"),
            (head.lists("Upgrade", "websocket"), "Upgrade: websocket"),
            (head.lists("Connection", "upgrade"), "Connection: Upgrade"),
            (head.one("Sec-WebSocket-Version") == Some("13"), "Sec-WebSocket-Version: 13"),
            (head.all("Content-Length").iter().all(|value| *value == "0"), "no body"),
            (
                head.all("Sec-WebSocket-Protocol").iter().all(|value| !value.is_empty()),
                "no empty list of subprotocols",
            ),
        ];
        if let Some((_, what)) = checks.iter().find(|(holds, _)| !holds) {
            return Err(Fault::case(format!("the request must have {what}: {:?}", head.fields)));
        }
        echo(opening)
    }));
    let what = "a key of 16 bytes in base64, different in each request";
    cases.push(shake(CLIENT, Must, "handshake/key", "RFC 6455 4.1 item 7", what, |opening| {
        let head = asked(opening)?;
        let key =
            head.one("Sec-WebSocket-Key").ok_or_else(|| Fault::case("there must be one key"))?;
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
        if key.len() != 24 || !key.ends_with("==") || !key[..22].bytes().all(is_letter) {
            return Err(Fault::case(format!("{key:?} is not 16 bytes in base64")));
        }
        if opening.has_old_key {
            return Err(Fault::case("the key was already used in an earlier connection"));
        }
        echo(opening)
    }));
}

/// Answers as it should, and has one message echoed.
fn echo(opening: &mut Opening) -> Verdict {
    let text = opening.accepting()?.to_string();
    opening.expect_accepted(&text)
}

fn accepts(
    level: Level,
    id: &str,
    why: &'static str,
    what: &str,
    change: fn(Text) -> String,
) -> Case {
    let what = format!("the client continues: {what}");
    shake(CLIENT, level, format!("handshake/goes-on-with-{id}"), why, what, move |opening| {
        let text = change(opening.accepting()?);
        opening.expect_accepted(&text)
    })
}

fn accepted(cases: &mut Vec<Case>) {
    let mut add = |level, id: &str, why, what: &str, change| {
        cases.push(accepts(level, id, why, what, change))
    };
    add(
        Must,
        "tokens-in-any-case",
        "RFC 6455 4.1 items 2, 3 of the answer",
        "WEBSOCKET and upgrade",
        |answer| answer.set("Upgrade", "WEBSOCKET").set("Connection", "upgrade").to_string(),
    );
    add(Must, "names-in-lower-case", "RFC 9110 5.1", "field names in lower case", |answer| {
        let text = answer.to_string();
        text.replace("Upgrade: ", "upgrade: ")
            .replace("Connection: ", "connection: ")
            .replace("Sec-WebSocket-", "sec-websocket-")
    });
    add(Must, "another-reason-phrase", "RFC 9112 4", "another reason phrase", |answer| {
        answer.start("HTTP/1.1 101 Web Socket Protocol Handshake").to_string()
    });
    add(Must, "no-reason-phrase", "RFC 9112 4", "no reason phrase", |answer| {
        answer.start("HTTP/1.1 101 ").to_string()
    });
    add(Must, "fields-it-does-not-know", "RFC 9110 5.1", "unknown fields", |answer| {
        answer
            .add("Date", "Sat, 28 Nov 2026 12:00:00 GMT")
            .add("Server", "conformance")
            .add("Set-Cookie", "a=b")
            .to_string()
    });
    add(
        Should,
        "connection-list",
        "RFC 6455 4.1 item 3 of the answer (contains a token)",
        "Connection: keep-alive, Upgrade",
        |answer| answer.set("Connection", "keep-alive, Upgrade").to_string(),
    );
    add(
        Should,
        "an-interim-response",
        "RFC 9110 15.2 (MUST be able to parse 1xx)",
        "103 Early Hints before the 101",
        |answer| format!("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n{answer}"),
    );
    add(
        Choice,
        "content-length-0",
        "RFC 9110 8.6 (no server may send it)",
        "Content-Length: 0 on the 101",
        |answer| answer.add("Content-Length", "0").to_string(),
    );
    written(cases);
}

fn written(cases: &mut Vec<Case>) {
    let what = "the client continues: the answer in single bytes";
    cases.push(shake(
        CLIENT,
        Must,
        "handshake/goes-on-with-single-bytes",
        "RFC 9112 2.2",
        what,
        |opening| {
            let text = opening.accepting()?.to_string();
            let (front, last) = text.split_at(text.len() - 1);
            for byte in front.as_bytes() {
                opening.wire.write(&[*byte]);
            }
            opening.expect_accepted(last)
        },
    ));
    let what = "a frame in one write with the answer is read";
    cases.push(shake(
        CLIENT,
        Must,
        "handshake/goes-on-with-a-frame-behind-the-head",
        "RFC 6455 4.2.2",
        what,
        |opening| {
            let text = opening.accepting()?.to_string();
            let frame = crate::wire::Frame::text("first");
            opening.wire.write(&[text.as_bytes(), &frame.encode(None)].concat());
            let mut opened = opening.opened(None);
            opened.expect_echo(&frame)?;
            opened.close()
        },
    ));
}

fn gives_up(
    level: Level,
    id: &str,
    why: &'static str,
    what: &str,
    change: fn(Text) -> String,
) -> Case {
    let what = format!("the client gives up, and sends no frame: {what}");
    shake(CLIENT, level, format!("handshake/gives-up-with-{id}"), why, what, move |opening| {
        let text = change(opening.accepting()?);
        opening.expect_abandoned(&text)
    })
}

fn abandoned(cases: &mut Vec<Case>) {
    let why = "RFC 6455 4.1, the answer";
    let mut add =
        |level, id: &str, what: &str, change| cases.push(gives_up(level, id, why, what, change));
    add(Must, "another-accept", "Sec-WebSocket-Accept of another key", |answer| {
        answer.set("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=").to_string()
    });
    add(Must, "accept-in-another-case", "Sec-WebSocket-Accept in lower case", |answer| {
        let lower = answer.value("Sec-WebSocket-Accept").unwrap_or_default().to_ascii_lowercase();
        answer.set("Sec-WebSocket-Accept", &lower).to_string()
    });
    add(Must, "no-accept", "no Sec-WebSocket-Accept", |answer| {
        answer.without("Sec-WebSocket-Accept").to_string()
    });
    add(Must, "no-upgrade", "no Upgrade", |answer| answer.without("Upgrade").to_string());
    add(Must, "another-upgrade", "Upgrade: h2c", |answer| answer.set("Upgrade", "h2c").to_string());
    add(Must, "no-connection", "no Connection", |answer| answer.without("Connection").to_string());
    add(Must, "connection-close", "Connection: close", |answer| {
        answer.set("Connection", "close").to_string()
    });
    add(Must, "a-subprotocol-not-offered", "a subprotocol that was not offered", |answer| {
        answer
            .without("Sec-WebSocket-Protocol")
            .add("Sec-WebSocket-Protocol", "x-other.example")
            .to_string()
    });
    add(Must, "an-extension-not-offered", "an extension that was not offered", |answer| {
        answer.add("Sec-WebSocket-Extensions", "x-unknown").to_string()
    });
    add(Must, "status-200", "200 with the fields of a 101", |answer| {
        answer.start("HTTP/1.1 200 OK").add("Content-Length", "0").to_string()
    });
    add(Must, "status-400", "400", |_| {
        "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".into()
    });
    add(Should, "http-1.0", "HTTP/1.0 101", |answer| {
        answer.start("HTTP/1.0 101 Switching Protocols").to_string()
    });
    add(Must, "no-http", "a first line that is not HTTP", |answer| {
        answer.start("WEBSOCKET/1 101 Switching Protocols").to_string()
    });
    add(Should, "two-accepts", "two lines of Sec-WebSocket-Accept, one of them wrong", |answer| {
        answer.add("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=").to_string()
    });
    endless(cases);
}

fn endless(cases: &mut Vec<Case>) {
    let what = "the client gives up within 35 s: a head that never ends";
    cases.push(shake(
        CLIENT,
        Choice,
        "handshake/gives-up-with-endless-fields",
        "RFC 6455 10.4",
        what,
        |opening| {
            let text = opening.accepting()?.to_string();
            opening.wire.write(text.trim_end().as_bytes());
            opening.wire.write(b"\r\n");
            let more = b"X-More: more\r\n".repeat(1 << 17);
            let taken = opening.wire.write_some(&more, Duration::from_secs(1), true);
            if taken < more.len() { Ok(()) } else { opening.expect_abandoned("") }
        },
    ));
}
