//! The presets.

use patchcord::handshake::credential::vendor::{self, Vendor};

/// Each preset, a secret as the service has them, and the entries that it offers.
pub(crate) const VENDORS: [(&str, Vendor, &str, &str); 22] = [
    ("Deepgram", vendor::DEEPGRAM, "S3cr3tK3y", "token, S3cr3tK3y"),
    ("Deepgram, JWT", vendor::DEEPGRAM_BEARER, "aaa.S3cr3tK3y._-", "bearer, aaa.S3cr3tK3y._-"),
    (
        "Deepgram, session",
        vendor::DEEPGRAM_SESSION,
        "S3cr3tK3y-1-2",
        "x-deepgram-session-id, S3cr3tK3y-1-2",
    ),
    (
        "OpenAI",
        vendor::OPENAI_REALTIME,
        "ek_S3cr3tK3y",
        "realtime, openai-insecure-api-key.ek_S3cr3tK3y",
    ),
    (
        "Deepgram, starters",
        vendor::DEEPGRAM_STARTERS,
        "aaa.S3cr3tK3y._-",
        "access_token.aaa.S3cr3tK3y._-",
    ),
    (
        "Quarkus, raw",
        vendor::QUARKUS_RAW,
        "Authorization#Bearer S3cr3tK3y",
        "bearer-token-carrier, quarkus-http-upgrade#Authorization#Bearer%20S3cr3tK3y",
    ),
    ("Feldera", vendor::FELDERA, "S3cr3tK3y??", "feldera-bearer.UzNjcjN0SzN5Pz8"),
    ("ElevenLabs", vendor::ELEVENLABS, "S3cr3tK3y", "convai, bearer.S3cr3tK3y"),
    ("xAI", vendor::XAI, "S3cr3tK3y", "xai-client-secret.S3cr3tK3y"),
    (
        "Kubernetes",
        vendor::KUBERNETES,
        "S3cr3tK3y:/+?",
        "v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.UzNjcjN0SzN5Oi8rPw",
    ),
    (
        "AppSync Events",
        vendor::APPSYNC_EVENTS,
        "{\"x-api-key\":\"S3cr3tK3y\"}",
        "aws-appsync-event-ws, header-eyJ4LWFwaS1rZXkiOiJTM2NyM3RLM3kifQ",
    ),
    (
        "AppSync GraphQL",
        vendor::APPSYNC_GRAPHQL,
        "{\"x-api-key\":\"S3cr3tK3y\"}",
        "graphql-ws, header-eyJ4LWFwaS1rZXkiOiJTM2NyM3RLM3kifQ",
    ),
    ("Phoenix", vendor::PHOENIX, "S3cr3tK3y~~", "phoenix, base64url.bearer.phx.UzNjcjN0SzN5fn4"),
    (
        "Jupyter",
        vendor::JUPYTER,
        "S3cr3tK3y/=(1)",
        "v1.token.websocket.jupyter.org, v1.token.websocket.jupyter.org.S3cr3tK3y%2F%3D%281%29",
    ),
    (
        "Quarkus",
        vendor::QUARKUS,
        "Authorization#Bearer S3cr3tK3y",
        "bearer-token-carrier, quarkus-http-upgrade%23Authorization#Bearer%20S3cr3tK3y",
    ),
    (
        "openHAB",
        vendor::OPENHAB,
        "oh.S3cr3tK3y",
        "org.openhab.ws.protocol.default, org.openhab.ws.accessToken.base64.b2guUzNjcjN0SzN5",
    ),
    (
        "AnyCable",
        vendor::ANYCABLE,
        "a.S3cr3tK3y.b",
        "actioncable-v1-json, anycable-token.a.S3cr3tK3y.b",
    ),
    ("Feldera, tenant", vendor::FELDERA_TENANT, "S3cr3tK3y??", "feldera-tenant.UzNjcjN0SzN5Pz8"),
    ("Soniox", vendor::SONIOX, "snx_temp_S3cr3tK3y", "soniox-api-key, snx_temp_S3cr3tK3y"),
    (
        "Lambda MicroVMs",
        vendor::LAMBDA_MICROVMS,
        "eyJ.S3cr3tK3y.x",
        "lambda-microvms, lambda-microvms.authentication.eyJ.S3cr3tK3y.x",
    ),
    ("Lambda MicroVMs, port", vendor::LAMBDA_MICROVMS_PORT, "8082", "lambda-microvms.port.8082"),
    ("IVS Chat", vendor::IVS_CHAT, "AQICAHi-S3cr3tK3y_1", "AQICAHi-S3cr3tK3y_1"),
];
