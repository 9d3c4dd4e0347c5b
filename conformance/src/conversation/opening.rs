//! The opening handshake: RFC 6455 section 4, in both roles.

mod agreed;
mod text;

pub use agreed::Agreed;
pub use text::{Text, answer, request};

use super::{Conversation, Wire};
use crate::case::{Fault, Parameters, Role, Verdict};
use crate::conversation::wire::Reading;
use crate::wire::{Head, accept_for, parse};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// How long the usual opening may take.
const BUSY: Duration = Duration::from_secs(30);

/// The target of requests.
#[derive(Clone, Debug)]
pub struct Target {
    pub address: String,
    pub host: String,
    pub path: String,
    /// A subprotocol to offer, if the server requires one.
    pub subprotocol: Option<String>,
}

/// A connection that is not open yet.
pub struct Opening {
    pub wire: Wire,
    pub role: Role,
    pub patience: Duration,
    pub target: Target,
    /// The client's request, if a client is judged.
    pub request: Option<Head>,
    /// Whether its key was already used in an earlier request.
    pub has_old_key: bool,
}

impl Opening {
    /// Returns a request that every server accepts.
    pub fn ask(&self) -> Text {
        let ask = request(&self.target.path, &self.target.host);
        match &self.target.subprotocol {
            Some(name) => ask.add("Sec-WebSocket-Protocol", name),
            None => ask,
        }
    }

    /// Opens another connection to the same server.
    pub fn again(&self) -> Verdict<Self> {
        let gone = |error| Fault::must(format!("cannot connect: {error}"));
        let socket = TcpStream::connect(&self.target.address).map_err(gone)?;
        let wire = Wire::new(socket).map_err(gone)?;
        let (target, role) = (self.target.clone(), self.role);
        Ok(Self { wire, role, patience: self.patience, target, request: None, has_old_key: false })
    }

    /// Returns the final response to what was sent; interim ones are skipped.
    pub fn response(&mut self) -> Verdict<Head> {
        loop {
            let head = self.head(self.patience)?;
            match head.status() {
                Some(100 | 102..=199) => {}
                Some(_) => return Ok(head),
                None => return Err(Fault::must(format!("{:?} is not a status line", head.start))),
            }
        }
    }

    /// Returns the next head.
    pub fn head(&mut self, wait: Duration) -> Verdict<Head> {
        let deadline = Instant::now() + wait;
        loop {
            match Head::parse(&self.wire.input) {
                Ok(Some((head, size))) => {
                    self.wire.input.drain(..size);
                    return Ok(head);
                }
                Ok(None) => {}
                Err(error) => return Err(Fault::must(format!("its head is illegal: {error}"))),
            }
            match self.wire.read(deadline.saturating_duration_since(Instant::now())) {
                Reading::Some => {}
                Reading::Silence => return Err(Fault::case("no head arrived in time")),
                Reading::End => return Err(Fault::case("the stream ended before a head")),
                Reading::Reset => {
                    return Err(Fault::case("the connection was reset before a head"));
                }
            }
        }
    }

    /// Sends the request and expects it to be accepted, by all rules of section 4.2.2.
    pub fn expect_open(&mut self, ask: &Text) -> Verdict<Head> {
        self.wire.write(ask.to_string().as_bytes());
        let head = self.response()?;
        if head.status() != Some(101) {
            return Err(Fault::case(format!("refused: {:?}", head.start)));
        }
        let must = |what: String| Err(Fault::must(what));
        if !head.start.starts_with("HTTP/1.1 ") {
            return must(format!("{:?}: the version must be HTTP/1.1", head.start));
        }
        if !head.all("Upgrade").iter().any(|value| value.eq_ignore_ascii_case("websocket")) {
            return must("the 101 has no `Upgrade: websocket` (4.2.2)".into());
        }
        if !head.lists("Connection", "upgrade") {
            return must("the 101 has no `Connection: Upgrade` (4.2.2)".into());
        }
        let accept = accept_for(ask.value("Sec-WebSocket-Key").unwrap_or_default().trim());
        if head.one("Sec-WebSocket-Accept") != Some(&accept) {
            return must(format!("the 101 must have one Sec-WebSocket-Accept, {accept} (4.2.2)"));
        }
        self.check_subprotocol(ask, &head)?;
        if ask.value("Sec-WebSocket-Extensions").is_none()
            && !head.all("Sec-WebSocket-Extensions").is_empty()
        {
            return must("the 101 has extensions, although none was offered (4.2.2)".into());
        }
        if !head.all("Content-Length").is_empty() || !head.all("Transfer-Encoding").is_empty() {
            return must("the 101 announces a body (RFC 9110 8.6, RFC 9112 6.1)".into());
        }
        Ok(head)
    }

    fn check_subprotocol(&self, ask: &Text, head: &Head) -> Verdict {
        let offers: Vec<&str> =
            ask.values("Sec-WebSocket-Protocol").flat_map(|value| value.split(',')).collect();
        match head.all("Sec-WebSocket-Protocol")[..] {
            [] => Ok(()),
            [name] if offers.iter().any(|offer| offer.trim() == name) => Ok(()),
            [name] => {
                Err(Fault::must(format!("it selects {name:?}, which was not offered (4.2.2)")))
            }
            _ => Err(Fault::must("it selects a subprotocol twice (11.3.4)")),
        }
    }

