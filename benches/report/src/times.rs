//! What was measured again and again.

/// One figure of each round: nanoseconds per operation, mostly.
#[derive(Clone, Debug, Default)]
pub struct Times(Vec<f64>);

impl Times {
    /// Adds the figure of another round.
    pub fn push(&mut self, time: f64) {
        self.0.push(time);
    }

    /// Adds the figures of other rounds.
    pub fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    #[must_use]
    pub fn minimum(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The figure in the middle; not a number, if there is none.
    #[must_use]
    pub fn median(&self) -> f64 {
        let mut times = self.0.clone();
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
    }
}
