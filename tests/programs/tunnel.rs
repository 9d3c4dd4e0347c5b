//! A stream of HTTP/2 (RFC 9113, RFC 8441) as a socket: two threads carry what passes, and back
//! pressure passes, too. One stream for each connection, and no Huffman codes.

use crate::programs::frames::{Outcome, Wire};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Types of frames (RFC 9113 section 6).
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;

const ACK: u8 = 1;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// The only stream.
const STREAM: u32 = 1;

/// `:status: 200` in the static table (RFC 7541, appendix A).
const STATUS_200: u8 = 0x88;

/// SETTINGS_INITIAL_WINDOW_SIZE, SETTINGS_ENABLE_CONNECT_PROTOCOL.
const INITIAL_WINDOW: u16 = 4;
const CONNECT_PROTOCOL: [u8; 6] = [0, 8, 0, 0, 0, 1];

/// Opens a WebSocket in a stream.
pub(crate) fn connect(mut h2: TcpStream, path: &str, fields: &str) -> Outcome<Wire> {
    let host = h2.peer_addr().map_err(|error| error.to_string())?.to_string();
    let mut block = vec![0x02]; // :method
    string("CONNECT", &mut block);
    literal(":protocol", "websocket", &mut block);
    block.push(0x86); // :scheme: http
    block.push(0x04);
    string(path, &mut block);
    block.push(0x01); // :authority
    string(&host, &mut block);
    literal("sec-websocket-version", "13", &mut block);
    for (name, value) in fields.lines().filter_map(|line| line.split_once(": ")) {
        literal(&name.to_lowercase(), value, &mut block);
    }
    let mut hello = PREFACE.to_vec();
    hello.extend(frame(SETTINGS, 0, 0, &[]));
    hello.extend(frame(HEADERS, END_HEADERS, STREAM, &block));
    h2.write_all(&hello).map_err(|error| error.to_string())?;
    open(h2, true)
}

/// Opens the WebSocket that a client asks for.
pub(crate) fn accept(mut h2: TcpStream) -> Outcome<Wire> {
    let mut preface = [0; PREFACE.len()];
    h2.read_exact(&mut preface).map_err(|error| format!("no preface: {error}"))?;
    let settings = frame(SETTINGS, 0, 0, &CONNECT_PROTOCOL);
    h2.write_all(&settings).map_err(|error| error.to_string())?;
    open(h2, false)
}

/// Carries the stream, once there are the headers that open it.
fn open(h2: TcpStream, masks: bool) -> Outcome<Wire> {
    let (near, far) = pair().map_err(|error| error.to_string())?;
    let stream = Arc::new(Stream { windows: Mutex::new([65_535; 2]), opened: Condvar::new(), h2 });
    let (sender, opened) = channel();
    let down = (Arc::clone(&stream), far.try_clone().map_err(|error| error.to_string())?);
    thread::spawn(move || {
        let _ = down.0.read(&down.1, &sender, masks);
        let _ = down.1.shutdown(Shutdown::Both);
        down.0.close();
    });
    await_headers(&opened)?;
    thread::spawn(move || stream.write(&far));
    Ok(Wire::new(near, masks, Vec::new()))
}

fn await_headers(opened: &Receiver<bool>) -> Outcome {
    match opened.recv_timeout(Duration::from_secs(20)) {
        Ok(true) => Ok(()),
        Ok(false) => Err("refused".to_owned()),
        Err(_) => Err("no stream of HTTP/2 was opened".to_owned()),
    }
}

struct Stream {
    h2: TcpStream,
    /// What may be sent, on the connection and on the stream; negative once it is over.
    windows: Mutex<[i64; 2]>,
    opened: Condvar,
}

