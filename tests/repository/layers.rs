//! The layers: which module may name which, and where memory safety is vouched for.

use std::fs;
use std::path::{Path, PathBuf};

/// Each layer with the layers that it may name besides itself.
const ARROWS: [(&str, &[&str]); 12] = [
    ("entropy", &[]),
    ("deflate", &[]),
    ("mask", &["entropy"]),
    ("payload", &["mask"]),
    ("frame", &["mask", "payload"]),
    ("codec", &["deflate", "entropy", "mask", "payload", "frame"]),
    ("connection", &["deflate", "entropy", "payload", "frame", "codec"]),
    ("handshake", &["entropy", "deflate"]),
    ("driver", &["entropy", "codec", "connection", "handshake"]),
    // The only one that reads and writes.
    ("blocking", &["entropy", "payload", "frame", "codec", "connection", "handshake", "driver"]),
    ("arbitrary", &["mask", "payload", "frame", "codec"]),
    // Pages alone: it names every layer, and all in comments.
    ("guide", &[]),
];

/// The same inside `handshake`, whose files and folders are in the order of the arrows: grammar, heads,
/// what is in their fields, both sides, carriers.
const HANDSHAKE: [(&str, &[&str]); 18] = [
    ("steps", &[]),
    ("secret", &[]),
    ("limits", &[]),
    ("grammar", &["steps"]),
    ("accept", &["grammar"]),
    ("head", &["grammar", "limits", "steps"]),
    ("field", &["grammar", "limits", "secret"]),
    ("authority", &["grammar"]),
    ("admission", &["authority", "grammar", "head", "limits"]),
    ("url", &["authority", "grammar", "secret"]),
    ("extension", &["grammar", "head", "steps"]),
    ("credential", &["grammar", "secret"]),
    ("subprotocol", &["credential", "grammar", "head", "secret", "steps"]),
    ("known_fields", &["admission", "extension", "grammar", "head", "limits", "subprotocol"]),
    ("client", CLIENT),
    ("server", SERVER),
    ("carriers", CARRIERS),
    ("gateway", &["client", "grammar", "head", "field", "secret", "server", "subprotocol", "url"]),
];

const CLIENT: &[&str] = &[
    "accept",
    "extension",
    "grammar",
    "head",
    "field",
    "limits",
    "secret",
    "known_fields",
    "steps",
    "subprotocol",
    "url",
];

const SERVER: &[&str] = &[
    "accept",
    "admission",
    "authority",
    "limits",
    "credential",
    "extension",
    "head",
    "field",
    "secret",
    "known_fields",
    "subprotocol",
];

/// They name both sides, and no side names the other.
const CARRIERS: &[&str] = &[
    "accept",
    "client",
    "grammar",
    "head",
    "field",
    "admission",
    "limits",
    "secret",
    "known_fields",
    "server",
    "steps",
    "url",
];

/// Names every layer.
const ROOT: &str = "lib";

/// The first makes a `str` of what it holds, and saw whole as it came; the next vouch for vectors, and
/// for memory that masking filled; the tests call what is private to them; the last makes a `str` of
/// what was checked.
const UNSAFE: [&str; 6] = [
    "src/codec/buffer/held.rs",
    "src/mask/dispatch.rs",
    "src/mask/dispatch/append.rs",
    "src/mask/dispatch/avx2.rs",
    "src/mask/dispatch/tests.rs",
    "src/payload/text.rs",
];

