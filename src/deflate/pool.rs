//! Compression engines of hundreds of kilobytes each, and the pool that shares them.

use super::window::Window;
use super::{Level, WindowBits, counted};
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use zlib_rs::{Deflate, Inflate};

/// The source of a connection's engines: see [the module](super) for which to choose.
///
/// The choice never changes what a peer's data inflates to, nor which data is refused, whatever
/// other connections did with an engine in between. A message refers back at most as far as the
/// negotiated window reaches (RFC 7692 section 7.1.2).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Engines {
    /// Engines that the connection makes for its first message, and keeps.
    Owned,
    /// Engines that are borrowed for each message.
    Pooled(Pool),
}

/// Engines shared by connections. Each connection borrows one for the duration of a message; a
/// message that does not arrive whole borrows one from its 512th byte of data on.
///
/// A clone is the same pool. The pool is locked while an engine is taken or given back, not while
/// the engine works, so threads do not wait for each other's messages. One pool per thread and one
/// pool for all threads both work well; one pool per connection would be [`Engines::Owned`] at a
/// higher price.
///
/// An engine that is given back remembers its last connection. If it is still in the pool when that
/// connection has its next message, it continues where it stopped, and costs no more than an owned
/// engine.
#[derive(Clone)]
pub struct Pool(Arc<Mutex<Shelves>>);

pub(super) struct Shelves {
    kept: usize,
    /// The number of borrowers so far; each direction of a connection is one.
    borrowers: u64,
    deflates: Vec<Engine<Deflate>>,
    inflates: Vec<Engine<Inflate>>,
}

impl Pool {
    /// The number of engines of each kind that a pool keeps by default: one for each of 16 threads.
    /// Once that many were in use at the same time, they hold 4 to 6 MiB to compress, and 0.75 MiB
    /// to inflate.
    pub const KEPT: usize = 16;

    /// Makes a pool that keeps at most `kept` idle engines to compress, whatever their windows and
    /// levels, and as many to inflate.
    ///
    /// If more messages are open at the same time, more engines are made, and dropped afterwards.
    /// No engine is made before it is needed.
    #[must_use]
    pub fn new(kept: usize) -> Self {
        let shelves = Shelves { kept, borrowers: 0, deflates: Vec::new(), inflates: Vec::new() };
        Self(Arc::new(Mutex::new(shelves)))
    }

    /// Returns a number that no other borrower has.
    fn register(&self) -> u64 {
        let mut shelves = self.shelves();
        shelves.borrowers += 1;
        shelves.borrowers
    }

    /// Locks the shelves. Nothing panics while they are locked, so even a poisoned lock guards a
    /// consistent state.
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

/// An engine, as small as a pointer because it is passed around.
pub(super) struct Engine<S: Stream>(Box<State<S>>);

/// One stream at a time, and the borrower whose stream it was last.
struct State<S: Stream> {
    stream: S,
    settings: S::Settings,
    borrower: u64,
}

/// The two kinds of engine.
pub(super) trait Stream: Sized {
    type Settings: Copy + PartialEq;

    fn make(settings: Self::Settings) -> Self;
    /// Starts a new stream.
    fn restart(&mut self);
    /// Puts plaintext into the window, before a block.
    fn preset(&mut self, plain: &[u8]);
    fn shelf(shelves: &mut Shelves) -> &mut Vec<Engine<Self>>;
}

/// The right of one direction to use an engine.
pub(super) struct Borrower<S: Stream> {
    settings: S::Settings,
    /// The pool, and the number that this borrower has there.
    pool: Option<(Pool, u64)>,
    engine: Option<Engine<S>>,
    /// True if the engine is at work on a message.
    open: bool,
}

/// The number of a borrower without a pool, and of an engine that nobody has borrowed yet.
const OWN: u64 = 0;

impl<S: Stream> Borrower<S> {
    pub(super) fn new(engines: &Engines, settings: S::Settings) -> Self {
        let pool = match engines {
            Engines::Owned => None,
            Engines::Pooled(pool) => Some((pool.clone(), pool.register())),
        };
        Self { settings, pool, engine: None, open: false }
    }

    /// Returns whether engines come and go, so that the window has to be kept separately.
    pub(super) const fn is_pooled(&self) -> bool {
        self.pool.is_some()
    }

    /// Returns the engine of the open message, or an engine to open a message with. It is given the
    /// window, unless it is the engine that this borrower used last and `as_left` says that it can
    /// continue from there.
    pub(super) fn stream(&mut self, window: &Window, as_left: bool) -> &mut S {
        let Self { settings, pool, engine, open } = self;
        let own = pool.as_ref().map_or(OWN, |(_, number)| *number);
        let engine = engine.get_or_insert_with(|| match pool {
            None => Engine::new(*settings),
            Some((pool, _)) => pool.borrow(*settings, own),
        });
        let state = &mut *engine.0;
        // A pool may have lent the engine to another connection in between.
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

    /// Returns whether an engine is at work on a message.
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

    /// Drops an engine whose stream failed.
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

    /// Takes the borrower's last engine, or else the one that was idle the longest.
    fn find<S: Stream>(&self, settings: S::Settings, borrower: u64) -> Option<Engine<S>> {
        let mut shelves = self.shelves();
        let shelf = S::shelf(&mut shelves);
        // Its last engine may still have its window, which then need not be restored.
        let own = shelf.iter().position(|engine| engine.0.borrower == borrower);
        let at = own.or_else(|| shelf.iter().position(|engine| engine.0.settings == settings))?;
        Some(shelf.remove(at))
    }

    fn give_back<S: Stream>(&self, engine: Engine<S>) {
        let mut shelves = self.shelves();
        let kept = shelves.kept;
        let shelf = S::shelf(&mut shelves);
        shelf.push(engine);
        // The first on the shelf has been idle the longest.
        let surplus = (shelf.len() > kept).then(|| shelf.remove(0));
        drop(shelves);
        drop(surplus); // freed after the unlock: it is hundreds of kilobytes
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
        // This fails only for a stream with a header, or inside a block.
        let preset = self.set_dictionary(plain);
        debug_assert!(preset.is_ok());
    }

    fn shelf(shelves: &mut Shelves) -> &mut Vec<Engine<Self>> {
        &mut shelves.deflates
    }
}

impl Stream for Inflate {
    /// None: its window is always 32 KiB.
    type Settings = ();

    fn make((): ()) -> Self {
        Self::new(false, WindowBits::MAX.bits())
    }

    fn restart(&mut self) {
        self.reset(false);
    }

    fn preset(&mut self, plain: &[u8]) {
        // This fails only for a stream with a header.
        let preset = self.set_dictionary(plain);
        debug_assert!(preset.is_ok());
    }

    fn shelf(shelves: &mut Shelves) -> &mut Vec<Engine<Self>> {
        &mut shelves.inflates
    }
}
