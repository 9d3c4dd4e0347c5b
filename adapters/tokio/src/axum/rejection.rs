//! Why a request is not answered with a WebSocket.

use crate::hyper::Unfit;
use axum_core::body::Body;
use axum_core::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use patchcord::handshake::FieldError;
use patchcord::handshake::admission::InvalidEntry;
use patchcord::handshake::credential::{CredentialError, NotText};
use patchcord::handshake::server::{Refusal, RequestError};
use patchcord::handshake::subprotocol::SelectionError;
use std::fmt;

/// Makes the rejections that axum has a type for, and the enum of all.
macro_rules! rejections {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Why [`WebSocketUpgrade`](super::WebSocketUpgrade) does not take a request, or its handler refuses
        /// it.
        ///
        /// The errors of this package that have an answer become one of it by `?`.
        #[derive(Clone, Debug)]
        #[non_exhaustive]
        pub enum WebSocketUpgradeRejection {
            $($(#[$doc])* $name($name),)*
            /// Another rule is broken, the admission does not let the request in, or the handler
            /// refused it.
            Refused(Refusal),
        }

        impl WebSocketUpgradeRejection {
            /// The status and the text of the answer.
            fn answer(&self) -> Refusal {
                match self {
                    $(Self::$name($name(error)) => Refusal::from(*error).with_body(error.to_string()),)*
                    Self::Refused(refusal) => refusal.clone(),
                }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name(RequestError);

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.0.fmt(f)
                }
            }

            impl std::error::Error for $name {}

            impl From<$name> for WebSocketUpgradeRejection {
                fn from(rejection: $name) -> Self {
                    Self::$name(rejection)
                }
            }

            impl IntoResponse for $name {
                fn into_response(self) -> Response {
                    WebSocketUpgradeRejection::from(self).into_response()
                }
            }
        )*
    };
}

rejections! {
    /// The method of HTTP/1.1 is not GET.
    MethodNotGet,
    /// The method of HTTP/2 is not CONNECT.
    MethodNotConnect,
    /// `Connection` does not list `upgrade`.
    InvalidConnectionHeader,
    /// `Upgrade` does not list `websocket`.
    InvalidUpgradeHeader,
    /// `:protocol` is not `websocket`.
    InvalidProtocolPseudoheader,
    /// `Sec-WebSocket-Version` is not 13.
    InvalidWebSocketVersionHeader,
    /// There is not one `Sec-WebSocket-Key` of 16 bytes.
    WebSocketKeyHeaderMissing,
    /// The connection cannot be given away, such as one of HTTP/1.0.
    ConnectionNotUpgradable,
}

impl WebSocketUpgradeRejection {
    pub(super) fn of(unfit: Unfit, headers: &HeaderMap) -> Self {
        let error = match unfit {
            Unfit::Request(error) => error,
            Unfit::NotUpgradable => {
                return ConnectionNotUpgradable(RequestError::NoUpgrade).into();
            }
        };
        match error {
            RequestError::Method => MethodNotGet(error).into(),
            RequestError::ConnectMethod => MethodNotConnect(error).into(),
            RequestError::NoUpgrade if !asks_for_upgrade(headers) => {
                InvalidConnectionHeader(error).into()
            }
            RequestError::NoUpgrade => InvalidUpgradeHeader(error).into(),
            RequestError::Protocol => InvalidProtocolPseudoheader(error).into(),
            RequestError::Version | RequestError::ConnectVersion => {
                InvalidWebSocketVersionHeader(error).into()
            }
            RequestError::Key => WebSocketKeyHeaderMissing(error).into(),
            RequestError::HttpVersion => ConnectionNotUpgradable(error).into(),
            error => error.into(),
        }
    }

    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.answer().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The text of the answer; empty if there is none.
    #[must_use]
    pub fn body_text(&self) -> String {
        self.answer().body().to_owned()
    }
}

/// Whether `Connection` lists `upgrade`.
fn asks_for_upgrade(headers: &HeaderMap) -> bool {
    let is_upgrade = |option: &str| option.trim().eq_ignore_ascii_case("upgrade");
    let lists = |line: &str| line.split(',').any(is_upgrade);
    let lines = headers.get_all(header::CONNECTION);
    lines.iter().any(|line| line.to_str().is_ok_and(lists))
}

impl fmt::Display for WebSocketUpgradeRejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => refusal.fmt(f),
            other => f.write_str(other.answer().body()),
        }
    }
}

impl std::error::Error for WebSocketUpgradeRejection {}

impl IntoResponse for WebSocketUpgradeRejection {
    fn into_response(self) -> Response {
        self.answer().to_http::<Body>()
    }
}

impl From<Refusal> for WebSocketUpgradeRejection {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<RequestError> for WebSocketUpgradeRejection {
    fn from(error: RequestError) -> Self {
        Self::Refused(Refusal::from(error).with_body(error.to_string()))
    }
}

impl From<CredentialError> for WebSocketUpgradeRejection {
    fn from(error: CredentialError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<NotText> for WebSocketUpgradeRejection {
    fn from(error: NotText) -> Self {
        Self::Refused(error.into())
    }
}

impl From<SelectionError> for WebSocketUpgradeRejection {
    fn from(error: SelectionError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<FieldError> for WebSocketUpgradeRejection {
    fn from(error: FieldError) -> Self {
        Self::Refused(error.into())
    }
}

/// The server's own mistake.
impl From<InvalidEntry> for WebSocketUpgradeRejection {
    fn from(_: InvalidEntry) -> Self {
        Self::Refused(Refusal::INTERNAL_SERVER_ERROR)
    }
}
