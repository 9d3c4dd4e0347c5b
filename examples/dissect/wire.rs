//! A frame's header as it is on the wire, and what is wrong with it.

use patchcord::frame::{Header, HeaderError, Opcode, RawHeader, Rsv};

#[derive(Clone, Copy)]
pub(crate) struct WireHeader {
    pub(crate) raw: RawHeader,
    /// What is wrong with the form of the length.
    form: Option<HeaderError>,
}

impl WireHeader {
    /// Reads a header; `None` if it is incomplete.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (raw, _) = RawHeader::parse(bytes)?;
        // A final binary frame may have any length, so only the form of the length can be wrong in it.
        let binary = RawHeader { fin: true, rsv: 0, opcode: Opcode::Binary as u8, ..raw };
        Some(Self { raw, form: Header::parse(&binary.encode()).err() })
    }

    /// `None` if the opcode is reserved.
    pub(crate) fn opcode(&self) -> Option<Opcode> {
        Opcode::from_bits(self.raw.opcode)
    }

    pub(crate) fn rsv(&self) -> Rsv {
        Rsv::from_first_byte(self.raw.rsv << 4)
    }

    /// Returns whether the end of the frame can be known.
    pub(crate) fn has_end(&self) -> bool {
        self.form != Some(HeaderError::LengthTopBit)
    }

    /// Returns what is wrong with the header by itself: its start, then its length.
    pub(crate) fn errors(&self) -> impl Iterator<Item = HeaderError> {
        let start = Header::parse(&self.raw.encode()[..1]).err();
        let length = self.form.or_else(|| Header::new(self.opcode()?, self.raw.length).err());
        start.into_iter().chain(length)
    }
}
