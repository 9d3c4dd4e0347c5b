//! Judges implementations of WebSocket from outside: see README.md.

mod case;
mod cases;
mod conversation;
mod drive;
mod log;
mod options;
mod report;
mod vectors;
mod wire;

use case::{Case, Outcome, Role};
use options::{Options, USAGE};
use report::{Count, Expected, Judged, Report};
use std::collections::HashMap;
use std::process::ExitCode;
use std::time::Instant;
use std::{env, error, fs};

type Result<T> = std::result::Result<T, Box<dyn error::Error>>;

fn main() -> ExitCode {
    let words = env::args().skip(1);
    match Options::parse(words).map_err(Into::into).and_then(|options| run(&options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            eprintln!("conformance: {error}; see --help");
            ExitCode::from(2)
        }
    }
}

/// Runs the command, and returns whether all is as it should be.
fn run(options: &Options) -> Result<bool> {
    match &*options.command {
        "server" => server(options),
        "client" => client(options),
        "vectors" => conclude(&vectors::judge(options)?, options),
        "report" => report(options),
        "list" => list(options),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(true)
        }
        other => Err(format!("unknown command {other:?}").into()),
    }
}

fn cases(role: Role, options: &Options) -> Vec<Case> {
    let mut cases = cases::all(role);
    cases.retain(|case| options.wants(&case.id));
    cases
}

fn server(options: &Options) -> Result<bool> {
    let target = options.target()?;
    drive::reachable(&target).map_err(|error| format!("{}: {error}", target.address))?;
    let cases = cases(Role::Server, options);
    let start = Instant::now();
    let outcomes = drive::judge_server(&cases, &target, options.jobs, options.patience);
    let name = options.name.clone().unwrap_or(target.address);
    conclude(&[put_together(name, Role::Server, start, &cases, outcomes)], options)
}

fn client(options: &Options) -> Result<bool> {
    let cases = cases(Role::Client, options);
    let start = Instant::now();
    let agents = drive::judge_client(&cases, &options.listen, options.patience)?;
    let name = |agent| options.name.clone().unwrap_or(agent);
    let report =
        |(agent, outcomes)| put_together(name(agent), Role::Client, start, &cases, outcomes);
    conclude(&agents.into_iter().map(report).collect::<Vec<_>>(), options)
}

fn put_together(
    implementation: String,
    role: Role,
    start: Instant,
    cases: &[Case],
    outcomes: Vec<Outcome>,
) -> Report {
    let by_id: HashMap<&str, &Case> = cases.iter().map(|case| (&*case.id, case)).collect();
    let judged = |outcome: Outcome| {
        let case = by_id[&*outcome.id];
        Judged {
            why: case.why.into(),
            what: case.what.clone(),
            autobahn: case.autobahn.clone(),
            outcome,
        }
    };
    let cases = outcomes.into_iter().map(judged).collect();
    Report { implementation, role, seconds: start.elapsed().as_secs_f64(), cases }
}

/// Writes the requested reports, and returns whether nothing failed.
fn conclude(reports: &[Report], options: &Options) -> Result<bool> {
    let Some(first) = reports.first() else {
        return Err("no case was run".into());
    };
    if let Some(path) = &options.junit {
        fs::write(path, report::junit(first))?;
    }
    if let Some(path) = &options.json {
        fs::write(path, format!("{:#}\n", report::to_json(first)))?;
    }
    pages(reports, options)?;
    let mut is_fine = true;
    for report in reports {
        print!("{}", report::summary(report));
        is_fine &= match &options.expect {
            Some(path) => {
                let differences = Expected::read(path)?.differences(report);
                differences.iter().for_each(|line| println!("{line}"));
                differences.is_empty()
            }
            None => Count::of(report).failed() == 0,
        };
    }
    Ok(is_fine)
}

fn pages(reports: &[Report], options: &Options) -> Result<()> {
    if let Some(path) = &options.html {
        fs::write(path, report::html(reports))?;
    }
    if let Some(path) = &options.markdown {
        fs::write(path, report::markdown(reports))?;
    }
    Ok(())
}

fn report(options: &Options) -> Result<bool> {
    let read = |path: &String| -> Result<Report> {
        let value = serde_json::from_str(&fs::read_to_string(path)?)?;
        report::from_json(&value).ok_or_else(|| format!("{path} is not a report").into())
    };
    let reports = options.arguments.iter().map(read).collect::<Result<Vec<_>>>()?;
    pages(&reports, options)?;
    Ok(true)
}

fn list(options: &Options) -> Result<bool> {
    let all = [Role::Server, Role::Client].map(|role| cases(role, options));
    match options.arguments.first().map(|word| &**word) {
        Some("server") => all[0].iter().for_each(line),
        Some("client") => all[1].iter().for_each(line),
        Some("autobahn") => {
            for case in &all[0] {
                case.autobahn.iter().for_each(|number| println!("{number} {}", case.id));
            }
        }
        _ => return Err("list needs server, client or autobahn".into()),
    }
    Ok(true)
}

fn line(case: &Case) {
    println!(
        "{}\t{}\t{}\t{}\t{}",
        case.level,
        case.id,
        case.autobahn.join(" "),
        case.what,
        case.why
    );
}
