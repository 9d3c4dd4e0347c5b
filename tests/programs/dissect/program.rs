//! The program, started, and what it printed.

use crate::programs::built::{self, Package};
use crate::programs::child;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Output, Stdio};
use std::sync::mpsc;
use std::thread;

pub(crate) use crate::programs::child::PATIENCE;

pub(crate) fn start<A: AsRef<OsStr>>(arguments: &[A]) -> Child {
    built::program(Package::Examples, "dissect")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

pub(crate) fn run<A: AsRef<OsStr>>(arguments: &[A], input: &[u8]) -> Output {
    let mut child = start(arguments);
    feed(&mut child, input.to_vec());
    child::ended(child)
}

/// Gives a program its input, which one that was called wrongly does not read: that must not hold a test up.
pub(crate) fn feed(child: &mut Child, input: Vec<u8>) {
    let mut pipe = child.stdin.take().expect("a pipe");
    thread::spawn(move || {
        let _ = pipe.write_all(&input);
    });
}

/// The lines, each with single spaces, and with the bare number of a section.
pub(crate) fn lines(text: &[u8]) -> Vec<String> {
    let text = str::from_utf8(text).expect("text").replace("(RFC 6455 section ", "(");
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[track_caller]
pub(crate) fn shows<A: AsRef<OsStr>>(arguments: &[A], input: &[u8], expected: &[&str], code: i32) {
    let output = run(arguments, input);
    assert_eq!(lines(&output.stdout), expected);
    assert_eq!(str::from_utf8(&output.stderr), Ok(""));
    assert_eq!(output.status.code(), Some(code));
}

pub(crate) const NONE: [&str; 0] = [];
pub(crate) const FROM_CLIENT: [&str; 2] = ["--from", "client"];
pub(crate) const FROM_SERVER: [&str; 2] = ["--from", "server"];

pub(crate) fn octets(count: usize) -> Vec<u8> {
    (0..=255).cycle().take(count).collect()
}

pub(crate) fn without_offset(line: &str) -> &str {
    line.split_once(' ').map_or("", |(_, rest)| rest)
}

/// The lines of a child as they come.
pub(crate) fn watch(child: &mut Child) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    let output = BufReader::new(child.stdout.take().expect("a pipe"));
    thread::spawn(move || {
        let mut lines = output.lines().map_while(Result::ok);
        lines.try_for_each(|line| sender.send(line))
    });
    receiver
}
