use super::context;
use super::offers::{Said, said};
use super::strict::Strict;
use patchcord::deflate::{Agreed, Compression, Context, Engines, InflateLimits, WindowBits};
use patchcord::handshake::Url;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::client::{Answer, Request};
use patchcord::handshake::extension::Extensions;
use patchcord::handshake::extension::deflate::{
    AnswerError, DeflateAnswer, DeflateOffer, Fallback, OwnWindow, Policy,
};
use patchcord::handshake::server::RequestReader;

/// Two policies agree over a handshake, or nothing is compressed: what one end compresses with, the
/// other can inflate, and no end is asked for more than its policy has. Any offer is accepted, and
/// any answer verified, if it keeps RFC 7692 section 7.1; each error has its reason; what is
/// written reads back the same.
pub fn negotiation(data: &[u8]) {
    let Some((&[a, b, c, d, choice], rest)) = data.split_first_chunk() else { return };
    let client = policy(a, b, choice);
    let server = policy(c, d, choice >> 2);
    let offer = client.offer();
    offered(&client, &offer);
    // Engines cost more than all the rest, so only some inputs ask for them.
    between(&client, &offer, &server, choice & 0x30 == 0);
    let Ok(text) = core::str::from_utf8(rest) else { return };
    let Ok(extensions) = Extensions::parse(text) else { return };
    let accepted = server.accept(&extensions);
    answered(&server, text, accepted.as_ref());
    verified(&client, &offer, &extensions, text);
}

fn policy(own: u8, peer: u8, choice: u8) -> Policy {
    Policy {
        own: context(8 + (own & 0x07), own & 0x08 == 0),
        own_window: match own >> 4 & 3 {
            0 | 1 => OwnWindow::Announced,
            2 => OwnWindow::Adjustable,
            _ => OwnWindow::Unsaid,
        },
        peer: context(8 + (peer & 0x07), peer & 0x08 == 0),
        fallback: match choice & 3 {
            0 | 1 => Fallback::NoTakeover,
            2 => Fallback::LargestWindow,
            _ => Fallback::Decline,
        },
    }
}

/// Returns the number, if it is a limit.
fn limit(window: WindowBits) -> Option<u8> {
    (window.bits() < 15).then_some(window.bits())
}

fn announces(policy: &Policy) -> bool {
    policy.own_window == OwnWindow::Announced
}

/// Returns whether one end makes room for what the other compresses with.
fn is_within(inner: Context, outer: Context) -> bool {
    inner.window <= outer.window && (!inner.takeover || outer.takeover)
}

/// The offers say what the policy wants: first as it is, then each fallback.
fn offered(policy: &Policy, offer: &DeflateOffer) {
    let offers = said(&offer.to_string());
    let first = Said {
        server_no_context_takeover: !policy.peer.takeover,
        client_no_context_takeover: announces(policy) && !policy.own.takeover,
        server_max_window_bits: limit(policy.peer.window),
        client_max_window_bits: match policy.own_window {
            OwnWindow::Unsaid => None,
            OwnWindow::Adjustable => Some(None),
            OwnWindow::Announced => Some(limit(policy.own.window)),
            other => panic!("{other:?} has no rule here"),
        },
    };
    let unlimited = Said { server_max_window_bits: None, ..first.clone() };
    let second = match policy.fallback {
        Fallback::LargestWindow => Some(unlimited),
        Fallback::NoTakeover => Some(Said { server_no_context_takeover: true, ..unlimited }),
        Fallback::Decline => None,
        other => panic!("{other:?} has no rule here"),
    };
    let second = second.filter(|_| first.server_max_window_bits.is_some());
    let expected: Vec<_> = [Some(first), second].into_iter().flatten().map(Ok).collect();
    assert_eq!(offers, expected, "{offer}");
    assert_eq!(offer.extensions().to_string(), offer.to_string());
}

