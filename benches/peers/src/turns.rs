//! Things that are used in turn.

use crate::hide;
use crate::payload::Random;

/// In the order in memory, again and again.
pub struct Ring<T> {
    items: Vec<T>,
    next: usize,
}

impl<T> Ring<T> {
    pub fn new(items: Vec<T>) -> Self {
        assert!(!items.is_empty());
        Self { items, next: 0 }
    }

    /// Returns the next of them, about which the optimiser knows nothing.
    #[inline]
    pub fn turn(&mut self) -> &mut T {
        let turn = self.next;
        self.next = if turn + 1 == self.items.len() { 0 } else { turn + 1 };
        hide::place(&mut self.items[turn])
    }
}

/// In an order that has nothing to do with their places in memory, so that the processor cannot foresee
/// the next one, just as it cannot foresee who speaks next; each once per round.
pub struct Shuffled<T> {
    items: Vec<T>,
    order: Ring<u32>,
}

impl<T> Shuffled<T> {
    pub fn new(items: Vec<T>) -> Self {
        let mut order: Vec<_> = (0..items.len() as u32).collect();
        let mut random = Random::new(3);
        (1..order.len()).for_each(|index| order.swap(index, random.below(index + 1)));
        Self { items, order: Ring::new(order) }
    }

    /// Returns the next of them, about which the optimiser knows nothing.
    #[inline]
    pub fn turn(&mut self) -> &mut T {
        let turn = *self.order.turn() as usize;
        hide::place(&mut self.items[turn])
    }
}
