//! `cargo xtask`: chores of this repository.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool speaks to its user")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use zhicheng_xtask::{Finding, arrows, repository_root, tidy};

/// Chores of this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Checks what the compiler does not: dependencies point down, only one file inserts events, nothing half-done.
    Tidy,
}

fn main() -> ExitCode {
    let Arguments { chore: Chore::Tidy } = Arguments::parse();
    let root = repository_root();
    let found: Result<Vec<Finding>, _> = arrows::check(&root).map(|mut found| {
        found.extend(tidy::check(&root));
        found
    });
    match found {
        Ok(found) if found.is_empty() => {
            println!("tidy");
            ExitCode::SUCCESS
        }
        Ok(found) => {
            found.iter().for_each(|finding| eprintln!("{finding}"));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("cargo metadata: {error}");
            ExitCode::FAILURE
        }
    }
}
