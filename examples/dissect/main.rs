//! Prints the frames of a captured WebSocket stream, one line each, with what is illegal in them.
//!
//! ```text
//! $ printf '\x81\x05Hello\x83\x00\x88\x02\x03\xe8' | cargo run --example dissect
//!  0  FIN 000 text         -   5  "Hello"  ok
//!  7  FIN 000 reserved-3   -   0  -  illegal: the opcode is reserved (RFC 6455 section 5.2)
//!  9  FIN 000 close        -   2  1000 ""  ok
//! ```
//! The bytes flow one way: `hex` (if asked for) -> `stream`, which cuts them into heads and
//! frames -> `judge`, which decides what is illegal -> `line`, which shows it.

mod head;
mod hex;
mod judge;
mod line;
mod options;
mod sink;
mod stream;
mod wire;

use hex::Hex;
use options::{Command, Options};
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::Path;
use std::process::ExitCode;
use stream::Dissector;

/// How many bytes are read at once.
const CHUNK: usize = 64 * 1024;

fn main() -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut dissector = Dissector::default();
    match run(&mut dissector, &mut out) {
        Ok(()) => dissector.exit_code(),
        // The reader has left: the result is for what was seen so far.
        Err(Stop::Output(error)) if error.kind() == ErrorKind::BrokenPipe => dissector.exit_code(),
        Err(Stop::Output(error)) => fail(&format!("standard output: {error}")),
        Err(Stop::Input(message)) => {
            let _ = out.flush();
            fail(&message)
        }
    }
}

fn fail(message: &str) -> ExitCode {
    let _ = writeln!(io::stderr(), "dissect: {message}");
    ExitCode::from(2)
}

/// Why it ends before the input does.
enum Stop {
    /// Bad usage, or bytes that cannot be read.
    Input(String),
    Output(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

fn run(dissector: &mut Dissector, out: &mut impl Write) -> Result<(), Stop> {
    let options = match options::parse() {
        Ok(Command::Dissect(options)) => options,
        Ok(Command::Help) => {
            out.write_all(options::HELP.as_bytes())?;
            return Ok(out.flush()?);
        }
        Err(error) => return Err(Stop::Input(format!("{error}; see --help"))),
    };
    dissector.set_sender(options.from);
    let mut source = open(&options)?;
    if options.hex {
        dissect_hex(&mut source, dissector, out)?;
    } else {
        dissect_raw(&mut source, dissector, out)?;
    }
    Ok(out.flush()?)
}

/// The bytes to read, and their name in errors.
struct Source {
    name: String,
    bytes: Box<dyn Read>,
}

fn open(options: &Options) -> Result<Source, Stop> {
    let Some(path) = options.file.as_deref().filter(|&path| path != Path::new("-")) else {
        return Ok(Source { name: "standard input".into(), bytes: Box::new(io::stdin().lock()) });
    };
    let name = path.display().to_string();
    match File::open(path) {
        Ok(file) => Ok(Source { name, bytes: Box::new(file) }),
        Err(error) => Err(Stop::Input(format!("{name}: {error}"))),
    }
}

impl Source {
    /// Reads what is there now, waiting only if nothing is; empty at the end.
    fn read<'to>(&mut self, to: &'to mut [u8]) -> Result<&'to mut [u8], Stop> {
        loop {
            match self.bytes.read(to) {
                Ok(count) => return Ok(&mut to[..count]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Stop::Input(format!("{}: {error}", self.name))),
            }
        }
    }
}

fn dissect_raw(
    source: &mut Source,
    dissector: &mut Dissector,
    out: &mut impl Write,
) -> Result<(), Stop> {
    let mut buffer = vec![0; CHUNK];
    loop {
        let bytes = source.read(&mut buffer)?;
        if bytes.is_empty() {
            return Ok(dissector.finish(out)?);
        }
        dissector.feed(bytes, out)?;
        out.flush()?; // the next read may wait for long
    }
}

fn dissect_hex(
    source: &mut Source,
    dissector: &mut Dissector,
    out: &mut impl Write,
) -> Result<(), Stop> {
    let (mut buffer, mut bytes) = (vec![0; CHUNK], Vec::with_capacity(CHUNK));
    let mut hex = Hex::default();
    loop {
        let text = source.read(&mut buffer)?;
        let end = text.is_empty();
        let decoded = if end { hex.finish(&mut bytes) } else { hex.decode(text, &mut bytes) };
        dissector.feed(&mut bytes, out)?;
        out.flush()?;
        decoded.map_err(|error| Stop::Input(format!("{}: {error}", source.name)))?;
        if end {
            return Ok(dissector.finish(out)?);
        }
        bytes.clear();
    }
}
