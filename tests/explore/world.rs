//! Two ends, the pipes between them, and a clock.

use super::connected::{BOTH, Side, Verb};
use super::end::{End, Pipe};
use super::fingerprint::{Fingerprint, START};
use super::search::World;
use bytes::Buf;
use patchcord::{Config, Delivery, Next, Timeouts};
use std::time::Duration;

/// What may happen, and how often.
#[derive(Clone, Copy)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    /// What each end may say, and how often.
    pub(crate) client: &'static [(Verb, u8)],
    pub(crate) server: &'static [(Verb, u8)],
    pub(crate) delivery: Delivery,
    pub(crate) timeouts: Timeouts,
    pub(crate) trouble: &'static [Trouble],
    pub(crate) cuts: Cuts,
    /// How deep `cargo test` looks, and how deep the program does.
    pub(crate) quick: usize,
    pub(crate) deep: usize,
}

/// Where a transport may cut what it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cuts {
    Everywhere,
    /// Nowhere: all that waits leaves at once, and all that left arrives at once.
    Nowhere,
}

/// What a transport or a process does to a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// An end shuts down its side, whatever it still had to say.
    HalfClose,
    /// From one moment on nothing arrives any more, and nobody is told.
    Loss,
    /// Everything on the way is gone, and both ends see an end of the stream.
    Reset,
    /// A byte that no peer may send comes between two frames of an end.
    Illegal,
    /// Time passes for one end, and the other does not run meanwhile.
    Pause,
}

/// One unit of time.
const UNIT: Duration = Duration::from_secs(1);

/// How long an end may not run.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Says(Side, Verb),
    /// The transport takes so many bytes of an end's.
    Takes(Side, u16),
    /// So many bytes arrive at an end.
    Arrives(Side, u16),
    /// An end sees that its peer's stream ended.
    SeesEnd(Side),
    /// An end asks again, with nothing new.
    Asks(Side),
    /// An end shuts down its side.
    Shuts(Side),
    /// An end's stream gets a byte that may not be there.
    Breaks(Side),
    Loses,
    Resets,
    /// Time passes for these ends.
    Passes([bool; 2]),
}

pub(crate) struct Pair {
    pub(crate) scenario: Scenario,
    pub(crate) ends: [End; 2],
    /// What is on its way to each.
    pub(crate) pipes: [Pipe; 2],
    pub(crate) now: Duration,
    /// What happened that neither end did.
    pub(crate) troubles: Vec<Trouble>,
}

