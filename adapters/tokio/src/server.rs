//! A server's end of the opening handshake.

use crate::endpoint::Endpoint;
use crate::session::Session;
use crate::{OpenError, Options, WebSocket};
use patchcord::Driver;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::server::{Refusal, Request, RequestReader, Response};
use std::future::poll_fn;
use tokio::io::{AsyncRead, AsyncWrite};

/// Reads a request and answers it: `admission` says whose requests are let in, and `answer` with
/// what each is answered.
///
/// ```
/// use patchcord_tokio::handshake::admission::Admission;
/// use patchcord_tokio::{Error, accept};
/// use tokio::net::TcpStream;
///
/// # async fn serve(tcp: TcpStream) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// let mut socket = accept(tcp, Admission::any(), |request| {
///     let chat = request.offers().select(&["chat"])?;
///     Ok(request.response().subprotocol(chat)?)
/// })
/// .await?;
/// socket.send("welcome").await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// When the request was refused, did not come in time, or the stream failed. A refusal is written
/// before this returns.
pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    admission: Admission<'_>,
    answer: impl for<'head> FnMut(&Request<'head>) -> Result<Response<'head>, Refusal>,
) -> Result<WebSocket<S>, OpenError> {
    Options::new().accept(stream, admission, answer).await
}

impl Options {
    /// As [`accept`], with these options.
    ///
    /// # Errors
    /// As [`accept`].
    pub async fn accept<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
        admission: Admission<'_>,
        mut answer: impl for<'head> FnMut(&Request<'head>) -> Result<Response<'head>, Refusal>,
    ) -> Result<WebSocket<S>, OpenError> {
        let driver = Driver::server(self.config);
        let mut session = Session::new(stream, Endpoint::Server(driver), self);
        let mut reader = RequestReader::new(admission);
        loop {
            let Endpoint::Server(driver) = &mut session.endpoint else { unreachable!() };
            let subprotocol = &mut session.subprotocol;
            let accepted = driver.accept(&mut reader, |request| {
                let response = answer(request)?;
                *subprotocol = response.selected().map(Box::from);
                Ok(response)
            });
            match accepted {
                Ok(true) => return Ok(WebSocket::new(session)),
                Ok(false) => poll_fn(|context| session.poll_opening(context)).await?,
                Err(refusal) => {
                    // Why it was refused says more than how the stream ended.
                    let _ = poll_fn(|context| session.poll_end(context)).await;
                    return Err(OpenError::Answered(refusal.status()));
                }
            }
        }
    }

    /// The server's end of a connection whose opening handshake others held.
    #[must_use]
    pub fn server<S>(&self, stream: S) -> WebSocket<S> {
        let mut driver = Driver::server(self.config);
        let Ok(_) = driver.open(|_, _| Ok::<_, std::convert::Infallible>(Some(())));
        WebSocket::new(Session::new(stream, Endpoint::Server(driver), self))
    }
}
