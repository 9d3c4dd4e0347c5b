//! Illegal frames, with what is printed of each.

/// What a server sends, and what is shown of it before a good frame shows that it went on.
pub(crate) const ILLEGAL: &[(&[u8], &[&str])] = &[
    (b"\x83\x01a", &["FIN 000 reserved-3 - 1 61 illegal: the opcode is reserved (5.2)"]),
    (b"\x8f\x00", &["FIN 000 reserved-f - 0 - illegal: the opcode is reserved (5.2)"]),
    (
        b"\xd2\x00",
        &["FIN 101 binary - 0 - illegal: a reserved bit is set that no extension uses (5.2)"],
    ),
    (
        b"\x81\x81\x01\x02\x03\x04`",
        &[r#"FIN 000 text 01020304 1 "a" illegal: a frame from the server is masked (5.1)"#],
    ),
    (
        b"\x82\x7e\x00\x01a",
        &["FIN 000 binary - 1 61 illegal: the payload length is not in its shortest form (5.2)"],
    ),
    (
        b"\x82\x7f\0\0\0\0\0\0\0\x01a",
        &["FIN 000 binary - 1 61 illegal: the payload length is not in its shortest form (5.2)"],
    ),
    (
        b"\x80\x01a",
        &[
            "FIN 000 continuation - 1 61 illegal: a continuation frame has no message to continue (5.4)",
        ],
    ),
    (
        b"\x02\x01a\x81\x01b",
        &[
            "- 000 binary - 1 61 ok",
            r#"FIN 000 text - 1 "b" illegal: a message begins before the previous one has ended (5.4)"#,
        ],
    ),
    (b"\x09\x01a", &[r#"- 000 ping - 1 "a" illegal: a control frame is fragmented (5.5)"#]),
    (
        b"\x88\x01a",
        &["FIN 000 close - 1 61 illegal: the body of a close frame is one byte long (5.5.1)"],
    ),
    (
        b"\x88\x02\x03\xed",
        &[r#"FIN 000 close - 2 1005 "" illegal: close code 1005 must not be sent (7.4)"#],
    ),
    (
        b"\x88\x04\x03\xe8\xc3(",
        &[
            r#"FIN 000 close - 4 1000 "\xc3(" illegal: the reason of a close frame is not valid UTF-8 (5.5.1)"#,
        ],
    ),
    (
        b"\x81\x02a\xff",
        &[r#"FIN 000 text - 2 "a\xff" illegal: a text message is not valid UTF-8 at byte 1 (8.1)"#],
    ),
    (
        b"\x81\x02a\xc3",
        &[r#"FIN 000 text - 2 "a\xc3" illegal: a text message is not valid UTF-8 at byte 2 (8.1)"#],
    ),
    (
        b"\x01\x02a\xc3\x89\x00\x80\x01(",
        &[
            r#"- 000 text - 2 "a\xc3" ok"#,
            "FIN 000 ping - 0 - ok",
            r#"FIN 000 continuation - 1 "(" illegal: a text message is not valid UTF-8 at byte 2 (8.1)"#,
        ],
    ),
    (
        b"\xb3\xfe\x00\x00\x01\x02\x03\x04",
        &["FIN 011 reserved-3 01020304 0 - illegal: the opcode is reserved (5.2); \
           the payload length is not in its shortest form (5.2); \
           a reserved bit is set that no extension uses (5.2); \
           a frame from the server is masked (5.1)"],
    ),
];
