//! Makes the corpus from the conformance vectors and a voice session, packs, unpacks and replays it.
//!
//! ```text
//! corpus targets               the names of all targets
//! corpus make VOICE FOLDER     makes seeds; VOICE is the built example of that name
//! corpus unpack FOLDER         writes each line of corpus/TARGET.txt as FOLDER/TARGET/HASH
//! corpus pack FOLDER           the reverse, sorted, without those above 1 KiB
//! corpus replay                gives all seeds to their targets, and names the targets that fail
//! corpus speed [TARGET..]      prints how many seeds a target takes per second, without a fuzzer
//! ```

mod deflate;
mod heads;
mod sending;
mod session;

use patchcord::frame::{LengthForm, RawHeader};
use patchcord_fuzz::{TARGETS, escape, seeds, unescape};
use serde_json::Value;
use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The longest seed: a longer one costs more than it finds.
const LONGEST: usize = 1024;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["targets"] => {
            TARGETS.iter().for_each(|(name, _)| println!("{name}"));
            Ok(())
        }
        ["make", voice, folder] => make(voice, Path::new(folder)),
        ["unpack", folder] => unpack(Path::new(folder)),
        ["pack", folder] => pack(Path::new(folder)),
        ["replay"] => replay(),
        ["speed", ref chosen @ ..] => speed(chosen),
        _ => {
            Err("corpus targets | make VOICE FOLDER | unpack FOLDER | pack FOLDER | replay | speed"
                .into())
        }
    }
}

/// Continues after a failing seed, to name every target that has one.
fn replay() -> Result<()> {
    let (mut failed, mut count) = (Vec::new(), 0);
    for (target, property) in TARGETS {
        for seed in seeds(target)? {
            count += 1;
            if std::panic::catch_unwind(|| property(&seed)).is_err() {
                failed.push(*target);
                break;
            }
        }
    }
    println!("{count} seeds");
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(" ")).into()) }
}

/// Takes a second for each target, or for each one named.
fn speed(chosen: &[&str]) -> Result<()> {
    let is_chosen = |name: &str| chosen.is_empty() || chosen.contains(&name);
    for (target, property) in TARGETS.iter().filter(|(name, _)| is_chosen(name)) {
        let seeds = seeds(target)?;
        let (start, mut count) = (Instant::now(), 0);
        while start.elapsed() < Duration::from_secs(1) {
            seeds.iter().for_each(|seed| property(seed));
            count += seeds.len();
        }
        println!("{target:20} {:9.0}", count as f64 / start.elapsed().as_secs_f64());
    }
    Ok(())
}

fn unpack(folder: &Path) -> Result<()> {
    for (target, _) in TARGETS {
        fs::create_dir_all(folder.join(target))?;
        for seed in seeds(target)? {
            save(folder, target, &seed)?;
        }
    }
    Ok(())
}

fn pack(folder: &Path) -> Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    fs::create_dir_all(&corpus)?;
    for (target, _) in TARGETS {
        let mut lines = BTreeSet::new();
        for entry in fs::read_dir(folder.join(target))? {
            let seed = fs::read(entry?.path())?;
            assert_eq!(unescape(&escape(&seed)).as_ref(), Some(&seed));
            if seed.len() <= LONGEST {
                lines.insert(escape(&seed) + "\n");
            }
        }
        fs::write(corpus.join(target).with_extension("txt"), String::from_iter(lines))?;
    }
    Ok(())
}

fn save(folder: &Path, target: &str, seed: &[u8]) -> Result<()> {
    named(folder, target, seed, "")
}

/// Saves a seed whose value coverage does not show: `fuzz/minimise` keeps it.
fn keep(folder: &Path, target: &str, seed: &[u8]) -> Result<()> {
    named(folder, target, seed, "kept-")
}

fn named(folder: &Path, target: &str, seed: &[u8], prefix: &str) -> Result<()> {
    if seed.len() > LONGEST {
        return Ok(());
    }
    // FNV-1a: all the name needs is to be the same for the same bytes.
    let hash = seed.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    fs::create_dir_all(folder.join(target))?;
    Ok(fs::write(folder.join(target).join(format!("{prefix}{hash:016x}")), seed)?)
}

fn make(voice: &str, folder: &Path) -> Result<()> {
    frames(folder)?;
    heads::heads(folder)?;
    deflate::deflate(folder)?;
    sending::sending(folder)?;
    session::session(voice, folder)?;
    noise(folder)
}

