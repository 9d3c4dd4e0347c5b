//! The options of permessage-deflate, and their effects; without the feature, they are
//! refused.
#![allow(dead_code, unused_imports)] // each program uses a part of it

pub(crate) const USAGE: &str = "  \
  --deflate              compress what is sent, if the peer agrees (needs the feature `deflate`)
  --window-bits N        agree on windows of 2^N bytes, 9 to 15 (otherwise each end chooses)
  --no-context-takeover  agree to compress each message by itself
  --small-windows        allow the peer a window of only 2 KiB
  --bare                 offer only the name of the extension
  --pooled, --live       use engines that connections share (default), or one for each";

/// Whether a name is an option of this file, or what is wrong with it.
pub(crate) type Known = Result<bool, Box<dyn std::error::Error>>;

#[cfg(feature = "deflate")]
pub(crate) use with::{Agreed, Compressing};
#[cfg(not(feature = "deflate"))]
pub(crate) use without::{Agreed, Compressing};

#[cfg(feature = "deflate")]
mod with {
    use super::Known;
    pub(crate) use patchcord::deflate::Agreed;
    use patchcord::deflate::{Compression, Context, Engines, Pool, WindowBits};
    use patchcord::handshake::extension::Extensions;
    use patchcord::handshake::extension::deflate::{
        DeflateAnswer, DeflateOffer, OwnWindow, Policy,
    };
    use patchcord::{Connection, Fragment, Message, Role, SendBuffer, SendError};
    use std::error::Error;
    use std::sync::LazyLock;

    pub(crate) struct Compressing {
        is_on: bool,
        policy: Policy,
        engines: Engines,
    }

    impl Default for Compressing {
        fn default() -> Self {
            let engines = Engines::Pooled(Pool::default());
            Self { is_on: false, policy: Policy::default(), engines }
        }
    }

    impl Compressing {
        /// Compresses with engines that this process shares, whatever the options.
        pub(crate) fn willing() -> Self {
            static POOL: LazyLock<Pool> = LazyLock::new(Pool::default);
            let engines = Engines::Pooled(POOL.clone());
            Self { is_on: true, engines, ..Self::default() }
        }

        pub(crate) fn set(&mut self, name: &str, args: &mut lexopt::Parser) -> Known {
            match name {
                "deflate" => self.is_on = true,
                "window-bits" => {
                    let bits = args.value()?.to_string_lossy().parse()?;
                    let window = WindowBits::new(bits).filter(|&window| window > WindowBits::MIN);
                    let window = window.ok_or("--window-bits takes 9 to 15")?;
                    let (own, peer) = (self.policy.own.takeover, self.policy.peer.takeover);
                    self.policy = Policy {
                        own: Context { window, takeover: own },
                        own_window: OwnWindow::Announced,
                        peer: Context { window, takeover: peer },
                        ..Policy::SMALL
                    };
                }
                "no-context-takeover" => {
                    (self.policy.own.takeover, self.policy.peer.takeover) = (false, false);
                    self.policy.own_window = OwnWindow::Announced;
                }
                "small-windows" => self.policy = Policy::SMALL,
                "bare" => self.policy.own_window = OwnWindow::Unsaid,
                "pooled" => self.engines = Engines::Pooled(Pool::default()),
                "live" => self.engines = Engines::Owned,
                _ => return Ok(false),
            }
            Ok(true)
        }

        /// Returns a server's answer to a client's offers.
        pub(crate) fn accept(&self, offers: &Extensions<'_>) -> Option<DeflateAnswer> {
            self.is_on.then(|| self.policy.accept(offers)).flatten()
        }

        /// Returns a client's offer.
        pub(crate) fn offer(&self) -> Option<DeflateOffer> {
            self.is_on.then(|| self.policy.offer())
        }

        /// Checks the answer to a client's offer, and returns what was agreed on.
        pub(crate) fn verify(
            offer: Option<&DeflateOffer>,
            answer: &Extensions<'_>,
        ) -> Result<Option<Agreed>, Box<dyn Error>> {
            Ok(offer.map(|offer| offer.verify(answer)).transpose()?.flatten())
        }

        pub(crate) fn apply<R: Role>(
            &self,
            agreed: Option<Agreed>,
            connection: Connection<R>,
        ) -> Connection<R> {
            match agreed {
                Some(agreed) => {
                    connection.with_deflate(agreed, Compression::default(), &self.engines)
                }
                None => connection,
            }
        }

        pub(crate) fn send<R: Role>(
            connection: &mut Connection<R>,
            message: Message<'_>,
            out: &mut SendBuffer,
        ) -> Result<(), SendError> {
            connection.send_compressed(message, out)
        }

        pub(crate) fn send_fragment<R: Role>(
            connection: &mut Connection<R>,
            fragment: Fragment<&[u8]>,
            out: &mut SendBuffer,
        ) -> Result<(), SendError> {
            connection.send_compressed_fragment(fragment, out)
        }
    }
}

#[cfg(not(feature = "deflate"))]
mod without {
    use super::Known;
    use patchcord::handshake::extension::Extensions;
    use patchcord::{Connection, Fragment, Message, Role, SendBuffer, SendError};
    use std::convert::Infallible;
    use std::error::Error;

    #[derive(Default)]
    pub(crate) struct Compressing(());

    /// What is agreed on: never anything.
    pub(crate) type Agreed = Infallible;
    pub(crate) struct DeflateAnswer(Agreed);

    impl DeflateAnswer {
        pub(crate) fn agreed(&self) -> Infallible {
            self.0
        }

        pub(crate) fn extensions(&self) -> Extensions<'_> {
            match self.0 {}
        }
    }

    impl Compressing {
        pub(crate) fn willing() -> Self {
            Self::default()
        }

        pub(crate) fn set(&mut self, name: &str, _: &mut lexopt::Parser) -> Known {
            match name {
                "deflate" | "window-bits" | "no-context-takeover" | "pooled" | "live" => {
                    Err(format!("--{name} needs the feature `deflate`").into())
                }
                _ => Ok(false),
            }
        }

        pub(crate) fn accept(&self, _: &Extensions<'_>) -> Option<DeflateAnswer> {
            None
        }

        pub(crate) fn offer(&self) -> Option<DeflateAnswer> {
            None
        }

        pub(crate) fn verify(
            _: Option<&DeflateAnswer>,
            _: &Extensions<'_>,
        ) -> Result<Option<Infallible>, Box<dyn Error>> {
            Ok(None)
        }

        pub(crate) fn apply<R: Role>(
            &self,
            _: Option<Infallible>,
            connection: Connection<R>,
        ) -> Connection<R> {
            connection
        }

        pub(crate) fn send<R: Role>(
            connection: &mut Connection<R>,
            message: Message<'_>,
            out: &mut SendBuffer,
        ) -> Result<(), SendError> {
            connection.send(message, out)
        }

        pub(crate) fn send_fragment<R: Role>(
            connection: &mut Connection<R>,
            fragment: Fragment<&[u8]>,
            out: &mut SendBuffer,
        ) -> Result<(), SendError> {
            connection.send_fragment(fragment, out)
        }
    }
}
