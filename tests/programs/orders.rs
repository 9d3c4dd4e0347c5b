//! `echo_server --obey`: what cannot be obeyed is told to the peer, and the connection goes on.

use crate::programs::child::PATIENCE;
use crate::programs::frames::{BINARY, CLOSE, Frame, Outcome, PING, TEXT, Wire};
use crate::programs::judge;
use crate::programs::peer::Serving;
use crate::programs::table::{Server, servers};
use std::time::Instant;

fn obedient() -> &'static Server {
    let mut rows = servers().into_iter();
    rows.find_map(|(name, row)| (name == "echo_server").then_some(row)).expect("it has its row")
}

fn next(wire: &mut Wire) -> Outcome<Frame> {
    wire.next(Instant::now() + PATIENCE)?.ok_or("the stream ended".to_owned())
}

/// Orders that cannot be obeyed, and what is said to each: a text that has no sense is like any other.
fn impossible() -> Vec<(&'static str, (String, String))> {
    let refused = |order: String, length: usize| {
        (order, format!("/refused {length} bytes are more than a control frame carries"))
    };
    let echoed = |order: &str| (order.to_owned(), order.to_owned());
    vec![
        ("long ping", refused(format!("/ping {}", "a".repeat(126)), 126)),
        ("long reason", refused(format!("/close 1000 {}", "a".repeat(124)), 124)),
        ("long reason, two bytes each", refused(format!("/close 1000 {}", "é".repeat(62)), 124)),
        ("code of no Close", echoed("/close 1005 bye")),
        ("not a code", echoed("/close now bye")),
        ("no fragments", echoed("/fragments 0 text")),
        ("not a number", echoed("/fragments many text")),
    ]
}

#[test]
fn orders_that_cannot_be_obeyed_are_told_and_end_nothing() {
    judge::each("orders, impossible", &impossible(), |(order, says)| {
        let server = Serving::start(obedient(), &["--obey"])?;
        let mut wire = server.connect()?;
        wire.send(&Frame::text(order))?;
        match next(&mut wire)? {
            told if told == Frame::text(says) => server.ask(&mut wire),
            told => Err(format!("{told:?}")),
        }
    });
}

#[test]
fn orders_of_the_longest_that_fit_are_obeyed() {
    let close = |reason: &str| Frame::new(CLOSE, [b"\x03\xe8", reason.as_bytes()].concat());
    let (ping, reason) = ("a".repeat(125), "a".repeat(123));
    let orders = [
        ("ping", (format!("/ping {ping}"), Frame::new(PING, ping))),
        ("reason", (format!("/close 1000 {reason}"), close(&reason))),
        ("no reason", ("/close 1000".to_owned(), close(""))),
    ];
    judge::each("orders, longest", &orders, |(order, frame)| {
        let server = Serving::start(obedient(), &["--obey"])?;
        let mut wire = server.connect()?;
        wire.send(&Frame::text(order))?;
        match next(&mut wire)? {
            obeyed if obeyed == *frame => Ok(()),
            obeyed => Err(format!("{obeyed:?}")),
        }
    });
}

/// How many frames there are, and what they carry in all.
#[test]
fn orders_for_fragments_are_obeyed_also_with_less_text_than_fragments() {
    let orders = [
        ("three", ("/fragments 3 abcdef", vec!["ab", "cd", "ef"])),
        ("the last is shorter", ("/fragments 2 abc", vec!["ab", "c"])),
        ("more than bytes", ("/fragments 5 ab", vec!["a", "b"])),
        ("nothing", ("/fragments 3 ", vec![""])),
    ];
    judge::each("orders, fragments", &orders, |(order, parts)| {
        let server = Serving::start(obedient(), &["--obey"])?;
        let mut wire = server.connect()?;
        wire.send(&Frame::text(order))?;
        for (index, part) in parts.iter().enumerate() {
            let frame = next(&mut wire)?;
            if frame != Frame::new(if index == 0 { TEXT } else { 0 }, *part) {
                return Err(format!("{frame:?} is number {index}"));
            }
        }
        wire.send(&Frame::new(BINARY, "behind"))?;
        match next(&mut wire)? {
            frame if frame == Frame::new(BINARY, "behind") => Ok(()),
            frame => Err(format!("one more: {frame:?}")),
        }
    });
}
