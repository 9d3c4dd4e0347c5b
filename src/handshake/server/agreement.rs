//! What a server agrees to, of what the client offered.

use super::RequestHead;
use crate::handshake::extension::{Extensions, NotOffered};
use crate::handshake::subprotocol::Subprotocol;

/// What the response of a server selects; a selected subprotocol alone converts into it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Agreement<'text> {
    pub(in crate::handshake) subprotocol: Option<Subprotocol<'text>>,
    pub(in crate::handshake) extensions: Option<Extensions<'text>>,
    /// The offers to which the extensions are an answer.
    pub(in crate::handshake) offers: Option<Extensions<'text>>,
}

impl<'text> Agreement<'text> {
    /// The same agreement with the extensions of `answer`, in answer to those of `request`.
    ///
    /// They are an answer to these offers alone: a request with others leaves them out when it is
    /// accepted.
    ///
    /// # Errors
    /// When one was not offered (RFC 6455 section 9.1).
    pub fn extensions(
        self,
        request: &RequestHead<'text>,
        answer: Extensions<'text>,
    ) -> Result<Self, NotOffered> {
        answer.check_against(&request.extensions())?;
        // An empty header breaks some clients, so there is none then.
        let extensions = (!answer.is_empty()).then_some(answer);
        Ok(Self { extensions, offers: Some(request.extensions()), ..self })
    }
}

impl<'text> From<Option<Subprotocol<'text>>> for Agreement<'text> {
    fn from(subprotocol: Option<Subprotocol<'text>>) -> Self {
        Self { subprotocol, ..Self::default() }
    }
}
