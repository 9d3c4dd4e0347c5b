use patchcord::frame::{Header, HeaderError, LengthForm, MAX_HEADER, RawHeader};

/// A header's first ten bytes are classified as a table of section 5.2 says, at the byte that
/// decides; parsing and encoding are inverse, for legal headers and for raw ones.
pub fn header(data: &[u8]) {
    let bytes = &data[..data.len().min(MAX_HEADER + 1)];
    for end in 0..=bytes.len() {
        classified(&bytes[..end]);
    }
    if let Some((raw, size)) = RawHeader::parse(bytes) {
        assert_eq!(*raw.encode(), bytes[..size], "a raw header is written as it was read");
        assert_eq!(RawHeader::parse(&raw.encode()), Some((raw, size)));
        assert_eq!(RawHeader::parse(&bytes[..size - 1]), None);
    }
    let mut u = arbitrary::Unstructured::new(data);
    if let Ok(header) = u.arbitrary::<Header>() {
        let encoded = header.encode();
        assert_eq!(encoded.len(), header.size());
        assert_eq!(Header::parse(&encoded), Ok(Some((header, encoded.len()))), "built, read back");
    }
}

/// The table: what the second byte's lower seven bits say of a frame with an opcode from 0 to 15.
/// `.` is legal, `R` reserved, `L` too long, `1` a Close of one byte.
const RULES: [(&str, [u8; 16]); 4] = [
    ("0", *b"...RRRRR...RRRRR"),
    ("1", *b"...RRRRR1..RRRRR"),
    ("2..=125", *b"...RRRRR...RRRRR"),
    ("126..", *b"...RRRRRLLLRRRRR"),
];

fn classified(bytes: &[u8]) {
    let parsed = Header::parse(bytes);
    assert_eq!(parsed.map(|header| header.map(|(_, size)| size)), expected(bytes), "{bytes:02x?}");
    if let Ok(Some((header, size))) = parsed {
        assert_eq!(*header.encode(), bytes[..size], "a legal header is written as it was read");
        assert_eq!(size, header.size());
        let (raw, _) = RawHeader::parse(bytes).expect("a legal header is readable");
        assert_eq!(raw.length, header.length());
        assert_eq!(
            (raw.fin, raw.opcode, raw.masking_key),
            (header.fin(), header.opcode() as u8, header.masking_key())
        );
        assert_eq!(raw.rsv << 4, header.rsv().bits());
    }
}

/// Returns the size of the header in these bytes, if it is complete.
fn expected(bytes: &[u8]) -> Result<Option<usize>, HeaderError> {
    let Some(first) = bytes.first() else { return Ok(None) };
    let opcode = usize::from(first & 0xf);
    if RULES[0].1[opcode] == b'R' {
        return Err(HeaderError::ReservedOpcode);
    }
    if first & 0x88 == 0x08 {
        return Err(HeaderError::FragmentedControl);
    }
    let Some(second) = bytes.get(1) else { return Ok(None) };
    let row = match second & 0x7f {
        0 => 0,
        1 => 1,
        2..=125 => 2,
        _ => 3,
    };
    match RULES[row].1[opcode] {
        b'1' => return Err(HeaderError::CloseTooShort),
        b'L' => return Err(HeaderError::ControlTooLong),
        _ => {}
    }
    let extended = match second & 0x7f {
        126 => LengthForm::Sixteen,
        127 => LengthForm::SixtyFour,
        _ => LengthForm::Seven,
    };
    let length = match extended {
        LengthForm::Seven => 0,
        LengthForm::Sixteen => 2,
        LengthForm::SixtyFour => 8,
    };
    let there = &bytes[2..bytes.len().min(2 + length)];
    if length == 8 && there.first().is_some_and(|byte| byte >> 7 == 1) {
        return Err(HeaderError::LengthTopBit);
    }
    // A form is minimal if its upper part says something that the next shorter form cannot.
    let upper = there.iter().take(if length == 8 { 6 } else { 2 });
    let small = length == 2 && there.len() == 2 && there[0] == 0 && there[1] < 126;
    if small || length == 8 && there.len() >= 6 && upper.into_iter().all(|byte| *byte == 0) {
        return Err(HeaderError::LengthNotMinimal);
    }
    let size = 2 + length + if second & 0x80 != 0 { 4 } else { 0 };
    Ok((bytes.len() >= size).then_some(size))
}