/// Runs the handshake between two ends of this crate.
fn between(client: &Policy, offer: &DeflateOffer, server: &Policy, is_used: bool) {
    let url = Url::parse("wss://example.com/").expect("a URL");
    let mut zeros = |bytes: &mut [u8]| bytes.fill(0);
    let (mut head, mut response) = (Vec::new(), Vec::new());
    let request = Request::new(url).with_extensions(offer.extensions());
    let mut reader = request.write(&mut zeros, &mut head).expect("a request");
    let request = RequestReader::new(Admission::any()).read(&mut &head[..]);
    let request = request.expect("a legal request").expect("a whole head");
    let accepted = server.accept(&request.extensions());
    answered(server, &offer.to_string(), accepted.as_ref());
    let mut answer = request.response();
    if let Some(accepted) = &accepted {
        answer = answer.with_extensions(accepted.extensions()).expect("offered");
    }
    answer.write(&mut response).expect("room");
    let mut input = &response[..];
    let Ok(Some(Answer::Accepted(open))) = reader.read(&mut input) else { panic!("not open") };
    let agreed = offer.verify(&open.extensions()).expect("an answer to this offer");
    let accepted = accepted.map(|accepted| accepted.agreed());
    assert_eq!(agreed.is_some(), accepted.is_some(), "agreed on one side");
    let (Some(own), Some(other)) = (agreed, accepted) else { return };
    // Either end may use less than it announced.
    assert!(is_within(own.own, other.peer) && is_within(other.own, own.peer));
    if announces(server) {
        assert_eq!(own.peer, other.own, "what the server compresses with");
    }
    if announces(client) {
        assert_eq!(other.peer, own.own, "what the client compresses with");
    }
    kept(client, &own);
    kept(server, &other);
    if is_used {
        said_and_heard(&own, &other);
        said_and_heard(&other, &own);
    }
}

/// No end compresses with more than its policy allows, or lets the other do so, unless it had to.
fn kept(policy: &Policy, agreed: &Agreed) {
    assert!(agreed.own.window <= policy.own.window);
    assert!(!agreed.own.takeover || policy.own.takeover);
    assert!(!agreed.peer.takeover || policy.peer.takeover);
    let falls_back = match policy.fallback {
        Fallback::LargestWindow => true,
        Fallback::NoTakeover => !agreed.peer.takeover,
        Fallback::Decline => false,
        other => panic!("{other:?} has no rule here"),
    };
    assert!(agreed.peer.window <= policy.peer.window || falls_back, "{policy:?}, {agreed:?}");
}

/// Checks that what was agreed on can be inflated.
fn said_and_heard(from: &Agreed, to: &Agreed) {
    let Some(mut deflater) = from.deflater(Compression::default(), &Engines::Owned) else { return };
    let mut inflater = to.inflater(InflateLimits::default(), &Engines::Owned);
    let mut strict = Strict::new(to.peer.window.bits(), to.peer.takeover);
    for message in [&b"so the connection was open when so the connection"[..], b"the connection"] {
        let (mut data, mut heard) = (Vec::new(), Vec::new());
        deflater.finish(message, &mut data);
        inflater.inflate(&data, &mut heard).expect("what was compressed");
        inflater.finish().expect("a whole message");
        assert_eq!((heard.as_slice(), strict.message(&data).as_deref()), (message, Ok(message)));
    }
}

