//! A frame into a socket that does not block, without copying it: its payload is written where it
//! lies. Only what the socket has no room for is copied.

use bytes::{Buf, BufMut, BytesMut};
use patchcord::Vectored;
use std::io::{self, ErrorKind, IoSlice, Write};

/// Writes what the socket has room for, and puts what is left behind what waits already.
///
/// # Errors
/// When the socket fails.
pub fn write(
    mut frame: Vectored<'_>,
    socket: &mut impl Write,
    out: &mut BytesMut,
) -> io::Result<()> {
    while out.is_empty() && frame.has_remaining() {
        let mut slices = [IoSlice::new(&[]); 2];
        let count = frame.chunks_vectored(&mut slices);
        match socket.write_vectored(&slices[..count]) {
            Ok(written) => frame.advance(written),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                println!("server  {} bytes wait for room in the socket", frame.remaining());
                break;
            }
            Err(error) => return Err(error),
        }
    }
    out.put(frame);
    Ok(())
}
