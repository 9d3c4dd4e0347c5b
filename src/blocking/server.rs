//! The server's opening handshake.

use super::{Socket, WebSocket};
use crate::codec::Server;
use crate::connection::Config;
use crate::driver::Driver;
use crate::handshake::server::{Refusal, Request, RequestReader, Response};
use std::format;
use std::io::{self, ErrorKind};

impl<S: Socket> WebSocket<S, Server> {
    /// Reads a request from a socket that was just accepted, and answers it with the response of
    /// `answer`. The first [`turn`](Self::turn) writes it.
    ///
    /// # Errors
    /// When the request was refused, by its reader or by `answer`, or did not arrive in time, and
    /// when the socket fails. Before this returns, a refusal is written, unless the peer turns out
    /// to be gone.
    #[doc(alias = "accept_hdr")]
    pub fn accept(
        socket: S,
        config: Config,
        mut reader: RequestReader<'_>,
        mut answer: impl for<'r> FnMut(&Request<'r>) -> Result<Response<'r>, Refusal>,
    ) -> io::Result<Self> {
        let mut accepted = Self::new(socket, Driver::server(config))?;
        loop {
            match accepted.driver.accept(&mut reader, &mut answer) {
                Ok(true) => return Ok(accepted),
                Ok(false) => accepted.step_until_read()?,
                Err(refusal) => {
                    let _ = accepted.run(|_, _, _| Ok(())); // the refusal says more than an error here
                    let status = refusal.status();
                    return Err(io::Error::new(
                        ErrorKind::PermissionDenied,
                        format!("refused with {status}"),
                    ));
                }
            }
        }
    }
}
