//! What the two halves and their peer do, out of a number.

use patchcord_tokio::{Behind, Options, Timeouts};
use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub(crate) enum Sends {
    Feed(usize),
    TryFeed(usize),
    Send(usize),
    Flush,
    Ping,
    Close,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Receives {
    /// One message.
    One,
    /// Some messages, lent to a function, which answers or not.
    Lent {
        answers: bool,
    },
    Drop,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Peer {
    Says(usize),
    /// So many messages, of no bytes: they fill an inbox.
    Floods(usize),
    Pings,
    Closes,
    Hears(usize),
    HearsAll,
    EndsItsSide,
}

/// What is done, some steps after what was done before, and how long it is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step<T> {
    pub(crate) pause: u64,
    pub(crate) does: T,
    pub(crate) patience: Option<u64>,
}

#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) room: usize,
    backlog: usize,
    behind: Behind,
    pings: bool,
    /// When the stream takes no more.
    pub(crate) breaks: Option<u64>,
    /// How many milliseconds it holds back what it took.
    pub(crate) holds: u64,
    pub(crate) sender: Vec<Step<Sends>>,
    pub(crate) receiver: Vec<Step<Receives>>,
    pub(crate) peer: Vec<Step<Peer>>,
}

/// SplitMix64.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }

    fn steps<T: Copy>(&mut self, most: u64, all: &[T], patience: Option<u64>) -> Vec<Step<T>> {
        let count = 1 + self.below(most);
        let step = |_| Step {
            pause: self.one_of(&[0, 0, 1, 1, 2, 4]),
            does: self.one_of(all),
            patience: self.one_of(&[None, None, patience, Some(4)]),
        };
        (0..count).map(step).collect()
    }
}

impl Script {
    pub(crate) fn of(seed: u64) -> Self {
        let mut numbers = Numbers(seed);
        match seed % 2 {
            0 => Self::varied(&mut numbers),
            _ => Self::crowded(&mut numbers),
        }
    }

    fn varied(numbers: &mut Numbers) -> Self {
        use {Peer as P, Receives as R, Sends as S};
        let sends = [
            S::Feed(10),
            S::Feed(700),
            S::TryFeed(300),
            S::Send(10),
            S::Send(700),
            S::Send(3000),
            S::Flush,
            S::Ping,
            S::Close,
        ];
        let receives = [
            R::One,
            R::One,
            R::Drop,
            R::One,
            R::Lent { answers: true },
            R::Lent { answers: false },
        ];
        let holds = numbers.one_of(&[0, 0, 0, 14]);
        // What is held back is not flushed sooner because there is more to be written.
        let receives = if holds == 0 { &receives[..] } else { &receives[..3] };
        let says = [
            P::Says(10),
            P::Says(700),
            P::Floods(5),
            P::Floods(2000),
            P::Pings,
            P::Closes,
            P::Hears(300),
            P::Hears(2000),
            P::HearsAll,
            P::EndsItsSide,
        ];
        Self {
            room: numbers.one_of(&[64, 256, 4096]),
            backlog: numbers.one_of(&[1, 500, 5000]),
            behind: numbers.one_of(&[Behind::Wait, Behind::Wait, Behind::Skip, Behind::Close]),
            pings: numbers.below(3) == 0,
            breaks: (numbers.below(5) == 0).then(|| numbers.below(20)),
            holds,
            sender: numbers.steps(8, &sends, Some(1)),
            receiver: numbers.steps(8, receives, Some(1)),
            peer: numbers.steps(10, &says, Some(1)),
        }
    }

    /// A peer that speaks and hardly listens, to a sender that waits and a receiver that takes little.
    fn crowded(numbers: &mut Numbers) -> Self {
        use {Peer as P, Receives as R, Sends as S};
        let says = [
            P::Floods(700),
            P::Floods(2000),
            P::Floods(2000),
            P::Says(700),
            P::Pings,
            P::Closes,
            P::Hears(300),
        ];
        Self {
            room: numbers.one_of(&[64, 256, 4096]),
            backlog: 5000,
            behind: Behind::Wait,
            pings: numbers.below(3) == 0,
            breaks: (numbers.below(3) == 0).then(|| numbers.below(20)),
            holds: 0,
            sender: numbers.steps(3, &[S::Send(3000), S::Send(6000), S::Close], None),
            receiver: numbers.steps(8, &[R::One, R::One, R::Lent { answers: false }], Some(2)),
            peer: numbers.steps(12, &says, None),
        }
    }

    /// Deadlines that end between the times at which anybody does something.
    pub(crate) fn options(&self) -> Options {
        let span = |milliseconds| Some(Duration::from_millis(milliseconds));
        let timeouts = Timeouts {
            ping_interval: span(62).filter(|_| self.pings),
            pong: span(52),
            close: span(105),
            write: span(215),
            ..Timeouts::default()
        };
        Options::new().timeouts(timeouts).backlog(self.backlog).behind(self.behind)
    }
}
