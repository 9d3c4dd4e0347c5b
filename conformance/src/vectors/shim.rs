//! The program under test: a line of JSON for a line of JSON.

use super::Result;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The part of a line that a report shows.
const SHOWN: usize = 400;

pub struct Shim {
    command: String,
    running: Running,
    asked: u64,
    log: Vec<String>,
}

struct Running {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Running {
    fn start(command: &str) -> Result<Self> {
        let mut words = command.split_whitespace();
        let program = words.next().ok_or("no program")?;
        let mut command = Command::new(program);
        let mut child = command.args(words).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = child.stdin.take().ok_or("no input")?;
        let output = BufReader::new(child.stdout.take().ok_or("no output")?);
        Ok(Self { child, input, output })
    }
}

impl Shim {
    /// Starts the program of a command line, whose words are separated by blanks.
    pub fn start(command: &str) -> Result<Self> {
        let running = Running::start(command)?;
        Ok(Self { command: command.into(), running, asked: 0, log: Vec::new() })
    }

    /// Asks, and returns the answer, which has the same `id`.
    pub fn ask(&mut self, mut question: Value) -> Result<Value> {
        self.asked += 1;
        question["id"] = self.asked.into();
        let line = question.to_string();
        self.log = vec![format!("-> {}", shown(&line))];
        let mut answer = String::new();
        let Running { input, output, .. } = &mut self.running;
        let asked = writeln!(input, "{line}").and_then(|()| input.flush());
        if asked.is_err() || output.read_line(&mut answer)? == 0 {
            if self.asked == 1 {
                return Err(format!("{} ended at once", self.command).into());
            }
            self.running = Running::start(&self.command)?;
            return Ok(json!({ "ended": true })); // a panic, or worse
        }
        self.log.push(format!("<- {}", shown(answer.trim_end())));
        let answer: Value = serde_json::from_str(&answer)?;
        if answer["id"] != self.asked {
            return Err(format!(
                "the shim answered {}, and was asked {}",
                answer["id"], self.asked
            )
            .into());
        }
        Ok(answer)
    }

    /// Returns the last question and its answer.
    pub fn take_log(&mut self) -> Vec<String> {
        std::mem::take(&mut self.log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn shown(line: &str) -> String {
    let end = line.char_indices().nth(SHOWN).map_or(line.len(), |(at, _)| at);
    if end < line.len() { format!("{}...", &line[..end]) } else { line.to_owned() }
}
