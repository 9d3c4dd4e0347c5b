//! An event loop of your own: one turn of a connection over any transport.
//!
//! [`blocking::WebSocket`] is the only type that touches a socket. A [`Driver`] has the same life without I/O: the opening
//! handshake, the events, what to write, how long to wait, and the end of the transport. Its documentation has a loop
//! around it. Inside it is a [`Connection`], which begins once the handshake is over. This is a loop around that:
//!
//! ```
//! use bytes::Buf;
//! use patchcord::{Config, Connection, Event, Message, Next, ReceiveBuffer, SendBuffer};
//! use std::io::{Read, Write};
//! use std::time::Instant;
//!
//! fn echo<S: Read + Write>(socket: &mut S) -> Result<(), Box<dyn std::error::Error>> {
//!     let mut connection = Connection::server(Config::default());
//!     let (mut buffer, mut out) = (ReceiveBuffer::default(), SendBuffer::new());
//!     let start = Instant::now();
//!     loop {
//!         let mut input = buffer.unconsumed(); // an unfinished frame stays in the buffer
//!         while let Ok(Some(event)) = connection.receive(&mut input, &mut out) {
//!             match event {
//!                 Event::Text(text) => connection.send(Message::Text(&text), &mut out)?,
//!                 Event::Binary(pcm) => connection.send(Message::Binary(&pcm), &mut out)?,
//!                 _ => {} // pongs and the Close are already in `out`
//!             }
//!         }
//!         match connection.handle_timeout(start.elapsed(), &mut out) {
//!             Next::Write { .. } => {
//!                 let written = socket.write(out.chunk())?;
//!                 out.advance(written);
//!             }
//!             Next::Wait { .. } | Next::Look => match socket.read(buffer.space())? {
//!                 0 => connection.end_of_stream(&buffer)?,
//!                 read => buffer.filled(read),
//!             },
//!             Next::Expired(_) | Next::Finished => return Ok(connection.result()?),
//!         }
//!     }
//! }
//!
//! # struct Peer(&'static [u8], Vec<u8>);
//! # impl Read for Peer {
//! #     fn read(&mut self, space: &mut [u8]) -> std::io::Result<usize> { self.0.read(space) }
//! # }
//! # impl Write for Peer {
//! #     fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> { self.1.write(bytes) }
//! #     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
//! # }
//! # let mut peer = Peer(b"\x82\x82\0\0\0\0ab\x88\x80\0\0\0\0", Vec::new());
//! # echo(&mut peer)?;
//! # assert_eq!(peer.1, b"\x82\x02ab\x88\0");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Three things make the loop short:
//!
//! - An event borrows the receive buffer and never the connection, so you can answer while you still hold the question.
//! - Everything that is said goes into the send buffer. The connection sees there how much has left, so its deadlines run
//!   from the wire, and it is finished only when everything is written.
//! - [`handle_timeout`] says what to do next: write, wait until a moment for input, or stop.
//!
//! The result of [`receive`] is ignored when it is an error, on purpose: the connection has put the Close that answers it into
//! the send buffer, the loop writes it, and [`result`] tells of the error at the end.
//!
//! The socket here blocks, so the moment that `Next::Wait` names is left unused; [`timers`] shows a loop that wakes up for
//! it. With many connections, [`buffers`] shows how they share one receive buffer.
//!
//! [`Connection`]: crate::Connection
//! [`Driver`]: crate::Driver
//! [`blocking::WebSocket`]: crate::blocking::WebSocket
//! [`buffers`]: super::buffers
//! [`handle_timeout`]: crate::Connection::handle_timeout
//! [`receive`]: crate::Connection::receive
//! [`result`]: crate::Connection::result
//! [`timers`]: super::timers
