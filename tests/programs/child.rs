//! A program that runs: what it prints is gathered, and it does not outlive its test.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long anything may take that should be done at once, on a machine with much else to do.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// How long a program may take that ends of its own accord, whatever it does until then.
const LONGEST: Duration = Duration::from_secs(60);

/// How often to look.
pub(crate) const OFTEN: Duration = Duration::from_millis(5);

/// What a program printed that is run to its end; it reads nothing.
#[track_caller]
pub(crate) fn output(command: &mut Command) -> Output {
    let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    ended(piped.spawn().expect("the program starts"))
}

/// The same of one that was started. A program that goes on is killed, and is a failure.
#[track_caller]
pub(crate) fn ended(child: Child) -> Output {
    let id = child.id().to_string();
    let (sender, output) = channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    if let Ok(output) = output.recv_timeout(LONGEST) {
        return output.expect("the program ends");
    }
    let _ = Command::new("kill").args(["-KILL", &id]).status();
    panic!("the program runs on after {LONGEST:?}");
}

pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    output: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Result<Self, String> {
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = piped.spawn().map_err(|error| error.to_string())?;
        let output = Arc::new(Mutex::new(String::new()));
        let (sender, lines) = channel();
        let streams: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        let readers = streams.map(|stream| {
            let (output, sender) = (Arc::clone(&output), sender.clone());
            thread::spawn(move || {
                let mut stream = BufReader::new(stream);
                let mut line = Vec::new();
                while stream.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                    let text = String::from_utf8_lossy(&line).into_owned();
                    output.lock().unwrap().push_str(&text);
                    let _ = sender.send(text);
                    line.clear();
                }
            })
        });
        Ok(Self { child, lines, output, readers: readers.into() })
    }

    /// The address in the line that a server prints when it listens.
    pub(crate) fn address(&self) -> Result<SocketAddr, String> {
        let begin = Instant::now();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE.saturating_sub(begin.elapsed())) {
            let mut words = line.split([' ', '/']);
            if let Some(address) = words.find_map(|word| word.trim().parse().ok()) {
                return Ok(address);
            }
        }
        Err(format!("it does not listen: {}", self.output()))
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// All that was printed so far.
    pub(crate) fn output(&self) -> String {
        self.output.lock().unwrap().clone()
    }

    /// Asks the program to end.
    pub(crate) fn terminate(&self) {
        let id = self.id().to_string();
        let status = Command::new("kill").args(["-TERM", &id]).status().expect("kill runs");
        assert!(status.success(), "kill -TERM {id}: {status}");
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for the end of the program, not longer than `patience`.
    pub(crate) fn wait(&mut self, patience: Duration) -> Result<ExitStatus, String> {
        let begin = Instant::now();
        loop {
            match self.child.try_wait() {
                Ok(Some(status)) => {
                    self.readers.drain(..).for_each(|reader| reader.join().unwrap());
                    return Ok(status);
                }
                Ok(None) if begin.elapsed() < patience => thread::sleep(OFTEN),
                Ok(None) => {
                    return Err(format!("it runs on after {patience:?}: {}", self.output()));
                }
                Err(error) => return Err(error.to_string()),
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
