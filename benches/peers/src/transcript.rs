//! JSON as a speech recognizer sends it.

use crate::payload::Random;
use std::fmt::Write;

/// Said twice as often as the others.
const FREQUENT: &str = "the of and to a in that is was he for it with as his on be at by I this \
    had not are but from or have an they which one";

const OTHERS: &str = "account balance because before between call change charge customer delivery \
    different evening family invoice later letter little message morning number order payment \
    people question remember something station thank together tomorrow understand without";

/// Returns a result with as many words as it takes, cut off after `size` bytes.
pub fn transcript(random: &mut Random, size: usize) -> Vec<u8> {
    let start = random.below(3_600_000);
    let (mut words, mut text, mut time) = (String::new(), String::new(), start);
    while words.len() + text.len() < size {
        let word = word(random);
        let end = time + 80 + random.below(400);
        let (from, to, certainty) = (seconds(time), seconds(end), 9000 + random.below(1000));
        // Writing to a `String` cannot fail.
        let _ = write!(
            words,
            r#"{{"word":"{word}","start":{from},"end":{to},"confidence":0.{certainty}}},"#
        );
        let _ = write!(text, "{word} ");
        time = end + random.below(120);
    }
    let (words, text) = (words.trim_end_matches(','), text.trim_end());
    let (start, duration) = (seconds(start), seconds(time - start));
    let head =
        format!(r#""type":"Results","channel_index":[0,1],"start":{start},"duration":{duration}"#);
    let best = format!(r#""transcript":"{text}","confidence":0.98,"words":[{words}]"#);
    let mut json =
        format!(r#"{{{head},"is_final":true,"channel":{{"alternatives":[{{{best}}}]}}}}"#);
    json.truncate(size);
    json.into_bytes()
}

fn word(random: &mut Random) -> &'static str {
    let words = if random.below(3) < 2 { FREQUENT } else { OTHERS };
    let count = words.split(' ').count();
    words.split(' ').nth(random.below(count)).unwrap_or_default()
}

fn seconds(milliseconds: usize) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}
