//! How the last sessions ended, for pages that ask once their socket is closed.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// How many are kept: as many as there may be connections at once.
const KEPT: usize = crate::threads::CONNECTIONS;

#[derive(Default)]
pub(crate) struct Ended(Mutex<VecDeque<(u64, String)>>);

impl Ended {
    /// Keeps the end of a session, as JSON.
    pub(crate) fn put(&self, id: u64, session: String) {
        let mut ended = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if ended.len() == KEPT {
            ended.pop_front();
        }
        ended.push_back((id, session));
    }

    pub(crate) fn get(&self, id: u64) -> Option<String> {
        let ended = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        ended.iter().find(|(other, _)| *other == id).map(|(_, session)| session.clone())
    }
}
