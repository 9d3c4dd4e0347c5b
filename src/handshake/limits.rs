//! Limits on the head of a request or a response, on any carrier.

/// Limits on the head that a peer may send.
///
/// A server sets them with [`Admission::with_limits`](super::admission::Admission::with_limits), a
/// client with [`Request::with_limits`](super::client::Request::with_limits). A head that exceeds
/// one is refused at once; a server answers 431. Each byte is looked at a fixed number of times, so
/// a larger limit costs memory and nothing else.
///
/// ```
/// use patchcord::handshake::HeadLimits;
/// use patchcord::handshake::admission::Admission;
///
/// // Behind a proxy that sends the claims of its single sign-on along.
/// let limits = HeadLimits { head: 128 * 1024, line: 64 * 1024, ..HeadLimits::default() };
/// let admission = Admission::any().with_limits(limits);
/// # let _ = admission;
/// ```
#[doc(alias("max header size", "maxHeaderSize"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// The longest head, in bytes.
    ///
    /// The fields of HTTP/2, HTTP/3 and the `http` crate's types count as the HTTP/1.1 lines that
    /// they would be; the request or status line does not count.
    pub head: usize,
    /// The longest line in bytes, line end included: the first line, or a field.
    pub line: usize,
    /// The most header lines of HTTP/1.1. A head with up to [`LINES`](Self::LINES) of them is
    /// parsed on the stack; for more lines, 32 bytes are allocated for each line that arrived.
    pub lines: usize,
    /// The most fields of HTTP/2, HTTP/3 and the `http` crate's types. It is higher than the limit
    /// on lines, because each cookie is a field of its own there (RFC 9113 section 8.2.3).
    pub fields: usize,
}

impl HeadLimits {
    /// 32 KiB: the total of nginx's `large_client_header_buffers`, and Kestrel's
    /// `MaxRequestHeadersTotalSize`. It leaves room for the cookies of a session beside a token.
    pub const HEAD: usize = 32 * 1024;

    /// 16 KiB: Node's `http.maxHeaderSize`, for a single line. Cookies of 8,718 bytes have been
    /// seen, and Kubernetes tokens that are 11 KiB long when encoded.
    pub const LINE: usize = 16 * 1024;

    /// 128: the default of Python's `websockets`. hyper, Apache and Kestrel allow 100, and
    /// responses with 125 fields have been seen.
    pub const LINES: usize = 128;

    /// 2,000: Node's `maxHeadersCount`.
    pub const FIELDS: usize = 2000;

    pub(super) const DEFAULT: Self =
        Self { head: Self::HEAD, line: Self::LINE, lines: Self::LINES, fields: Self::FIELDS };

    /// Returns the larger of each limit and its default.
    pub(super) fn or_default(self) -> Self {
        Self {
            head: self.head.max(Self::HEAD),
            line: self.line.max(Self::LINE),
            lines: self.lines.max(Self::LINES),
            fields: self.fields.max(Self::FIELDS),
        }
    }

    /// Checks the part of a head that has arrived so far: its length, that of its current line, and
    /// its number of lines.
    pub(super) const fn admit(
        &self,
        head: usize,
        line: usize,
        lines: usize,
    ) -> Result<(), TooLarge> {
        // The line first: it is the more precise complaint if both are exceeded.
        if line > self.line {
            return Err(TooLarge::Line);
        }
        if head > self.head {
            return Err(TooLarge::Head);
        }
        if lines > self.lines {
            return Err(TooLarge::Lines);
        }
        Ok(())
    }
}

impl Default for HeadLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The limit that a head exceeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TooLarge {
    Head,
    Line,
    /// Too many lines, or too many fields.
    Lines,
}
