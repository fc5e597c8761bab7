//! `cargo xtask`: chores of this repository.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool speaks to its user")]

use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use zhicheng_xtask::{Finding, arrows, repository_root, schemas, tidy};

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
    /// Writes `schemas/` from the code.
    Schemas {
        /// Note the events that are new as released: from then on they may only gain optional fields.
        #[arg(long)]
        release: bool,
    },
}

fn main() -> ExitCode {
    let Arguments { chore } = Arguments::parse();
    let root = repository_root();
    match chore {
        Chore::Tidy => tidied(&root),
        Chore::Schemas { release } => written(&root, release),
    }
}

fn written(root: &Path, release: bool) -> ExitCode {
    let broken = if release { schemas::released::release(root) } else { Ok(Vec::new()) };
    let changed = broken.and_then(|broken| match broken.as_slice() {
        [] => schemas::write(root),
        [..] => Err(std::io::Error::other(broken.join("\n"))),
    });
    match changed {
        Ok(changed) => {
            changed.iter().for_each(|path| println!("schemas/{path}"));
            println!("{} changed", changed.len());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn tidied(root: &Path) -> ExitCode {
    let found: Result<Vec<Finding>, _> = arrows::check(root).map(|mut found| {
        found.extend(tidy::check(root));
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
