//! The schemes of services in use, as their clients send them.
//!
//! ```
//! use patchcord::handshake::credential::vendor;
//!
//! let offer = vendor::OPENAI_REALTIME.offer("ek_123")?;
//! assert_eq!(format!("{offer:?}"), "Offer(realtime, ..)");
//! # Ok::<(), patchcord::handshake::subprotocol::OfferError>(())
//! ```

use super::{Encoding, NotAToken, Scheme};

/// A service's way to carry a credential. [`offer`](Self::offer) makes a client's offer from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vendor {
    /// The scheme, for [`Offers::take`](crate::handshake::subprotocol::Offers).
    pub scheme: Scheme<'static>,
    /// The name that is offered before the credential, and that the server selects.
    pub name: Option<&'static str>,
}

impl Vendor {
    /// The subprotocol that a server selects: the name, or the marker of a pair. `None` for a
    /// [`Scheme::sole`], whose only entry is sent back.
    #[must_use]
    pub const fn selected(&self) -> Option<&'static str> {
        match self.scheme.marker() {
            None => self.name,
            marker => marker,
        }
    }

    const fn pair(marker: &'static str) -> Self {
        Self { scheme: valid(Scheme::pair(marker)), name: None }
    }

    const fn prefixed(name: &'static str, prefix: &'static str, encoding: Encoding) -> Self {
        Self { scheme: valid(Scheme::prefixed(prefix, encoding)), name: Some(name) }
    }

    const fn sole(prefix: &'static str, encoding: Encoding) -> Self {
        Self { scheme: valid(Scheme::sole(prefix, encoding)), name: None }
    }
}

/// Unwraps a scheme of this file at compile time: an invalid one stops the compiler.
#[expect(clippy::panic, reason = "it stops the compiler, not a program")]
const fn valid(scheme: Result<Scheme<'static>, NotAToken>) -> Scheme<'static> {
    match scheme {
        Ok(scheme) => scheme,
        Err(_) => panic!("a marker or prefix is not a token"),
    }
}

/// Deepgram, all its WebSocket APIs, with an API key: `token, KEY`.
pub const DEEPGRAM: Vendor = Vendor::pair("token");
/// Deepgram with a temporary token: `bearer, JWT`.
pub const DEEPGRAM_BEARER: Vendor = Vendor::pair("bearer");
/// The second pair that Deepgram's JavaScript SDK sends: `x-deepgram-session-id, ID`.
pub const DEEPGRAM_SESSION: Vendor = Vendor::pair("x-deepgram-session-id");
/// The starters that Deepgram publishes, to their own server: `access_token.JWT` alone.
pub const DEEPGRAM_STARTERS: Vendor = Vendor::sole("access_token.", Encoding::Raw);
/// OpenAI Realtime and compatible services: `realtime, openai-insecure-api-key.KEY`.
pub const OPENAI_REALTIME: Vendor =
    Vendor::prefixed("realtime", "openai-insecure-api-key.", Encoding::Raw);
/// ElevenLabs Agents: `convai, bearer.TOKEN`.
pub const ELEVENLABS: Vendor = Vendor::prefixed("convai", "bearer.", Encoding::Raw);
/// xAI: `xai-client-secret.TOKEN` alone, which the server has to send back.
pub const XAI: Vendor = Vendor::sole("xai-client-secret.", Encoding::Raw);
/// Kubernetes: `v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.TOKEN`.
pub const KUBERNETES: Vendor = Vendor::prefixed(
    "v5.channel.k8s.io",
    "base64url.bearer.authorization.k8s.io.",
    Encoding::Base64Url,
);
/// AWS AppSync Events: `aws-appsync-event-ws, header-JSON`, the JSON of authorization headers.
pub const APPSYNC_EVENTS: Vendor =
    Vendor::prefixed("aws-appsync-event-ws", "header-", Encoding::Base64Url);
/// AWS AppSync GraphQL subscriptions: `graphql-ws, header-JSON`.
pub const APPSYNC_GRAPHQL: Vendor = Vendor::prefixed("graphql-ws", "header-", Encoding::Base64Url);
/// Phoenix Channels: `phoenix, base64url.bearer.phx.TOKEN`, which is standard base64 in spite of
/// its name.
pub const PHOENIX: Vendor = Vendor::prefixed("phoenix", "base64url.bearer.phx.", Encoding::Base64);
/// Jupyter (JEP 119): `v1.token.websocket.jupyter.org`, and the same with the token behind it.
pub const JUPYTER: Vendor = Vendor::prefixed(
    "v1.token.websocket.jupyter.org",
    "v1.token.websocket.jupyter.org.",
    Encoding::Percent,
);
/// Quarkus: `bearer-token-carrier`, and a header `NAME#VALUE`, such as `Authorization#Bearer JWT`.
///
/// Some clients do not encode the `#` after the prefix: a server should look for [`QUARKUS_RAW`]
/// too.
pub const QUARKUS: Vendor =
    Vendor::prefixed("bearer-token-carrier", "quarkus-http-upgrade%23", Encoding::Percent);
/// [`QUARKUS`] from clients that do not encode the first `#`.
pub const QUARKUS_RAW: Vendor =
    Vendor::prefixed("bearer-token-carrier", "quarkus-http-upgrade#", Encoding::Percent);
/// openHAB: `org.openhab.ws.protocol.default, org.openhab.ws.accessToken.base64.TOKEN`.
pub const OPENHAB: Vendor = Vendor::prefixed(
    "org.openhab.ws.protocol.default",
    "org.openhab.ws.accessToken.base64.",
    Encoding::Base64,
);
/// AnyCable: `actioncable-v1-json, anycable-token.JWT`.
pub const ANYCABLE: Vendor =
    Vendor::prefixed("actioncable-v1-json", "anycable-token.", Encoding::Raw);
/// Feldera: `feldera-bearer.TOKEN`, alone or with [`FELDERA_TENANT`].
pub const FELDERA: Vendor = Vendor::sole("feldera-bearer.", Encoding::Base64Url);
/// The tenant that a client of [`FELDERA`] may add: `feldera-tenant.NAME`. It is not a credential
/// itself.
pub const FELDERA_TENANT: Vendor =
    Vendor { scheme: valid(Scheme::prefixed("feldera-tenant.", Encoding::Base64Url)), name: None };
/// Soniox, speech to text and back, with an API key or a temporary one: `soniox-api-key, KEY`.
pub const SONIOX: Vendor = Vendor::pair("soniox-api-key");
/// AWS Lambda MicroVMs: `lambda-microvms, lambda-microvms.authentication.TOKEN`; a client whose
/// port is not 8080 adds [`LAMBDA_MICROVMS_PORT`].
pub const LAMBDA_MICROVMS: Vendor =
    Vendor::prefixed("lambda-microvms", "lambda-microvms.authentication.", Encoding::Raw);
/// The port inside the machine of [`LAMBDA_MICROVMS`]: `lambda-microvms.port.NUMBER`. It is not a
/// credential itself.
pub const LAMBDA_MICROVMS_PORT: Vendor =
    Vendor { scheme: valid(Scheme::prefixed("lambda-microvms.port.", Encoding::Raw)), name: None };
/// AWS IVS Chat: the token alone, which the server has to send back.
pub const IVS_CHAT: Vendor = Vendor::sole("", Encoding::Raw);
