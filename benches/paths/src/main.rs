//! Measures the path that this build was told to take, or tabulates what several builds measured.
//!
//! `benches/paths/run` is the command. It calls:
//!
//! ```text
//! paths measure      prints path, case, size, nanoseconds: some lines for each cell
//! paths table FILE   prints the tables of the figures in that file
//! ```

mod cases;
mod table;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["measure"] => measure(),
        ["table", file] => std::fs::read_to_string(file)
            .map_err(|error| format!("{file}: {error}"))
            .map(|figures| print!("{}", table::tables(&figures))),
        _ => Err("usage: paths measure | table FILE".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns the path that patchcord was told to take by the same flags; an error if the CPU lacks a feature
/// that the path needs, since patchcord would then take another.
fn path() -> Result<&'static str, String> {
    let (path, is_there) = match () {
        () if cfg!(patchcord_path = "sse2") => ("sse2", true),
        () if cfg!(patchcord_path = "avx2") => ("avx2", is_x86_feature_detected!("avx2")),
        () if cfg!(patchcord_path = "avx512") => ("avx512", is_x86_feature_detected!("avx512f")),
        () if cfg!(patchcord_path = "avx512vbmi") => {
            ("avx512vbmi", is_x86_feature_detected!("avx512vbmi"))
        }
        () => return Err("no path was named: see benches/paths/run".into()),
    };
    if is_there { Ok(path) } else { Err(format!("this CPU has no {path}")) }
}

fn measure() -> Result<(), String> {
    let path = path()?;
    for case in cases::CASES {
        for size in cases::SIZES {
            for time in cases::measure(case, size) {
                println!("{path}\t{case}\t{size}\t{time:.3}");
            }
        }
    }
    Ok(())
}
