//! The client's opening handshake.

use super::{Socket, WebSocket};
use crate::codec::Client;
use crate::connection::Config;
use crate::driver::Driver;
use crate::entropy::ThreadEntropy;
use crate::handshake::client::{Accepted, Request};
use std::io::{self, ErrorKind};

impl<S: Socket> WebSocket<S, Client<ThreadEntropy>> {
    /// Writes a request to a connected socket, reads the response, and passes it to `opened`.
    ///
    /// # Errors
    /// When the request cannot be sent; when the response breaks a rule, refuses or does not arrive
    /// in time; and when the socket fails.
    pub fn connect(
        socket: S,
        config: Config,
        request: &Request,
        mut opened: impl FnMut(&Accepted<'_>),
    ) -> io::Result<Self> {
        let mut entropy = ThreadEntropy;
        let mut connected = Self::new(socket, Driver::client(entropy, config))?;
        let mut reader = connected
            .driver
            .output
            .head(|out| request.write(&mut entropy, out))
            .map_err(|error| io::Error::new(ErrorKind::InvalidInput, error))?;
        loop {
            connected.step_until_read()?;
            let answer = connected.driver.open(|input, _| match reader.read(input) {
                Ok(None) => Ok(None),
                Ok(Some(answer)) => match answer.accepted() {
                    Ok(accepted) => {
                        opened(&accepted);
                        Ok(Some(()))
                    }
                    Err(refused) => Err(io::Error::new(ErrorKind::PermissionDenied, refused)),
                },
                Err(error) => Err(io::Error::new(ErrorKind::InvalidData, error)),
            });
            if answer?.is_some() {
                return Ok(connected);
            }
        }
    }
}
