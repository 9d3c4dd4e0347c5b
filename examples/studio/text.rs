//! What the page and the server say to each other besides audio.
//!
//! A text message that begins with RS (U+001E, as in RFC 7464) is a JSON text: a command from
//! the page, or a report from the server. Any other was typed by a person, and is echoed.

use patchcord::CloseCode;
use serde_json::Value;

/// The first character of a JSON text (RFC 7464 section 2.2), which no one types.
const RS: char = '\u{1e}';

/// What the page asks for.
pub(crate) enum Command<'text> {
    Echo(&'text str),
    Ping,
    Close(CloseCode, String),
}

/// Reads a message from the page.
pub(crate) fn read(message: &str) -> Result<Command<'_>, String> {
    let Some(json) = message.strip_prefix(RS) else { return Ok(Command::Echo(message)) };
    let command: Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
    match command["command"].as_str() {
        Some("ping") => Ok(Command::Ping),
        Some("close") => {
            let code = command["code"].as_u64().and_then(|code| u16::try_from(code).ok());
            let code = code.ok_or("a close code is a number up to 65535")?;
            let known = CloseCode::new(code);
            let known = known.ok_or(format!("close code {code} may not be sent"))?;
            Ok(Command::Close(known, command["reason"].as_str().unwrap_or_default().into()))
        }
        _ => Err("this is not a command".into()),
    }
}

/// Returns a report as a text message.
pub(crate) fn report(report: &Value) -> String {
    format!("{RS}{report}")
}
