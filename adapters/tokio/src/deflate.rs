//! permessage-deflate (RFC 7692): what an end offers or accepts, and with what it compresses.

use crate::Options;
use crate::endpoint::Endpoint;
use patchcord::deflate::{Agreed, Compression, Engines, Pool};
use patchcord::handshake::extension::deflate::Policy;
use patchcord::{Config, Connection, Driver, Role, ThreadEntropy};
use std::mem::replace;

/// How messages are compressed, if the peer agrees: texts of 64 bytes and more by default, and nothing
/// else.
///
/// Clones share their engines: make one for all connections of a program.
///
/// ```
/// use patchcord_tokio::{Deflate, Options};
///
/// let options = Options::new().deflate(&Deflate::default());
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "permessage-deflate")]
#[doc(alias = "compression")]
pub struct Deflate {
    /// What is offered, or accepted of an offer.
    pub policy: Policy,
    /// How hard to compress, from which size on, and how far to inflate.
    pub compression: Compression,
    /// What compresses.
    pub engines: Engines,
}

impl Default for Deflate {
    fn default() -> Self {
        Self {
            policy: Policy::default(),
            compression: Compression::default(),
            engines: Engines::Pooled(Pool::default()),
        }
    }
}

impl Options {
    /// The same with compression, if the peer agrees to it. What it is worth and what it gives away is in
    /// [`patchcord`'s guide](patchcord::deflate).
    #[must_use]
    pub fn deflate(mut self, deflate: &Deflate) -> Self {
        self.deflate = Some(deflate.clone());
        self
    }
}

impl Deflate {
    /// Gives an endpoint the compression that was agreed on.
    pub(crate) fn apply(&self, agreed: Agreed, endpoint: &mut Endpoint) {
        match endpoint {
            Endpoint::Server(driver) => {
                self.apply_to(agreed, driver, Connection::server(Config::default()));
            }
            Endpoint::Client(driver) => {
                self.apply_to(agreed, driver, Connection::client(ThreadEntropy, Config::default()));
            }
        }
    }

    fn apply_to<R: Role>(&self, agreed: Agreed, driver: &mut Driver<R>, other: Connection<R>) {
        let connection = replace(&mut driver.connection, other);
        driver.connection = connection.with_deflate(agreed, self.compression, &self.engines);
    }
}