impl Stream {
    /// Carries what comes to `local`.
    fn read(&self, mut local: &TcpStream, opened: &Sender<bool>, masks: bool) -> io::Result<()> {
        loop {
            let mut head = [0; 9];
            (&self.h2).read_exact(&mut head)?;
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
            let mut payload = vec![0; length as usize];
            (&self.h2).read_exact(&mut payload)?;
            let (kind, flags) = (head[3], head[4]);
            let on_stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]) != 0;
            match kind {
                HEADERS if masks => {
                    let _ = opened.send(payload.contains(&STATUS_200));
                }
                HEADERS => {
                    let mut block = vec![STATUS_200];
                    literal("sec-websocket-protocol", "token", &mut block);
                    self.put(&frame(HEADERS, END_HEADERS, STREAM, &block))?;
                    let _ = opened.send(true);
                }
                DATA => {
                    local.write_all(&payload)?;
                    if length > 0 {
                        let more = length.to_be_bytes();
                        let both = [0, STREAM].map(|on| frame(WINDOW_UPDATE, 0, on, &more));
                        self.put(&both.concat())?;
                    }
                }
                SETTINGS if flags & ACK == 0 => {
                    for setting in payload.chunks_exact(6) {
                        if setting[..2] == INITIAL_WINDOW.to_be_bytes() {
                            self.widen(1, number(&setting[2..]) - 65_535);
                        }
                    }
                    self.put(&frame(SETTINGS, ACK, 0, &[]))?;
                }
                PING if flags & ACK == 0 => self.put(&frame(PING, ACK, 0, &payload))?,
                WINDOW_UPDATE => self.widen(usize::from(on_stream), number(&payload)),
                RST_STREAM => return Ok(()),
                _ => {}
            }
            if kind == DATA && flags & END_STREAM != 0 {
                local.shutdown(Shutdown::Write)?;
            }
        }
    }

    /// Carries what `local` says.
    fn write(&self, mut local: &TcpStream) -> io::Result<()> {
        let mut bytes = [0; 16_384];
        loop {
            let read = local.read(&mut bytes)?;
            if read == 0 {
                return self.put(&frame(DATA, END_STREAM, STREAM, &[]));
            }
            let mut rest = &bytes[..read];
            while !rest.is_empty() {
                let (now, later) = rest.split_at(self.take(rest.len())?);
                self.put(&frame(DATA, 0, STREAM, now))?;
                rest = later;
            }
        }
    }

    /// Waits until something may be sent; returns how much of what is wanted.
    fn take(&self, wanted: usize) -> io::Result<usize> {
        let mut windows = self.windows.lock().unwrap();
        loop {
            match windows[0].min(windows[1]) {
                over if over == i64::MIN => return Err(io::ErrorKind::BrokenPipe.into()),
                ..=0 => windows = self.opened.wait(windows).unwrap(),
                room => {
                    let taken = room.min(wanted as i64);
                    windows.iter_mut().for_each(|window| *window -= taken);
                    return Ok(taken as usize);
                }
            }
        }
    }

    fn widen(&self, which: usize, by: i64) {
        self.windows.lock().unwrap()[which] += by;
        self.opened.notify_all();
    }

    fn close(&self) {
        *self.windows.lock().unwrap() = [i64::MIN; 2];
        self.opened.notify_all();
        let _ = self.h2.shutdown(Shutdown::Both);
    }

    /// Writes a frame whole: two threads do.
    fn put(&self, frame: &[u8]) -> io::Result<()> {
        static ONE: Mutex<()> = Mutex::new(());
        let _one = ONE.lock().unwrap();
        (&self.h2).write_all(frame)
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A field that neither end remembers (RFC 7541 section 6.2.2).
fn literal(name: &str, value: &str, block: &mut Vec<u8>) {
    block.push(0);
    string(name, block);
    string(value, block);
}

fn string(text: &str, block: &mut Vec<u8>) {
    block.push(u8::try_from(text.len()).ok().filter(|length| *length < 127).expect("a short text"));
    block.extend(text.as_bytes());
}

fn number(bytes: &[u8]) -> i64 {
    bytes.first_chunk().map_or(0, |bytes| i64::from(u32::from_be_bytes(*bytes)))
}

/// Two ends of a TCP connection.
fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (near, far) = (TcpStream::connect(listener.local_addr()?)?, listener.accept()?.0);
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    Ok((near, far))
}
