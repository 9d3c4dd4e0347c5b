//! The command line.

use crate::conversation::Target;
use std::time::Duration;

pub const USAGE: &str = "\
usage: conformance COMMAND [OPTIONS]

  server ws://HOST:PORT/PATH   judges an echo server by all cases
  client                       judges clients that echo, as Autobahn's fuzzing server does
  vectors                      judges a program that speaks JSON lines by the vectors
  report FILE.json...          combines reports: --html, --markdown
  list server|client           lists the cases of a role: level, name, Autobahn's numbers, what, why
  list autobahn                lists Autobahn's numbers and the cases that ask the same

  --listen ADDRESS       client: where to listen (default 127.0.0.1:9001)
  --name NAME            the name of the implementation in reports
  --jobs N               server: connections at once (default 8)
  --patience MS          how long an expected answer may take (default 5000)
  --subprotocol NAME     server: a subprotocol to offer, for servers that require one
  --only TEXT            only cases whose name contains TEXT (may repeat)
  --skip TEXT            no cases whose name contains TEXT (may repeat)
  --shim 'PROGRAM ARGS'  vectors: the program
  --vectors DIRECTORY    vectors: a directory with frames/*.json and handshake/*.json
  --expect FILE          cases known to fail, one per line: these must fail, and all others pass
  --junit FILE, --json FILE, --html FILE, --markdown FILE   reports

Exit status: 0 if no must and no should failed, or exactly those of --expect; 1 otherwise; 2 if
there was nothing to judge.";

#[derive(Clone, Debug, Default)]
pub struct Options {
    pub command: String,
    pub arguments: Vec<String>,
    pub listen: String,
    pub name: Option<String>,
    pub jobs: usize,
    pub patience: Duration,
    pub subprotocol: Option<String>,
    pub only: Vec<String>,
    pub skip: Vec<String>,
    pub shim: Option<String>,
    pub vectors: Option<String>,
    pub expect: Option<String>,
    pub junit: Option<String>,
    pub json: Option<String>,
    pub html: Option<String>,
    pub markdown: Option<String>,
}

impl Options {
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            command: words.next().ok_or("a command is missing")?,
            listen: "127.0.0.1:9001".into(),
            jobs: 8,
            patience: Duration::from_secs(5),
            ..Self::default()
        };
        while let Some(word) = words.next() {
            let Some(name) = word.strip_prefix("--") else {
                options.arguments.push(word);
                continue;
            };
            let value = words.next().ok_or_else(|| format!("--{name} needs a value"))?;
            options.set(name, value)?;
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), String> {
        let number =
            |text: &str| text.parse::<u64>().map_err(|_| format!("--{name} takes a number"));
        match name {
            "listen" => self.listen = value,
            "name" => self.name = Some(value),
            "jobs" => self.jobs = number(&value)?.max(1) as usize,
            "patience" => self.patience = Duration::from_millis(number(&value)?),
            "subprotocol" => self.subprotocol = Some(value),
            "only" => self.only.push(value),
            "skip" => self.skip.push(value),
            "shim" => self.shim = Some(value),
            "vectors" => self.vectors = Some(value),
            "expect" => self.expect = Some(value),
            "junit" => self.junit = Some(value),
            "json" => self.json = Some(value),
            "html" => self.html = Some(value),
            "markdown" => self.markdown = Some(value),
            _ => return Err(format!("unknown option --{name}")),
        }
        Ok(())
    }

    /// Returns whether the case was asked for.
    pub fn wants(&self, id: &str) -> bool {
        let has = |text: &String| id.contains(&**text);
        (self.only.is_empty() || self.only.iter().any(has)) && !self.skip.iter().any(has)
    }

    /// Returns the server of a `ws:` URL.
    pub fn target(&self) -> Result<Target, String> {
        let url = self.arguments.first().ok_or("the server's URL is missing")?;
        let rest = url.strip_prefix("ws://").ok_or("the URL must begin with ws://")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let port =
            if host.rsplit(']').next().is_some_and(|end| end.contains(':')) { "" } else { ":80" };
        Ok(Target {
            address: format!("{host}{port}"),
            host: host.into(),
            path: format!("/{path}"),
            subprotocol: self.subprotocol.clone(),
        })
    }
}
