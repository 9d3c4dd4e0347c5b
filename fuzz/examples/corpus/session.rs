//! A voice session between two processes, recorded in between.

use super::{Result, save, stream};
use patchcord::frame::RawHeader;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;

/// The bytes of a voice session each way, as they pass between its two ends.
pub(crate) fn session(voice: &str, folder: &Path) -> Result<()> {
    let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let between = TcpListener::bind("127.0.0.1:0")?;
    let mut server = Command::new(voice).args(["--serve", &free.to_string()]).spawn()?;
    let url = format!("ws://{}/v1/listen", between.local_addr()?);
    let recorder = thread::spawn(move || record(&between, free));
    let client = Command::new(voice).args(["--frame-ms", "5", "--connect", &url]).status();
    let recorded = recorder.join().map_err(|_| "the recorder panicked")?;
    server.kill()?;
    server.wait()?;
    assert!(client?.success(), "the session went wrong");
    let [up, down] = recorded.map_err(|error| error.to_string())?;
    for (bytes, role, heads) in
        [(&up, 0, &["handshake_request", "heads"][..]), (&down, 1, &["handshake_response"])]
    {
        let end = bytes.windows(4).position(|end| end == b"\r\n\r\n").ok_or("no head")? + 4;
        for target in heads {
            let prefix: &[u8] = if *target == "heads" { &[] } else { &[7, 1] };
            save(folder, target, &[prefix, &bytes[..end + 40]].concat())?;
        }
        parts(folder, role, &bytes[end..])?;
    }
    Ok(())
}

/// A long stream as parts of about a kilobyte that begin where a frame does.
fn parts(folder: &Path, role: u8, mut bytes: &[u8]) -> Result<()> {
    while !bytes.is_empty() {
        let mut end = 0;
        while let Some((header, size)) = RawHeader::parse(&bytes[end..])
            && end < 1000
        {
            end = (end + size + header.length as usize).min(bytes.len());
        }
        let (part, rest) = bytes.split_at(if end == 0 { bytes.len() } else { end });
        stream(folder, role, part.len() as u8, part)?;
        bytes = rest;
    }
    Ok(())
}

/// Relays what two ends say, and returns both directions.
fn record(listener: &TcpListener, server: SocketAddr) -> std::io::Result<[Vec<u8>; 2]> {
    let (client, _) = listener.accept()?;
    let server = (0..100)
        .find_map(|_| {
            thread::sleep(std::time::Duration::from_millis(20));
            TcpStream::connect(server).ok()
        })
        .ok_or(std::io::ErrorKind::NotConnected)?;
    let (from, to) = (client.try_clone()?, server.try_clone()?);
    let up = thread::spawn(move || pass(&from, &to));
    let down = pass(&server, &client)?;
    let up = up.join().map_err(|_| std::io::Error::other("the other way panicked"))??;
    Ok([up, down])
}

/// Relays what arrives, and its end.
fn pass(mut from: &TcpStream, mut to: &TcpStream) -> std::io::Result<Vec<u8>> {
    let (mut passed, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            let _ = to.shutdown(Shutdown::Write); // unless the other end has closed first
            return Ok(passed);
        }
        passed.extend_from_slice(&buffer[..read]);
        to.write_all(&buffer[..read])?;
    }
}
