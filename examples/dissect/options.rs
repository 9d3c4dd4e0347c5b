//! The command line.

use crate::judge::Sender;
use std::path::PathBuf;

pub(crate) const HELP: &str = "\
Prints the frames of a captured WebSocket stream, one line each, as they arrive.

usage: dissect [--from client|server] [--hex] [FILE]

  FILE                  what one side sent; standard input if absent or `-`
  --from client|server  the sender, so that masking can be judged; by default, the HTTP head
                        decides (a request is a client's), or else the mask bit of the
                        first frame, to which the others are then held
  --hex                 FILE is text: hex digits, two for each byte; white space, commas,
                        `0x` and comments from `#` to the end of the line are skipped
  --help                prints this

HTTP heads may come first. Of a request line the path is shown; of header fields the
names, and only those values that hold no secret.

A line shows: the offset in bytes, FIN, the bits RSV1 to RSV3, the opcode, the masking key
or `-`, the length, the beginning of the unmasked payload, and `ok` or what is illegal and
in which section of RFC 6455. Extensions are unknown: a reserved bit is always illegal.

exit code: 0 if everything was legal, 1 if something was illegal or cut short, 2 if the command
line is wrong or FILE cannot be read
";

pub(crate) enum Command {
    Dissect(Options),
    Help,
}

#[derive(Default)]
pub(crate) struct Options {
    pub(crate) from: Option<Sender>,
    pub(crate) hex: bool,
    pub(crate) file: Option<PathBuf>,
}

pub(crate) fn parse() -> Result<Command, lexopt::Error> {
    use lexopt::prelude::*;
    let mut options = Options::default();
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("from") => options.from = Some(parser.value()?.parse_with(sender)?),
            Long("hex") => options.hex = true,
            Long("help") | Short('h') => return Ok(Command::Help),
            Value(file) if options.file.is_none() => options.file = Some(file.into()),
            _ => return Err(argument.unexpected()),
        }
    }
    Ok(Command::Dissect(options))
}

fn sender(name: &str) -> Result<Sender, &'static str> {
    match name {
        "client" => Ok(Sender::Client),
        "server" => Ok(Sender::Server),
        _ => Err("it is neither `client` nor `server`"),
    }
}
