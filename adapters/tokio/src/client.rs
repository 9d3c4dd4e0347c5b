//! A client's end of the opening handshake.

use crate::endpoint::Endpoint;
use crate::session::{Session, with_output};
use crate::{OpenError, Options, Refused, WebSocket};
use patchcord::handshake::client::{Accepted, Answer, Redirect, Request, Response, ResponseReader};
use patchcord::{Driver, ThreadEntropy};
use std::convert::Infallible;
use std::future::poll_fn;
use tokio::io::{AsyncRead, AsyncWrite};
#[cfg(feature = "deflate")]
use {
    crate::Deflate,
    patchcord::deflate::Agreed,
    patchcord::handshake::extension::deflate,
    std::io::{self, ErrorKind::InvalidData},
};

impl Options {
    /// Writes a request to a stream that leads to the server, and reads the answer.
    ///
    /// # Errors
    /// When the request cannot be sent, the answer breaks a rule, refuses, or does not come in time,
    /// and when the stream failed.
    pub fn connect<'request, S>(
        &self,
        stream: S,
        request: &'request Request,
    ) -> impl Future<Output = Result<WebSocket<S>, OpenError>> + use<'request, S>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut driver = with_output(Driver::client(ThreadEntropy, self.config));
        let mut write =
            |request: &Request| driver.output.head(|out| request.write(&mut ThreadEntropy, out));
        #[cfg(feature = "deflate")]
        let offered = self.deflate.clone().map(|deflate| (deflate.policy.offer(), deflate));
        #[cfg(feature = "deflate")]
        let written = match &offered {
            None => write(request),
            Some((offer, _)) => write(&request.clone().with_extensions(offer.extensions())),
        };
        #[cfg(not(feature = "deflate"))]
        let written = write(request);
        let mut session = Session::new(stream, Endpoint::Client(driver), self);
        // On the heap, for a task has the size of what it holds at the most.
        Box::pin(async move {
            let mut opened = Opened {
                #[cfg(feature = "deflate")]
                offered,
                ..Opened::default()
            };
            open(&mut session, request, written?, &mut opened).await?;
            session.subprotocol = opened.subprotocol;
            #[cfg(feature = "deflate")]
            if let (Some((_, deflate)), Some(agreed)) = (opened.offered, opened.agreed) {
                deflate.apply(agreed, &mut session.endpoint);
            }
            Ok(WebSocket::new(session))
        })
    }

    /// The client's end of a connection whose opening handshake others held.
    #[must_use]
    pub fn client<S>(&self, stream: S) -> WebSocket<S> {
        let mut driver = with_output(Driver::client(ThreadEntropy, self.config));
        let Ok(_) = driver.open(|_, _| Ok::<_, Infallible>(Some(())));
        WebSocket::new(Session::new(stream, Endpoint::Client(driver), self))
    }
}

/// What is learned from the answer.
#[derive(Default)]
struct Opened {
    subprotocol: Option<Box<str>>,
    #[cfg(feature = "deflate")]
    offered: Option<(deflate::DeflateOffer, Deflate)>,
    #[cfg(feature = "deflate")]
    agreed: Option<Agreed>,
}

impl Opened {
    fn learn(&mut self, accepted: &Accepted<'_>) -> Result<(), OpenError> {
        self.subprotocol = accepted.subprotocol().map(Box::from);
        #[cfg(feature = "deflate")]
        if let Some((offer, _)) = &self.offered {
            let agreed = offer.verify(&accepted.extensions());
            self.agreed = agreed.map_err(|error| io::Error::new(InvalidData, error))?;
        }
        Ok(())
    }
}

async fn open<S: AsyncRead + AsyncWrite + Unpin>(
    session: &mut Session<S>,
    request: &Request,
    mut reader: ResponseReader,
    opened: &mut Opened,
) -> Result<(), OpenError> {
    loop {
        poll_fn(|context| session.poll_opening(context)).await?;
        let Endpoint::Client(driver) = &mut session.endpoint else { unreachable!() };
        let answered = driver.open(|input, _| match reader.read(input) {
            Ok(None) => Ok(None),
            Ok(Some(Answer::Accepted(accepted))) => opened.learn(&accepted).map(Some),
            Ok(Some(Answer::Refused(response))) => Err(refused(request, response)),
            Err(error) => Err(OpenError::Response(error)),
        })?;
        if answered.is_some() {
            return Ok(());
        }
    }
}

fn refused(request: &Request, response: Response<'_>) -> OpenError {
    match Redirect::find(request.url(), response.status(), response.headers()) {
        Ok(Some(redirect)) => OpenError::Redirected(Box::new(redirect)),
        Ok(None) | Err(_) => OpenError::Refused(Box::new(Refused::of(response))),
    }
}
