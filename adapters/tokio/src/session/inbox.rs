//! Messages that came while nobody received, because this end was busy sending.

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
