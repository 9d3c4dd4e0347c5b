//! Engines, of which each has its hundreds of kilobytes, and the pool that shares them.

use super::window::Window;
use super::{Level, WindowBits, counted};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use zlib_rs::{Deflate, Inflate};

/// Where a connection's engines come from: see [the module](super) for which to choose.
///
/// What a peer's data becomes, and which of it is refused, is the same from both, whatever other
/// connections did with an engine in between. A message refers at most as far back into those before
/// it as the window that was agreed on reaches (RFC 7692 section 7.1.2).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Engines {
    /// The connection's own, made for the first message and kept.
    Owned,
    /// Borrowed for each message.
    Pooled(Pool),
}

/// Engines that connections share: each borrows one for the time of a message, from its 512th byte
/// of data on if it does not come whole.
///
/// A clone is the same pool. It is locked to take an engine and to give it back, not while the
/// engine works, so threads do not wait for each other's messages. A pool per thread or one for
/// all are both good; one per connection would be [`Engines::Owned`] at a higher price.
///
/// An engine that comes back remembers whose it was. If it is still there at that connection's
/// next message, it goes on where it stopped, and costs no more than a live one.
#[derive(Clone)]
pub struct Pool(Arc<Mutex<Shelves>>);

pub(super) struct Shelves {
    kept: usize,
    /// How many directions of connections have borrowed.
    borrowers: u64,
    deflates: Vec<Engine<Deflate>>,
    inflates: Vec<Engine<Inflate>>,
}

impl Pool {
    /// How many engines of one kind a pool keeps by default: one each for 16 threads. Once so many
    /// were in use at a time, they hold 4 to 6 MiB to compress, and 0.75 to inflate.
    pub const KEPT: usize = 16;

    /// A pool that keeps at most `kept` idle engines to compress, whatever their windows and
    /// levels, and as many to inflate.
    ///
    /// More are made when more messages are open at a time, and let go after that. None is made
    /// before it is needed.
    #[must_use]
    pub fn new(kept: usize) -> Self {
        let shelves = Shelves { kept, borrowers: 0, deflates: Vec::new(), inflates: Vec::new() };
        Self(Arc::new(Mutex::new(shelves)))
    }

    /// A number that no other borrower has.
    fn register(&self) -> u64 {
        let mut shelves = self.shelves();
        shelves.borrowers += 1;
        shelves.borrowers
    }

    /// Nothing panics while it is locked, so the shelves are never left half changed.
    fn shelves(&self) -> MutexGuard<'_, Shelves> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Pool {
    fn default() -> Self {
        Self::new(Self::KEPT)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shelves = self.shelves();
        write!(f, "Pool({} + {} idle)", shelves.deflates.len(), shelves.inflates.len())
    }
}

/// An engine, as small as a pointer, since it is handed to and fro.
pub(super) struct Engine<S: Stream>(Box<State<S>>);

/// One stream at a time, and whose stream that was last.
struct State<S: Stream> {
    stream: S,
    settings: S::Settings,
    borrower: u64,
}

/// The two kinds of engine.
pub(super) trait Stream: Sized {
    type Settings: Copy + PartialEq;

    fn make(settings: Self::Settings) -> Self;
    /// Forgets its stream.
    fn restart(&mut self);
    /// Puts plaintext into its window, before a block.
    fn preset(&mut self, plain: &[u8]);
    fn shelf(shelves: &mut Shelves) -> &mut Vec<Engine<Self>>;
}

/// One direction's right to an engine.
pub(super) struct Borrower<S: Stream> {
    settings: S::Settings,
    /// A pool, and the number that this borrower has there.
    pool: Option<(Pool, u64)>,
    engine: Option<Engine<S>>,
    /// Whether the engine is at work on a message.
    open: bool,
}

/// The number of a borrower that has no pool, and of an engine that nobody borrowed yet.
const OWN: u64 = 0;

impl<S: Stream> Borrower<S> {
    pub(super) fn new(engines: &Engines, settings: S::Settings) -> Self {
        let pool = match engines {
            Engines::Owned => None,
            Engines::Pooled(pool) => Some((pool.clone(), pool.register())),
        };
        Self { settings, pool, engine: None, open: false }
    }

