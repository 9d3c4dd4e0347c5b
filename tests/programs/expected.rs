//! What is known to fail.

/// Check and programs. To mend one is to take it off: a test also fails when one passes that is here.
const EXPECTED_FAILURES: &[(&str, &[&str])] = &[
    // A signal ends the process, and with it each connection: no peer is told.
    (
        "SIGTERM: 1001 to all",
        &[
            "echo_server",
            "voice listen",
            "voice speak",
            "studio",
            "tokio_tcp",
            "tokio_split",
            "mio_tcp",
            "rustls_wss",
            "hyper_upgrade",
            "axum_route",
            "h2_connect",
        ],
    ),
    // There is no such option.
    (
        "limit on connections",
        &[
            "echo_server",
            "voice listen",
            "voice speak",
            "studio",
            "tokio_tcp",
            "tokio_split",
            "mio_tcp",
            "rustls_wss",
            "hyper_upgrade",
            "axum_route",
            "h2_connect",
        ],
    ),
    // No deadline for writing: what is owed waits for a peer that does not read.
    ("deaf peer is let go", &["tokio_split", "h2_connect"]),
    // The end of the peer's stream throws away what is owed.
    (
        "half-close loses nothing",
        &["voice speak", "tokio_tcp", "rustls_wss", "hyper_upgrade", "axum_route", "h2_connect"],
    ),
    // Buffers keep the size that a large message gave them.
    (
        "idle memory",
        &[
            "echo_server",
            "studio",
            "tokio_tcp",
            "tokio_split",
            "mio_tcp",
            "rustls_wss",
            "hyper_upgrade",
            "axum_route",
            "h2_connect",
        ],
    ),
    // It reads until the socket is empty, which one that is busy never is.
    ("busy beside quiet", &["mio_tcp"]),
    // Each message is written by itself.
    ("one write for three", &["voice speak", "mio_tcp"]),
    ("TCP_NODELAY", &["mio_tcp", "axum_route"]),
    // They are found to be bad when the request is written, or when their turn comes: exit code 1.
    (
        "client's bad options",
        &[
            "long reason",
            "long ping",
            "key that is not a token",
            "not a subprotocol",
            "header with a line break",
            "header of the handshake",
            "key in the clear",
            "file in no folder",
        ],
    ),
];

pub(crate) fn is_expected(check: &str, program: &str) -> bool {
    EXPECTED_FAILURES.iter().any(|(name, programs)| *name == check && programs.contains(&program))
}
