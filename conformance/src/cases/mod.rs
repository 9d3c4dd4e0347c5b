//! All cases, a file for each group or part of one.

mod close;
mod control;
mod deflate;
mod fragmentation;
mod frames;
mod handshake;
mod limits;
mod timing;
mod utf8;
mod volume;

use crate::case::{Case, Role};

/// Returns all cases for a role. Those of the opening handshake come last: if a client does not come back
/// after one that fails, it has been asked everything else.
pub fn all(role: Role) -> Vec<Case> {
    let mut cases = Vec::new();
    for group in [
        frames::cases,
        control::cases,
        fragmentation::cases,
        utf8::cases,
        close::cases,
        limits::cases,
        timing::cases,
        volume::cases,
        deflate::cases,
        handshake::cases,
    ] {
        cases.extend(group());
    }
    cases.retain(|case| case.roles.contains(&role));
    cases
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeSet, HashSet};

    #[test]
    fn no_two_cases_have_the_same_name() {
        for role in [Role::Server, Role::Client] {
            let mut seen = HashSet::new();
            for case in all(role) {
                assert!(seen.insert(case.id.clone()), "{} is there twice", case.id);
                assert!(
                    case.id.contains('/') && !case.what.is_empty() && !case.why.is_empty(),
                    "{}",
                    case.id
                );
            }
        }
    }

    /// How many cases Autobahn has in each of its groups.
    const AUTOBAHN: [(&str, usize); 56] = [
        ("1.1", 8),
        ("1.2", 8),
        ("2", 11),
        ("3", 7),
        ("4.1", 5),
        ("4.2", 5),
        ("5", 20),
        ("6.1", 3),
        ("6.2", 4),
        ("6.3", 2),
        ("6.4", 4),
        ("6.5", 5),
        ("6.6", 11),
        ("6.7", 4),
        ("6.8", 2),
        ("6.9", 4),
        ("6.10", 3),
        ("6.11", 5),
        ("6.12", 8),
        ("6.13", 5),
        ("6.14", 10),
        ("6.15", 1),
        ("6.16", 3),
        ("6.17", 5),
        ("6.18", 5),
        ("6.19", 5),
        ("6.20", 7),
        ("6.21", 8),
        ("6.22", 34),
        ("6.23", 7),
        ("7.1", 6),
        ("7.3", 6),
        ("7.5", 1),
        ("7.7", 13),
        ("7.9", 9),
        ("7.13", 2),
        ("9.1", 6),
        ("9.2", 6),
        ("9.3", 9),
        ("9.4", 9),
        ("9.5", 6),
        ("9.6", 6),
        ("9.7", 6),
        ("9.8", 6),
        ("10.1", 1),
        ("12.1", 18),
        ("12.2", 18),
        ("12.3", 18),
        ("12.4", 18),
        ("12.5", 18),
        ("13.1", 18),
        ("13.2", 18),
        ("13.3", 18),
        ("13.4", 18),
        ("13.5", 18),
        ("13.6", 18),
    ];

    #[test]
    fn every_case_of_autobahn_is_asked_once_in_each_role_as_the_table_says() {
        let groups = AUTOBAHN.iter().chain(&[("13.7", 18)]);
        let expected: BTreeSet<String> = groups
            .flat_map(|(group, count)| (1..=*count).map(move |n| format!("{group}.{n}")))
            .collect();
        assert_eq!(expected.len(), 517);
        let table =
            include_str!("../../data/autobahn.txt").lines().filter(|line| !line.starts_with('#'));
        let table: BTreeSet<String> = table.map(str::to_owned).collect();
        for role in [Role::Server, Role::Client] {
            let mut asked = Vec::new();
            for case in all(role) {
                asked.extend(
                    case.autobahn
                        .iter()
                        .map(|number| (number.clone(), format!("{number} {}", case.id))),
                );
            }
            assert_eq!(asked.len(), 517, "as a {role}");
            let (numbers, lines): (BTreeSet<_>, BTreeSet<_>) = asked.into_iter().unzip();
            assert_eq!(numbers, expected, "as a {role}");
            assert_eq!(lines, table, "as a {role}");
        }
    }
}
