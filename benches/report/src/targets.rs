//! What is asked of the figures.

/// A bound, and what was found.
pub struct Target {
    pub name: String,
    pub bound: f64,
    /// Not a number, if it was not measured.
    pub found: f64,
    pub unit: String,
}

impl Target {
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.found <= self.bound
    }

    /// The same in a line.
    #[must_use]
    pub fn line(&self) -> String {
        let Self { name, bound, found, unit } = self;
        format!("{name}: {found:.2} {unit}, at most {bound:.2}")
    }

    /// The same as a row of a table: name, what was found, bound, and whether it is met.
    #[must_use]
    pub fn row(&self) -> String {
        let Self { name, bound, found, unit } = self;
        let met = if self.is_met() { "met" } else { "**missed**" };
        format!("| {name} | {found:.2} {unit} | {bound:.2} | {met} |")
    }
}

/// Prints which targets are missed, and returns whether none is.
#[must_use]
pub fn tell(targets: &[Target]) -> bool {
    let missed: Vec<_> = targets.iter().filter(|target| !target.is_met()).collect();
    missed.iter().for_each(|target| println!("missed: {}", target.line()));
    println!("{} of {} targets met", targets.len() - missed.len(), targets.len());
    missed.is_empty()
}