/// The first offer that breaks no rule and that the policy can take is accepted, within it.
fn answered(policy: &Policy, offers: &str, accepted: Option<&DeflateAnswer>) {
    let can_take = |offer: &Said| {
        // No engine compresses with 256 bytes.
        let own = policy.own.window.bits().min(offer.server_max_window_bits.unwrap_or(15)) > 8;
        let limited = offer.client_max_window_bits.is_some() || limit(policy.peer.window).is_none();
        own && (limited || policy.fallback != Fallback::Decline)
    };
    let offer = said(offers).into_iter().filter_map(Result::ok).find(can_take);
    assert_eq!(accepted.is_some(), offer.is_some(), "{policy:?}, {offers:?}");
    let (Some(accepted), Some(offer)) = (accepted, offer) else { return };
    let [Ok(answer)] = &said(&accepted.to_string())[..] else { panic!("{accepted}") };
    assert_eq!(accepted.extensions().to_string(), accepted.to_string());
    // Sections 7.1.1.1 and 7.1.2.1: the answer has whatever the server was asked for, and the rest
    // only if the policy announces it.
    assert!(answer.server_no_context_takeover || !offer.server_no_context_takeover);
    if let Some(asked) = offer.server_max_window_bits {
        assert!(answer.server_max_window_bits.is_some_and(|bits| bits <= asked));
    }
    if !announces(policy) {
        assert_eq!(answer.server_no_context_takeover, offer.server_no_context_takeover);
        assert_eq!(answer.server_max_window_bits, offer.server_max_window_bits);
    }
    // Section 7.1.2.2: the client is not asked for what it does not know, and not for more.
    match (offer.client_max_window_bits, answer.client_max_window_bits) {
        (_, None) => {}
        (Some(hint), Some(Some(bits))) => assert!(bits <= hint.unwrap_or(15)),
        (offered, answered) => panic!("{offered:?}, answered {answered:?}"),
    }
    let agreed = accepted.agreed();
    let most = answer.server_max_window_bits.unwrap_or(15);
    assert_eq!(agreed.own.window.bits(), policy.own.window.bits().min(most));
    assert_eq!(agreed.own.takeover, policy.own.takeover && !answer.server_no_context_takeover);
    let asked = answer.client_max_window_bits.flatten();
    assert_eq!(agreed.peer.window.bits(), asked.unwrap_or(15));
    let renounced = answer.client_no_context_takeover || offer.client_no_context_takeover;
    assert_eq!(agreed.peer.takeover, !renounced);
    kept(policy, &agreed);
}

/// An answer that breaks a rule, or agrees to what was not offered, is refused with its reason.
fn verified(policy: &Policy, offer: &DeflateOffer, answer: &Extensions<'_>, text: &str) {
    let verified = offer.verify(answer);
    let expected = verdict(&offer.to_string(), &said(text));
    let is_agreed = expected.as_ref().map(Option::is_some).map_err(|error| *error);
    assert_eq!(verified.map(|agreed| agreed.is_some()), is_agreed, "{text:?}");
    let (Ok(Some(agreed)), Ok(Some(said))) = (verified, expected) else { return };
    let asked = said.client_max_window_bits.flatten().unwrap_or(15);
    assert_eq!(agreed.own.window.bits(), policy.own.window.bits().min(asked));
    assert_eq!(agreed.own.takeover, policy.own.takeover && !said.client_no_context_takeover);
    assert_eq!(agreed.peer.window.bits(), said.server_max_window_bits.unwrap_or(15));
    assert_eq!(agreed.peer.takeover, !said.server_no_context_takeover);
    kept(policy, &agreed);
}

fn verdict(
    offers: &str,
    answers: &[Result<Said, AnswerError>],
) -> Result<Option<Said>, AnswerError> {
    let answer = match answers {
        [] => return Ok(None),
        [answer] => answer.clone()?,
        _ => return Err(AnswerError::Repeated),
    };
    if answer.client_max_window_bits == Some(None) {
        return Err(AnswerError::Value);
    }
    let mut wrong = None;
    for offer in said(offers) {
        match answers_to(&offer.expect("an offer of this crate"), &answer) {
            Ok(()) => return Ok(Some(answer)),
            Err(error) => wrong = Some(error),
        }
    }
    Err(wrong.expect("an offer"))
}

fn answers_to(offer: &Said, answer: &Said) -> Result<(), AnswerError> {
    if offer.server_no_context_takeover && !answer.server_no_context_takeover {
        return Err(AnswerError::ServerTakeover);
    }
    let most = offer.server_max_window_bits.unwrap_or(15);
    if answer.server_max_window_bits.unwrap_or(15) > most {
        return Err(AnswerError::ServerWindow);
    }
    if answer.client_max_window_bits.is_some() && offer.client_max_window_bits.is_none() {
        return Err(AnswerError::ClientWindow);
    }
    Ok(())
}
