//! Measures how fast and how large everything is, each against a named peer in the same run where there is one.
//!
//! `cargo run --release --locked -p zhicheng-bench -- log`, and after `cargo build --release --locked -p zhicheng`
//! `cargo run --release --locked -p zhicheng-bench -- lives`

#![expect(clippy::disallowed_methods, reason = "commands are made up here, with the times and ids of now")]

/// Tells whoever runs it.
macro_rules! say {
    ($($told:tt)*) => {{
        use std::io::Write as _;
        writeln!(std::io::stdout(), $($told)*)?;
    }};
}

mod lives;
mod log;
mod machine;

use clap::Parser;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Measures.
#[derive(Parser)]
enum Bench {
    /// Load, decide, append on the log, against stock cqrs-es.
    Log(log::Arguments),
    /// Whole lives over HTTP with all tables following, rebuilding them, and deep pages.
    Lives(lives::Arguments),
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    match Bench::parse() {
        Bench::Log(arguments) => arguments.run().await,
        Bench::Lives(arguments) => arguments.run().await,
    }
}
