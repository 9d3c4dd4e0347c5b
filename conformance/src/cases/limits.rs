//! RFC 6455 section 10.4: what an endpoint does with large inputs, and with endless ones.

use crate::case::{Case, Fault, Level, SERVER, case, shake};
use crate::conversation::Heard;
use crate::wire::{Frame, Head};
use Level::{Choice, Should};
use std::time::Duration;

/// Pings that are sent to a peer while nothing is read, in bytes of frames.
const FLOOD: usize = 32 << 20;

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    floods(&mut cases);
    messages(&mut cases);
    heads(&mut cases);
    let what = "after all other cases, the server still opens connections and echoes";
    cases.push(shake(
        SERVER,
        Level::Must,
        "limits/still-serving",
        "RFC 6455 10.4",
        what,
        |opening| {
            let ask = opening.ask();
            opening.expect_open(&ask)?;
            opening.opened(None).echo(&Frame::text("still there?"))
        },
    ));
    cases
}

fn floods(cases: &mut Vec<Case>) {
    let what = "32 MiB of pings while no pong is read do not fill memory: reading stops, or pongs are dropped";
    cases.push(case(
        Should,
        "limits/pings-while-no-pong-is-read",
        "RFC 6455 5.5.3, 10.4",
        what,
        |peer| {
            let frame = peer.encode(&Frame::ping([b'a'; 125]));
            let count = FLOOD / frame.len();
            let taken = peer.wire.write_some(&frame.repeat(count), Duration::from_secs(1), false);
            if taken < count * frame.len() {
                return Ok(()); // it has stopped reading, or ended the connection
            }
            let mut pongs = 0;
            while let Heard::Pong(_) = peer.hear(Duration::from_secs(1))? {
                pongs += 1;
            }
            if pongs == count {
                Err(Fault::case(format!("all {pongs} pongs were kept")))
            } else {
                Ok(())
            }
        },
    ));
    let what = "an endless message of empty fragments ends: 300,000 of them are refused";
    cases.push(case(Choice, "limits/empty-fragments-without-end", "RFC 6455 10.4", what, |peer| {
        let more = peer.encode(&Frame::continuation("").open());
        peer.send(&Frame::binary("").open());
        peer.wire.write(&more.repeat(300_000));
        match peer.next(Duration::from_millis(500)) {
            Ok(Heard::Silence) => Err(Fault::case("it keeps reading")),
            Ok(Heard::Close(_) | Heard::End | Heard::Reset) => Ok(()),
            Ok(heard) => Err(Fault::must(format!("heard {heard}"))),
            Err(fault) => Err(fault),
        }
    }));
}

fn messages(cases: &mut Vec<Case>) {
    for (name, size) in [("64-MiB", 64_u64 << 20), ("1-TiB", 1 << 40)] {
        let what = format!("a frame that declares {name} is refused by its header, with 1009");
        cases.push(case(
            Choice,
            format!("limits/frame-of-{name}"),
            "RFC 6455 7.4.1, 10.4",
            what,
            move |peer| {
                let key = peer.key();
                peer.wire.write(&crate::wire::header(0x82, size, key));
                peer.patience = peer.patience.min(Duration::from_secs(1));
                peer.expect_failure(&[1009])
            },
        ));
    }
    let what = "three messages of 1 MiB that arrive at once come back";
    cases.push(case(Should, "limits/megabytes-at-once", "RFC 6455 5.4", what, |peer| {
        let frames: Vec<Frame> = (0..3).map(|n| Frame::binary(vec![n; 1 << 20])).collect();
        peer.send_all(&frames);
        frames.iter().try_for_each(|frame| peer.expect_echo(frame))?;
        peer.close()
    }));
    let what = "after a large message, small ones come back as before";
    cases.push(case(Should, "limits/small-behind-large", "RFC 6455 5.4", what, |peer| {
        for size in [1 << 20, 1, 0, 70_000, 5] {
            let frame = Frame::binary(vec![7; size]);
            peer.send(&frame);
            peer.expect_echo(&frame)?;
        }
        peer.close()
    }));
    let what = "a peer that does not read for a while gets all that it is owed";
    cases.push(case(Level::Must, "limits/a-peer-that-reads-late", "RFC 6455 5.4", what, |peer| {
        let frames: Vec<Frame> = (0..4).map(|n| Frame::binary(vec![n; 1 << 20])).collect();
        for frame in &frames {
            let bytes = peer.encode(frame);
            let taken = peer.wire.write_some(&bytes, Duration::from_millis(300), false);
            if taken < bytes.len() {
                peer.wire.write(&bytes[taken..]); // it waits for us to read, as it may
            }
        }
        std::thread::sleep(Duration::from_millis(300));
        frames.iter().try_for_each(|frame| peer.expect_echo(frame))?;
        peer.close()
    }));
}

fn heads(cases: &mut Vec<Case>) {
    let why = "RFC 6455 10.4, RFC 9112 2.3, RFC 6585 5";
    let what = "a request whose fields never end is refused before they reach a megabyte";
    let endless = |line: String| {
        move |opening: &mut crate::conversation::Opening| {
            let ask = opening.ask().to_string();
            let front = ask.trim_end().to_owned() + "\r\n";
            opening.wire.write(front.as_bytes());
            let more = line.repeat((1 << 20) / line.len());
            let taken = opening.wire.write_some(more.as_bytes(), Duration::from_secs(1), true);
            if taken < more.len() {
                return Ok(()); // it is no longer read
            }
            match opening.head(Duration::from_secs(1)) {
                Ok(head) if head.status() == Some(101) => {
                    Err(Fault::must("it is accepted before its end"))
                }
                Ok(Head { .. }) => Ok(()),
                Err(Fault::Broken { what, .. }) if what == "no head arrived in time" => {
                    Err(Fault::case("a megabyte of fields was read and nothing was refused"))
                }
                Err(_) => Ok(()),
            }
        }
    };
    let id = "limits/fields-without-end";
    cases.push(shake(SERVER, Should, id, why, what, endless("X-More: more\r\n".into())));
    let id = "limits/a-line-without-end";
    cases.push(shake(SERVER, Should, id, why, what, endless("a".repeat(1024))));
    for (size, level) in [(4000, Should), (8000, Choice), (16000, Choice)] {
        let what = format!("a request with a Cookie of {size} bytes is accepted");
        let id = format!("limits/cookie-of-{size}-bytes");
        cases.push(shake(SERVER, level, id, "RFC 6265 6.1, RFC 9112 2.3", what, move |opening| {
            let ask = opening.ask().add("Cookie", &format!("session={}", "a".repeat(size - 8)));
            opening.expect_open(&ask).map(drop)
        }));
    }
    let what = "a request of 60 fields is accepted";
    cases.push(shake(SERVER, Should, "limits/sixty-fields", "RFC 9112 2.3", what, |opening| {
        let ask = (0..55).fold(opening.ask(), |ask, n| ask.add(&format!("X-Field-{n}"), "value"));
        opening.expect_open(&ask).map(drop)
    }));
}
