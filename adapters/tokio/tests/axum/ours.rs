//! With this package's `ws`.

#[path = "programs/chat.rs"]
pub(crate) mod chat;
#[path = "programs/echo.rs"]
pub(crate) mod echo;
#[path = "programs/greeter.rs"]
pub(crate) mod greeter;
#[path = "programs/relay.rs"]
pub(crate) mod relay;

use patchcord_tokio::axum as ws;
