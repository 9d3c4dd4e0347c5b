//! A client on a socket of `std`, which waits.

use crate::command::Settings;
use crate::leaving::{LEAVING, is_leaving};
use crate::{Outcome, talk};
use patchcord::handshake::{Url, client::Request};
use patchcord::{Event, Message, blocking::WebSocket};
use std::net::TcpStream;

/// Holds the talk, and returns a report. Before it, a message of `large` bytes goes out and
/// comes back.
///
/// # Errors
/// When it goes wrong.
pub fn hold(url: &str, settings: Settings, mut talk: talk::Talk, large: usize) -> Outcome {
    let url = Url::parse(url)?;
    let tcp = TcpStream::connect(address(&url))?;
    let mut subprotocol = String::new();
    let request = Request::new(url).with_offer(talk::offer()?);
    let socket = WebSocket::connect(tcp, settings.config, &request, |open| {
        open.subprotocol().unwrap_or_default().clone_into(&mut subprotocol);
    })?;
    let mut socket = socket.leave_when(&LEAVING);
    let large = vec![0x5a; large];
    let mut came_back = false;
    socket.send(Message::Binary(&large))?;
    talk.begin(&mut socket.driver.connection, &mut socket.driver.output)?;
    socket.run(|event, connection, out| {
        talk.hear(&event, connection, out)?;
        came_back |= matches!(event, Event::Binary(payload) if *payload == *large);
        Ok(())
    })?;
    println!("{}", talk.report(&subprotocol)?);
    match came_back || is_leaving() {
        true => Ok(()),
        false => Err("the large message did not come back".into()),
    }
}

/// Returns the address to connect to.
#[must_use]
pub fn address<'text>(url: &Url<'text>) -> (&'text str, u16) {
    (url.host(), url.port())
}