/// The conformance vectors of a folder of the crate's tests.
fn vectors(name: &str) -> Result<Vec<Value>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests").join(name);
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    let mut vectors = Vec::new();
    for file in files {
        let list: Vec<Value> = serde_json::from_str(&fs::read_to_string(file)?)?;
        vectors.extend(list);
    }
    Ok(vectors)
}

fn frames(folder: &Path) -> Result<()> {
    for (index, vector) in vectors("frames")?.iter().enumerate() {
        let bytes = hex(&vector["bytes"]);
        let role = u8::from(vector["role"] == "client");
        stream(folder, role | bounds(&vector["limits"]) << 1, index as u8, &bytes)?;
    }
    borders(folder)
}

/// Headers of lengths at the borders of each form, and one off.
fn borders(folder: &Path) -> Result<()> {
    for border in [126, 1 << 16, 1 << 63] {
        for length in border - 1..=border {
            for form in [LengthForm::Seven, LengthForm::Sixteen, LengthForm::SixtyFour] {
                let header = RawHeader { length, form, ..RawHeader::default() };
                save(folder, "header", &header.encode())?;
            }
        }
    }
    Ok(())
}

/// The limits of `decode` that are closest to these.
fn bounds(limits: &Value) -> u8 {
    match limits {
        Value::Null => 0,
        limits if limits.get("fragments").is_some() => 6,
        limits if limits.get("message").is_some() => 5,
        limits if limits.get("frame").is_some() => 4,
        _ => 2,
    }
}

/// Saves a stream, and what is in it, for each target it concerns.
fn stream(folder: &Path, choice: u8, seed: u8, bytes: &[u8]) -> Result<()> {
    let with = |prefix: &[u8]| [prefix, bytes].concat();
    for target in ["decode", "frames", "messages"] {
        save(folder, target, &with(&[choice, seed]))?;
    }
    let mut rest = bytes;
    while let Some((header, size)) = RawHeader::parse(rest) {
        save(folder, "header", &rest[..rest.len().min(15)])?;
        let behind = &rest[size..];
        let length = usize::try_from(header.length).unwrap_or(usize::MAX).min(behind.len());
        let mut payload = behind[..length].to_vec();
        if let Some(key) = header.masking_key {
            key.apply(&mut payload);
        }
        of_frame(folder, &header, seed, &payload)?;
        rest = &behind[length..];
    }
    Ok(())
}

fn of_frame(folder: &Path, header: &RawHeader, seed: u8, payload: &[u8]) -> Result<()> {
    let key = header.masking_key.map_or([1, 2, 4, 8], |key| key.to_bytes());
    save(folder, "mask", &[&key[..], &[seed], payload].concat())?;
    match header.opcode {
        0x8 => save(folder, "close", payload)?,
        0x0 | 0x1 => save(folder, "utf8", &[&[seed], payload].concat())?,
        _ => {}
    }
    // Said by one end, written and read in pieces, and the same from the other end.
    let Ok(length) = u8::try_from(payload.len()) else { return Ok(()) };
    let compressed = seed & 0x10;
    let say = |end: u8| match header.opcode {
        0x8 => vec![end | 0x07],
        0x9 | 0xa => [&[end | 0x05, length], payload].concat(),
        0x0 => [&[end | compressed | 0x23, length], payload].concat(),
        opcode => {
            let fragment = if header.fin { 0x00 } else { 0x03 };
            let kind = if opcode == 0x1 { 0x00 } else { 0x40 };
            [&[end | compressed | kind | fragment, length], payload].concat()
        }
    };
    let move_some = [0x08, 9, 0x8b, 7, 0x88, 9, 0x0b, 7, 0x0f, 11];
    let script = [&[seed, seed.rotate_left(3)][..], &say(0), &move_some, &say(0x80), &move_some];
    save(folder, "connection", &script.concat())
}

/// Bytes of the frames' vectors: hexadecimal, with long runs abbreviated.
fn hex(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) => {
            let digits = text.split_whitespace();
            digits.map(|byte| u8::from_str_radix(byte, 16).expect("two digits")).collect()
        }
        Value::Array(parts) => parts.iter().flat_map(hex).collect(),
        part => hex(&part["of"]).repeat(part["repeat"].as_u64().unwrap_or(0) as usize),
    }
}

/// Random bytes, for the targets that build their own inputs from them.
fn noise(folder: &Path) -> Result<()> {
    let mut state = 6455_u64;
    let mut byte = || {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        (state >> 56) as u8
    };
    for length in (0..600).step_by(2) {
        for target in ["generated", "generated_heads", "connection", "header"] {
            let bytes: Vec<u8> = (0..length).map(|_| byte()).collect();
            save(folder, target, &bytes)?;
        }
    }
    Ok(())
}
