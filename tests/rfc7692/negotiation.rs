//! permessage-deflate, negotiated: RFC 7692 section 7.1, as a table, in both roles.
#![cfg(feature = "deflate")]

mod table;

use patchcord::deflate::{Agreed, Context};
use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{Answer, Request, ResponseError};
use patchcord::handshake::extension::Extensions;
use patchcord::handshake::extension::deflate::{Fallback, OwnWindow, Policy};
use patchcord::handshake::server::{Refusal, RequestReader};
use serde_json::Value;
use table::{
    ACCEPTED, ANSWERS, BARE, D, DECLINED, FRESH, MALFORMED, OPEN, QUIET, QUIETLY_FRESH,
    QUIETLY_SMALL, SMALL, SMALL_OR_LARGEST, SMALL_OR_NONE, context, policy,
};

fn spelled(text: &str) -> String {
    text.replace('$', D)
}

/// The whole of a server: what it answers to a request with these offers.
fn serve(policy: Policy, offers: &str) -> (String, Option<Agreed>) {
    let request = format!(
        "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Sec-WebSocket-Extensions: {offers}\r\n\r\n"
    );
    let mut input = request.as_bytes();
    let request = match RequestReader::new(Admission::any()).read(&mut input) {
        Ok(request) => request.expect("a whole head"),
        Err(error) => return (Refusal::from(error).status().to_string(), None),
    };
    let accepted = policy.accept(&request.extensions());
    let mut response = request.response();
    if let Some(accepted) = &accepted {
        response = response.with_extensions(accepted.extensions()).expect("offered");
    }
    let mut out = Vec::new();
    response.write(&mut out).expect("room");
    let text = String::from_utf8(out).expect("text");
    if let Some(accepted) = &accepted {
        let line = format!("Sec-WebSocket-Extensions: {accepted}\r\n");
        assert!(text.contains(&line), "{text} has not {line}");
    }
    (text, accepted.map(|accepted| accepted.agreed()))
}

fn answered(response: &str) -> Option<&str> {
    response.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Extensions: "))
}

#[test]
fn a_server_takes_the_first_offer_that_its_policy_can_take() {
    for (policy, offers, expected) in ACCEPTED {
        let (response, agreed) = serve(*policy, &spelled(offers));
        let answer = expected.map(|(answer, ..)| spelled(answer));
        assert!(response.starts_with("HTTP/1.1 101 "), "{offers}");
        assert_eq!(answered(&response), answer.as_deref(), "{offers}");
        assert_eq!(agreed, expected.map(|(_, own, peer)| Agreed { own, peer }), "{offers}");
    }
}

#[test]
fn a_bad_offer_is_declined_and_not_refused_and_the_next_one_is_taken() {
    for offer in DECLINED.iter().map(|offer| spelled(offer)) {
        let (response, agreed) = serve(OPEN, &offer);
        assert!(response.starts_with("HTTP/1.1 101 "), "{offer}");
        assert_eq!((answered(&response), agreed), (None, None), "{offer}");
        for fallback in [format!("{offer}, {D}"), format!("{D}, {offer}")] {
            let (response, agreed) = serve(OPEN, &fallback);
            assert_eq!((answered(&response), agreed), (Some(D), Some(Agreed::default())));
        }
    }
    for offer in MALFORMED {
        assert_eq!(serve(OPEN, &spelled(offer)).0, "400", "{offer}");
    }
}

#[test]
fn a_client_offers_what_its_policy_says_and_what_goes_otherwise() {
    let both = "$; server_max_window_bits=11; client_max_window_bits=11";
    for (policy, expected) in [
        (OPEN, "$; client_max_window_bits"),
        (
            FRESH,
            "$; server_no_context_takeover; client_no_context_takeover; client_max_window_bits",
        ),
        (QUIET, "$; client_max_window_bits"),
        (QUIETLY_FRESH, "$; client_max_window_bits"),
        (BARE, "$"),
        (
            QUIETLY_SMALL,
            "$; server_max_window_bits=11; client_max_window_bits, \
             $; server_no_context_takeover; client_max_window_bits",
        ),
        (SMALL_OR_NONE, both),
        (SMALL_OR_LARGEST, &format!("{both}, $; client_max_window_bits=11")),
        (SMALL, &format!("{both}, $; server_no_context_takeover; client_max_window_bits=11")),
    ] {
        assert_eq!(policy.offer().to_string(), spelled(expected));
    }
}

