//! TLS over TCP, for a thread that may wait.
//!
//! rustls keeps what the socket did not take. Until that has left, a read waits only [`OFTEN`] at a
//! time and tries again to write, so that two ends with much to send never wait for each other.

use crate::Result;
use patchcord::blocking::Socket;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use std::cell::Cell;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often to check whether the socket takes more.
const OFTEN: Duration = Duration::from_millis(5);

pub(crate) struct Tls {
    session: ClientConnection,
    socket: TcpStream,
    /// How long a read may wait.
    patience: Cell<Option<Duration>>,
}

/// The certificates that are trusted.
pub(crate) struct Trust(Arc<ClientConfig>);

impl Tls {
    /// Prepares a session with a host; the first read or write begins it.
    pub(crate) fn new(socket: TcpStream, host: &str, trust: Trust) -> Result<Self> {
        let session = ClientConnection::new(trust.0, ServerName::try_from(host.to_owned())?)?;
        Ok(Self { session, socket, patience: Cell::new(None) })
    }

    /// Writes what the socket takes; `Ok` once that is everything.
    fn push(&mut self) -> io::Result<()> {
        while self.session.wants_write() {
            match self.session.write_tls(&mut self.socket)? {
                0 => return Err(ErrorKind::WriteZero.into()),
                _ => continue,
            }
        }
        Ok(())
    }

    /// Writes what the socket takes at once.
    fn push_without_waiting(&mut self) -> io::Result<()> {
        self.socket.set_nonblocking(true)?;
        let pushed = self.push();
        self.socket.set_nonblocking(false)?;
        match pushed {
            Err(error) if is_timeout(&error) => Ok(()),
            pushed => pushed,
        }
    }

    /// Waits for bytes from the server.
    fn pull(&mut self, left: Option<Duration>) -> io::Result<()> {
        let wait = if self.session.wants_write() {
            Some(left.map_or(OFTEN, |left| left.min(OFTEN)))
        } else {
            left
        };
        self.socket.set_read_timeout(wait)?;
        match self.session.read_tls(&mut self.socket) {
            Ok(_) => {
                let understood = self.session.process_new_packets();
                if understood.is_err() {
                    let _ = self.push_without_waiting(); // the alert; the error says more
                }
                understood.map(drop).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
            }
            Err(error) if is_timeout(&error) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Trust {
    /// Trusts hosts whose certificate is signed by one in a PEM file, or by one that Mozilla
    /// trusts.
    pub(crate) fn new(ca: Option<&Path>) -> Result<Self> {
        let roots = ca.map_or_else(
            || Ok(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }),
            |path| roots(path).map_err(|error| format!("{}: {error}", path.display())),
        )?;
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_safe_default_protocol_versions()?;
        Ok(Self(Arc::new(config.with_root_certificates(roots).with_no_client_auth())))
    }
}

fn roots(path: &Path) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path)? {
        roots.add(certificate?)?;
    }
    match roots.is_empty() {
        true => Err("it contains no certificate".into()),
        false => Ok(roots),
    }
}

impl Read for Tls {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        let deadline =
            self.patience.get().and_then(|patience| Instant::now().checked_add(patience));
        let mut is_late = false;
        loop {
            match self.session.reader().read(to) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                read => return read, // 0 once the server said that it is done
            }
            // Even if bytes arrived: they may be a part of a record, again and again.
            if is_late {
                return Err(ErrorKind::WouldBlock.into());
            }
            self.push_without_waiting()?;
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            self.pull(left.map(|left| left.max(Duration::from_millis(1))))?;
            is_late = deadline.is_some_and(|deadline| deadline <= Instant::now());
        }
    }
}

impl Write for Tls {
    /// Accepts nothing before the socket took what was written before; otherwise the clocks would run from
    /// bytes that have not left.
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.push()?;
        let taken = self.session.writer().write(from)?;
        match self.push() {
            Err(error) if !is_timeout(&error) => Err(error),
            _ => Ok(taken),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.push()
    }
}

impl Socket for Tls {
    fn prepare(&self) -> io::Result<()> {
        self.socket.prepare()
    }

    fn read_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.patience.set(timeout);
        Ok(())
    }

    fn write_timeout(&self, timeout: Option<Duration>) -> io::Result<()> {
        self.socket.set_write_timeout(timeout)
    }

    fn shutdown(&mut self) -> io::Result<()> {
        self.session.send_close_notify();
        self.push_without_waiting()?;
        self.socket.shutdown(Shutdown::Write)
    }
}

/// Returns whether the socket only has to be waited for. Windows reports `TimedOut` for that; other
/// systems report it for a dead connection.
fn is_timeout(error: &io::Error) -> bool {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::Interrupted => true,
        kind => cfg!(windows) && kind == ErrorKind::TimedOut,
    }
}