impl Pair {
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let Scenario { delivery, timeouts, .. } = *scenario;
        let config = Config { delivery, timeouts, ..Config::default() };
        Self {
            scenario: *scenario,
            ends: BOTH.map(|side| End::new(side, config)),
            pipes: Default::default(),
            now: START,
            troubles: Vec::new(),
        }
    }

    fn may(&self, trouble: Trouble) -> bool {
        self.scenario.trouble.contains(&trouble) && !self.troubles.contains(&trouble)
    }

    /// What may happen at an end.
    fn steps_at(&self, side: Side, steps: &mut Vec<Step>) {
        let (end, own, from) =
            (&self.ends[side as usize], side as usize, &self.pipes[side as usize]);
        let to = &self.pipes[1 - own];
        let is_over = end.is_over();
        if !end.out.is_empty() {
            let chunk = end.out.chunk().len();
            steps.extend(
                self.scenario.cuts.takes(chunk).into_iter().map(|count| Step::Takes(side, count)),
            );
        }
        if !is_over && !end.is_ended {
            let arrives = |count| Step::Arrives(side, count);
            steps.extend(self.scenario.cuts.arrives(from.bytes.len()).into_iter().map(arrives));
            if from.bytes.is_empty() && from.is_shut {
                steps.push(Step::SeesEnd(side));
            }
        }
        let looks = matches!(end.next, Next::Look);
        if looks || !is_over && end.told < self.now {
            steps.push(Step::Asks(side));
        }
        if !to.is_shut && (is_over || self.may(Trouble::HalfClose)) {
            steps.push(Step::Shuts(side));
        }
        if !to.is_shut && self.may(Trouble::Illegal) && end.wire.is_between_frames() {
            steps.push(Step::Breaks(side));
        }
        // Having been told to look, a driver does that first.
        if !looks && !is_over {
            let verbs = [self.scenario.client, self.scenario.server][own];
            let left = verbs.iter().filter(|(verb, most)| end.used(*verb) < *most);
            steps.extend(left.map(|(verb, _)| Step::Says(side, *verb)));
        }
    }

    /// At an end.
    fn step_at(&mut self, side: Side, act: impl FnOnce(&mut End, &mut Pipe, &mut Pipe)) {
        let [to_client, to_server] = &mut self.pipes;
        let (from, to) = match side {
            Side::Client => (to_client, to_server),
            Side::Server => (to_server, to_client),
        };
        let end = &mut self.ends[side as usize];
        act(end, from, to);
        if !end.is_over() {
            end.ask(self.now);
        }
    }

    fn shut(&mut self, side: Side) {
        if !self.ends[side as usize].is_over() {
            self.troubles.push(Trouble::HalfClose);
        }
        self.pipes[1 - side as usize].is_shut = true;
    }

    fn lose(&mut self) {
        self.troubles.push(Trouble::Loss);
        for pipe in &mut self.pipes {
            pipe.bytes.clear();
            pipe.is_cut = true;
        }
    }

    fn reset(&mut self) {
        self.troubles.push(Trouble::Reset);
        for pipe in &mut self.pipes {
            pipe.bytes.clear();
            pipe.is_shut = true;
        }
    }

    fn break_rule(&mut self, side: Side) {
        self.troubles.push(Trouble::Illegal);
        let peer = 1 - side as usize;
        self.pipes[peer].put(&[0x83]); // a reserved opcode
        self.ends[peer].may_fail = true;
    }

    fn pass(&mut self, ends: [bool; 2]) {
        self.now += UNIT;
        for (end, passes) in self.ends.iter_mut().zip(ends) {
            if passes && !end.is_over() {
                end.ask(self.now);
            }
        }
    }

    /// What holds of both ends in every state.
    fn check(&mut self) {
        self.ends.iter_mut().for_each(End::check);
        for (one, other) in [(0, 1), (1, 0)] {
            let [one, other] = [one, other].map(|end| &self.ends[end]);
            assert!(other.said.starts_with(&one.heard), "what was not said is heard");
            let received = one.connected.close_received();
            assert!(
                received.is_none() || received == other.connected.close_sent(),
                "who said that?"
            );
        }
    }

    fn passes(&self) -> Vec<[bool; 2]> {
        let [client, server] = self.ends.each_ref().map(|end| !end.is_over());
        let may_pause = |end: &End| end.told + LONGEST_PAUSE > self.now;
        let mut passes = Vec::new();
        if client || server {
            passes.push([client, server]);
        }
        if client && server && self.scenario.trouble.contains(&Trouble::Pause) {
            passes.extend(may_pause(&self.ends[1]).then_some([true, false]));
            passes.extend(may_pause(&self.ends[0]).then_some([false, true]));
        }
        passes
    }
}

impl Cuts {
    /// How many bytes may arrive: any number, and of many those near the ends.
    fn arrives(self, length: usize) -> Vec<u16> {
        let length = length as u16;
        match (self, length) {
            (_, 0) => Vec::new(),
            (Self::Nowhere, _) => vec![length],
            (Self::Everywhere, 1..=12) => (1..=length).collect(),
            (Self::Everywhere, _) => vec![1, 2, length / 2, length - 1, length],
        }
    }

    /// How many bytes of a slice may leave: one, and all; any other number is one after another.
    fn takes(self, chunk: usize) -> Vec<u16> {
        match self {
            Self::Everywhere if chunk > 1 => vec![1, chunk as u16],
            _ => vec![chunk as u16],
        }
    }
}

impl World for Pair {
    type Step = Step;

    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        BOTH.into_iter().for_each(|side| self.steps_at(side, &mut steps));
        steps.extend(self.may(Trouble::Loss).then_some(Step::Loses));
        steps.extend(self.may(Trouble::Reset).then_some(Step::Resets));
        if self.scenario.timeouts.close.is_some() {
            steps.extend(self.passes().into_iter().map(Step::Passes));
        }
        steps
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Says(side, verb) => self.step_at(side, |end, _, to| end.say(verb, to)),
            Step::Takes(side, count) => {
                self.step_at(side, |end, _, to| end.write(count.into(), to));
            }
            Step::Arrives(side, count) => {
                self.step_at(side, |end, from, _| end.read(count.into(), from));
            }
            Step::SeesEnd(side) => self.step_at(side, |end, _, _| end.read_end()),
            Step::Asks(side) => self.step_at(side, |_, _, _| ()),
            Step::Shuts(side) => self.shut(side),
            Step::Breaks(side) => self.break_rule(side),
            Step::Loses => self.lose(),
            Step::Resets => self.reset(),
            Step::Passes(ends) => self.pass(ends),
        }
        self.check();
    }

    fn fingerprint(&self) -> u128 {
        let mut to = Fingerprint::new(self.now);
        End::both(self.ends.each_ref(), self.pipes.each_ref(), &mut to);
        to.debug(&self.troubles);
        to.finish()
    }

    const ENDS: usize = 2;

    fn end(mut self, way: usize, mut note: impl FnMut(Step)) {
        match way {
            0 => self.arrive(&mut note),
            _ => self.stand_still(),
        }
    }
}