#[test]
fn a_client_checks_its_answer_against_what_it_offered() {
    for (policy, answer, expected) in ANSWERS {
        let offer = policy.offer();
        let request =
            Request::new(Url::parse("ws://h/").unwrap()).with_extensions(offer.extensions());
        // Through the handshake of HTTP/2, whose answer needs no key.
        let (_, reader) = request.to_fields().unwrap();
        let value = spelled(answer);
        let fields = [("sec-websocket-extensions", value.as_bytes())];
        let fields = if value.is_empty() { &[][..] } else { &fields };
        let open = reader.read_fields(200, fields).expect("an answer by its names");
        let Answer::Accepted(open) = open else { panic!("not open") };
        let agreed = expected.map(|both| both.map(|(own, peer)| Agreed { own, peer }));
        assert_eq!(offer.verify(&open.extensions()), agreed, "{answer}");
    }
}

#[test]
fn a_client_that_offered_nothing_is_not_to_be_answered() {
    let request = Request::new(Url::parse("ws://h/").unwrap());
    let (_, reader) = request.to_fields().unwrap();
    let fields = [("sec-websocket-extensions", D.as_bytes())];
    assert_eq!(reader.read_fields(200, &fields).unwrap_err(), ResponseError::Extension);
}

/// An end uses no more than its policy has, nor than the other end makes room for, which knows what
/// was announced.
fn kept(policy: &Policy, agreed: &Agreed, theirs: &Agreed) {
    let is_within = |inner: Context, outer: Context| {
        inner.window <= outer.window && inner.takeover <= outer.takeover
    };
    assert!(is_within(agreed.own, policy.own) && is_within(agreed.own, theirs.peer));
    if policy.own_window == OwnWindow::Announced {
        assert_eq!(agreed.own, theirs.peer);
    }
}

/// Every policy of a client with every policy of a server: both ends mean the same.
#[test]
fn the_two_ends_agree_on_the_same_over_every_carrier() {
    let mut policies = vec![
        OPEN,
        QUIET,
        BARE,
        QUIETLY_SMALL,
        SMALL,
        SMALL_OR_LARGEST,
        SMALL_OR_NONE,
        FRESH,
        QUIETLY_FRESH,
    ];
    for bits in 8..=15 {
        for takeover in [false, true] {
            let own = context(bits, takeover);
            let said = policy(own, context(23 - bits, !takeover), Fallback::NoTakeover);
            policies.extend([said, Policy { own_window: OwnWindow::Adjustable, ..said }]);
        }
    }
    let mut declined = 0;
    for client in &policies {
        for server in &policies {
            let offer = client.offer();
            let url = Url::parse("ws://127.0.0.1/").unwrap();
            let request = Request::new(url).with_extensions(offer.extensions());
            let mut head = Vec::new();
            let mut reader =
                request.write(&mut |nonce: &mut [u8]| nonce.fill(1), &mut head).unwrap();
            let read = RequestReader::new(Admission::any()).read(&mut &head[..]);
            let read = read.unwrap().unwrap();
            let accepted = server.accept(&read.extensions());
            let mut response = read.response();
            if let Some(accepted) = &accepted {
                response = response.with_extensions(accepted.extensions()).unwrap();
            }
            let mut written = Vec::new();
            response.write(&mut written).unwrap();
            let mut input = &written[..];
            let Some(Answer::Accepted(open)) = reader.read(&mut input).unwrap() else { panic!() };
            let agreed = offer.verify(&open.extensions()).unwrap();
            let theirs = accepted.as_ref().map(|accepted| accepted.agreed());
            assert_eq!(agreed.is_some(), theirs.is_some());
            if let (Some(ours), Some(theirs)) = (agreed, theirs) {
                kept(client, &ours, &theirs);
                kept(server, &theirs, &ours);
                assert!(ours.own.takeover <= server.peer.takeover);
                assert!(theirs.own.takeover <= client.peer.takeover);
            }
            declined += usize::from(agreed.is_none());
            // The same over an extended CONNECT.
            let (fields, reader) = request.to_fields().unwrap();
            let fields: Vec<_> = fields.iter().map(|f| (f.name, f.value.as_bytes())).collect();
            let server_reader = RequestReader::new(Admission::any());
            let connect = server_reader.read_fields(&fields).unwrap();
            let accepted = server.accept(&connect.extensions());
            let mut response = connect.response();
            if let Some(accepted) = &accepted {
                response = response.with_extensions(accepted.extensions()).unwrap();
            }
            let (status, fields) = response.to_fields();
            let fields: Vec<_> = fields.iter().map(|f| (f.name, f.value.as_bytes())).collect();
            let answer = reader.read_fields(status, &fields).unwrap();
            let Answer::Accepted(open) = answer else { panic!("not open") };
            assert_eq!(offer.verify(&open.extensions()).unwrap(), agreed);
        }
    }
    assert!(declined > 20, "windows of 256 bytes and small or none: {declined}");
}

