//! Names that people mistype: registered with IANA unless it is said otherwise.

/// MQTT over WebSocket, from version 3.1.1 on.
pub const MQTT: &str = "mqtt";
/// The protocol of the `graphql-ws` library; not registered. Not the same as [`GRAPHQL_WS`].
pub const GRAPHQL_TRANSPORT_WS: &str = "graphql-transport-ws";
/// The older protocol of `subscriptions-transport-ws`, in spite of its name; not registered.
pub const GRAPHQL_WS: &str = "graphql-ws";
/// STOMP 1.0.
pub const STOMP_1_0: &str = "v10.stomp";
/// STOMP 1.1.
pub const STOMP_1_1: &str = "v11.stomp";
/// STOMP 1.2.
pub const STOMP_1_2: &str = "v12.stomp";
/// WAMP 2 in JSON; not registered, as `wamp` alone is.
pub const WAMP_JSON: &str = "wamp.2.json";
/// WAMP 2 in MessagePack; not registered.
pub const WAMP_MSGPACK: &str = "wamp.2.msgpack";
/// SIP (RFC 7118).
pub const SIP: &str = "sip";
/// XMPP (RFC 7395).
pub const XMPP: &str = "xmpp";
/// OCPP 1.6: a charge point and its central system.
pub const OCPP_1_6: &str = "ocpp1.6";
/// OCPP 2.0.1.
pub const OCPP_2_0_1: &str = "ocpp2.0.1";
/// Kubernetes' exec and attach, fourth version; not registered.
pub const KUBERNETES_V4: &str = "v4.channel.k8s.io";
/// Kubernetes' exec and attach, fifth version, which can close a channel; not registered.
pub const KUBERNETES_V5: &str = "v5.channel.k8s.io";
