//! Frames as bytes.

/// A client's frame, masked with zeros.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match u8::try_from(payload.len()) {
        Ok(short @ 0..126) => frame.push(0x80 | short),
        _ => {
            frame.push(0xfe);
            frame.extend(u16::try_from(payload.len()).unwrap().to_be_bytes());
        }
    }
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

/// The same frames as a server sends them; of one that was cut, what is there behind its header.
pub(crate) fn unmasked(mut frames: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    while let [first, length, rest @ ..] = frames {
        assert!(length & 0x80 != 0, "a client masks");
        let (extended, payload) = match length & 0x7f {
            126 if rest.len() < 2 => break,
            126 => (2, usize::from(u16::from_be_bytes([rest[0], rest[1]]))),
            short => (0, usize::from(short)),
        };
        let Some((key, rest_of_it)) = rest[extended..].split_first_chunk::<4>() else { break };
        plain.extend([*first, length & 0x7f]);
        plain.extend(&rest[..extended]);
        let (payload, rest_of_it) = rest_of_it.split_at(payload.min(rest_of_it.len()));
        plain.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
        frames = rest_of_it;
    }
    plain
}
