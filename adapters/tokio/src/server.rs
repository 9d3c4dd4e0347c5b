//! A server's end of the opening handshake.

#[cfg(feature = "deflate")]
use crate::Deflate;
use crate::endpoint::Endpoint;
use crate::session::{Session, with_output};
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
///     Ok(request.response().with_subprotocol(chat)?)
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
#[doc(alias = "accept_async")]
#[doc(alias = "server")]
#[doc(alias = "listen")]
pub fn accept<'policy, S, F>(
    stream: S,
    admission: Admission<'policy>,
    answer: F,
) -> impl Future<Output = Result<WebSocket<S>, OpenError>> + use<'policy, S, F>
where
    S: AsyncRead + AsyncWrite + Unpin,
    F: for<'head> FnMut(&Request<'head>) -> Result<Response<'head>, Refusal>,
{
    Options::new().accept(stream, admission, answer)
}

impl Options {
    /// As [`accept`], with these options.
    ///
    /// # Errors
    /// As [`accept`].
    pub fn accept<'policy, S, F>(
        &self,
        stream: S,
        admission: Admission<'policy>,
        answer: F,
    ) -> impl Future<Output = Result<WebSocket<S>, OpenError>> + use<'policy, S, F>
    where
        S: AsyncRead + AsyncWrite + Unpin,
        F: for<'head> FnMut(&Request<'head>) -> Result<Response<'head>, Refusal>,
    {
        let driver = with_output(Driver::server(self.config));
        let mut session = Session::new(stream, Endpoint::Server(driver), self);
        #[cfg(feature = "deflate")]
        let deflate = self.deflate.clone();
        // On the heap, for a task has the size of what it holds at the most.
        Box::pin(async move {
            #[cfg(feature = "deflate")]
            open_deflating(&mut session, RequestReader::new(admission), answer, deflate).await?;
            #[cfg(not(feature = "deflate"))]
            open(&mut session, RequestReader::new(admission), answer).await?;
            Ok(WebSocket::new(session))
        })
    }

    /// The server's end of a connection whose opening handshake others held.
    #[must_use]
    pub fn server<S>(&self, stream: S) -> WebSocket<S> {
        WebSocket::new(self.opened(stream))
    }

    pub(crate) fn opened<S>(&self, stream: S) -> Box<Session<S>> {
        let mut driver = with_output(Driver::server(self.config));
        let Ok(_) = driver.open(|_, _| Ok::<_, std::convert::Infallible>(Some(())));
        Session::new(stream, Endpoint::Server(driver), self)
    }
}

/// As [`open`], and answers an offer of permessage-deflate.
#[cfg(feature = "deflate")]
async fn open_deflating<S: AsyncRead + AsyncWrite + Unpin>(
    session: &mut Session<S>,
    reader: RequestReader<'_>,
    mut answer: impl for<'head> FnMut(&Request<'head>) -> Result<Response<'head>, Refusal>,
    deflate: Option<Deflate>,
) -> Result<(), OpenError> {
    let mut agreed = None;
    open(session, reader, |request| {
        let response = answer(request)?;
        let accepted = deflate.as_ref().and_then(|it| it.policy.accept(&request.extensions()));
        let Some(accepted) = accepted else { return Ok(response) };
        agreed = Some(accepted.agreed());
        Ok(response.with_extensions(accepted.extensions())?)
    })
    .await?;
    if let (Some(deflate), Some(agreed)) = (deflate, agreed) {
        deflate.apply(agreed, &mut session.endpoint);
    }
    Ok(())
}

async fn open<S: AsyncRead + AsyncWrite + Unpin>(
    session: &mut Session<S>,
    mut reader: RequestReader<'_>,
    mut answer: impl for<'head> FnMut(&Request<'head>) -> Result<Response<'head>, Refusal>,
) -> Result<(), OpenError> {
    loop {
        let Endpoint::Server(driver) = &mut session.endpoint else { unreachable!() };
        let subprotocol = &mut session.subprotocol;
        let accepted = driver.accept(&mut reader, |request| {
            let response = answer(request)?;
            *subprotocol = response.subprotocol().map(Box::from);
            Ok(response)
        });
        match accepted {
            // The client waits for the answer, whatever this end does next.
            Ok(true) => return Ok(poll_fn(|context| session.poll_written(context)).await?),
            Ok(false) => poll_fn(|context| session.poll_opening(context)).await?,
            Err(refusal) => {
                // Why it was refused says more than how the stream ended.
                let _ = poll_fn(|context| session.poll_end(context)).await;
                return Err(OpenError::Answered(refusal.status()));
            }
        }
    }
}