    /// Whether engines come and go, so that the window has to be kept apart.
    pub(super) const fn is_pooled(&self) -> bool {
        self.pool.is_some()
    }

    /// The engine of the open message, or one to open a message with: told the window, unless it
    /// is the one that this borrower used last and `as_left` says that it can go on from there.
    pub(super) fn stream(&mut self, window: &Window, as_left: bool) -> &mut S {
        let Self { settings, pool, engine, open } = self;
        let own = pool.as_ref().map_or(OWN, |(_, number)| *number);
        let engine = engine.get_or_insert_with(|| match pool {
            None => Engine::new(*settings),
            Some((pool, _)) => pool.borrow(*settings, own),
        });
        let state = &mut *engine.0;
        let goes_on = *open || (as_left && state.borrower == own);
        if !goes_on {
            counted::restart();
            state.stream.restart();
            for part in window.parts().into_iter().filter(|part| !part.is_empty()) {
                state.stream.preset(part);
            }
            state.borrower = own;
        }
        *open = true;
        &mut state.stream
    }

    /// Whether an engine is at work on a message.
    pub(super) const fn is_open(&self) -> bool {
        self.open
    }

    /// Notes that a message is over.
    pub(super) fn end(&mut self) {
        self.open = false;
        if let Some((pool, _)) = &self.pool
            && let Some(engine) = self.engine.take()
        {
            pool.give_back(engine);
        }
    }

    /// Lets go of an engine whose stream failed.
    pub(super) fn abandon(&mut self) {
        (self.engine, self.open) = (None, false);
    }
}

impl<S: Stream> Engine<S> {
    fn new(settings: S::Settings) -> Self {
        Self(Box::new(State { stream: S::make(settings), settings, borrower: OWN }))
    }
}

impl Pool {
    fn borrow<S: Stream>(&self, settings: S::Settings, borrower: u64) -> Engine<S> {
        self.find::<S>(settings, borrower).unwrap_or_else(|| Engine::new(settings))
    }

    /// The borrower's last engine, or else the one that was idle for longest.
    fn find<S: Stream>(&self, settings: S::Settings, borrower: u64) -> Option<Engine<S>> {
        let mut shelves = self.shelves();
        let shelf = S::shelf(&mut shelves);
        let own = shelf.iter().position(|engine| engine.0.borrower == borrower);
        let at = own.or_else(|| shelf.iter().position(|engine| engine.0.settings == settings))?;
        Some(shelf.remove(at))
    }

    fn give_back<S: Stream>(&self, engine: Engine<S>) {
        let mut shelves = self.shelves();
        let kept = shelves.kept;
        let shelf = S::shelf(&mut shelves);
        shelf.push(engine);
        let surplus = (shelf.len() > kept).then(|| shelf.remove(0));
        drop(shelves);
        drop(surplus); // hundreds of kilobytes, which nobody waits for
    }
}

impl Stream for Deflate {
    type Settings = (Level, WindowBits);

    fn make((level, window): Self::Settings) -> Self {
        Self::new(level.get().into(), false, window.bits())
    }

    fn restart(&mut self) {
        self.reset();
    }

    fn preset(&mut self, plain: &[u8]) {
        // It fails for streams with a header and inside of blocks alone.
        let preset = self.set_dictionary(plain);
        debug_assert!(preset.is_ok());
    }

    fn shelf(shelves: &mut Shelves) -> &mut Vec<Engine<Self>> {
        &mut shelves.deflates
    }
}

impl Stream for Inflate {
    /// Its window always has 32 KiB.
    type Settings = ();

    fn make((): ()) -> Self {
        Self::new(false, WindowBits::MAX.bits())
    }

    fn restart(&mut self) {
        self.reset(false);
    }

    fn preset(&mut self, plain: &[u8]) {
        // It fails for streams with a header alone.
        let preset = self.set_dictionary(plain);
        debug_assert!(preset.is_ok());
    }

    fn shelf(shelves: &mut Shelves) -> &mut Vec<Engine<Self>> {
        &mut shelves.inflates
    }
}
