//! The extractor.

use super::WebSocket;
use super::rejection::WebSocketUpgradeRejection;
use crate::hyper::{Requested, UNLIMITED};
use crate::{OpenError, Options};
use axum_core::body::Body;
use axum_core::extract::FromRequestParts;
use axum_core::response::Response;
use http::HeaderValue;
use http::request::Parts;
use patchcord::handshake::admission::Admission;
use patchcord::handshake::credential::{Credential, CredentialError, Scheme};
use std::borrow::Cow;
use std::fmt;

/// The extractor of a WebSocket, over HTTP/1.1 and, with the feature `http2`, over HTTP/2.
///
/// As axum's own it takes requests of pages of every origin; say whose are let in by
/// [`admission`](Self::admission). A route takes it by `any`: HTTP/2 asks with CONNECT, and not with GET.
#[must_use = "the request is not answered by it until `on_upgrade`"]
#[doc(alias = "extractor")]
#[doc(alias = "upgrade")]
pub struct WebSocketUpgrade<F = DefaultOnFailedUpgrade> {
    requested: Requested,
    options: Options,
    /// What was offered, but for the credentials that were taken out.
    offered: Vec<HeaderValue>,
    selected: Option<HeaderValue>,
    on_failed_upgrade: F,
}

impl<F> WebSocketUpgrade<F> {
    /// Lets in what `admission` lets in, within its limits on the head: without one, the bounds of the
    /// server count alone.
    ///
    /// # Errors
    /// When it does not let this request in: the handler returns the error with `?`.
    pub fn admission(self, admission: Admission<'_>) -> Result<Self, WebSocketUpgradeRejection> {
        self.requested.admit(admission)?;
        Ok(self)
    }

    /// Takes the credential that the client carries in this way out of the subprotocols that it requests,
    /// if it does. It is not among them any more, and cannot be selected.
    ///
    /// # Errors
    /// When it is missing behind its marker, ambiguous or not encoded as the scheme says.
    pub fn take_credential(
        &mut self,
        scheme: &Scheme<'static>,
    ) -> Result<Option<Credential>, CredentialError> {
        let credential = self.requested.take_credential(scheme);
        self.offered = offered(&self.requested);
        credential
    }

    /// Sets how the connection behaves: deadlines, pings, compression, and all else that [`Options`]
    /// have. What was set before by other methods is lost.
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Sets the largest message, in bytes; the default is 16 MiB.
    #[doc(alias = "max_payload")]
    pub fn max_message_size(mut self, max: usize) -> Self {
        self.options.config.limits.message = u64::try_from(max).unwrap_or(u64::MAX);
        self
    }

    /// Sets the largest frame, in bytes; the default is 16 MiB.
    pub fn max_frame_size(mut self, max: usize) -> Self {
        self.options.config.limits.frame = u64::try_from(max).unwrap_or(u64::MAX);
        self
    }

    /// Selects the first of these subprotocols that the client requests.
    ///
    /// If it requests others alone, the connection opens without one, and a browser fails then: to refuse
    /// such a request, look at [`selected_protocol`](Self::selected_protocol).
    #[doc(alias = "Sec-WebSocket-Protocol")]
    #[doc(alias = "subprotocol")]
    pub fn protocols<I>(mut self, protocols: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<Cow<'static, str>>,
    {
        let known: Vec<Cow<'static, str>> = protocols.into_iter().map(Into::into).collect();
        let known: Vec<&str> = known.iter().map(|name| &**name).collect();
        let selected = self.requested.select(&known).unwrap_or(None);
        self.selected = selected.and_then(sensitive);
        self
    }

    /// The subprotocols that the client requests, its favourite first. One that no scheme took out may
    /// still be a credential, so all are marked as sensitive.
    pub fn requested_protocols(&self) -> impl Iterator<Item = &HeaderValue> {
        self.offered.iter()
    }

    /// Selects a subprotocol, in place of what [`protocols`](Self::protocols) selected. One that the client
    /// did not request is a mistake of the server, and the answer is 500.
    pub fn set_selected_protocol(&mut self, protocol: HeaderValue) {
        self.selected = Some(protocol);
    }

    /// The subprotocol that was selected.
    pub const fn selected_protocol(&self) -> Option<&HeaderValue> {
        self.selected.as_ref()
    }

    /// Has `callback` called if the connection does not open: the client went away, or the response was
    /// not sent.
    pub fn on_failed_upgrade<C: OnFailedUpgrade>(self, callback: C) -> WebSocketUpgrade<C> {
        let Self { requested, options, offered, selected, .. } = self;
        WebSocketUpgrade { requested, options, offered, selected, on_failed_upgrade: callback }
    }

    /// Answers the request, and has `callback` called with the connection, in a task of its own.
    #[must_use = "the connection opens when this response is returned"]
    pub fn on_upgrade<C, Fut>(self, callback: C) -> Response
    where
        C: FnOnce(WebSocket) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
        F: OnFailedUpgrade,
    {
        let Self { mut requested, options, selected, on_failed_upgrade, .. } = self;
        // What is not text was not offered.
        let name = |value: &HeaderValue| value.to_str().unwrap_or_default().into();
        requested.set_selected(selected.as_ref().map(name));
        let (response, opening) = match requested.open::<Body>(&options) {
            Ok(opened) => opened,
            Err(refusal) => return refusal.to_http(),
        };
        tokio::spawn(async move {
            match opening.await {
                Ok(socket) => callback(WebSocket::new(socket, selected)).await,
                Err(error) => on_failed_upgrade.call(error.into()),
            }
        });
        response
    }
}

impl<S: Send + Sync> FromRequestParts<S> for WebSocketUpgrade<DefaultOnFailedUpgrade> {
    type Rejection = WebSocketUpgradeRejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let requested = Requested::of_parts(parts, Admission::any().with_limits(UNLIMITED))
            .map_err(|unfit| WebSocketUpgradeRejection::of(unfit, &parts.headers))?;
        let offered = offered(&requested);
        let (options, selected) = (Options::new(), None);
        Ok(Self {
            requested,
            options,
            offered,
            selected,
            on_failed_upgrade: DefaultOnFailedUpgrade,
        })
    }
}

fn offered(requested: &Requested) -> Vec<HeaderValue> {
    requested.offers().filter_map(sensitive).collect()
}

/// A token is a value always.
fn sensitive(name: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(name).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Without what was offered and selected: it can be secret.
impl<F> fmt::Debug for WebSocketUpgrade<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebSocketUpgrade").field("options", &self.options).finish_non_exhaustive()
    }
}

/// What to do when a connection does not open: see [`WebSocketUpgrade::on_failed_upgrade`].
pub trait OnFailedUpgrade: Send + 'static {
    /// Is told why.
    fn call(self, error: axum_core::Error);
}

impl<F: FnOnce(axum_core::Error) + Send + 'static> OnFailedUpgrade for F {
    fn call(self, error: axum_core::Error) {
        self(error);
    }
}

/// Does nothing about a connection that does not open.
#[derive(Debug)]
#[non_exhaustive]
pub struct DefaultOnFailedUpgrade;

impl OnFailedUpgrade for DefaultOnFailedUpgrade {
    fn call(self, _: axum_core::Error) {}
}

impl From<OpenError> for axum_core::Error {
    fn from(error: OpenError) -> Self {
        Self::new(error)
    }
}
