//! What a server must not accept: RFC 6455 sections 4.2.1 and 4.4, RFC 9112.

use crate::case::{Case, Fault, Level, SERVER, shake};
use crate::conversation::{Opening, Text};
use crate::wire::Head;
use Level::{Choice, Must, Should};

/// Statuses that say that a request is wrong.
pub const BAD: &[u16] =
    &[400, 403, 404, 405, 411, 413, 415, 417, 421, 422, 426, 431, 500, 501, 505];

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    refused(&mut cases);
    versions(&mut cases);
    syntax(&mut cases);
    cases
}

fn refuses(level: Level, id: &str, why: &'static str, what: &str, ask: fn(Text) -> Text) -> Case {
    let id = format!("handshake/refuses-{id}");
    shake(SERVER, level, id, why, format!("never accepted: {what}"), move |opening| {
        let ask = ask(opening.ask());
        opening.expect_refusal(&ask.to_string(), BAD).map(drop)
    })
}

fn refused(cases: &mut Vec<Case>) {
    let mut add =
        |level, id: &str, why, what: &str, ask| cases.push(refuses(level, id, why, what, ask));
    add(Must, "post", "RFC 6455 4.2.1 item 1", "POST", |ask| {
        restart(ask, |line| line.replace("GET", "POST"))
    });
    add(Must, "http-1.0", "RFC 6455 4.2.1 item 1, RFC 9110 7.8", "HTTP/1.0", |ask| {
        restart(ask, |line| line.replace("HTTP/1.1", "HTTP/1.0"))
    });
    add(Must, "no-host", "RFC 6455 4.2.1 item 2, RFC 9112 3.2", "no Host", |ask| {
        ask.without("Host")
    });
    add(
        Should,
        "two-hosts",
        "RFC 9112 3.2 (MUST respond with 400)",
        "two different Hosts",
        |ask| ask.add("Host", "other.example"),
    );
    add(Must, "no-upgrade", "RFC 6455 4.2.1 item 3", "no Upgrade", |ask| ask.without("Upgrade"));
    add(Must, "another-upgrade", "RFC 6455 4.2.1 item 3", "Upgrade: websocket2", |ask| {
        ask.set("Upgrade", "websocket2")
    });
    add(Must, "no-connection", "RFC 6455 4.2.1 item 4", "no Connection", |ask| {
        ask.without("Connection")
    });
    add(
        Must,
        "a-connection-that-only-contains-upgrade",
        "RFC 6455 4.2.1 item 4",
        "Connection: notupgrade",
        |ask| ask.set("Connection", "notupgrade"),
    );
    add(Must, "keep-alive-alone", "RFC 6455 4.2.1 item 4", "Connection: keep-alive", |ask| {
        ask.set("Connection", "keep-alive")
    });
    add(Must, "no-key", "RFC 6455 4.2.1 item 5", "no Sec-WebSocket-Key", |ask| {
        ask.without("Sec-WebSocket-Key")
    });
    for_keys(cases);
    smuggled(cases);
}

fn smuggled(cases: &mut Vec<Case>) {
    let mut add =
        |level, id: &str, why, what: &str, ask| cases.push(refuses(level, id, why, what, ask));
    add(
        Should,
        "two-keys",
        "RFC 6455 11.3.1 (MUST NOT appear more than once)",
        "two keys",
        |ask| ask.add("Sec-WebSocket-Key", "AQIDBAUGBwgJCgsMDQ4PEA=="),
    );
    add(
        Should,
        "a-body",
        "RFC 6455 4.2.1, RFC 9112 11.2 (smuggling)",
        "Content-Length: 5, and a body",
        |ask| ask.add("Content-Length", "5"),
    );
    add(
        Should,
        "a-chunked-body",
        "RFC 6455 4.2.1, RFC 9112 11.2 (smuggling)",
        "Transfer-Encoding: chunked",
        |ask| ask.add("Transfer-Encoding", "chunked"),
    );
}

