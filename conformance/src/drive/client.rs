//! Clients under test, which connect and say which case they come for.
//!
//! The contract is that of Autobahn's fuzzing server: `/getCaseCount` sends a text with the number of
//! cases; `/runCase?case=N&agent=NAME` runs the Nth, during which the client echoes until the connection
//! ends; `/updateReports?agent=NAME` ends the run. `/getCaseInfo?case=N` sends the name of a case.

use super::hold;
use crate::case::{Case, Outcome, Role};
use crate::conversation::{Opening, Target, Wire};
use crate::wire::{Frame, Head};
use std::collections::{BTreeMap, HashSet};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::time::Duration;
use std::{io, thread};

/// What the clients have shown, by their names.
#[derive(Default)]
struct Shown {
    outcomes: BTreeMap<String, BTreeMap<usize, Outcome>>,
    keys: HashSet<String>,
    is_done: bool,
}

/// Serves until a client asks for the reports. Returns the outcomes of each agent, in the order of the cases.
pub fn judge_client(
    cases: &[Case],
    address: &str,
    patience: Duration,
) -> io::Result<Vec<(String, Vec<Outcome>)>> {
    let listener = TcpListener::bind(address)?;
    println!("listening on {}", listener.local_addr()?);
    let shown = Mutex::new(Shown::default());
    thread::scope(|scope| -> io::Result<()> {
        while !lock(&shown).is_done {
            let (socket, _) = listener.accept()?;
            let shown = &shown;
            let local = listener.local_addr()?;
            scope.spawn(move || {
                if serve(socket, cases, patience, shown)
                    .is_some_and(|asked| asked == "updateReports")
                {
                    lock(shown).is_done = true;
                    let _ = TcpStream::connect(local); // so that the loop above looks
                }
            });
        }
        Ok(())
    })?;
    let shown = shown.into_inner().expect("no thread panics while holding it");
    let in_order = |(agent, outcomes): (String, BTreeMap<usize, Outcome>)| {
        (agent, outcomes.into_values().collect())
    };
    Ok(shown.outcomes.into_iter().map(in_order).collect())
}

fn lock(shown: &Mutex<Shown>) -> std::sync::MutexGuard<'_, Shown> {
    shown.lock().expect("no thread panics while holding it")
}

/// Serves one connection, and returns what it was for.
fn serve(
    socket: TcpStream,
    cases: &[Case],
    patience: Duration,
    shown: &Mutex<Shown>,
) -> Option<String> {
    let mut opening = accept(socket, patience)?;
    let head = opening.request.clone()?;
    let [_, target, _] = head.request()?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let asked = path.rsplit('/').next()?.to_owned();
    let number = parameter(query, "case").and_then(|text| text.parse::<usize>().ok());
    let case = number.and_then(|number| cases.get(number.checked_sub(1)?));
    let key = head.one("Sec-WebSocket-Key").unwrap_or_default().to_owned();
    opening.has_old_key = !lock(shown).keys.insert(key);
    match (&*asked, case) {
        ("runCase", Some(case)) => {
            let agent = parameter(query, "agent").unwrap_or("client").to_owned();
            let outcome = hold(case, opening);
            lock(shown).outcomes.entry(agent).or_default().insert(number?, outcome);
        }
        ("getCaseCount", _) => tell(opening, &cases.len().to_string()),
        ("getCaseInfo", Some(case)) => tell(opening, &format!("{{\"id\": \"{}\"}}", case.id)),
        ("updateReports", _) => tell(opening, ""),
        _ => {}
    }
    Some(asked)
}

fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| {
        pair.split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value)
    })
}

/// Reads a client's request.
fn accept(socket: TcpStream, patience: Duration) -> Option<Opening> {
    let wire = Wire::new(socket).ok()?;
    let target = Target {
        address: String::new(),
        host: String::new(),
        path: String::new(),
        subprotocol: None,
    };
    let role = Role::Client;
    let mut opening = Opening { wire, role, patience, target, request: None, has_old_key: false };
    let head: Head = opening.head(patience).ok()?;
    opening.request = Some(head);
    Some(opening)
}

/// Sends a client a text, if there is one, and closes.
fn tell(mut opening: Opening, text: &str) {
    if let Ok(mut opened) = opening.open(None) {
        if !text.is_empty() {
            opened.send(&Frame::text(text));
            let _ = opened.next(Duration::from_millis(50)); // an echo, from clients that echo all
        }
        let _ = opened.close();
    }
}