/// The source without comments.
fn code(source: &str) -> String {
    source
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// What follows each `start`; `{` for a list, which hides what it names.
fn named(source: &str, start: &str) -> Vec<String> {
    let code = code(source);
    let after = code.split(start).skip(1);
    after
        .map(|rest| match rest.find(|c: char| !c.is_alphanumeric() && c != '_') {
            Some(0) => rest[..1].to_owned(),
            Some(end) => rest[..end].to_owned(),
            None => rest.to_owned(),
        })
        .collect()
}

type Table = [(&'static str, &'static [&'static str])];

/// The arrows from `layer` that no table allows.
fn forbidden(layer: &str, source: &str) -> Vec<String> {
    drawn(&ARROWS, "crate::", layer, source)
}

/// The same from a part of the handshake to another.
fn forbidden_inside(part: &str, source: &str) -> Vec<String> {
    drawn(&HANDSHAKE, "crate::handshake::", part, source)
}

/// The arrows from `layer` that the table does not allow, by paths that begin with `root`.
fn drawn(table: &Table, root: &str, layer: &str, source: &str) -> Vec<String> {
    let Some((_, allowed)) = table.iter().find(|(name, _)| *name == layer) else {
        return vec![format!("{layer} is no layer")];
    };
    // `super` can lead out of a layer too, and then a layer's name follows.
    let is_layer = |name: &String| table.iter().any(|(layer, _)| layer == name);
    let above = named(source, "super::").into_iter().filter(is_layer);
    named(source, root)
        .into_iter()
        .chain(above)
        .filter(|name| name != layer && !allowed.contains(&name.as_str()))
        .map(|name| format!("{layer} -> {name}"))
        .collect()
}

fn says_unsafe(source: &str) -> bool {
    code(source).split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every source file: its path from the root of the crate, and its text.
fn sources() -> Vec<(String, String)> {
    let mut folders = vec![root().join("src")];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                sources.push((relative(&path), text));
            }
        }
    }
    sources
}

fn relative(path: &Path) -> String {
    let parts = path.strip_prefix(root()).unwrap().iter();
    parts.map(|part| part.to_str().unwrap()).collect::<Vec<_>>().join("/")
}

/// `src/frame/header.rs` and `src/frame.rs` are of the layer `frame`.
fn layer(path: &str) -> String {
    let below: PathBuf = Path::new(path).components().skip(1).take(1).collect();
    below.with_extension("").to_str().unwrap().to_owned()
}

/// `src/handshake/server/mod.rs` and `src/handshake/server.rs` are of the part `server`; the layer's
/// own file is of none.
fn part(path: &str) -> Option<String> {
    let below: PathBuf =
        Path::new(path).strip_prefix("src/handshake").ok()?.iter().take(1).collect();
    Some(below.with_extension("").to_str().unwrap().to_owned()).filter(|part| part != "mod")
}

/// The source without the tests at its end, which may name what lies above.
fn without_tests(source: &str) -> &str {
    source.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default()
}

#[test]
fn a_part_of_the_handshake_names_only_the_parts_below_it() {
    let (mut found, mut parts) = (Vec::new(), Vec::new());
    for (path, source) in sources() {
        if let Some(part) = part(&path).filter(|_| !path.ends_with("tests.rs")) {
            let arrows = forbidden_inside(&part, without_tests(&source));
            found.extend(arrows.into_iter().map(|arrow| format!("{path}: {arrow}")));
            parts.push(part);
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    let is_there = |name: &&str| parts.iter().any(|part| part == name);
    assert!(HANDSHAKE.iter().map(|(name, _)| name).all(is_there), "{parts:?}");
}

/// Only this file knows what an error of the server's side is answered.
#[test]
fn what_an_error_is_answered_stands_in_one_file() {
    for (path, source) in sources() {
        let maps = code(&source)
            .lines()
            .any(|line| line.contains(" for Refusal {") && line.starts_with("impl From<"));
        assert_eq!(maps, path == "src/handshake/server/refusal.rs", "{path}");
    }
}

#[test]
fn a_layer_names_only_the_layers_below_it() {
    let mut found = Vec::new();
    for (path, source) in sources() {
        if layer(&path) != ROOT {
            let arrows = forbidden(&layer(&path), &source);
            found.extend(arrows.into_iter().map(|arrow| format!("{path}: {arrow}")));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_layer_that_is_there_was_looked_at() {
    let paths: Vec<String> = sources().into_iter().map(|(path, _)| path).collect();
    for name in ARROWS.iter().map(|(name, _)| *name).chain([ROOT]) {
        assert!(paths.iter().any(|path| layer(path) == name), "{name}");
    }
    assert!(paths.iter().any(|path| path == "src/codec/decoder.rs"));
}

#[test]
fn the_table_of_arrows_has_no_circle() {
    for table in [&ARROWS[..], &HANDSHAKE] {
        for (i, (name, below)) in table.iter().enumerate() {
            let earlier = &table[..i];
            assert!(below.iter().all(|b| earlier.iter().any(|(e, _)| e == b)), "{name}");
        }
    }
}

#[test]
fn unsafe_stands_in_three_modules_alone() {
    let mut found: Vec<String> =
        sources().into_iter().filter(|(_, text)| says_unsafe(text)).map(|(path, _)| path).collect();
    found.sort();
    assert_eq!(found, UNSAFE);
}

#[test]
fn an_arrow_that_points_up_is_found() {
    assert_eq!(forbidden("frame", "use crate::codec::Decoder;"), ["frame -> codec"]);
    assert_eq!(forbidden("mask", "fn f() { crate::frame::g() }"), ["mask -> frame"]);
    assert_eq!(forbidden("handshake", "use crate::mask;"), ["handshake -> mask"]);
    assert_eq!(forbidden("frame", "use crate::{codec, mask};"), ["frame -> {"]);
    assert_eq!(forbidden("mask", "use crate::Decoder;"), ["mask -> Decoder"]);
    assert_eq!(forbidden("frame", "use super::super::codec::X;"), ["frame -> codec"]);
    assert_eq!(forbidden("mask", "use super::frame;"), ["mask -> frame"]);
    assert_eq!(forbidden("utils", "use crate::mask;"), ["utils is no layer"]);
    let both = "use crate::entropy::Entropy;\npub(crate) use crate::codec;";
    assert_eq!(forbidden("mask", both), ["mask -> codec"]);
}

#[test]
fn an_arrow_that_points_up_inside_the_handshake_is_found() {
    let offers = "use crate::handshake::server::{Refusal, RequestError};";
    assert_eq!(forbidden_inside("subprotocol", offers), ["subprotocol -> server"]);
    let client = "use crate::handshake::server::Response;";
    assert_eq!(forbidden_inside("client", client), ["client -> server"]);
    assert_eq!(forbidden_inside("head", "use crate::handshake::{Url, head};"), ["head -> {"]);
    assert_eq!(forbidden_inside("secret", "use super::head::X;"), ["secret -> head"]);
    assert_eq!(forbidden_inside("utils", "use super::head::X;"), ["utils is no layer"]);
    assert!(
        forbidden_inside("server", "use crate::handshake::known_fields::KnownFields;").is_empty()
    );
    assert_eq!(part("src/handshake/server/error.rs").as_deref(), Some("server"));
    assert_eq!(part("src/handshake/url.rs").as_deref(), Some("url"));
    assert_eq!((part("src/handshake/mod.rs"), part("src/codec/mod.rs")), (None, None));
}

#[test]
fn an_arrow_that_points_down_or_stands_in_a_comment_is_not_found() {
    let source = "//! See crate::codec.\nuse crate::mask::{self, MaskingKey};\nuse super::x;";
    assert!(forbidden("frame", source).is_empty());
    assert!(forbidden("frame", "use crate::frame::Header;").is_empty());
    assert!(forbidden("frame", "pub(crate) fn f() {}").is_empty());
}

#[test]
fn the_word_unsafe_is_found_outside_comments() {
    assert!(says_unsafe("let x = unsafe { y };"));
    assert!(says_unsafe("unsafe fn f() {}"));
    assert!(!says_unsafe("// unsafe\n#![forbid(unsafe_code)] // unsafe"));
}

#[test]
fn a_path_tells_its_layer() {
    assert_eq!(layer("src/frame/header.rs"), "frame");
    assert_eq!(layer("src/entropy.rs"), "entropy");
    assert_eq!(layer("src/lib.rs"), ROOT);
}
