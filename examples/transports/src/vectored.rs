//! Sends a large message on a socket that does not block, without copying it: its payload is written
//! from where it lies. Only what the socket has no room for is copied.

use bytes::Buf;
use patchcord::Outgoing;
use std::io::{self, ErrorKind, IoSlice, Write};

/// From this size on, a separate write costs less than a copy.
pub const LARGE: usize = 64 * 1024;

/// How many parts are written at once: those that wait, a header and a payload.
const SLICES: usize = 8;

/// Writes what the socket has room for, and queues the rest behind what waits already.
///
/// # Errors
/// When the socket fails.
pub fn write(mut frame: Outgoing<'_>, socket: &mut impl Write) -> io::Result<()> {
    while frame.has_remaining() {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let count = frame.chunks_vectored(&mut slices);
        match socket.write_vectored(&slices[..count]) {
            Ok(written) => frame.advance(written),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                println!("server  {} bytes wait for room in the socket", frame.remaining());
                break;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
