//! Known failures: a file with the name of a case on each line, and `#` before comments.

use super::Report;
use crate::case::Status;
use std::collections::BTreeSet;
use std::{fs, io};

#[derive(Default)]
pub struct Expected {
    cases: BTreeSet<String>,
}

impl Expected {
    pub fn read(path: &str) -> io::Result<Self> {
        Ok(Self::parse(&fs::read_to_string(path)?))
    }

    fn parse(text: &str) -> Self {
        let line = |line: &str| line.split('#').next().unwrap_or_default().trim().to_owned();
        Self { cases: text.lines().map(line).filter(|line| !line.is_empty()).collect() }
    }

    /// Lists in sentences what differs from the file: exactly the cases in it may fail, and must.
    pub fn differences(&self, report: &Report) -> Vec<String> {
        let failed = report.cases.iter().filter(|judged| judged.outcome.status == Status::Failed);
        let failed: BTreeSet<_> = failed.map(|judged| judged.outcome.id.clone()).collect();
        let new =
            failed.difference(&self.cases).map(|id| format!("{id} failed, and is not expected to"));
        let gone = self
            .cases
            .difference(&failed)
            .map(|id| format!("{id} is expected to fail, and did not"));
        new.chain(gone).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Fault, Level, Outcome, Role, case};
    use crate::report::{Count, Judged, junit};

    /// A report of three cases: one passed, one failed, and one choice that differs.
    fn report() -> Report {
        let of = |id: &str, level, verdict| {
            let case = case(level, id, "RFC 6455 5", "a rule", |_| Ok(()));
            let outcome = Outcome::of(&case, verdict, vec!["<- 81 00".into()], 0.5);
            Judged { outcome, why: case.why.into(), what: case.what.clone(), autobahn: Vec::new() }
        };
        let cases = vec![
            of("a/good", Level::Must, Ok(())),
            of("a/bad", Level::Should, Err(Fault::case("<it> & \u{1}failed"))),
            of("b/other", Level::Choice, Err(Fault::case("differs"))),
        ];
        Report { implementation: "one".into(), role: Role::Server, seconds: 1.0, cases }
    }

    #[test]
    fn what_is_expected_to_fail_must_fail_and_nothing_else() {
        let report = report();
        assert!(Expected::parse("# known\na/bad  # since 1.0\n\n").differences(&report).is_empty());
        assert_eq!(Expected::parse("").differences(&report).len(), 1);
        assert_eq!(Expected::parse("a/good\na/bad").differences(&report).len(), 1);
    }

    #[test]
    fn a_choice_made_otherwise_is_no_failure() {
        let count = Count::of(&report());
        assert_eq!((count.passed, count.must, count.should, count.otherwise), (1, 0, 1, 1));
        assert_eq!(count.failed(), 1);
    }

    #[test]
    fn junit_is_xml_whatever_a_peer_sends() {
        let text = junit(&report());
        assert!(text.contains("tests=\"3\" failures=\"1\""), "{text}");
        assert!(text.contains("&lt;it&gt; &amp; failed"), "{text}");
        assert!(!text.contains('\u{1}'));
    }

    #[test]
    fn a_report_is_the_same_after_it_was_kept() {
        let kept = crate::report::to_json(&report());
        let again = crate::report::from_json(&kept).expect("a report");
        assert_eq!(crate::report::to_json(&again), kept);
    }
}
