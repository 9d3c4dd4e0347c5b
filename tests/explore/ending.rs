//! How a state comes to an end, and what is right then.

use super::connected::{BOTH, Side, Verb};
use super::end::End;
use super::fingerprint::START;
use super::search::World;
use super::world::{Pair, Step, Trouble};
use bytes::Buf;
use patchcord::{ClosedBy as By, Next, State};
use std::time::Duration;

/// How long an end that nothing reaches may live, with all timeouts of the scenarios in a row.
const LONGEST_LIFE: Duration = Duration::from_secs(12);

/// How many steps there may be to an end: more are a circle.
const MOST_STEPS: usize = 1000;

/// How a state comes to an end.
impl Pair {
    /// Everything arrives that can: both ends are over, and agree.
    pub(crate) fn arrive(&mut self, note: &mut impl FnMut(Step)) {
        for count in 0.. {
            assert!(count < MOST_STEPS, "the drivers are kept busy for ever");
            if self.ends.iter().all(End::is_over) {
                break;
            }
            match self.next() {
                Some(step) => {
                    note(step);
                    self.step(step);
                }
                None => self.follow_deadline(),
            }
        }
        self.ends.iter_mut().for_each(End::assert_over);
        let is_whole =
            self.troubles.is_empty() && self.ends.iter().all(|end| end.next == Next::Finished);
        if is_whole {
            self.agree();
        }
    }

    /// What happens next, if both drivers do what they can without waiting, and an application that
    /// has nothing more to wait for closes.
    fn next(&self) -> Option<Step> {
        if let Some(step) = BOTH.into_iter().find_map(|side| self.driven(side)) {
            return Some(step);
        }
        let waits_for_nothing = |side: &Side| {
            let end = &self.ends[*side as usize];
            end.is_open() && end.next.until().is_none()
        };
        let close = |side| Step::Says(side, Verb::Close);
        match self.ends.iter().all(End::is_open) {
            _ if self.is_lost() => BOTH.into_iter().find(waits_for_nothing).map(close),
            true => Some(close(Side::Client)),
            false => {
                let ends = self.ends.each_ref().map(|end| &end.connected);
                panic!("both wait, and everything arrived: {ends:?}")
            }
        }
    }

    fn is_lost(&self) -> bool {
        self.troubles.contains(&Trouble::Loss)
    }

    /// What a driver does next, without waiting.
    fn driven(&self, side: Side) -> Option<Step> {
        let (end, from) = (&self.ends[side as usize], &self.pipes[side as usize]);
        let (waits, comes) = (end.out.chunk().len(), from.bytes.len());
        match () {
            () if end.is_over() => {
                (!self.pipes[1 - side as usize].is_shut).then_some(Step::Shuts(side))
            }
            () if waits > 0 => Some(Step::Takes(side, waits as u16)),
            () if comes > 0 && !end.is_ended => Some(Step::Arrives(side, comes as u16)),
            () if from.is_shut && !end.is_ended => Some(Step::SeesEnd(side)),
            () if end.told < self.now || end.next == Next::Look => Some(Step::Asks(side)),
            () => None,
        }
    }

    /// Lets time pass until the first of the ends wants it.
    fn follow_deadline(&mut self) {
        let ends = self.ends.iter().filter(|end| !end.is_over());
        let until = ends.filter_map(|end| end.next.until()).min();
        let until = until.expect("an end waits for ever, and nothing arrives");
        assert!(until > self.now, "a deadline that has passed keeps a driver busy");
        self.now = until;
        assert!(until < START + 100 * LONGEST_LIFE, "no end of deadlines");
    }

    /// Nothing is taken or arrives any more: each end sees that, in time.
    pub(crate) fn stand_still(mut self) {
        if self.scenario.timeouts.close.is_none() {
            return;
        }
        let begun = self.now;
        for end in &mut self.ends {
            let (mut now, mut count) = (begun, 0);
            while !end.is_over() {
                count += 1;
                assert!(count < MOST_STEPS, "a driver is kept busy for ever");
                end.ask(now);
                let Some(until) = end.next.until() else { break };
                assert!(until > now || end.next == Next::Look, "{until:?} again");
                now = now.max(until);
                assert!(now <= begun + LONGEST_LIFE, "nothing arrives for {:?}", now - begun);
            }
            let is_idle = end.is_open() && self.scenario.timeouts.ping_interval.is_none();
            assert!(end.is_over() || is_idle && end.out.is_empty(), "{:?}", end.connected);
            if end.is_over() {
                end.assert_over();
            }
        }
    }

    /// Both closed, and nothing was lost.
    fn agree(&self) {
        let began = self.ends.each_ref().map(|end| match end.connected.state() {
            State::Closed { by, .. } => by == By::Local,
            state => panic!("{state:?} though nothing was lost"),
        });
        assert_ne!(began, [false, false], "neither began to close");
        for (one, other) in [(0, 1), (1, 0)] {
            let [end, peer] = [one, other].map(|end| &self.ends[end]);
            let (sent, received) = (end.connected.close_sent(), end.connected.close_received());
            assert_eq!(received, peer.connected.close_sent());
            assert!(began[one] || sent == received, "the answer repeats the code");
            assert_eq!(end.heard, peer.said, "what was said is heard");
            assert!(end.wire.is_answered(), "the latest ping is answered");
            assert!(end.wire.is_between_frames() && end.wire.closed().is_some());
        }
    }
}
