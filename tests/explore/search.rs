//! The search: breadth first, so that what fails is shown by the fewest steps that lead there.

use std::cell::RefCell;
use std::collections::HashSet;
use std::fmt::{self, Debug};
use std::hash::{BuildHasherDefault, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

/// Something that has states, and steps from each to others.
///
/// A connection cannot be copied, so that each state is come to anew, by the steps from the start.
pub(crate) trait World {
    type Step: Copy + Debug;

    /// Every step that is possible now.
    fn steps(&self) -> Vec<Self::Step>;

    /// Takes one, and panics if that breaks a rule.
    fn step(&mut self, step: Self::Step);

    /// The same for two states if, and only if, nothing can tell them apart.
    fn fingerprint(&self) -> u128;

    /// In how many ways this state is followed to an end.
    const ENDS: usize;

    /// Follows the state to an end in the given way, and panics if it does not come to a right one.
    /// Each step on it is handed to `note` before it is taken.
    fn end(self, way: usize, note: impl FnMut(Self::Step));
}

/// What was looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Explored {
    pub(crate) states: usize,
    pub(crate) steps: usize,
    /// The most steps from the start to a state.
    pub(crate) depth: usize,
    /// Whether there are no others: beyond that depth nothing new comes.
    pub(crate) is_whole: bool,
    pub(crate) took: Duration,
}

/// A row of a table, behind what was explored.
impl fmt::Display for Explored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { states, steps, depth, is_whole, took } = self;
        let whole = if *is_whole { ", all" } else { "" };
        write!(f, "| {depth}{whole} | {states} | {steps} | {:.1} s |", took.as_secs_f64())
    }
}

impl Explored {
    /// Of several starts, all in all.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            states: self.states + other.states,
            steps: self.steps + other.steps,
            depth: self.depth.max(other.depth),
            is_whole: self.is_whole && other.is_whole,
            took: self.took + other.took,
        }
    }
}

/// A state, by the last step that leads to it.
struct Node<S> {
    before: u32,
    step: S,
}

/// Looks at every state that is at most `depth` steps from the start, and follows each to its ends.
pub(crate) fn search<W: World>(name: &str, start: impl Fn() -> W, depth: usize) -> Explored {
    let begun = Instant::now();
    let mut nodes: Vec<Node<W::Step>> = Vec::new();
    let mut seen = HashSet::<u128, BuildHasherDefault<Given>>::default();
    seen.insert(start().fingerprint());
    let (mut explored, mut level) = (0, vec![None]);
    let mut steps = 0;
    while explored < depth && !level.is_empty() {
        let mut next = Vec::new();
        for node in level {
            let way = way(&nodes, node);
            for (fingerprint, step) in around(name, &start, &way) {
                steps += 1;
                if seen.insert(fingerprint) {
                    let before = node.map_or(u32::MAX, |node: usize| node as u32);
                    next.push(Some(nodes.len()));
                    nodes.push(Node { before, step });
                }
            }
        }
        explored += usize::from(!next.is_empty());
        level = next;
    }
    let (is_whole, states) = (level.is_empty(), seen.len());
    Explored { states, steps, depth: explored, is_whole, took: begun.elapsed() }
}

/// The steps from the start to a state.
fn way<S: Copy>(nodes: &[Node<S>], mut node: Option<usize>) -> Vec<S> {
    let mut way = Vec::new();
    while let Some(Node { before, step }) = node.and_then(|node| nodes.get(node)) {
        way.push(*step);
        node = Some(*before as usize);
    }
    way.reverse();
    way
}

/// Follows a state to its ends, and returns what is one step beyond it.
fn around<W: World>(name: &str, start: impl Fn() -> W, way: &[W::Step]) -> Vec<(u128, W::Step)> {
    let come = || {
        let mut world = start();
        way.iter().for_each(|step| world.step(*step));
        world
    };
    let further = RefCell::new(Vec::new());
    let looked = catch_unwind(AssertUnwindSafe(|| {
        for end in 0..W::ENDS {
            further.borrow_mut().clear();
            come().end(end, |step| further.borrow_mut().push(step));
        }
        let beyond = |step| {
            further.replace(vec![step]);
            let mut world = come();
            world.step(step);
            (world.fingerprint(), step)
        };
        come().steps().into_iter().map(beyond).collect()
    }));
    looked.unwrap_or_else(|panic| {
        println!("! {name}\nafter these steps:");
        way.iter().chain(&*further.borrow()).for_each(|step| println!("    {step:?}"));
        resume_unwind(panic)
    })
}

/// What is a hash already.
#[derive(Default)]
pub(crate) struct Given(u64);

impl Hasher for Given {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0 << 8 | u64::from(*byte));
    }

    fn write_u128(&mut self, number: u128) {
        self.0 = number as u64;
    }
}
