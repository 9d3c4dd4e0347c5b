//! The command line.

use crate::conversation::Target;
use std::time::Duration;

pub const USAGE: &str = "\
usage: conformance COMMAND [OPTIONS]

  server ws://HOST:PORT/PATH   holds all cases with an echo server
  client                       serves clients that echo, as Autobahn's fuzzing server does
  vectors                      holds the vectors with a program that speaks JSON lines
  report FILE.json...          puts reports together: --html, --markdown
  list server|client           the cases of a role: level, name, Autobahn's numbers, what, why
  list autobahn                Autobahn's numbers and the cases that ask the same

  --listen ADDRESS       client: where to serve (default 127.0.0.1:9001)
  --name NAME            the implementation, as reports call it
  --jobs N               server: connections at once (default 8)
  --patience MS          how long what must come may take (default 5000)
  --subprotocol NAME     server: what is offered, for servers that want it
  --only TEXT            cases whose name contains TEXT (may repeat)
  --skip TEXT            and those without it (may repeat)
  --shim 'PROGRAM ARGS'  vectors: the program
  --vectors DIRECTORY    vectors: with frames/*.json and handshake/*.json
  --expect FILE          cases that are known to fail, one a line: others must pass, and these fail
  --junit FILE, --json FILE, --html FILE, --markdown FILE   reports

Exit status: 0 if nothing failed that must or should be, or as --expect says; 1 if something did; 2 if
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
            command: words.next().ok_or("what to do?")?,
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
            _ => return Err(format!("there is no option --{name}")),
        }
        Ok(())
    }

    /// Whether the case is asked for.
    pub fn wants(&self, id: &str) -> bool {
        let has = |text: &String| id.contains(&**text);
        (self.only.is_empty() || self.only.iter().any(has)) && !self.skip.iter().any(has)
    }

    /// The server of a `ws:` URL.
    pub fn target(&self) -> Result<Target, String> {
        let url = self.arguments.first().ok_or("which server?")?;
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
