//! Pages for those who build something: every example is compiled, and runs where it needs no network.
//!
//! | page | says |
//! |---|---|
//! | `servers` (feature `axum`) | axum, rooms, broadcasts, clients that are slow, deadlines, the end of the server |
//! | `clients` (feature `rustls`) | TLS, proxies, reconnecting, halves, `select!` |
//! | `migration` (feature `axum`) | the same program with tokio-tungstenite, with axum's `ws`, and with this package |

#[cfg(feature = "rustls")]
pub mod clients;
#[cfg(all(feature = "axum", feature = "connect"))]
pub mod migration;
#[cfg(feature = "axum")]
pub mod servers;
