//! The example `dissect`, run as a program: the lines it prints and its exit code.

mod illegal;
mod program;

use self::illegal::ILLEGAL;
use self::program::{
    FROM_CLIENT, FROM_SERVER, NONE, PATIENCE, feed, lines, octets, run, shows, start, watch,
    without_offset,
};
use crate::programs::child::ended;
use std::fs;
use std::io::Write;

#[test]
fn the_frames_of_section_5_7_are_ok() {
    let server: [&[u8]; 5] = [
        b"\x81\x05Hello\x01\x03Hel\x80\x02lo\x89\x05Hello",
        b"\x82\x7e\x01\x00",
        &octets(256),
        b"\x82\x7f\0\0\0\0\0\x01\0\0",
        &octets(65536),
    ];
    let first = "000102030405060708090a0b0c0d0e0f10111213...";
    let expected = [
        r#"0 FIN 000 text - 5 "Hello" ok"#,
        r#"7 - 000 text - 3 "Hel" ok"#,
        r#"12 FIN 000 continuation - 2 "lo" ok"#,
        r#"16 FIN 000 ping - 5 "Hello" ok"#,
        &format!("23 FIN 000 binary - 256 {first} ok"),
        &format!("283 FIN 000 binary - 65536 {first} ok"),
    ];
    shows(&NONE, &server.concat(), &expected, 0);
    shows(&FROM_SERVER, &server.concat(), &expected, 0);

    let client =
        b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58";
    let expected =
        [r#"0 FIN 000 text 37fa213d 5 "Hello" ok"#, r#"11 FIN 000 pong 37fa213d 5 "Hello" ok"#];
    shows(&NONE, client, &expected, 0);
    shows(&FROM_CLIENT, client, &expected, 0);
}

#[test]
fn every_illegal_frame_is_named_and_the_next_one_is_shown() {
    for (bytes, expected) in ILLEGAL {
        let output = run(&FROM_SERVER, &[bytes, &b"\x89\x04next"[..]].concat());
        let shown = lines(&output.stdout);
        let shown: Vec<_> = shown.iter().map(|line| without_offset(line)).collect();
        let expected = [*expected, &[r#"FIN 000 ping - 4 "next" ok"#]].concat();
        assert_eq!(shown, expected, "{bytes:x?}");
        assert_eq!(output.status.code(), Some(1), "{bytes:x?}");
    }
}

#[test]
fn a_control_frame_that_is_too_long_is_passed_over() {
    let bytes = [&b"\x8a\x7e\x01\x00"[..], &octets(256), b"\x82\x00"].concat();
    let expected = [
        "0 FIN 000 pong - 256 000102030405060708090a0b0c0d0e0f10111213... illegal: a control \
         frame has more than 125 bytes of payload (5.5)",
        "260 FIN 000 binary - 0 - ok",
    ];
    shows(&NONE, &bytes, &expected, 1);
}

#[test]
fn a_verdict_cites_the_section() {
    let output = run(&NONE, b"\x83\x00");
    assert!(output.stdout.ends_with(b"  illegal: the opcode is reserved (RFC 6455 section 5.2)\n"));
}

#[test]
fn a_client_must_mask() {
    let expected = ["0 FIN 000 ping - 0 - illegal: a frame from the client is not masked (5.1)"];
    shows(&FROM_CLIENT, b"\x89\x00", &expected, 1);
}

#[test]
fn the_first_mask_bit_decides_who_sends() {
    let expected = [
        "0 FIN 000 ping 00000000 0 - ok",
        "6 FIN 000 ping - 0 - illegal: a frame from the client is not masked (5.1)",
    ];
    shows(&NONE, b"\x89\x80\0\0\0\0\x89\x00", &expected, 1);
}

#[test]
fn nothing_but_control_frames_follows_a_close() {
    let expected = [
        r#"0 FIN 000 close - 5 1000 "bye" ok"#,
        "7 FIN 000 pong - 0 - ok",
        "9 FIN 000 binary - 0 - illegal: a data frame follows a close frame (5.5.1)",
    ];
    shows(&NONE, b"\x88\x05\x03\xe8bye\x8a\x00\x82\x00", &expected, 1);
}

#[test]
fn behind_a_length_of_2_to_the_63_nothing_can_be_found() {
    let expected = [
        "0 FIN 000 binary - 9223372036854775808 ... illegal: the payload length has its most \
         significant bit set (5.2)",
        "10 not shown: 3 bytes behind a frame whose end cannot be known",
    ];
    shows(&NONE, b"\x82\x7f\x80\0\0\0\0\0\0\0abc", &expected, 1);
}

#[test]
fn text_is_escaped_and_cut_at_40_characters() {
    let accents = "é".repeat(40);
    let bytes =
        [b"\x81\x06it's\n\x1b", &[0x81, 80][..], accents.as_bytes(), &[0x81, 41], &[b'a'; 41]];
    let expected = [
        r#"0 FIN 000 text - 6 "it's\n\u{1b}" ok"#,
        &format!(r#"8 FIN 000 text - 80 "{accents}" ok"#),
        &format!(r#"90 FIN 000 text - 41 "{}"... ok"#, "a".repeat(40)),
    ];
    shows(&NONE, &bytes.concat(), &expected, 0);
}

const REQUEST: &str = "GET /listen?key=SECRET HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: token, SECRET\r\n\
    Authorization: Bearer SECRET\r\nCookie: a=SECRET; b=SECRET\r\nX-Api-Key: SECRET\r\n\r\n";

#[test]
fn a_request_is_shown_without_its_secrets_and_makes_its_sender_a_client() {
    let expected = [
        "0 GET /listen ok",
        "Host: example.com",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: (1 redacted)",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: (2 redacted)",
        "Authorization: (1 redacted)",
        "Cookie: (2 redacted)",
        "X-Api-Key: (1 redacted)",
        &format!("{} FIN 000 ping 00000000 0 - ok", REQUEST.len()),
        &format!(
            "{} FIN 000 ping - 0 - illegal: a frame from the client is not masked (5.1)",
            REQUEST.len() + 6
        ),
    ];
    let bytes = [REQUEST.as_bytes(), b"\x89\x80\0\0\0\0\x89\x00"].concat();
    shows(&NONE, &bytes, &expected, 1);
}

#[test]
fn no_secret_is_shown_of_a_head_that_is_malformed_illegal_or_cut() {
    let heads = [
        REQUEST.replace("Host", "Ho st"),
        REQUEST.replace("\r\nCookie", "\r\n SECRET\r\nCookie"),
        REQUEST.replace("Host: ", "Host: user:SECRET@"),
        REQUEST.replace("/listen", "http://user:SECRET@example.com"),
        REQUEST.replace("/listen?key=", "SECRET"),
        REQUEST.replace("13", "8"),
        REQUEST.trim_end().to_owned(),
    ];
    for head in &heads {
        let output = run(&NONE, head.as_bytes());
        let shown = [output.stdout, output.stderr].concat();
        assert!(!shown.is_empty());
        assert!(!String::from_utf8_lossy(&shown).contains("SECRET"), "{head}");
    }
}

#[test]
fn interim_responses_come_before_the_one_that_opens() {
    let bytes = b"HTTP/1.1 103 Early Hints\r\nLink: SECRET\r\n\r\n\
        HTTP/1.1 101 SECRET\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
        Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\x89\x00";
    let expected = [
        "0 HTTP 103 ok",
        "Link: (1 redacted)",
        "42 HTTP 101 ok",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        "158 FIN 000 ping - 0 - ok",
    ];
    shows(&NONE, bytes, &expected, 0);
}

#[test]
fn the_body_of_a_refusal_is_not_taken_for_frames() {
    let expected =
        ["0 HTTP 401 ok", "29 not shown: 2 bytes behind a response that opens no WebSocket"];
    shows(&NONE, b"HTTP/1.1 401 Unauthorized\r\n\r\nno", &expected, 0);
}

#[test]
fn a_head_without_end_is_given_up() {
    let bytes = ["GET /", &"SECRET".repeat(10_000)].concat();
    let expected = [
        "0 HTTP head illegal: it is longer than 32768 bytes",
        "32769 not shown: 27236 bytes behind an HTTP head that does not end",
    ];
    shows(&NONE, bytes.as_bytes(), &expected, 1);
}

#[test]
fn text_with_a_reserved_bit_may_be_compressed_and_is_not_judged() {
    let expected = [
        r#"0 FIN 100 text - 2 "\xca\0" illegal: a reserved bit is set that no extension uses (5.2)"#,
    ];
    shows(&NONE, b"\xc1\x02\xca\x00", &expected, 1);
}

#[test]
fn hex_is_read_with_what_people_write_around_it() {
    let hello = [r#"0 FIN 000 text - 5 "Hello" ok"#];
    for text in [
        "810548656c6c6f",
        "81 05 48 65\n6C 6C 6F\n",
        "0x81, 0x5, 0x48, 0x65, 0x6c, 0x6c, 0x6f,",
        "# section 5.7\n8105 # text\n\t48656c6c6f# end",
        "0X810X0548656c6c6f",
    ] {
        shows(&["--hex"], text.as_bytes(), &hello, 0);
    }
}

#[test]
fn text_that_is_not_hex_is_refused_with_its_line() {
    for (text, error) in [
        ("81 00\n8g", "dissect: standard input: line 2: `g` is not a hex digit"),
        ("81 00\n\n8 1", "dissect: standard input: line 3: a byte has only one digit"),
        ("81 00 0x", "dissect: standard input: line 1: a byte has only one digit"),
        ("81 00 8", "dissect: standard input: line 1: a byte has only one digit"),
    ] {
        let output = run(&["--hex"], text.as_bytes());
        assert_eq!(lines(&output.stdout), [r#"0 FIN 000 text - 0 "" ok"#], "{text}");
        assert_eq!(lines(&output.stderr), [error]);
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn a_frame_is_shown_as_soon_as_its_last_byte_is_there() {
    let frames: [(&[u8], &str); 4] = [
        (b"\x81\x05Hello", r#"0 FIN 000 text - 5 "Hello" ok"#),
        (b"\x01\x02a\xc3", r#"7 - 000 text - 2 "a\xc3" ok"#),
        (b"\x80\x01\xa9", r#"11 FIN 000 continuation - 1 "\xa9" ok"#),
        (b"\x82\x7e\x00\x7e", ""),
    ];
    let mut child = start(&NONE);
    let shown = watch(&mut child);
    let mut input = child.stdin.take().expect("a pipe");
    for (bytes, expected) in frames {
        for byte in bytes {
            assert!(shown.try_recv().is_err(), "a line before the frame is whole");
            input.write_all(&[*byte]).expect("the program reads");
        }
        if !expected.is_empty() {
            let line = shown.recv_timeout(PATIENCE).expect("a line while the input is open");
            assert_eq!(lines(line.as_bytes()), [expected]);
        }
    }
    drop(input);
    let line = shown.recv_timeout(PATIENCE).expect("the frame that was cut");
    assert_eq!(
        lines(line.as_bytes()),
        ["14 FIN 000 binary - 126 ... cut short: 0 of 126 bytes of payload"]
    );
    assert_eq!(ended(child).status.code(), Some(1));
}

#[test]
fn what_is_cut_short_is_said() {
    let too_long = "a control frame has more than 125 bytes of payload (5.5)";
    let cuts: [(&[u8], &str); 8] = [
        (b"\x81", "0 cut short: 1 byte of a header"),
        (b"\x89\xfe", &format!("0 cut short: 2 bytes of a header, illegal: {too_long}")),
        (b"\x82\x7e\x01", "0 cut short: 3 bytes of a header"),
        (b"\x81\x85\x37\xfa\x21", "0 cut short: 5 bytes of a header"),
        (b"\x81\x05Hel", r#"0 FIN 000 text - 5 "Hel"... cut short: 3 of 5 bytes of payload"#),
        (
            b"\x83\x05Hel",
            "0 FIN 000 reserved-3 - 5 48656c... illegal: the opcode is reserved (\
             5.2); cut short: 3 of 5 bytes of payload",
        ),
        (b"GET / HTTP/1.1\r\n", "0 cut short: 16 bytes of an HTTP head"),
        (b"HTTP", "0 cut short: 4 bytes of a header"),
    ];
    for (bytes, expected) in cuts {
        shows(&NONE, bytes, &[expected], 1);
    }
    let unfinished =
        [r#"0 - 000 text - 1 "a" ok"#, "3 cut short: a text message has no final fragment"];
    shows(&NONE, b"\x01\x01a", &unfinished, 1);
    shows(&NONE, b"", &[], 0);
}

#[test]
fn a_file_is_read_like_standard_input() {
    let file = std::env::temp_dir().join(format!("patchcord-dissect-{}", std::process::id()));
    fs::write(&file, b"\x89\x00").expect("a temporary file");
    let from_file = run(&[&file], b"");
    fs::remove_file(&file).expect("the temporary file");
    assert_eq!(lines(&from_file.stdout), ["0 FIN 000 ping - 0 - ok"]);
    assert_eq!(from_file.status.code(), Some(0));
    shows(&["-"], b"\x89\x00", &["0 FIN 000 ping - 0 - ok"], 0);
}

#[test]
fn bad_usage_and_unreadable_files_exit_with_2_and_one_line() {
    let wrong: [&[&str]; 6] = [
        &["--from", "proxy"],
        &["--from"],
        &["--loud"],
        &["one", "two"],
        &["no-such-file"],
        &[env!("CARGO_MANIFEST_DIR")],
    ];
    for arguments in wrong {
        let output = run(arguments, b"");
        assert_eq!(lines(&output.stdout).len(), 0, "{arguments:?}");
        let error = lines(&output.stderr);
        assert!(matches!(&error[..], [line] if line.starts_with("dissect: ")), "{error:?}");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

#[test]
fn help_explains_the_columns_and_the_exit_code() {
    let output = run(&["--help"], b"");
    let help = String::from_utf8(output.stdout).expect("text");
    assert!(help.contains("usage: dissect") && help.contains("exit code"));
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_reader_that_leaves_is_no_panic() {
    for (bytes, code) in [(b"\x89\x00", 0), (b"\x83\x00", 1)] {
        let mut child = start(&NONE);
        drop(child.stdout.take());
        feed(&mut child, bytes.repeat(10_000));
        let output = ended(child);
        assert_eq!(str::from_utf8(&output.stderr), Ok(""));
        assert_eq!(output.status.code(), Some(code));
    }
}
