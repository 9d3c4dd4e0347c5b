//! The schemes of services in use, as their clients send them.
//!
//! ```
//! use patchcord::handshake::credential::vendor;
//!
//! let offer = vendor::OPENAI_REALTIME.offer("ek_123")?;
//! assert_eq!(format!("{offer:?}"), "Offer(realtime, ..)");
//! # Ok::<(), patchcord::handshake::subprotocol::OfferError>(())
//! ```

use super::{Codec, Scheme};
use crate::handshake::subprotocol::{Offer, OfferError};

/// A service's way to carry a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vendor {
    /// The scheme: for [`RequestHead::subprotocols`](crate::handshake::server::RequestHead).
    pub scheme: Scheme<'static>,
    /// The name that is offered before the credential, and selected by the server.
    pub name: Option<&'static str>,
}

impl Vendor {
    /// What a client offers with this secret.
    ///
    /// # Errors
    /// When the encoded secret is not a token or too long.
    pub fn offer(&self, secret: &str) -> Result<Offer, OfferError> {
        let offer = match self.name {
            Some(name) => Offer::required().name(name)?,
            None => Offer::required(),
        };
        offer.credential(self.scheme, secret)
    }

    /// What a server selects: the name, or the marker of a pair; none of a [`Scheme::Sole`],
    /// whose [`sole`](crate::handshake::subprotocol::Offers::sole) entry is sent back.
    #[must_use]
    pub const fn selected(&self) -> Option<&'static str> {
        match self.scheme {
            Scheme::Pair { marker } => Some(marker),
            _ => self.name,
        }
    }

    const fn pair(marker: &'static str) -> Self {
        Self { scheme: Scheme::Pair { marker }, name: None }
    }

    const fn prefixed(name: &'static str, prefix: &'static str, codec: Codec) -> Self {
        Self { scheme: Scheme::Prefixed { prefix, codec }, name: Some(name) }
    }
}

/// Deepgram, all its WebSocket APIs, with an API key: `token, KEY`.
pub const DEEPGRAM: Vendor = Vendor::pair("token");
/// Deepgram with a temporary token: `bearer, JWT`.
pub const DEEPGRAM_BEARER: Vendor = Vendor::pair("bearer");
/// The second pair that Deepgram's JavaScript SDK sends: `x-deepgram-session-id, ID`.
pub const DEEPGRAM_SESSION: Vendor = Vendor::pair("x-deepgram-session-id");
/// The starters that Deepgram publishes, to their own server: `access_token.JWT` alone.
pub const DEEPGRAM_STARTERS: Vendor =
    Vendor { scheme: Scheme::Sole { prefix: "access_token.", codec: Codec::Raw }, name: None };
/// OpenAI Realtime, and what speaks like it: `realtime, openai-insecure-api-key.KEY`.
pub const OPENAI_REALTIME: Vendor =
    Vendor::prefixed("realtime", "openai-insecure-api-key.", Codec::Raw);
/// ElevenLabs Agents: `convai, bearer.TOKEN`.
pub const ELEVENLABS: Vendor = Vendor::prefixed("convai", "bearer.", Codec::Raw);
/// xAI: `xai-client-secret.TOKEN` alone, which the server has to send back.
pub const XAI: Vendor =
    Vendor { scheme: Scheme::Sole { prefix: "xai-client-secret.", codec: Codec::Raw }, name: None };
/// Kubernetes: `v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.TOKEN`.
pub const KUBERNETES: Vendor = Vendor::prefixed(
    "v5.channel.k8s.io",
    "base64url.bearer.authorization.k8s.io.",
    Codec::Base64Url,
);
/// AWS AppSync Events: `aws-appsync-event-ws, header-JSON`, the JSON of authorization headers.
pub const APPSYNC_EVENTS: Vendor =
    Vendor::prefixed("aws-appsync-event-ws", "header-", Codec::Base64Url);
/// AWS AppSync GraphQL subscriptions: `graphql-ws, header-JSON`.
pub const APPSYNC_GRAPHQL: Vendor = Vendor::prefixed("graphql-ws", "header-", Codec::Base64Url);
/// Phoenix Channels: `phoenix, base64url.bearer.phx.TOKEN`, which is standard base64 in spite of
/// its name.
pub const PHOENIX: Vendor = Vendor::prefixed("phoenix", "base64url.bearer.phx.", Codec::Base64);
/// Jupyter (JEP 119): `v1.token.websocket.jupyter.org`, and the same with the token behind it.
pub const JUPYTER: Vendor = Vendor::prefixed(
    "v1.token.websocket.jupyter.org",
    "v1.token.websocket.jupyter.org.",
    Codec::Percent,
);
/// Quarkus: `bearer-token-carrier`, and a header `NAME#VALUE`, such as `Authorization#Bearer JWT`.
///
/// Some clients send the `#` behind the prefix as it is: a server looks for [`QUARKUS_RAW`] too.
pub const QUARKUS: Vendor =
    Vendor::prefixed("bearer-token-carrier", "quarkus-http-upgrade%23", Codec::Percent);
/// [`QUARKUS`] as clients send it that do not encode the first `#`.
pub const QUARKUS_RAW: Vendor =
    Vendor::prefixed("bearer-token-carrier", "quarkus-http-upgrade#", Codec::Percent);
/// openHAB: `org.openhab.ws.protocol.default, org.openhab.ws.accessToken.base64.TOKEN`.
pub const OPENHAB: Vendor = Vendor::prefixed(
    "org.openhab.ws.protocol.default",
    "org.openhab.ws.accessToken.base64.",
    Codec::Base64,
);
/// AnyCable: `actioncable-v1-json, anycable-token.JWT`.
pub const ANYCABLE: Vendor = Vendor::prefixed("actioncable-v1-json", "anycable-token.", Codec::Raw);
/// Feldera: `feldera-bearer.TOKEN`, alone or with [`FELDERA_TENANT`].
pub const FELDERA: Vendor = Vendor {
    scheme: Scheme::Sole { prefix: "feldera-bearer.", codec: Codec::Base64Url },
    name: None,
};
/// The tenant that a client of [`FELDERA`] may add: `feldera-tenant.NAME`, no credential itself.
pub const FELDERA_TENANT: Vendor = Vendor {
    scheme: Scheme::Prefixed { prefix: "feldera-tenant.", codec: Codec::Base64Url },
    name: None,
};