fn for_keys(cases: &mut Vec<Case>) {
    for (id, key, what) in [
        ("a-key-of-15-bytes", "AQIDBAUGBwgJCgsMDQ4P", "a key of 15 bytes"),
        ("a-key-of-17-bytes", "AQIDBAUGBwgJCgsMDQ4PEBE=", "a key of 17 bytes"),
        ("a-key-that-is-no-base64", "????????????????????????", "a key that is not base64"),
        ("an-empty-key", "", "an empty key"),
    ] {
        let why = "RFC 6455 4.2.1 item 5";
        let id = format!("handshake/refuses-{id}");
        cases.push(shake(
            SERVER,
            Must,
            id,
            why,
            format!("never accepted: {what}"),
            move |opening| {
                let ask = opening.ask().set("Sec-WebSocket-Key", key);
                opening.expect_refusal(&ask.to_string(), BAD).map(drop)
            },
        ));
    }
}

/// Changes the first line of a request.
fn restart(ask: Text, change: impl Fn(&str) -> String) -> Text {
    let text = ask.to_string();
    let line = text.lines().next().unwrap_or_default();
    let changed = change(line);
    ask.start(changed)
}

/// Section 4.4: the answer gives the supported version.
fn versions(cases: &mut Vec<Case>) {
    let why = "RFC 6455 4.2.1 item 6, 4.2.2, 4.4";
    for version in ["12", "777"] {
        let what = format!("never accepted: version {version}; and the answer gives 13");
        let id = format!("handshake/refuses-version-{version}");
        cases.push(shake(SERVER, Must, id, why, what, move |opening| {
            let ask = opening.ask().set("Sec-WebSocket-Version", version);
            let told = |head: &Head| head.lists("Sec-WebSocket-Version", "13");
            match opening.expect_refusal(&ask.to_string(), BAD)? {
                Some(head) if told(&head) => Ok(()),
                Some(head) => {
                    let what = format!("{:?} does not give the version (4.2.2)", head.start);
                    Err(Fault::must(what))
                }
                None => {
                    Err(Fault::must("it ends the connection without giving the version (4.2.2)"))
                }
            }
        }));
    }
    let mut add = |id: &str, what: &str, ask| cases.push(refuses(Must, id, why, what, ask));
    add("version-13-and-more", "Sec-WebSocket-Version: 13, 8", |ask| {
        ask.set("Sec-WebSocket-Version", "13, 8")
    });
    add("version-in-words", "Sec-WebSocket-Version: thirteen", |ask| {
        ask.set("Sec-WebSocket-Version", "thirteen")
    });
    add("no-version", "no Sec-WebSocket-Version", |ask| ask.without("Sec-WebSocket-Version"));
}

fn syntax(cases: &mut Vec<Case>) {
    let raw = |level, id: &str, why, what: &str, change: fn(String) -> String| {
        let what = format!("never accepted: {what}");
        shake(
            SERVER,
            level,
            format!("handshake/refuses-{id}"),
            why,
            what,
            move |opening: &mut Opening| {
                let text = change(opening.ask().to_string());
                opening.expect_refusal(&text, BAD).map(drop)
            },
        )
    };
    cases.push(raw(
        Should,
        "a-blank-before-a-colon",
        "RFC 9112 5.1 (MUST reject)",
        "a blank before a colon",
        |text| text.replace("Upgrade: websocket", "Upgrade : websocket"),
    ));
    cases.push(raw(
        Should,
        "a-line-without-a-colon",
        "RFC 9112 2.2, 5",
        "a line without a colon",
        |text| text.replace("Upgrade: websocket", "X-Nothing\r\nUpgrade: websocket"),
    ));
    cases.push(raw(
        Should,
        "nul-in-a-value",
        "RFC 9110 5.5 (MUST reject or replace)",
        "a NUL in a value",
        |text| text.replace("Upgrade: websocket", "X-Nul: a\0b\r\nUpgrade: websocket"),
    ));
    cases.push(raw(
        Choice,
        "a-folded-line",
        "RFC 9112 5.2 (reject, or replace by blanks)",
        "a line that is continued",
        |text| text.replace("Upgrade: websocket", "X-Fold: a\r\n b\r\nUpgrade: websocket"),
    ));
    cases.push(raw(
        Should,
        "a-target-with-a-blank",
        "RFC 9112 3",
        "a blank in the target",
        |text| text.replacen(" HTTP/1.1", " x HTTP/1.1", 1),
    ));
    cases.push(raw(Should, "no-http", "RFC 9112 2.2", "a first line that is not HTTP", |_| {
        "HELLO WORLD\r\n\r\n".into()
    }));
}
