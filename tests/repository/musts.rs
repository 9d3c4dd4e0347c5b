//! The tables of `tests/README.md`: every test that they name exists, and every rule has one
//! or a reason why it has none.

use std::fs;
use std::path::PathBuf;

struct Row {
    section: String,
    rule: String,
    checked_by: String,
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rows() -> Vec<Row> {
    table("## The rules of RFC 6455")
}

fn deflate_rows() -> Vec<Row> {
    table("## The rules of RFC 7692")
}

fn all() -> impl Iterator<Item = Row> {
    rows().into_iter().chain(deflate_rows())
}

/// The first table below a heading that begins like this.
fn table(heading: &str) -> Vec<Row> {
    let text = fs::read_to_string(root().join("tests/README.md")).unwrap();
    let (_, below) = text.split_once(heading).unwrap_or_else(|| panic!("no heading {heading}"));
    let table = below.lines().skip_while(|line| !line.starts_with("|---"));
    table.skip(1).take_while(|line| line.starts_with('|')).map(row).collect()
}

fn row(line: &str) -> Row {
    let cells: Vec<_> = line.trim_matches('|').split(" | ").map(|cell| cell.trim()).collect();
    let [section, rule, checked_by] = cells[..] else { panic!("not three cells: {line}") };
    Row { section: section.into(), rule: rule.into(), checked_by: checked_by.into() }
}

/// What stands between backquotes and names a test: `file::name`.
fn references(cell: &str) -> Vec<(&str, &str)> {
    let quoted = cell.split('`').skip(1).step_by(2);
    quoted.filter(|text| text.contains(".rs::") || text.contains(".json::")).map(split).collect()
}

fn split(reference: &str) -> (&str, &str) {
    reference.split_once("::").unwrap()
}

fn source(file: &str) -> String {
    let folder = if file.starts_with("src/") { root() } else { root().join("tests") };
    fs::read_to_string(folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn exists(file: &str, name: &str) -> bool {
    if file.ends_with(".json") {
        has_vector(&source(file), name)
    } else {
        has_test(&source(file), name)
    }
}

/// A function right below `#[test]`, or below that and other attributes.
fn has_test(source: &str, name: &str) -> bool {
    let function = format!("fn {name}(");
    let mut is_test = false;
    source.lines().map(str::trim_start).any(|line| {
        let found = is_test && line.starts_with(&function);
        is_test = line == "#[test]" || is_test && line.starts_with("#[");
        found
    })
}

/// A vector of that name, in which `*` stands for any beginning or end.
fn has_vector(json: &str, name: &str) -> bool {
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    let vectors = json.as_array().expect("a list of vectors");
    vectors.iter().filter_map(|vector| vector["name"].as_str()).any(|vector| {
        match (name.strip_prefix('*'), name.strip_suffix('*')) {
            (Some(end), _) => vector.ends_with(end),
            (None, Some(start)) => vector.starts_with(start),
            (None, None) => vector == name,
        }
    })
}

fn reason(cell: &str) -> Option<&str> {
    cell.strip_prefix("Caller: ").or_else(|| cell.strip_prefix("Not here: "))
}

#[test]
fn every_test_that_is_named_exists() {
    let rows: Vec<_> = all().collect();
    let named = rows.iter().flat_map(|row| references(&row.checked_by));
    let missing: Vec<_> = named.filter(|(file, name)| !exists(file, name)).collect();
    assert!(missing.is_empty(), "no such test: {missing:#?}");
}

#[test]
fn every_rule_has_a_test_or_a_reason() {
    for row in all() {
        let name = format!("section {}: {}", row.section, row.rule);
        match reason(&row.checked_by) {
            Some(reason) => assert!(reason.len() > 20, "{name}: a reason"),
            None => assert!(!references(&row.checked_by).is_empty(), "{name}: a test"),
        }
    }
}

#[test]
fn every_section_with_rules_has_rows_in_their_order() {
    let sections = sections(&rows());
    assert!((3..=11).all(|chapter| sections.iter().any(|section| section[0] == chapter)));
    assert!(sections.len() >= 85, "{} rows", sections.len());
    let sections = self::sections(&deflate_rows());
    assert!([5, 6, 7, 8].iter().all(|chapter| sections.iter().any(|s| s[0] == *chapter)));
    assert!(sections.len() >= 27, "{} rows", sections.len());
}

/// The numbers of the rows' sections, in whose order the rows are.
fn sections(rows: &[Row]) -> Vec<Vec<u32>> {
    let number = |row: &Row| -> Vec<u32> {
        row.section.split('.').map(|part| part.parse().expect("a number")).collect()
    };
    let sections: Vec<_> = rows.iter().map(number).collect();
    assert!(sections.is_sorted(), "{sections:?}");
    sections
}

#[test]
fn a_name_that_is_not_there_is_found_missing() {
    assert!(has_test("#[test]\nfn a_rule() {", "a_rule"));
    assert!(has_test("#[test]\n#[cfg(unix)]\nfn a_rule() {", "a_rule"));
    assert!(!has_test("#[test]\nfn a_rule_of_more_words() {", "a_rule"));
    assert!(!has_test("fn a_rule() {", "a_rule"), "a function, and no test");
    let json = r#"[{"name": "a_rule_to_a_server"}]"#;
    assert!(
        ["a_rule_to_a_server", "a_rule_*", "*_to_a_server"].iter().all(|n| has_vector(json, n))
    );
    assert!(["a_rule", "rule_*", "*_to_a"].iter().all(|name| !has_vector(json, name)));
}
