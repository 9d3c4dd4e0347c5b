//! Offers and answers: RFC 6455 section 9.1, RFC 7692 sections 5 and 7.1.

use super::payloads::json;
use crate::case::{CLIENT, Case, Fault, Level, Parameters, SERVER, Verdict, shake};
use crate::conversation::{Agreed, Opening};
use crate::wire::Frame;
use Level::{Choice, Must, Should};

const PLAIN: &str = "permessage-deflate";

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    taken(&mut cases);
    declined(&mut cases);
    answers(&mut cases);
    wrong_answers(&mut cases);
    cases
}

/// Returns the answer to these offers: none, or one that fits them.
fn answer(opening: &mut Opening, offers: &str) -> Verdict<Option<String>> {
    let ask = opening.ask().add("Sec-WebSocket-Extensions", offers);
    let head = opening.expect_open(&ask)?;
    match head.all("Sec-WebSocket-Extensions")[..] {
        [] | [""] => Ok(None),
        [value] => Ok(Some(value.to_owned())),
        _ => Err(Fault::must("extensions are answered in two lines")),
    }
}

/// Returns whether the server has the extension at all.
fn has_deflate(opening: &mut Opening) -> Verdict<bool> {
    let ask = opening.ask().add("Sec-WebSocket-Extensions", PLAIN);
    let head = opening.again()?.expect_open(&ask)?;
    Ok(!head.all("Sec-WebSocket-Extensions").is_empty())
}

fn skip_without(opening: &mut Opening) -> Verdict {
    if has_deflate(opening)? {
        Ok(())
    } else {
        Err(Fault::Skip("it declines permessage-deflate".into()))
    }
}

/// A legal offer that a server with the extension can accept, and after which an echo works.
fn takes(level: Level, id: &str, what: &str, offers: &'static str, asked: Parameters) -> Case {
    let id = format!("deflate/takes-{id}");
    shake(SERVER, level, id, "RFC 7692 5.1, 7.1", what, move |opening| {
        skip_without(opening)?;
        let Some(value) = answer(opening, offers)? else {
            return Err(Fault::case("it declines"));
        };
        let agreed = Agreed::by_server(&value, &asked)?;
        let mut opened = opening.opened(Some(agreed));
        for size in [10, 3000, 3000] {
            let frame = Frame::text(json(size));
            let compressed = opened.compress(&frame);
            opened.send(&compressed);
            opened.expect_echo(&frame)?;
        }
        opened.close()
    })
}

fn taken(cases: &mut Vec<Case>) {
    let none = Parameters::default;
    let window = |bits| Parameters { window_bits: Some(bits), ..none() };
    let fresh = Parameters { no_takeover: true, ..none() };
    cases.push(takes(Must, "a-bare-offer", "the name alone (Firefox, Safari)", PLAIN, none()));
    let chromium = "permessage-deflate; client_max_window_bits";
    cases.push(takes(Should, "client-max-window-bits", "the offer of Chromium", chromium, none()));
    let quoted = "permessage-deflate; client_max_window_bits=\"10\"";
    cases.push(takes(Choice, "a-quoted-value", "a quoted value (RFC 6455 9.1)", quoted, none()));
    let fresh_offer = "permessage-deflate; server_no_context_takeover";
    cases.push(takes(
        Choice,
        "server-no-context-takeover",
        "and answers it, as it must",
        fresh_offer,
        fresh,
    ));
    for (bits, offer) in [
        (9, "permessage-deflate; server_max_window_bits=9"),
        (12, "permessage-deflate; server_max_window_bits=12"),
        (15, "permessage-deflate; server_max_window_bits=15"),
    ] {
        let what = "and answers no larger window, as it must";
        cases.push(takes(
            Choice,
            &format!("server-max-window-bits-{bits}"),
            what,
            offer,
            window(bits),
        ));
    }
    taken_later(cases);
}

fn taken_later(cases: &mut Vec<Case>) {
    let none = Parameters::default;
    let second = "permessage-deflate; server_max_window_bits=7, permessage-deflate";
    cases.push(takes(
        Should,
        "the-offer-behind-a-bad-one",
        "an offer with an illegal value is skipped",
        second,
        none(),
    ));
    let unknown = "permessage-deflate; x-unknown, permessage-deflate";
    cases.push(takes(
        Should,
        "the-offer-behind-an-unknown-parameter",
        "an offer with an unknown parameter is skipped",
        unknown,
        none(),
    ));
    let other = "x-webkit-deflate-frame, permessage-deflate";
    cases.push(takes(
        Must,
        "the-offer-behind-another-extension",
        "an unknown extension is skipped",
        other,
        none(),
    ));
    let what = "an offer in a second line";
    cases.push(shake(
        SERVER,
        Should,
        "deflate/takes-an-offer-in-a-second-line",
        "RFC 6455 9.1",
        what,
        |opening| {
            skip_without(opening)?;
            let ask = opening
                .ask()
                .add("Sec-WebSocket-Extensions", "x-unknown")
                .add("Sec-WebSocket-Extensions", PLAIN);
            let head = opening.expect_open(&ask)?;
            if head.lists("Sec-WebSocket-Extensions", PLAIN) {
                Ok(())
            } else {
                Err(Fault::case("it declines"))
            }
        },
    ));
}

