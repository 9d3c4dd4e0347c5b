//! The client: connects, has one conversation, and reports how it went.

use crate::answers::Answers;
use crate::args::{Args, Task};
use crate::dictation::Dictation;
use crate::failure::Failure;
use crate::line::Session;
use crate::link::Link;
use crate::meter::Traffic;
use crate::opening::{self, Opening};
use crate::pcm::Fingerprint;
use crate::recital::Recital;
use crate::server::Kept;
use crate::wav;
use patchcord::handshake::Url;
use patchcord::handshake::subprotocol::Offer;
use patchcord::{Client, CloseCode, State, ThreadEntropy, Timeouts};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// How long to try one address.
const CONNECT: Duration = Duration::from_secs(10);

/// A conversation that is over.
pub(crate) struct Call {
    pub(crate) opening: Opening,
    pub(crate) state: State,
    /// Why the server closed the connection, in its words.
    pub(crate) reason: String,
    pub(crate) traffic: Traffic,
    pub(crate) lost: Option<Failure>,
    /// The audio at this end: sent by a dictation, received by a recital.
    pub(crate) pcm: Vec<u8>,
    pub(crate) answers: Answers,
}

impl Call {
    /// Returns whether the audio at the other end is the same: by its bytes if they are here, otherwise by
    /// the fingerprint that the server sent.
    pub(crate) fn is_identical(&self, kept: Option<&Kept>) -> bool {
        match (kept, &self.answers.claim) {
            (Some(kept), _) => kept.pcm == self.pcm,
            (None, Some(claim)) => Fingerprint::of(&self.pcm).is_in(claim),
            (None, None) => false,
        }
    }

    pub(crate) fn went_well(&self, kept: Option<&Kept>) -> bool {
        let normal = matches!(self.state, State::Closed { code: Some(CloseCode::NORMAL), .. });
        let clean = self.lost.is_none() && self.answers.error.is_none();
        normal && clean && self.is_identical(kept)
    }
}

/// Connects to a server, and has the requested conversation.
pub(crate) fn call(url: &str, args: &Args) -> Result<Call, Failure> {
    let offer = opening::offer(&args.key)?;
    match &args.task {
        Task::Listen { wav, frame, pace } => {
            let pcm = wav::load(wav)?;
            let mut dictation = Dictation::new(&pcm, *frame, *pace);
            let ended = converse(url, args.timeouts, offer, &mut dictation)?;
            let answers = dictation.into_answers();
            Ok(ended.into_call(pcm, answers))
        }
        Task::Speak { text, .. } => {
            let mut recital = Recital::new(text);
            let ended = converse(url, args.timeouts, offer, &mut recital)?;
            let (pcm, answers) = recital.into_parts();
            Ok(ended.into_call(pcm, answers))
        }
    }
}

/// What is known of a conversation, whatever it was about.
struct Ended {
    opening: Opening,
    link: Link<Client<ThreadEntropy>>,
    lost: Option<Failure>,
}

impl Ended {
    fn into_call(self, pcm: Vec<u8>, answers: Answers) -> Call {
        let (state, traffic) = (self.link.state(), self.link.traffic());
        let Self { opening, link, lost } = self;
        Call { opening, state, reason: link.reason, traffic, lost, pcm, answers }
    }
}

/// A whole connection, from the opening handshake to the end of TCP.
fn converse(
    url: &str,
    timeouts: Timeouts,
    offer: Offer,
    session: &mut impl Session<Client<ThreadEntropy>>,
) -> Result<Ended, Failure> {
    // Without the URL: there may be a key in it.
    let wrong = |error| Failure::new(format!("cannot connect: {error}"));
    let url = Url::parse(url).map_err(wrong)?;
    let (opening, mut link) = opening::open(dial(url)?, timeouts, url, offer)?;
    let ended = link.run(session);
    Ok(Ended { opening, link, lost: ended.err() })
}

fn dial(url: Url<'_>) -> Result<TcpStream, Failure> {
    if url.is_secure() {
        return Err(Failure::new("this example has no TLS: use a ws:// URL"));
    }
    let shown = url.redacted();
    let cannot = |error| Failure::new(format!("cannot connect to {shown}: {error}"));
    let addresses = (url.host(), url.port()).to_socket_addrs().map_err(cannot)?;
    let mut failure = Failure::new(format!("cannot connect to {shown}: it has no address"));
    for address in addresses {
        match TcpStream::connect_timeout(&address, CONNECT) {
            Ok(socket) => return Ok(socket),
            Err(error) => failure = cannot(error),
        }
    }
    Err(failure)
}
