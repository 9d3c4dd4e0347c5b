//! Cancel safety, as a theorem on small sessions: each future is dropped after each poll and made
//! anew, over transports that give and take a byte at a time, are not ready, hold bytes back until
//! they are flushed, and fail at each of their operations. Nothing is lost, nothing comes twice, and
//! nothing hangs.

mod common;

use common::{Kindness, Wire, enter, frame, poll_until_done, unmasked};
use futures_util::{SinkExt, StreamExt};
use patchcord_tokio::{CloseFrame, Error, Event, Message, Options, WebSocket};
use std::future::poll_fn;

/// What a peer says, what an echo is to hear of it, and what it is to answer.
struct Session {
    name: &'static str,
    says: Vec<u8>,
    hears: Vec<Message>,
    /// As the frames of a server.
    answers: Vec<u8>,
    is_clean: bool,
}

fn sessions() -> Vec<Session> {
    let long = vec![7; 130];
    let close = |reason: &'static str| {
        Message::Close(Some(CloseFrame { code: 1000, reason: reason.into() }))
    };
    let bye = b"\x03\xe8bye";
    vec![
        Session {
            name: "a text, a ping inside a message, a Close",
            says: [
                frame(0x81, b"go"),
                frame(0x02, b"ab"),
                frame(0x89, b"?"),
                frame(0x80, b"cd"),
                frame(0x88, bye),
            ]
            .concat(),
            hears: vec!["go".into(), Message::Ping("?".into()), b"abcd"[..].into(), close("bye")],
            answers: b"\x81\x02go\x8a\x01?\x82\x04abcd\x88\x02\x03\xe8".to_vec(),
            is_clean: true,
        },
        Session {
            name: "a long message between two empty ones",
            says: [frame(0x81, b""), frame(0x82, &long), frame(0x82, b""), frame(0x88, bye)]
                .concat(),
            hears: vec!["".into(), long.clone().into(), vec![].into(), close("bye")],
            answers: [&b"\x81\0\x82\x7e\0\x82"[..], &long, b"\x82\0\x88\x02\x03\xe8"].concat(),
            is_clean: true,
        },
        Session {
            name: "an end without a Close",
            says: frame(0x81, b"so"),
            hears: vec!["so".into()],
            answers: b"\x81\x02so".to_vec(),
            is_clean: false,
        },
        Session {
            name: "a broken rule",
            says: [frame(0x81, b"hm"), frame(0x83, b"")].concat(),
            hears: vec!["hm".into()],
            answers: b"\x81\x02hm\x88\x02\x03\xea".to_vec(),
            is_clean: false,
        },
    ]
}

/// What an end heard, and how it came to its end.
type Outcome = (Vec<Message>, Result<(), Error>);

/// Says back what it hears.
type Echo = fn(WebSocket<Wire>) -> Outcome;

/// By its own methods.
fn by_methods(mut socket: WebSocket<Wire>) -> Outcome {
    let mut heard = Vec::new();
    while let Some(message) = poll_until_done(async || socket.recv().await) {
        let message = match message {
            Ok(message) => message,
            Err(error) => return (heard, Err(error)),
        };
        heard.push(message.clone());
        if message.is_data() {
            // What cannot be answered is not an end: the next message says how it ends.
            let _ = poll_until_done(async || socket.feed(message.clone()).await);
        }
    }
    (heard, Ok(()))
}

/// Each answer is flushed before the next message is asked for.
fn by_flushing(mut socket: WebSocket<Wire>) -> Outcome {
    let mut heard = Vec::new();
    while let Some(message) = poll_until_done(async || socket.recv().await) {
        let message = match message {
            Ok(message) => message,
            Err(error) => return (heard, Err(error)),
        };
        heard.push(message.clone());
        if message.is_data() {
            let _ = poll_until_done(async || socket.feed(message.clone()).await);
            let _ = poll_until_done(async || socket.flush().await);
        }
    }
    (heard, Ok(()))
}

/// By the traits of futures.
fn by_traits(mut socket: WebSocket<Wire>) -> Outcome {
    let mut heard = Vec::new();
    while let Some(message) = poll_until_done(async || socket.next().await) {
        let message = match message {
            Ok(message) => message,
            Err(error) => return (heard, Err(error)),
        };
        heard.push(message.clone());
        if message.is_data() {
            let is_ready =
                poll_until_done(async || poll_fn(|context| socket.poll_ready_unpin(context)).await);
            if is_ready.is_ok() && socket.start_send_unpin(message).is_ok() {
                let _ = poll_until_done(async || SinkExt::<Message>::flush(&mut socket).await);
            }
        }
    }
    (heard, Ok(()))
}