/// What real peers offered and answered, as `tests/interop/run --all --write` heard it: each pair of
/// an offer and an answer, with one of the peers that it was between.
struct Pair {
    peer: String,
    role: String,
    policy: String,
    offer: String,
    answer: Option<String>,
    opens: bool,
}

fn pairs() -> Vec<Pair> {
    let pairs: Vec<Value> = serde_json::from_str(include_str!("negotiation/peers.json")).unwrap();
    let text = |pair: &Value, name: &str| pair[name].as_str().map(str::to_owned);
    let all = |pair: &Value| {
        Some(Pair {
            peer: text(pair, "peer")?,
            role: text(pair, "role")?,
            policy: text(pair, "policy")?,
            offer: text(pair, "offer")?,
            answer: text(pair, "answer"),
            opens: pair["opens"].as_bool()?,
        })
    };
    pairs.iter().map(|pair| all(pair).expect("all fields")).collect()
}

fn of_name(policy: &str) -> Policy {
    match policy {
        "default" => Policy::default(),
        "bare" => Policy { own_window: OwnWindow::Unsaid, ..Policy::default() },
        "small" => Policy::SMALL,
        "announced" => Policy { own_window: OwnWindow::Announced, ..Policy::SMALL },
        other => panic!("no such policy: {other}"),
    }
}

#[test]
fn real_clients_are_answered_what_they_were_seen_to_open_with() {
    let clients: Vec<_> = pairs().into_iter().filter(|pair| pair.role == "client").collect();
    assert!(clients.len() > 20, "{}", clients.len());
    for Pair { peer, policy, offer, answer, .. } in clients {
        let (_, agreed) = serve(of_name(&policy), &offer);
        let accepted = of_name(&policy).accept(&Extensions::parse(&offer).unwrap());
        assert_eq!(accepted.as_ref().map(ToString::to_string), answer, "{peer}: {offer}");
        assert_eq!(accepted.map(|accepted| accepted.agreed()), agreed);
    }
}

/// The default says nothing that was not asked for.
#[test]
fn the_default_answer_has_no_parameter_that_is_not_in_the_offer() {
    let offers = pairs().into_iter().filter(|pair| pair.role == "client").map(|pair| pair.offer);
    for offer in offers.chain(ACCEPTED.iter().map(|(_, offers, _)| spelled(offers))) {
        let Some(accepted) = Policy::default().accept(&Extensions::parse(&offer).unwrap()) else {
            continue;
        };
        for parameter in accepted.extensions().iter().flat_map(|answer| answer.parameters()) {
            assert!(offer.contains(parameter.name()), "{offer}: {accepted}");
        }
    }
}

#[test]
fn answers_of_real_servers_are_taken_or_refused_as_they_were() {
    let servers: Vec<_> = pairs().into_iter().filter(|pair| pair.role == "server").collect();
    assert!(servers.len() > 20, "{}", servers.len());
    for Pair { peer, policy, offer, answer, opens, .. } in servers {
        let offered = of_name(&policy).offer();
        assert_eq!(offered.to_string(), offer, "{peer}");
        let answer = answer.unwrap_or_default();
        let verified = offered.verify(&Extensions::parse(&answer).unwrap());
        assert_eq!(verified.is_ok(), opens, "{peer}: {offer}: {answer}: {verified:?}");
        let Ok(Some(agreed)) = verified else { continue };
        let bits = |name: &str| {
            let (_, value) = answer.split_once(&format!("{name}_max_window_bits="))?;
            value.split([';', ',']).next()?.trim_matches(['"', ' ']).parse::<u8>().ok()
        };
        assert_eq!(agreed.peer.window.bits(), bits("server").unwrap_or(15), "{peer}: {answer}");
        assert_eq!(agreed.own.window.bits(), bits("client").unwrap_or(15).min(11), "{peer}");
        assert_eq!(agreed.peer.takeover, !answer.contains("server_no_context_takeover"));
        assert_eq!(agreed.own.takeover, !answer.contains("client_no_context_takeover"));
    }
}

#[test]
fn offers_over_several_lines_are_one_list() {
    let lines = format!("{D}; foo\r\nSec-WebSocket-Extensions: {D}; client_max_window_bits=9");
    let (response, agreed) = serve(OPEN, &lines);
    assert_eq!(answered(&response), Some(&*format!("{D}; client_max_window_bits=9")));
    assert_eq!(agreed.unwrap().peer, context(9, true));
}

#[test]
fn an_answer_is_read_from_any_value_of_the_header() {
    let answer = spelled("$; server_max_window_bits=10");
    let answer = Extensions::parse(&answer).unwrap();
    let agreed = OPEN.offer().verify(&answer).unwrap().unwrap();
    assert_eq!(agreed, Agreed { own: context(15, true), peer: context(10, true) });
}
