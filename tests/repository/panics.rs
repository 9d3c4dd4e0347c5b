//! `PANICS.md` names every function of the crate in which something could panic.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What only panics: the reason has to name it.
const BLUNT: [&str; 6] = ["unwrap", "expect", "panic!", "unreachable!", "todo!", "unimplemented!"];

/// What panics unless its arguments are right; indexing is looked for apart.
const WORDS: [&str; 8] = [
    ".split_at(",
    ".split_at_mut(",
    ".split_to(",
    ".split_off(",
    ".drain(",
    "copy_from_slice(",
    "copy_within(",
    "from_static(",
];

/// A file and a function in it, or a static.
type Place = (String, String);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The Rust files below a folder but those of tests: path from the root of the crate, and text.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut sources = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources.extend(self::sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && !path.ends_with("tests.rs")
        {
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
            sources.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
    sources
}

/// A line without its comment and without what its strings say; nothing of an attribute, which may
/// expect what a lint says.
fn code(line: &str) -> String {
    let mut code = String::new();
    if line.trim_start().starts_with("#[") {
        return code;
    }
    let mut characters = line.chars().peekable();
    let mut inside = false;
    while let Some(c) = characters.next() {
        match c {
            '\\' if inside => drop(characters.next()),
            '"' if !code.ends_with('\'') => inside = !inside,
            '/' if !inside && characters.peek() == Some(&'/') => break,
            _ if !inside => code.push(c),
            _ => {}
        }
    }
    code
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// `name[`, `)[` and `][`, but neither `&[`, `vec![` nor `#[`.
fn indexes(code: &str) -> bool {
    let before = code.match_indices('[').filter_map(|(at, _)| code[..at].chars().next_back());
    before.into_iter().any(|c| is_word(c) || c == ')' || c == ']')
}

/// The words of [`BLUNT`] in a line: not `unwrap_or`, `is_some_and` or `expected`.
fn blunt(code: &str) -> impl Iterator<Item = &'static str> {
    let is_there = |word: &&str| {
        code.match_indices(word).any(|(at, _)| {
            let after = &code[at + word.len()..];
            !code[..at].ends_with(is_word)
                && (word.ends_with('!') || ["(", "_err("].iter().any(|end| after.starts_with(end)))
        })
    };
    BLUNT.into_iter().filter(is_there).collect::<Vec<_>>().into_iter()
}

fn needs_care(code: &str) -> bool {
    indexes(code) || WORDS.iter().any(|word| code.contains(word))
}

/// What a line begins to define.
fn defined(code: &str) -> Option<&str> {
    let mut after = ["fn ", "static "].iter().filter_map(|word| {
        let (before, after) = code.split_once(word)?;
        (!before.ends_with(is_word)).then_some(after)
    });
    let after = after.next()?;
    let name = after.split(|c| !is_word(c)).next()?;
    (!name.is_empty()).then_some(name)
}

/// The lines of a source that are not only there for tests.
fn shipped(source: &str) -> Vec<String> {
    let mut end: Option<String> = None;
    let mut lines = Vec::new();
    for line in source.lines() {
        match &end {
            Some(last) if line == last => end = None,
            Some(_) => {}
            None if line.trim_start().starts_with("#[cfg(test)]")
                || line.trim_start().starts_with("#[cfg(all(test") =>
            {
                let indent = line.len() - line.trim_start().len();
                end = Some(" ".repeat(indent) + "}");
            }
            None => lines.push(code(line)),
        }
    }
    lines
}

/// The functions in which something could panic, with what only panics in them.
fn sites(source: &str) -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut function = String::new();
    let mut sites: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for line in shipped(source) {
        if let Some(name) = defined(&line) {
            name.clone_into(&mut function);
        }
        let mut blunt = blunt(&line).peekable();
        if blunt.peek().is_some() || needs_care(&line) {
            sites.entry(function.clone()).or_default().extend(blunt);
        }
    }
    sites
}

/// The places of `PANICS.md`, with the reasons: a heading with a file, and items that begin with
/// functions.
fn named(text: &str) -> BTreeMap<Place, String> {
    let mut places: BTreeMap<Place, String> = BTreeMap::new();
    let mut file = "";
    for block in text.split("\n- ").flat_map(|item| item.split("\n#")) {
        if let Some(heading) = block.strip_prefix("## `") {
            file = heading.split('`').next().unwrap_or_default();
        }
        let Some((names, reason)) = block.split_once(':') else { continue };
        for name in names.split(", ").filter(|_| block.starts_with('`')) {
            let place = (file.to_owned(), name.trim_matches('`').to_owned());
            places.entry(place).or_default().push_str(reason);
        }
    }
    places
}

fn panics_md() -> BTreeMap<Place, String> {
    named(&fs::read_to_string(root().join("PANICS.md")).unwrap())
}

#[test]
fn every_function_in_which_something_could_panic_is_named_with_a_reason() {
    let named = panics_md();
    for (file, source) in sources(&root().join("src")) {
        for (function, blunt) in sites(&source) {
            let reason = named.get(&(file.clone(), function.clone()));
            let reason = reason.unwrap_or_else(|| panic!("not in PANICS.md: {function} of {file}"));
            for word in blunt {
                assert!(reason.contains(word), "PANICS.md: {function} of {file} has {word}");
            }
        }
    }
}

#[test]
fn every_function_that_is_named_is_there() {
    let named = panics_md();
    assert!(named.len() > 30, "{} places", named.len());
    let sources = sources(&root().join("src"));
    for (file, function) in named.keys() {
        let source = sources.iter().find(|(name, _)| name == file);
        let lines = source.map(|(_, source)| shipped(source)).unwrap_or_default();
        let is_there = lines.iter().any(|line| defined(line) == Some(function));
        assert!(is_there, "{file} has no {function}");
    }
}

#[test]
fn what_could_panic_is_found_and_tests_and_comments_are_not_looked_at() {
    let source = "
/// `x.unwrap()` in a comment, and a[0] too
fn quiet(a: &[u8]) -> Vec<u8> { vec![a.len() as u8, b'[', \"a[0]\".len() as u8] }
fn index(a: &[u8]) -> u8 {
    a[0]
}
fn late(a: Option<u8>) -> u8 {
    let text = \"unwrap\"; // expect(
    a.unwrap()
}
fn soft(expected: Option<u8>) -> u8 { expected.unwrap_or_default() }
#[cfg(test)]
fn naive(a: &[u8]) -> u8 {
    a[1]
}
static SEED: u8 = seed().expect(\"a seed\");
#[cfg(test)]
mod tests {
    fn test() {
        panic!();
    }
}
";
    let found = sites(source);
    let found: Vec<_> = found.iter().map(|(name, words)| (name.as_str(), words.first())).collect();
    assert_eq!(found, [("SEED", Some(&"expect")), ("index", None), ("late", Some(&"unwrap"))]);
}
