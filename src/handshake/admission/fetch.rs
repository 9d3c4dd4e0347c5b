//! Fetch metadata: what a browser by itself says about a request (W3C Fetch Metadata Request
//! Headers).

use crate::handshake::head::FieldValue;

/// The two fields that matter. Scripts cannot set them, and other programs do not send them.
#[derive(Clone, Copy, Default)]
pub(in crate::handshake) struct Fetch<'head> {
    pub(in crate::handshake) mode: FieldValue<'head>,
    pub(in crate::handshake) site: FieldValue<'head>,
}

/// The modes of the Fetch standard except `websocket`.
const OTHER_MODES: [&[u8]; 5] = [b"cors", b"navigate", b"no-cors", b"same-origin", b"webtransport"];

/// The values for a page that is not of the server's own origin.
const ELSEWHERE: [&[u8]; 2] = [b"cross-site", b"same-site"];

impl Fetch<'_> {
    /// Returns whether no field says that something other than `new WebSocket` made the request.
    ///
    /// Unknown values must be ignored (section 2, for kinds of requests that do not exist yet).
    pub(super) fn is_websocket(self) -> bool {
        !says(self.mode, &OTHER_MODES)
    }

    /// Returns whether the browser says that the page is of another origin.
    pub(super) fn is_cross_origin(self) -> bool {
        says(self.site, &ELSEWHERE)
    }
}

/// Returns whether a field has one of these values, or occurs twice, which no browser does.
fn says(field: FieldValue<'_>, values: &[&[u8]]) -> bool {
    match field {
        FieldValue::Absent => false,
        FieldValue::Single(value) => values.contains(&value),
        FieldValue::Repeated => true,
    }
}