/// By a function that is lent each event.
fn by_run(mut socket: WebSocket<Wire>) -> Outcome {
    let mut heard = Vec::new();
    let ended = poll_until_done(async || {
        let run = socket.run(|event, answers| {
            match &event {
                Event::Text(text) => answers.send(patchcord::Message::Text(text)),
                Event::Binary(bytes) => answers.send(patchcord::Message::Binary(bytes)),
                _ => Ok(()),
            }?;
            heard.push(owned(event));
            Ok(())
        });
        run.await
    });
    (heard, ended)
}

fn owned(event: Event<patchcord::payload::Payload<'_>>) -> Message {
    match event {
        Event::Text(text) => Message::text(&*text),
        Event::Binary(bytes) => Message::binary(bytes.to_vec()),
        Event::Ping(bytes) => Message::Ping(bytes.to_vec().into()),
        Event::Pong(bytes) => Message::Pong(bytes.to_vec().into()),
        Event::Close(close) => {
            Message::Close(close.map(|close| CloseFrame {
                code: close.code.get(),
                reason: (&*close.reason).into(),
            }))
        }
        Event::Fragment(_) => panic!("not asked for"),
    }
}

const WAYS: [(&str, Echo); 4] =
    [("methods", by_methods), ("flushing", by_flushing), ("traits", by_traits), ("run", by_run)];

#[derive(Clone, Copy, Debug)]
enum End {
    Server,
    Client,
}

const ENDS: [End; 2] = [End::Server, End::Client];

impl End {
    /// Holds a session, in which the peer masks as its role asks.
    fn hold(self, session: &Session, kindness: Kindness, echo: Echo) -> (Wire, Outcome) {
        let options = Options::new();
        match self {
            Self::Server => {
                let wire = Wire::new(kindness, &session.says);
                (wire.clone(), echo(options.server(wire)))
            }
            Self::Client => {
                let wire = Wire::new(kindness, &unmasked(&session.says));
                (wire.clone(), echo(options.client(wire)))
            }
        }
    }

    /// What the peer heard, as if it had not been masked.
    fn answers(self, wire: &Wire) -> Vec<u8> {
        match self {
            Self::Server => wire.heard(),
            Self::Client => unmasked(&wire.heard()),
        }
    }
}

#[test]
fn nothing_is_lost_or_doubled_over_any_transport() {
    let runtime = enter();
    let _entered = runtime.enter();
    for session in sessions() {
        for (way, echo) in WAYS {
            for kindness in Kindness::all() {
                let case = format!("{}, by {way}, {kindness:?}", session.name);
                for end in ENDS {
                    let (wire, (heard, ended)) = end.hold(&session, kindness, echo);
                    assert_eq!(heard, session.hears, "{end:?}: {case}");
                    assert_eq!(end.answers(&wire), session.answers, "{end:?}: {case}");
                    assert_eq!(ended.is_ok(), session.is_clean, "{end:?}: {case}: {ended:?}");
                    assert_eq!(wire.holders(), 1, "{end:?}: {case}");
                }
            }
        }
    }
}

#[test]
fn whatever_operation_fails_nothing_is_doubled_or_out_of_order() {
    let runtime = enter();
    let _entered = runtime.enter();
    for session in sessions() {
        for (way, echo) in WAYS {
            for kindness in Kindness::all() {
                for end in ENDS {
                    fail_everywhere(&session, kindness, end, (way, echo));
                }
            }
        }
    }
}

fn fail_everywhere(session: &Session, kindness: Kindness, end: End, (way, echo): (&str, Echo)) {
    for at in 0.. {
        let kindness = Kindness { fails_at: Some(at), ..kindness };
        let case = format!("{end:?}: {}, by {way}, {kindness:?}", session.name);
        let (wire, (heard, ended)) = end.hold(session, kindness, echo);
        assert!(session.hears.starts_with(&heard), "{case}: {heard:?}");
        let answers = end.answers(&wire);
        assert!(session.answers.starts_with(&answers), "{case}: {answers:?}");
        if ended.is_ok() {
            assert!(session.is_clean, "{case}");
            assert_eq!(heard, session.hears, "{case}");
        }
        assert_eq!(wire.holders(), 1, "{case}");
        if wire.operations() <= at {
            break; // it came to its end before
        }
    }
}
