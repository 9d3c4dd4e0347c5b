//! What a send buffer holds: what waits, and little when nothing does.

use crate::common::{Side, octets};
use allocation_counter::measure;
use bytes::Buf;
use patchcord::{Config, Connection, Message, Prepared, SendBuffer, Server};

/// The most that an empty buffer holds for frames that were shared.
const LIST: i64 = 2048;

fn server() -> Connection<Server> {
    Connection::server(Config::default())
}

fn write(out: &mut SendBuffer, step: usize) {
    while out.has_remaining() {
        out.advance(step.min(out.chunk().len()));
    }
}

fn answer(connection: &mut Connection<Server>, out: &mut SendBuffer, pings: u32, length: usize) {
    for ping in 0..pings {
        let mut payload = [0; 125];
        payload[..4].copy_from_slice(&ping.to_be_bytes());
        let mut frame = Side::Server.frame(0x89, &payload[..length]);
        connection.receive(&mut &mut frame[..], out).unwrap().unwrap();
    }
}

#[test]
fn a_new_buffer_has_no_heap() {
    let info = measure(|| {
        assert!(SendBuffer::new().is_empty() && SendBuffer::default().chunk().is_empty());
        SendBuffer::keeping(1 << 30).advance(1);
    });
    assert_eq!(info.count_total, 0);
}

/// Every kind of frame, written in steps of that many bytes.
fn busy(out: &mut SendBuffer, step: usize) {
    let mut connection = server();
    let prepared = Prepared::new(Message::Binary(&octets(300)));
    for _ in 0..200 {
        connection.send(Message::Binary(&octets(300)), out).unwrap();
        connection.send_prepared(&prepared, out).unwrap();
    }
    write(out, step);
    answer(&mut connection, out, 1000, 125);
    out.advance(1);
    connection.ping(b"", out).unwrap();
    drop(connection.send_borrowed(Message::Binary(&octets(30_000)), out).unwrap());
    connection.close(None, out).unwrap();
    write(out, step);
}

#[test]
fn an_empty_buffer_keeps_as_much_as_it_is_told_to_and_frees_the_rest() {
    for (keeps, most) in [(0, 0), (1000, 1000), (SendBuffer::KEPT, SendBuffer::KEPT)] {
        for step in [1, 1000, usize::MAX] {
            let mut out = SendBuffer::keeping(keeps);
            let info = measure(|| busy(&mut out, step));
            assert!(info.bytes_max > 100_000, "it was busy");
            let list = if keeps == 0 { 0 } else { LIST };
            let held = info.bytes_current;
            assert!(held <= most as i64 + list, "{held} bytes for {keeps}, in steps of {step}");
        }
    }
}

#[test]
fn ten_thousand_buffers_share_the_payload_of_a_prepared_message() {
    const COUNT: usize = 10_000;
    let prepared = Prepared::new(Message::Binary(&octets(100_000)));
    let mut outs: Vec<_> = (0..COUNT).map(|_| (server(), SendBuffer::new())).collect();
    let info = measure(|| {
        for (connection, out) in &mut outs {
            connection.send_prepared(&prepared, out).unwrap();
        }
    });
    let each = info.bytes_max / COUNT as u64;
    assert!(each <= 256, "{each} bytes for each, of a message of 100,000");
    assert!(outs.iter().all(|(_, out)| out.remaining() == 10 + 100_000));
    let info = measure(|| outs.iter_mut().for_each(|(_, out)| write(out, 1460)));
    assert_eq!(info.count_total, 0, "nothing is copied to be written");
    assert!(outs.iter().all(|(_, out)| out.is_empty()));
}

#[test]
fn the_last_buffer_that_wrote_a_prepared_message_frees_it() {
    let mut outs = [(); 3].map(|()| SendBuffer::keeping(0));
    let info = measure(|| {
        let prepared = Prepared::new(Message::Binary(&octets(100_000)));
        for out in &mut outs {
            server().send_prepared(&prepared, out).unwrap();
        }
        drop(prepared);
        for (index, out) in outs.iter_mut().enumerate() {
            write(out, 1000 + index);
        }
    });
    assert!(info.bytes_max > 100_000);
    assert_eq!(info.bytes_current, 0);
}

