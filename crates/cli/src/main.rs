//! `zhicheng`: the one binary. It serves, rebuilds, replays and checks, and carries histories from one system to another.
#![allow(
    clippy::disallowed_methods,
    reason = "the clock, the environment and fresh randomness enter the system here"
)]

mod broker;
mod check;
mod config;
mod demo;
mod environment;
mod export_story;
mod import_story;
mod rebuild;
mod replay;
mod serve;
mod trouble;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::process::ExitCode;

/// Gives memory back and keeps what many threads free from scattering, which the system's allocator does not.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// 职称申报评审系统: declaration and review of professional titles in Hunan.
#[derive(Debug, Parser)]
#[command(name = "zhicheng", version, about, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    settings: config::Settings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the API. Without settings: on a private PostgreSQL in the data folder.
    Serve(serve::Serve),
    /// A rehearsal with stories played in it, and an account of every role.
    Demo(demo::Demo),
    /// Builds read tables anew while they are being read.
    Rebuild(rebuild::Rebuild),
    /// Folds a declaration's events again and prints its course.
    Replay(replay::Replay),
    /// Proves the promises on this log, and on whatever else of the system is there. Ends with 0 where all is well, with 1 where not.
    Check(check::Check),
    /// Writes the whole log as a history that another system can take in.
    ExportStory(export_story::ExportStory),
    /// Validates a history and takes it into an empty log.
    ImportStory(import_story::ImportStory),
    /// Prints the version.
    Version,
}

fn main() -> ExitCode {
    let matches = environment::overlook_empty(Cli::command()).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    init_log();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error),
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve(serve) => serve.run(cli.settings).await,
            Command::Demo(demo) => demo.run(cli.settings).await,
            Command::Rebuild(rebuild) => rebuild.run(cli.settings).await,
            Command::Replay(replay) => replay.run(cli.settings).await,
            Command::Check(check) => check.run(cli.settings).await,
            Command::ExportStory(export) => export.run(cli.settings).await,
            Command::ImportStory(import) => import.run(cli.settings).await,
            Command::Version => {
                say(&format!("zhicheng {}", env!("CARGO_PKG_VERSION")));
                Ok(())
            }
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&*error),
    }
}

/// What a command may end with; its causes are printed one below the other.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// JSON lines on standard error, without personal data; `ZHICHENG_LOG` filters them.
fn init_log() {
    let given = environment::variable("ZHICHENG_LOG").and_then(|given| given.into_string().ok());
    let filter = given
        .and_then(|given| tracing_subscriber::EnvFilter::try_new(given).ok())
        .unwrap_or_else(|| tracing_subscriber::EnvFilter::new("info,sqlx=warn"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
}

/// Prints a line for the person at the terminal; one who has stopped reading (`| head`) is no reason to end.
fn say(line: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}

#[allow(clippy::print_stderr, reason = "why the command ended")]
fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("zhicheng: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        eprintln!("  原因: {error}");
        cause = error.source();
    }
    ExitCode::FAILURE
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_example_environment_names_every_setting() {
        let example = include_str!("../../../deploy/app.env.example");
        let named: BTreeSet<&str> = example
            .lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once('=').map(|(name, _)| name))
            .collect();
        let command = Cli::command();
        let mut read: BTreeSet<String> = BTreeSet::from(["ZHICHENG_LOG".to_owned()]);
        for part in std::iter::once(&command).chain(command.get_subcommands()) {
            read.extend(
                part.get_arguments()
                    .filter_map(|it| it.get_env())
                    .map(|it| it.to_string_lossy().into_owned()),
            );
        }
        assert_eq!(named, read.iter().map(String::as_str).collect());
    }
}
