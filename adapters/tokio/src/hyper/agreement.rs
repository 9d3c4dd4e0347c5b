//! What a client and this end agreed on beside the subprotocol: permessage-deflate, or nothing.

use crate::Options;
use crate::endpoint::Endpoint;
use patchcord::handshake::extension::{Extensions, NotOffered};
use patchcord::handshake::server::{Carrier, Response};

#[derive(Clone, Copy, Default)]
pub(super) struct Agreement(#[cfg(feature = "deflate")] Option<patchcord::deflate::Agreed>);

#[cfg(feature = "deflate")]
impl Agreement {
    /// The response with the answer to what is offered.
    pub(super) fn reach<'head, C: Carrier>(
        options: &Options,
        offers: &Extensions<'_>,
        response: Response<'head, C>,
    ) -> Result<(Response<'head, C>, Self), NotOffered> {
        match options.deflate.as_ref().and_then(|deflate| deflate.policy.accept(offers)) {
            Some(accepted) => {
                let response = response.with_extensions(accepted.extensions())?;
                Ok((response, Self(Some(accepted.agreed()))))
            }
            None => Ok((response, Self(None))),
        }
    }

    pub(super) fn apply(self, options: &Options, endpoint: &mut Endpoint) {
        if let (Self(Some(agreed)), Some(deflate)) = (self, &options.deflate) {
            deflate.apply(agreed, endpoint);
        }
    }
}

#[cfg(not(feature = "deflate"))]
impl Agreement {
    pub(super) fn reach<'head, C: Carrier>(
        _: &Options,
        _: &Extensions<'_>,
        response: Response<'head, C>,
    ) -> Result<(Response<'head, C>, Self), NotOffered> {
        Ok((response, Self()))
    }

    pub(super) fn apply(self, _: &Options, _: &mut Endpoint) {}
}
