//! The summary: how it went.

use crate::client::Call;
use crate::meter::{Direction, Traffic};
use crate::pcm::{self, Rate};
use crate::server::Kept;
use patchcord::{ClosedBy, State};
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// Writes the summary.
pub(crate) fn write(call: &Call, kept: Option<&Kept>, to: &mut impl Write) -> io::Result<()> {
    writeln!(to, "handshake   {}: 101 Switching Protocols", call.opening.url)?;
    writeln!(
        to,
        "            offered {}, selected {}",
        call.opening.offered, call.opening.selected
    )?;
    writeln!(to, "                       frames  payload bytes   wire bytes  codec ns/frame")?;
    write_traffic("client", &call.traffic, to)?;
    if let Some(kept) = kept {
        write_traffic("server", &kept.traffic, to)?;
    }
    writeln!(to, "            (measuring takes some {} ns of each)", clock_cost().as_nanos())?;
    write_answers(call, to)?;
    write_end(call, to)?;
    writeln!(to, "identical   {}", verdict(call, kept))
}

fn write_traffic(who: &str, traffic: &Traffic, to: &mut impl Write) -> io::Result<()> {
    for (verb, direction) in [("sent", &traffic.sent), ("received", &traffic.received)] {
        let Direction { frames, payload, wire, codec } = direction;
        let each = codec.as_nanos() / u128::from(*frames).max(1);
        writeln!(to, "{who:<12}{verb:<10}{frames:>7}{payload:>15}{wire:>13}{each:>16}")?;
    }
    Ok(())
}

/// Returns the cost of reading the clock twice, as is done for each frame.
fn clock_cost() -> Duration {
    const ROUNDS: u32 = 10_000;
    let mut spent = Duration::ZERO;
    for _ in 0..ROUNDS {
        spent += std::hint::black_box(Instant::now()).elapsed();
    }
    spent / ROUNDS
}

fn write_answers(call: &Call, to: &mut impl Write) -> io::Result<()> {
    let answers = &call.answers;
    if answers.results > 0 {
        let (results, speech, heard) = (answers.results, answers.speech, answers.heard());
        writeln!(to, "results     {results}, {speech} of them with sound; {heard} s heard")?;
    }
    if let Some(claim) = &answers.claim {
        writeln!(to, "server says {claim}")?;
    }
    if let Some(error) = &answers.error {
        writeln!(to, "error       {error}")?;
    }
    Ok(())
}

fn write_end(call: &Call, to: &mut impl Write) -> io::Result<()> {
    match call.state {
        State::Closed { by, code } => {
            let first = if by == ClosedBy::Local { "client" } else { "server" };
            let code = code.map_or("without a code".to_owned(), |code| code.to_string());
            writeln!(to, "closed      {code}, by the {first} first {:?}", call.reason)?;
        }
        state => writeln!(to, "closed      no: {state:?}")?,
    }
    if let Some(failure) = &call.lost {
        writeln!(to, "lost        {failure}")?;
    }
    Ok(())
}

fn verdict(call: &Call, kept: Option<&Kept>) -> String {
    let bytes = call.pcm.len();
    let seconds = pcm::seconds(Rate::DEFAULT.duration(bytes));
    let audio = format!("{bytes} bytes of audio, {seconds} s");
    match (call.is_identical(kept), kept) {
        (true, Some(_)) => format!("yes, byte for byte: {audio}"),
        (true, None) => format!("yes, by length and hash: {audio}"),
        (false, Some(kept)) => format!("NO: {audio} here, {} bytes at the server", kept.pcm.len()),
        (false, None) => format!("NO: {audio} here, something else at the server"),
    }
}
