//! The memory of a connection that has nothing to do.

use crate::case::Case;
use crate::frames::Exchange;
use crate::load::Load;
use crate::process::Process;
use crate::servers::Server;
use std::io;
use std::thread::sleep;
use std::time::Duration;

/// The message that each connection echoes once; half of its frame is sent afterwards.
pub const MESSAGE: Case = Case::binary(1024, 1, 1);

/// Bytes sent of half a frame: its header, its key, half of its payload.
pub const HALF: usize = 4 + 4 + MESSAGE.size / 2;

/// How long a server has to come to rest.
const REST: Duration = Duration::from_millis(200);

/// Bytes of a server's process in memory, for each of its connections.
pub struct Weight {
    pub server: &'static Server,
    pub open: f64,
    /// After a message each way.
    pub exchanged: f64,
    /// While half a frame waits for its other half.
    pub half: f64,
}

/// Weighs a server that was just started and has served one connection: whatever it has only once,
/// regardless of its connections, exists by then, and no more. (Long messages would leave free memory in its
/// heap, with room for thousands of small connections.)
pub fn weigh(process: &Process, connections: usize) -> io::Result<Weight> {
    let case = Case { connections, ..MESSAGE };
    Load::open(process, &Case { connections: 1, ..MESSAGE })?.run(Duration::ZERO)?;
    let resident = || {
        sleep(REST);
        process.resident()
    };
    let before = resident()?;
    let each = |now: f64| (now - before) / connections as f64;
    let mut load = Load::open(process, &case)?;
    let open = each(resident()?);
    load.run(Duration::ZERO)?;
    let exchanged = each(resident()?);
    load.send(&Exchange::half(&case))?;
    let half = each(resident()?);
    Ok(Weight { server: process.server, open, exchanged, half })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_frame_is_as_long_as_is_said() {
        assert_eq!(Exchange::half(&MESSAGE).len(), HALF);
    }
}
