//! A request, its answer, and the connection behind it.

use super::Upgraded;
use super::agreement::Agreement;
use crate::{OpenError, Options, WebSocket};
use ::hyper::upgrade::OnUpgrade;
use http::Version;
use patchcord::handshake::HeadLimits;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::credential::{Credential, CredentialError, Scheme};
use patchcord::handshake::server::{
    Carrier, Connect, Refusal, Request, RequestError, RequestReader,
};
use patchcord::handshake::subprotocol::{Offers, SelectionError, Subprotocol};
use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A WebSocket that a request asks for, by an upgrade of HTTP/1.1 or by an extended CONNECT of HTTP/2
/// (RFC 8441).
///
/// Take out the credentials that it carries, select a subprotocol, and open it:
///
/// ```
/// use http::{Request, Response};
/// use patchcord_tokio::handshake::admission::Admission;
/// use patchcord_tokio::handshake::credential::vendor::DEEPGRAM;
/// use patchcord_tokio::handshake::server::Refusal;
/// use patchcord_tokio::hyper::{Opening, Requested};
/// use patchcord_tokio::Options;
///
/// /// What a service of hyper does; `B` is the body of its requests, `R` that of its responses.
/// fn serve<B, R: Default + From<String>>(request: &mut Request<B>) -> Response<R> {
///     match accept(request) {
///         Err(refusal) => refusal.to_http(),
///         Ok((response, opening)) => {
///             tokio::spawn(async {
///                 let mut socket = opening.await?;
///                 socket.send("welcome").await?;
///                 Ok::<_, patchcord_tokio::OpenError>(())
///             });
///             response
///         }
///     }
/// }
///
/// fn accept<B, R: Default>(
///     request: &mut Request<B>,
/// ) -> Result<(Response<R>, Opening), Refusal> {
///     let mut requested = Requested::new(request, Admission::same_host())?;
///     let key = requested.take_credential(&DEEPGRAM.scheme)?.ok_or(Refusal::UNAUTHORIZED)?;
///     if !key.matches("the key of this user") {
///         return Err(Refusal::UNAUTHORIZED);
///     }
///     requested.select(&["token"])?;
///     requested.open(&Options::new())
/// }
/// # let mut bare = Request::new(());
/// # assert_eq!(serve::<(), String>(&mut bare).status(), 400);
/// ```
#[must_use = "the request is not answered until it is opened"]
#[doc(alias = "upgrade")]
#[doc(alias = "extended CONNECT")]
#[doc(alias = "h2")]
pub struct Requested {
    head: http::Request<()>,
    /// The `:protocol` of an extended CONNECT.
    protocol: Option<Box<str>>,
    upgrade: OnUpgrade,
    taken: Vec<Scheme<'static>>,
    selected: Option<Box<str>>,
}

/// For a head that hyper has read already, within bounds of its own.
pub(crate) const UNLIMITED: HeadLimits =
    HeadLimits { head: usize::MAX, line: usize::MAX, lines: usize::MAX, fields: usize::MAX };

/// Why a request is not one for a WebSocket.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unfit {
    Request(RequestError),
    /// Its connection cannot be given away: nothing of hyper's is in its extensions.
    NotUpgradable,
}

impl Requested {
    /// Reads a request, and takes from its extensions what hyper put there for an upgrade.
    ///
    /// # Errors
    /// When it is not a request for a WebSocket or breaks a rule, the admission does not let it in, or
    /// hyper's connection was not served with upgrades.
    pub fn new<B>(
        request: &mut http::Request<B>,
        admission: Admission<'_>,
    ) -> Result<Self, Refusal> {
        let mut head = http::Request::new(());
        *head.method_mut() = request.method().clone();
        *head.uri_mut() = request.uri().clone();
        *head.version_mut() = request.version();
        *head.headers_mut() = request.headers().clone();
        Self::of(head, request.extensions_mut(), admission).map_err(Refusal::from)
    }

    /// The same from the parts of a request.
    #[cfg(feature = "axum")]
    pub(crate) fn of_parts(
        parts: &mut http::request::Parts,
        admission: Admission<'_>,
    ) -> Result<Self, Unfit> {
        let mut head = http::Request::new(());
        *head.method_mut() = parts.method.clone();
        *head.uri_mut() = parts.uri.clone();
        *head.version_mut() = parts.version;
        *head.headers_mut() = parts.headers.clone();
        Self::of(head, &mut parts.extensions, admission)
    }

    fn of(
        head: http::Request<()>,
        extensions: &mut http::Extensions,
        admission: Admission<'_>,
    ) -> Result<Self, Unfit> {
        let protocol = protocol(extensions);
        read(&head, protocol.as_deref(), admission).map_err(Unfit::Request)?;
        let upgrade = extensions.remove().ok_or(Unfit::NotUpgradable)?;
        Ok(Self { head, protocol, upgrade, taken: Vec::new(), selected: None })
    }

    /// The head of the request.
    #[must_use]
    pub const fn head(&self) -> &http::Request<()> {
        &self.head
    }

    /// Judges the request by another admission.
    ///
    /// # Errors
    /// When it does not let the request in.
    pub fn admit(&self, admission: Admission<'_>) -> Result<(), RequestError> {
        read(&self.head, self.protocol.as_deref(), admission).map(|_| ())
    }

    /// The subprotocols that the client offers and that can be selected, its favourite first.
    pub fn offers(&self) -> impl Iterator<Item = &str> {
        self.with_offers(|offers| offers.iter().map(|offer| offer.as_str()).collect::<Vec<_>>())
            .unwrap_or_default()
            .into_iter()
    }

