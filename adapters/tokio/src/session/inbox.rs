//! Messages that came while nobody received, because this end was busy sending.

use super::{Session, Side};
use crate::Message;
use crate::endpoint::{Answers, Flow, Listener};
use patchcord::Event;
use patchcord::payload::Payload;
use std::collections::VecDeque;

/// 64 KiB: what is received while nobody asks for it. Two ends that both have much to say, and both
/// did not read, would wait for each other.
const LIMIT: usize = 64 * 1024;

#[derive(Default)]
pub(super) struct Inbox {
    messages: VecDeque<Message>,
    bytes: usize,
}

/// Whoever sends keeps what comes for the one that receives.
impl Listener for Inbox {
    const HEARS_CLOSE: bool = false;

    fn hear(&mut self, event: Event<Payload<'_>>, _: Answers<'_>) -> Flow {
        self.push(Message::of(event));
        if self.has_room() { Flow::More } else { Flow::Enough }
    }
}

impl Inbox {
    fn push(&mut self, message: Message) {
        self.bytes += cost(&message);
        self.messages.push_back(message);
    }

    pub(super) fn pop(&mut self) -> Option<Message> {
        let message = self.messages.pop_front()?;
        self.bytes -= cost(&message);
        Some(message)
    }

    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    pub(super) fn has_room(&self) -> bool {
        self.bytes < LIMIT
    }
}

fn cost(message: &Message) -> usize {
    size_of::<Message>() + message.len()
}

impl<S> Session<S> {
    /// Takes a message that came while this end was busy sending.
    pub(super) fn take_kept(&mut self) -> Option<Message> {
        let inbox = self.inbox.as_mut()?;
        let had_room = inbox.has_room();
        let message = inbox.pop();
        let made_room = inbox.has_room() && !had_room;
        if inbox.is_empty() {
            self.inbox = None;
        }
        if made_room {
            self.sides.wake(Side::Send); // who reads again, so that the peer goes on
        }
        message
    }

    /// Hands on the messages that came while this end was busy sending.
    pub(super) fn hand_kept(&mut self, listener: &mut impl Listener) -> Flow {
        while let Some(message) = self.take_kept() {
            let Some(event) = message.into_event() else { continue };
            self.take_output();
            if listener.hear(event, self.endpoint.answers()) == Flow::Enough {
                return Flow::Enough;
            }
        }
        Flow::More
    }
}
