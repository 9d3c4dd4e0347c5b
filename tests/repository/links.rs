//! The links of all `*.md`: a file that is named is there, and so is the heading; and the tests that
//! `docs/comparison.md` names.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What is built, or fetched, and not written here.
const LEFT_OUT: [&str; 4] = ["target", "node_modules", ".git", "corpus"];

fn pages(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = entry.path();
        let name = entry.file_name();
        if path.is_dir() && !LEFT_OUT.iter().any(|out| name == *out) {
            pages(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// The page without its code, in blocks and in lines.
fn prose(text: &str) -> String {
    let mut inside = false;
    let lines = text.lines().filter(|line| {
        let fence = line.trim_start().starts_with("```");
        inside ^= fence;
        !inside && !fence
    });
    lines.map(|line| line.split('`').step_by(2).collect::<String>() + "\n").collect()
}

/// The targets of `[text](target)`.
fn targets(text: &str) -> Vec<String> {
    let behind = prose(text);
    let parts = behind.split("](").skip(1);
    parts.filter_map(|part| Some(part.split_once(')')?.0.to_owned())).collect()
}

/// The anchors of a page's headings, as repository hosts make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut inside = false;
    let headings = text.lines().filter(|line| {
        inside ^= line.starts_with("```");
        !inside && line.starts_with('#')
    });
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    heading.to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// What is wrong with a link, if anything is.
fn fault(page: &Path, text: &str, target: &str) -> Option<String> {
    if target.contains("://") {
        return None;
    }
    let (file, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = if file.is_empty() { page.to_owned() } else { page.parent()?.join(file) };
    if !path.exists() {
        return Some(format!("{file} is not there"));
    }
    let there = if file.is_empty() {
        text.to_owned()
    } else {
        fs::read_to_string(&path).unwrap_or_default()
    };
    let found = heading.is_empty() || anchors(&there).contains(heading);
    (!found).then(|| format!("no heading makes #{heading}"))
}

#[test]
fn every_link_of_every_page_leads_somewhere() {
    let mut found = Vec::new();
    pages(&root(), &mut found);
    assert!(found.iter().any(|page| page.ends_with("README.md")), "no page was looked at");
    let mut faults = Vec::new();
    for page in &found {
        let text = fs::read_to_string(page).expect("a page is text");
        let bad = targets(&text).into_iter().filter_map(|target| fault(page, &text, &target));
        faults.extend(bad.map(|fault| {
            format!("{}: {fault}", page.strip_prefix(root()).unwrap_or(page).display())
        }));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What stands between backquotes as `file.rs::function` and is not there.
fn missing(text: &str) -> Vec<&str> {
    let quoted = text.split('`').skip(1).step_by(2);
    let is_there = |name: &&str| {
        let (file, function) = name.split_once("::").unwrap_or_default();
        let source = fs::read_to_string(root().join("tests").join(file)).unwrap_or_default();
        source.contains(&format!("fn {function}("))
    };
    quoted.filter(|text| text.contains(".rs::")).filter(|name| !is_there(name)).collect()
}

#[test]
fn every_test_that_the_comparison_names_exists() {
    let page = fs::read_to_string(root().join("docs/comparison.md")).expect("the page is there");
    assert!(page.contains(".rs::"), "no test is named");
    assert_eq!(missing(&page), [""; 0]);
    assert_eq!(
        missing("`repository/links.rs::missing`, `links.rs::nothing`"),
        ["links.rs::nothing"]
    );
}

#[test]
fn links_and_headings_are_seen_in_prose_alone() {
    let page = "# A `b`, c\n[x](y.md#z) ![i](j.svg) `[no](n)`\n```\n# no\n[no](n)\n```\n";
    assert_eq!(targets(page), ["y.md#z", "j.svg"]);
    assert_eq!(anchors(page), BTreeSet::from(["a-b-c".to_owned()]));
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let page = root().join("README.md");
    assert_eq!(fault(&page, "", "nothing.md"), Some("nothing.md is not there".to_owned()));
    assert_eq!(fault(&page, "# A", "#b"), Some("no heading makes #b".to_owned()));
    assert_eq!(fault(&page, "# A", "#a"), None);
    assert_eq!(fault(&page, "", "https://example.com"), None);
}
