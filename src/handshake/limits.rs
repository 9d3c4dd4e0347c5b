//! How large a head may be, of a request or a response, and whatever carries it.

/// Bounds on the head that a peer may send.
///
/// A server gives them to its [`Admission`](super::admission::Admission::with_limits), a client to its
/// [`Request`](super::client::Request::with_limits). A head that exceeds one is refused with 431, as soon as it does.
/// Each byte is looked at a fixed number of times, so that a larger limit costs memory and no more.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// The longest head in bytes.
    ///
    /// The fields of HTTP/2, HTTP/3 and the `http` crate's types are counted as the lines of HTTP/1.1
    /// that they would be, without the first.
    pub head: usize,
    /// The longest line in bytes, with its end: the first one, or a field.
    pub line: usize,
    /// The most header lines of HTTP/1.1. Up to [`LINES`](Self::LINES), a head is parsed on the stack;
    /// for one that has more, room is allocated, 32 bytes for each line that came.
    pub lines: usize,
    /// The most fields of HTTP/2, HTTP/3 and the `http` crate's types. There are more of them than
    /// lines, since each cookie comes by itself (RFC 9113 section 8.2.3).
    pub fields: usize,
}

impl HeadLimits {
    /// 32 KiB: nginx's `large_client_header_buffers` in all, and Kestrel's
    /// `MaxRequestHeadersTotalSize`. There is room for a session's cookies beside a token.
    pub const HEAD: usize = 32 * 1024;

    /// 16 KiB: Node's `http.maxHeaderSize`, in one line. Cookies of 8,718 bytes were seen, and tokens of
    /// Kubernetes that have 11 KiB when they are encoded.
    pub const LINE: usize = 16 * 1024;

    /// 128: the default of Python's `websockets`. hyper, Apache and Kestrel have 100, and answers with 125
    /// were seen.
    pub const LINES: usize = 128;

    /// 2,000: Node's `maxHeadersCount`.
    pub const FIELDS: usize = 2000;

    pub(super) const DEFAULT: Self =
        Self { head: Self::HEAD, line: Self::LINE, lines: Self::LINES, fields: Self::FIELDS };

    /// The larger of each and its default.
    pub(super) fn or_default(self) -> Self {
        Self {
            head: self.head.max(Self::HEAD),
            line: self.line.max(Self::LINE),
            lines: self.lines.max(Self::LINES),
            fields: self.fields.max(Self::FIELDS),
        }
    }

    /// Whether what came so far of a head, and of its line, may go on.
    pub(super) const fn admit(
        &self,
        head: usize,
        line: usize,
        lines: usize,
    ) -> Result<(), TooLarge> {
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

/// A head that exceeds a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TooLarge {
    Head,
    Line,
    /// There are too many lines, or fields.
    Lines,
}
