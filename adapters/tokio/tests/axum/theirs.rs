//! With axum's own `ws`.

#[path = "programs/chat.rs"]
pub(crate) mod chat;
#[path = "programs/echo.rs"]
pub(crate) mod echo;
#[path = "programs/greeter.rs"]
pub(crate) mod greeter;
#[path = "programs/relay.rs"]
pub(crate) mod relay;

use axum::extract::ws;