#[test]
fn ten_thousand_pings_of_a_peer_that_does_not_read_cost_little_and_the_latest_is_answered() {
    const PINGS: u32 = 10_000;
    for length in [4, 125] {
        let (mut connection, mut out) = (server(), SendBuffer::new());
        let info = measure(|| answer(&mut connection, &mut out, PINGS, length));
        assert!(out.remaining() < 4096 + 2 + length, "{} bytes wait", out.remaining());
        // A buffer that doubles is there twice for a moment.
        assert!(info.bytes_max <= 3 * 4096 + 1024, "{} bytes", info.bytes_max);
        let mut wire = Vec::new();
        while out.has_remaining() {
            wire.extend(out.copy_to_bytes(out.chunk().len()));
        }
        let pongs = Side::Server.wrote(&wire);
        let numbers = pongs.iter().map(|(first, payload)| {
            assert_eq!((*first, payload.len()), (0x8a, length));
            u32::from_be_bytes(payload[..4].try_into().unwrap())
        });
        let numbers: Vec<u32> = numbers.collect();
        let (last, first) = numbers.split_last().unwrap();
        assert_eq!(*last, PINGS - 1, "the latest");
        assert_eq!(first, Vec::from_iter(0..first.len() as u32), "the first in their order");
        assert_eq!(first.len(), 4096_usize.div_ceil(2 + length));
    }
}

/// A peer that takes less than it asks for, for ever.
#[test]
fn pings_of_a_peer_that_reads_slowly_cost_no_more() {
    let (mut connection, mut out) = (server(), SendBuffer::new());
    let mut most = 0;
    let info = measure(|| {
        for _ in 0..10_000 {
            answer(&mut connection, &mut out, 3, 125);
            out.advance(127);
            most = most.max(out.remaining());
        }
    });
    assert!(most < 4096 + 2 * 127, "{most} bytes wait");
    assert!(info.bytes_max <= 32 * 1024, "{} bytes", info.bytes_max);
}

/// A Close that is refused says nothing, and costs nothing however often.
#[test]
fn closes_that_are_refused_let_no_pongs_pile_up() {
    let (mut connection, mut out) = (server(), SendBuffer::new());
    let reason = "r".repeat(124);
    for _ in 0..1000 {
        answer(&mut connection, &mut out, 100, 125);
        let close = patchcord::Close::new(patchcord::CloseCode::NORMAL, &reason);
        connection.close(Some(close), &mut out).unwrap_err();
    }
    assert!(out.remaining() < 4096 + 2 * 127, "{} bytes wait", out.remaining());
}

/// As a peer's that reads a little of every frame: what left is freed while more is said.
#[test]
fn a_buffer_that_is_never_empty_holds_no_more_than_four_times_what_waits() {
    let mut connection = Connection::server(Config::default());
    let mut out = SendBuffer::new();
    let message = octets(1000);
    connection.send(Message::Binary(&message), &mut out).unwrap();
    let info = measure(|| {
        for _ in 0..10_000 {
            connection.send(Message::Binary(&message), &mut out).unwrap();
            out.advance(1004);
        }
    });
    assert_eq!(out.remaining(), 1004);
    assert!(info.bytes_max <= 4 * 2 * 1004, "{} bytes for 2008", info.bytes_max);
}

/// A peer that reads slowly leaves a byte or two there at all times.
#[test]
fn a_buffer_that_is_never_empty_gives_back_what_a_long_message_took() {
    for keeps in [0, SendBuffer::KEPT] {
        let (mut connection, mut out) = (server(), SendBuffer::keeping(keeps));
        let info = measure(|| {
            connection.send(Message::Binary(&octets(8 << 20)), &mut out).unwrap();
            while out.remaining() > 2 {
                connection.send(Message::Binary(&[0; 100]), &mut out).unwrap();
                out.advance(10_000.min(out.remaining() - 2));
            }
        });
        assert!(info.bytes_current <= 64 << 10, "{} for 2 bytes", info.bytes_current);
        assert!(info.count_total < 50, "{} allocations", info.count_total);
        assert_eq!(out.chunk(), [0, 0]);
    }
}
