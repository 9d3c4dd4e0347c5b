//! What a browser says about a request by itself (W3C Fetch Metadata Request Headers).

use crate::handshake::head::FieldValue;

/// The two fields that matter: scripts cannot set them, and programs send none.
#[derive(Clone, Copy, Default)]
pub(in crate::handshake) struct Fetch<'head> {
    pub(in crate::handshake) mode: FieldValue<'head>,
    pub(in crate::handshake) site: FieldValue<'head>,
}

/// The modes of the Fetch standard but `websocket`.
const OTHER_MODES: [&[u8]; 5] = [b"cors", b"navigate", b"no-cors", b"same-origin", b"webtransport"];

/// The relations in which the page is not of the server's own origin.
const ELSEWHERE: [&[u8]; 2] = [b"cross-site", b"same-site"];

impl Fetch<'_> {
    /// Whether nothing says that something else than `new WebSocket` made the request.
    ///
    /// Values that are not known are to be ignored (section 2, for requests of kinds to come).
    pub(super) fn is_of_a_websocket(self) -> bool {
        !says(self.mode, &OTHER_MODES)
    }

    /// Whether the browser says that the page is of another origin.
    pub(super) fn is_from_elsewhere(self) -> bool {
        says(self.site, &ELSEWHERE)
    }
}

/// Whether a field has one of these values, or is there twice, which no browser sends.
fn says(field: FieldValue<'_>, values: &[&[u8]]) -> bool {
    match field {
        FieldValue::Absent => false,
        FieldValue::Single(value) => values.contains(&value),
        FieldValue::Repeated => true,
    }
}
