//! An open connection of a peer, whichever it is.

use crate::Result;

/// What an end says.
pub(crate) enum Saying {
    /// A whole message.
    Message(Message),
    Fragment {
        is_text: bool,
        is_first: bool,
        is_last: bool,
        octets: Vec<u8>,
    },
    Ping(String),
    Close(u16, String),
}

/// What an end hears.
pub(crate) enum Hearing {
    Message(Message),
    Ping(String),
    Pong(String),
    Close(Option<(u16, String)>),
}

pub(crate) enum Message {
    Text(String),
    Binary(Vec<u8>),
}

pub(crate) trait Line {
    fn say(&mut self, saying: Saying) -> Result<()>;
    fn hear(&mut self) -> Result<Hearing>;

    /// How many octets were received and sent behind the opening handshake, if it counts them.
    fn wire(&self) -> Option<[u64; 2]> {
        None
    }

    /// The extensions that the server named, of those that have any.
    fn extensions(&self) -> String {
        String::new()
    }

    /// A message in so many fragments.
    fn say_fragments(&mut self, octets: &[u8], is_text: bool, count: usize) -> Result<()> {
        let each = octets.len().div_ceil(count).max(1);
        for index in 0..count {
            let from = (index * each).min(octets.len());
            let to = (from + each).min(octets.len());
            let (is_first, is_last) = (index == 0, index + 1 == count);
            let octets = octets[from..to].to_vec();
            self.say(Saying::Fragment { is_text, is_first, is_last, octets })?;
        }
        Ok(())
    }
}

/// What a client made of the answer to its request.
pub(crate) enum Opened<L> {
    Open { line: L, subprotocol: Option<String> },
    Refused(u16),
}