    /// Takes the credential that the client carries in this way out of what it offers, if it does:
    /// see [`Offers::take`].
    ///
    /// # Errors
    /// As [`Offers::take`]; the answer is 400.
    pub fn take_credential(
        &mut self,
        scheme: &Scheme<'static>,
    ) -> Result<Option<Credential>, CredentialError> {
        let credential = match self.with_offers(|mut offers| offers.take(scheme)) {
            Some(credential) => credential,
            None => Ok(None),
        };
        self.taken.push(*scheme); // whatever came of it, it cannot be selected
        credential
    }

    /// Selects the first of `supported` that the client offers: see [`Offers::select`].
    ///
    /// # Errors
    /// As [`Offers::select`]; the answer is 400.
    pub fn select(&mut self, supported: &[&str]) -> Result<Option<&str>, SelectionError> {
        let selected = self.with_offers(|offers| offers.select(supported)).transpose()?.flatten();
        self.selected = selected.map(|name| Box::from(name.as_str()));
        Ok(self.selected.as_deref())
    }

    /// Selects a subprotocol, offered or not: `open` refuses what was not.
    #[cfg(feature = "axum")]
    pub(crate) fn set_selected(&mut self, name: Option<Box<str>>) {
        self.selected = name;
    }

    /// The response that opens the connection, and the connection behind it, once it is sent.
    ///
    /// # Errors
    /// When the server made a mistake: the answer is 500.
    pub fn open<R: Default>(
        self,
        options: &Options,
    ) -> Result<(http::Response<R>, Opening), Refusal> {
        let (response, agreement) = match self.reread()? {
            Either::Upgrade(request) => self.answer(&request, options)?,
            Either::Connect(request) => self.answer(&request, options)?,
        };
        let Self { upgrade, selected, .. } = self;
        Ok((response, Opening { upgrade, options: options.clone(), agreement, selected }))
    }

    fn answer<C: Carrier, R: Default>(
        &self,
        request: &Request<'_, C>,
        options: &Options,
    ) -> Result<(http::Response<R>, Agreement), Refusal> {
        let selected = match &self.selected {
            Some(name) => {
                let offers = self.left(request.offers());
                Some(find(&offers, name).ok_or(Refusal::INTERNAL_SERVER_ERROR)?)
            }
            None => None,
        };
        let response = request.response().with_subprotocol(selected)?;
        let (response, agreement) = Agreement::reach(options, &request.extensions(), response)?;
        Ok((response.to_http(), agreement))
    }

    /// The request again: it was judged when it was read first.
    fn reread(&self) -> Result<Either<'_>, RequestError> {
        read(&self.head, self.protocol.as_deref(), Admission::any().with_limits(UNLIMITED))
    }

    /// What is offered but for what was taken out.
    fn with_offers<'a, T>(&'a self, of: impl FnOnce(Offers<'a>) -> T) -> Option<T> {
        let offers = match self.reread().ok()? {
            Either::Upgrade(request) => request.offers(),
            Either::Connect(request) => request.offers(),
        };
        Some(of(self.left(offers)))
    }

    fn left<'head>(&self, mut offers: Offers<'head>) -> Offers<'head> {
        for scheme in &self.taken {
            let _ = offers.take(scheme); // as it was told before
        }
        offers
    }
}

enum Either<'head> {
    Upgrade(Request<'head>),
    Connect(Request<'head, Connect>),
}

fn read<'head>(
    head: &'head http::Request<()>,
    protocol: Option<&'head str>,
    admission: Admission<'_>,
) -> Result<Either<'head>, RequestError> {
    let reader = RequestReader::new(admission);
    match head.version() > Version::HTTP_11 {
        true => reader.read_http_connect(head, protocol).map(Either::Connect),
        false => reader.read_http(head).map(Either::Upgrade),
    }
}

/// The offer of this name; the entry of a scheme that has to be sent back is one, too.
fn find<'head>(offers: &Offers<'head>, name: &str) -> Option<Subprotocol<'head>> {
    let sole = || offers.select(&[]).ok().flatten().filter(|sole| sole.as_str() == name);
    offers.find(|offer| offer == name).or_else(sole)
}

#[cfg(feature = "http2")]
fn protocol(extensions: &http::Extensions) -> Option<Box<str>> {
    extensions.get::<::hyper::ext::Protocol>().map(|protocol| Box::from(protocol.as_str()))
}

/// Without HTTP/2, no request has one.
#[cfg(not(feature = "http2"))]
fn protocol(_: &http::Extensions) -> Option<Box<str>> {
    None
}

impl From<Unfit> for Refusal {
    fn from(unfit: Unfit) -> Self {
        match unfit {
            Unfit::Request(error) => error.into(),
            Unfit::NotUpgradable => RequestError::NoUpgrade.into(),
        }
    }
}

/// Without what its header fields hold, which can be secret.
impl fmt::Debug for Requested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requested").field("version", &self.head.version()).finish_non_exhaustive()
    }
}

/// A connection that opens once the response is sent.
///
/// # Errors
/// When the response was not sent, or the connection ended before.
#[must_use = "nothing is opened until it is awaited"]
pub struct Opening {
    upgrade: OnUpgrade,
    options: Options,
    agreement: Agreement,
    selected: Option<Box<str>>,
}

impl Future for Opening {
    type Output = Result<WebSocket<Upgraded>, OpenError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let upgraded = ready!(Pin::new(&mut self.upgrade).poll(context));
        let upgraded = Upgraded::from(upgraded.map_err(io::Error::other)?);
        let mut session = self.options.opened(upgraded);
        self.agreement.apply(&self.options, &mut session.endpoint);
        session.subprotocol = self.selected.take();
        Poll::Ready(Ok(WebSocket::new(session)))
    }
}

impl fmt::Debug for Opening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opening(..)")
    }
}