    /// Expects the answer, if there is one, to have one of these statuses, and never 101.
    pub fn expect_refusal(&mut self, ask: &str, statuses: &[u16]) -> Verdict<Option<Head>> {
        self.wire.write(ask.as_bytes());
        match self.response() {
            Ok(head) if head.status() == Some(101) => Err(Fault::case("it is accepted with 101")),
            Ok(head) if statuses.contains(&head.status().unwrap_or_default()) => Ok(Some(head)),
            Ok(head) => Err(Fault::should(format!(
                "refused with {:?}, not one of {statuses:?}",
                head.start
            ))),
            Err(Fault::Broken { level: None, what }) if what != "no head arrived in time" => {
                Ok(None)
            }
            Err(fault) => Err(fault),
        }
    }

    /// Returns the connection that is open after this 101.
    pub fn opened(&mut self, agreed: Option<Agreed>) -> Conversation<'_> {
        Conversation::new(&mut self.wire, self.role, self.patience, agreed)
    }

    /// Performs the usual opening, with the requested parameters of permessage-deflate.
    pub fn open(&mut self, deflate: Option<&Parameters>) -> Verdict<Conversation<'_>> {
        // These cases are not about the opening, and a server may be busy with the other cases.
        let patience = self.patience;
        self.patience = patience.max(BUSY);
        let agreed = match self.role {
            Role::Server => self.open_as_client(deflate),
            Role::Client => self.open_as_server(deflate),
        };
        self.patience = patience;
        let agreed = agreed?;
        Ok(self.opened(agreed))
    }

    fn open_as_client(&mut self, deflate: Option<&Parameters>) -> Verdict<Option<Agreed>> {
        let mut ask = self.ask();
        if let Some(parameters) = deflate {
            ask = ask.add("Sec-WebSocket-Extensions", &agreed::offers(parameters));
        }
        let head = self.expect_open(&ask).map_err(|fault| match fault {
            Fault::Broken { level: None, what } => {
                Fault::must(format!("the opening handshake: {what}"))
            }
            fault => fault,
        })?;
        let Some(parameters) = deflate else { return Ok(None) };
        match head.all("Sec-WebSocket-Extensions")[..] {
            [] | [""] => Err(Fault::Skip("it declines permessage-deflate".into())),
            [value] => Agreed::by_server(value, parameters).map(Some),
            _ => Err(Fault::must("it answers extensions in two lines")),
        }
    }

    fn open_as_server(&mut self, deflate: Option<&Parameters>) -> Verdict<Option<Agreed>> {
        let mut text = self.accepting()?;
        let mut agreed = None;
        if let Some(parameters) = deflate {
            let head = self.request.as_ref().ok_or_else(|| Fault::must("no request"))?;
            let (value, by_us) =
                Agreed::by_client(&head.all("Sec-WebSocket-Extensions"), parameters)?;
            text = text.add("Sec-WebSocket-Extensions", &value);
            agreed = Some(by_us);
        }
        self.wire.write(text.to_string().as_bytes());
        Ok(agreed)
    }

    /// Returns the 101 to the client's request, without extensions.
    pub fn accepting(&self) -> Verdict<Text> {
        let head = self.request.as_ref().ok_or_else(|| Fault::must("no request"))?;
        let text = answer(head.one("Sec-WebSocket-Key").unwrap_or_default());
        let offers = head.all("Sec-WebSocket-Protocol");
        let first = offers.first().and_then(|value| value.split(',').next());
        Ok(match first {
            Some(name) => text.add("Sec-WebSocket-Protocol", name.trim()),
            None => text,
        })
    }

    /// Expects the client to give up the connection after such an answer, and to send no frame before.
    pub fn expect_abandoned(&mut self, text: &str) -> Verdict {
        self.wire.write(text.as_bytes());
        let deadline = Instant::now() + self.patience;
        loop {
            match self.wire.read(deadline.saturating_duration_since(Instant::now())) {
                Reading::End | Reading::Reset if self.wire.input.is_empty() => return Ok(()),
                Reading::Silence => return Err(Fault::case("it does not end the connection")),
                Reading::Some if parse(&self.wire.input).is_none() => {}
                _ => return Err(Fault::case("it continues, and sends frames")),
            }
        }
    }

    /// Expects the client to continue after such an answer: it echoes.
    pub fn expect_accepted(&mut self, text: &str) -> Verdict {
        let mut opened = self.opened(None);
        opened.wire.write(text.as_bytes());
        opened.echo(&crate::wire::Frame::text("open?"))
    }

    /// Expects exactly these bytes next.
    pub fn expect_bytes(&mut self, bytes: &[u8]) -> Verdict {
        let deadline = Instant::now() + self.patience;
        while self.wire.input.len() < bytes.len() {
            let read = self.wire.read(deadline.saturating_duration_since(Instant::now()));
            if read != Reading::Some {
                return Err(Fault::case(format!(
                    "expected {} bytes, but {read:?} came",
                    bytes.len()
                )));
            }
        }
        if self.wire.input == bytes {
            Ok(())
        } else {
            Err(Fault::case("the bytes that came are not the echo"))
        }
    }
}
