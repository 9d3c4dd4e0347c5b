//! A client's end of the opening handshake.

use crate::endpoint::Endpoint;
use crate::session::Session;
use crate::{OpenError, Options, Refused, WebSocket};
use patchcord::handshake::client::{Answer, Redirect, Request, Response};
use patchcord::{Driver, ThreadEntropy};
use std::convert::Infallible;
use std::future::poll_fn;
use tokio::io::{AsyncRead, AsyncWrite};

impl Options {
    /// Writes a request to a stream that leads to the server, and reads the answer.
    ///
    /// # Errors
    /// When the request cannot be sent, the answer breaks a rule, refuses, or does not come in time,
    /// and when the stream failed.
    pub async fn connect<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        request: &Request,
    ) -> Result<WebSocket<S>, OpenError> {
        let mut driver = Driver::client(ThreadEntropy, self.config);
        let mut reader = driver.output.head(|out| request.write(&mut ThreadEntropy, out))?;
        let mut session = Session::new(stream, Endpoint::Client(driver), self);
        loop {
            poll_fn(|context| session.poll_opening(context)).await?;
            let Endpoint::Client(driver) = &mut session.endpoint else { unreachable!() };
            let answered = driver.open(|input, _| match reader.read(input) {
                Ok(None) => Ok(None),
                Ok(Some(Answer::Accepted(accepted))) => {
                    Ok(Some(accepted.subprotocol().map(Box::from)))
                }
                Ok(Some(Answer::Refused(response))) => Err(refused(request, response)),
                Err(error) => Err(OpenError::Response(error)),
            })?;
            if let Some(subprotocol) = answered {
                session.subprotocol = subprotocol;
                return Ok(WebSocket::new(session));
            }
        }
    }

    /// The client's end of a connection whose opening handshake others held.
    #[must_use]
    pub fn client<S>(&self, stream: S) -> WebSocket<S> {
        let mut driver = Driver::client(ThreadEntropy, self.config);
        let Ok(_) = driver.open(|_, _| Ok::<_, Infallible>(Some(())));
        WebSocket::new(Session::new(stream, Endpoint::Client(driver), self))
    }
}

fn refused(request: &Request, response: Response<'_>) -> OpenError {
    match Redirect::find(request.url(), response.status(), response.headers()) {
        Ok(Some(redirect)) => OpenError::Redirected(Box::new(redirect)),
        Ok(None) | Err(_) => OpenError::Refused(Box::new(Refused::of(response))),
    }
}
