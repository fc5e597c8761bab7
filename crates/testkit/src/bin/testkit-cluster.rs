//! Holds the cluster of a test run: cargo-nextest's setup script.
//!
//! Without arguments it starts itself once more in the background, waits until that has PostgreSQL running, tells
//! cargo-nextest the address for all tests, and ends. The one in the background ends with the run.
#![allow(
    clippy::disallowed_methods,
    reason = "cargo-nextest talks to its setup scripts through the environment"
)]

use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::{CommandExt, parent_id};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use zhicheng_testkit::run;

/// Between two looks whether the run is still on.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Between two sweeps of databases whose tests have ended.
const SWEEP_EVERY: Duration = Duration::from_secs(20);
/// The first argument of the process in the background; the second is the run's process id.
const HOLD: &str = "hold";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => start(),
        (Some(HOLD), Some(run)) => hold(run.parse()?),
        _ => Err("usage: testkit-cluster (run by cargo-nextest)".into()),
    }
}

fn start() -> Result<(), Box<dyn Error>> {
    let environment =
        std::env::var_os("NEXTEST_ENV").ok_or("NEXTEST_ENV is not set: cargo-nextest runs this")?;
    let log = std::env::temp_dir().join(format!("zhicheng-testkit-{}.log", std::process::id()));
    let mut holder = Command::new(std::env::current_exe()?)
        .arg(HOLD)
        .arg(run_process().to_string())
        // Neither the script's process group nor its output, or cargo-nextest would take it for a leak.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(&log)?)
        .spawn()?;
    let mut address = String::new();
    let output = holder.stdout.take().ok_or("the output is a pipe")?;
    BufReader::new(output).read_line(&mut address)?;
    let said = fs::read_to_string(&log)?;
    fs::remove_file(&log)?;
    if address.trim().is_empty() {
        return Err(format!("the tests' PostgreSQL does not start ({}): {said}", holder.wait()?).into());
    }
    let mut environment = OpenOptions::new().append(true).open(environment)?;
    writeln!(environment, "{}={}", run::ADDRESS, address.trim())?;
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn hold(run: u32) -> Result<(), Box<dyn Error>> {
    let born = start_time(run);
    let cluster = run::start().await;
    let address = cluster.address();
    writeln!(std::io::stdout(), "{address}")?;
    let mut swept = Instant::now();
    // The start time tells the run from a later process with the same number.
    while born.is_some() && start_time(run) == born {
        tokio::time::sleep(LOOK_EVERY).await;
        if swept.elapsed() > SWEEP_EVERY {
            run::sweep(&address).await;
            swept = Instant::now();
        }
    }
    drop(cluster);
    Ok(())
}

/// The process id of the run: the nearest ancestor that is cargo-nextest, whatever shells stand between.
fn run_process() -> u32 {
    let mut process = parent_id();
    while process > 1 {
        let Some(stat) = stat(process) else { break };
        if stat.name.starts_with("cargo-nextest") {
            return process;
        }
        process = stat.parent;
    }
    parent_id()
}

/// When a process started, in the kernel's ticks since boot; none once it has ended.
fn start_time(process: u32) -> Option<u64> {
    stat(process).map(|stat| stat.start_time)
}

struct Stat {
    name: String,
    parent: u32,
    start_time: u64,
}

fn stat(process: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name is in parentheses and may hold any character: the fields after it begin behind the last one.
    let (before, after) = text.rsplit_once(')')?;
    let name = before.split_once('(')?.1.to_owned();
    let fields: Vec<&str> = after.split_whitespace().collect();
    let zombie = fields.first() == Some(&"Z");
    let stat = Stat { name, parent: fields.get(1)?.parse().ok()?, start_time: fields.get(19)?.parse().ok()? };
    (!zombie).then_some(stat)
}