fn declined(cases: &mut Vec<Case>) {
    for (id, offer) in [
        ("a-window-without-a-value", "permessage-deflate; server_max_window_bits"),
        ("a-window-of-7-bits", "permessage-deflate; server_max_window_bits=7"),
        ("a-window-of-16-bits", "permessage-deflate; client_max_window_bits=16"),
        ("a-window-with-a-leading-zero", "permessage-deflate; server_max_window_bits=08"),
        ("a-window-in-words", "permessage-deflate; server_max_window_bits=ten"),
        ("a-window-of-1000-bits", "permessage-deflate; server_max_window_bits=1000"),
        ("an-unknown-parameter", "permessage-deflate; x-unknown"),
        ("a-value-that-is-not-allowed", "permessage-deflate; server_no_context_takeover=1"),
        (
            "a-parameter-twice",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        ),
    ] {
        let what =
            format!("an illegal offer is declined, and the connection opens without it: {offer}");
        let id = format!("deflate/declines-{id}");
        cases.push(shake(SERVER, Must, id, "RFC 7692 7.1 (MUST decline)", what, move |opening| {
            match answer(opening, offer) {
                Ok(None) => Ok(()),
                Ok(Some(value)) => Err(Fault::case(format!("it agrees to {value}"))),
                Err(Fault::Broken { level: None, what }) => Err(Fault::should(format!(
                    "it declines, but by refusing the connection: {what}"
                ))),
                Err(fault) => Err(fault),
            }
        }));
    }
}

/// Returns whether the client offered this name.
fn offered(opening: &Opening, name: &str) -> bool {
    let head = opening.request.as_ref();
    head.is_some_and(|head| {
        head.all("Sec-WebSocket-Extensions").iter().any(|value| value.contains(name))
    })
}

fn answers(cases: &mut Vec<Case>) {
    let what = "a client's offer is legal: known parameters, each once, with permitted values";
    cases.push(shake(CLIENT, Must, "deflate/offer", "RFC 7692 7.1", what, |opening| {
        let head = opening.request.clone().ok_or_else(|| Fault::must("no request"))?;
        Agreed::by_client(&head.all("Sec-WebSocket-Extensions"), &Parameters::default())?;
        let text = opening.accepting()?.to_string();
        opening.expect_accepted(&text)
    }));
    for (id, parameter) in [
        ("client-no-context-takeover", "client_no_context_takeover"),
        ("server-no-context-takeover", "server_no_context_takeover"),
        ("server-max-window-bits", "server_max_window_bits=11"),
    ] {
        let what = format!("the client continues: {parameter}, which a server may answer unasked");
        let id = format!("deflate/goes-on-with-{id}");
        cases.push(shake(CLIENT, Must, id, "RFC 7692 7.1.1, 7.1.2.1", what, move |opening| {
            if !offered(opening, PLAIN) || offered(opening, "server_") {
                return Err(Fault::Skip(
                    "it does not offer the extension without server parameters".into(),
                ));
            }
            let value = format!("{PLAIN}; {parameter}");
            let agreed = Agreed::answered(&value)?;
            let text = opening.accepting()?.add("Sec-WebSocket-Extensions", &value).to_string();
            opening.wire.write(text.as_bytes());
            let mut opened = opening.opened(Some(agreed));
            for _ in 0..2 {
                let frame = Frame::text(json(3000));
                let compressed = opened.compress(&frame);
                opened.send(&compressed);
                opened.expect_echo(&frame)?;
            }
            opened.close()
        }));
    }
}

fn wrong_answers(cases: &mut Vec<Case>) {
    for (id, value) in [
        ("a-window-of-7-bits", "permessage-deflate; server_max_window_bits=7"),
        ("a-window-of-16-bits", "permessage-deflate; server_max_window_bits=16"),
        ("a-window-of-1000-bits", "permessage-deflate; server_max_window_bits=1000"),
        ("a-window-without-a-value", "permessage-deflate; client_max_window_bits"),
        ("an-unknown-parameter", "permessage-deflate; x-unknown"),
        (
            "a-parameter-twice",
            "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        ),
        ("a-value-that-is-not-allowed", "permessage-deflate; client_no_context_takeover=1"),
        ("two-answers", "permessage-deflate, permessage-deflate"),
    ] {
        let what = format!("the client gives up: {value}");
        let id = format!("deflate/gives-up-with-{id}");
        cases.push(shake(CLIENT, Must, id, "RFC 7692 5.1, 7.1", what, move |opening| {
            let text = opening.accepting()?.add("Sec-WebSocket-Extensions", value).to_string();
            opening.expect_abandoned(&text)
        }));
    }
    let what = "the client gives up: an answer that was not offered";
    cases.push(shake(
        CLIENT,
        Must,
        "deflate/gives-up-unless-offered",
        "RFC 6455 4.1, RFC 7692 5.1",
        what,
        |opening| {
            if offered(opening, PLAIN) {
                return Err(Fault::Skip("it offers permessage-deflate".into()));
            }
            let text = opening.accepting()?.add("Sec-WebSocket-Extensions", PLAIN).to_string();
            opening.expect_abandoned(&text)
        },
    ));
}
