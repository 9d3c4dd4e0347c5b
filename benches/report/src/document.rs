//! What all reports say alike: where they come from, on what they were measured, what was asked.

use crate::{Machine, Target};
use serde_json::{Value, json};
use std::fmt::{self, Write};

/// The title, who wrote this, and the table of what it was measured on, and how many targets were met;
/// more rows may follow.
///
/// # Errors
/// Those of `out`.
pub fn head(
    out: &mut String,
    [title, origin]: [&str; 2],
    machine: &Machine,
    targets: &[Target],
) -> fmt::Result {
    let met = targets.iter().filter(|target| target.is_met()).count();
    writeln!(out, "# {title}\n\n{origin}\n")?;
    writeln!(out, "| | |\n|---|---|")?;
    let Machine { processor, processors, pinned, .. } = machine;
    for (name, value) in [
        ("command", format!("`{}`", machine.command)),
        ("date", machine.date.clone()),
        ("commit", machine.commit.clone()),
        ("processor", format!("{processor}; {processors} CPUs, {pinned}")),
        ("instruction sets", machine.flags.clone()),
        ("system", machine.system.clone()),
        ("compiler", format!("{}, `--release`", machine.compiler)),
        ("targets", format!("{met} of {} [met](#targets)", targets.len())),
    ] {
        writeln!(out, "| {name} | {value} |")?;
    }
    Ok(())
}

/// The section of the targets.
///
/// # Errors
/// Those of `out`.
pub fn list(out: &mut String, targets: &[Target]) -> fmt::Result {
    writeln!(out, "## Targets\n")?;
    writeln!(out, "| | found | at most | |\n|---|---|--:|---|")?;
    for target in targets {
        writeln!(out, "{}", target.row())?;
    }
    writeln!(out)
}

impl Machine {
    /// The same for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "command": self.command,
            "date": self.date,
            "commit": self.commit,
            "processor": self.processor,
            "processors": self.processors,
            "flags": self.flags,
            "pinned": self.pinned,
            "system": self.system,
            "compiler": self.compiler,
        })
    }
}

impl Target {
    /// The same for programs.
    #[must_use]
    pub fn json(&self) -> Value {
        json!({
            "target": self.name,
            "found": round(self.found),
            "unit": self.unit,
            "at_most": round(self.bound),
            "met": self.is_met(),
        })
    }
}

/// Rounds to thousandths.
#[must_use]
pub fn round(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}
