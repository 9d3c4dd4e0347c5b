//! The clocks of a connection as command lines set them: short ones make idling visible soon.

use patchcord::Timeouts;
use std::time::Duration;

pub(crate) const USAGE: &str = "  \
  --opening-timeout MS   give up an opening handshake that takes this long
  --ping-interval MS     ping a peer that is silent this long; 0 for never
  --pong-timeout MS      give up a peer from which nothing arrives this long after a ping
  --write-timeout MS     give up a peer that reads nothing for this long
  --close-timeout MS     give up a closing handshake that takes this long";

/// Sets the clock of this name to the milliseconds in `value`; returns whether there is such a clock.
pub(crate) fn set(
    timeouts: &mut Timeouts,
    name: &str,
    value: impl FnOnce() -> Option<String>,
) -> Result<bool, String> {
    let clock = match name {
        "opening-timeout" => &mut timeouts.opening,
        "ping-interval" => &mut timeouts.ping_interval,
        "pong-timeout" => &mut timeouts.pong,
        "write-timeout" => &mut timeouts.write,
        "close-timeout" => &mut timeouts.close,
        _ => return Ok(false),
    };
    let milliseconds = value().and_then(|value| value.parse().ok());
    let milliseconds = milliseconds.ok_or(format!("--{name} takes a number of milliseconds"))?;
    *clock = Some(Duration::from_millis(milliseconds)).filter(|span| !span.is_zero());
    Ok(true)
}
