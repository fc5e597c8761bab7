//! Whole lives over HTTP with every table following: recognitions and initial grants from the draft to the reported certificate,
//! thousands of cases open at once so that nothing is flattered by coalescing; beside it, in the same run and on the same
//! cluster, stock cqrs-es with postgres-es keeping one view in process at 32 workers.
//!
//! Then, on the log that this leaves: pages of a listing of a million rows, and all tables rebuilt.

mod client;
mod lag;
mod life;
mod load;
mod office;
mod pages;
mod server;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use zhicheng_cluster::{Cluster, Settings};

use crate::Failure;
use crate::log::measure::measure;
use crate::log::stock::{Stock, Views};
use crate::machine::{Machine, peak_mib_of};
use client::Client;
use life::{CLOSED_PHASES, PHASES};
use load::{Load, Pace};
use office::Office;
use server::Server;

/// Workers of the closed loop, and of the peer.
const WORKERS: usize = 32;
/// How long the peer is measured at a time.
const PEER: Duration = Duration::from_secs(3);
/// The longest lag in milliseconds that a steady rate may have, for 99 of 100 commands.
const LAG_MAX_MS: f64 = 200.0;

/// Measures whole lives.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many cases are open at once.
    #[arg(long, default_value_t = 10_000)]
    cases: usize,
    /// Rates whose lag is measured, in commands a second.
    #[arg(long, value_delimiter = ',', default_values_t = [500, 1_000, 1_500, 2_000, 3_000])]
    rates: Vec<u32>,
    /// How long each rate is held, in seconds.
    #[arg(long, default_value_t = 8.0)]
    seconds: f64,
    /// Rows of the table whose pages are read.
    #[arg(long, default_value_t = 1_000_000)]
    rows: i64,
    /// The server; without it the one beside this program.
    #[arg(long)]
    binary: Option<PathBuf>,
}

impl Arguments {
    /// Measures and prints.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let folder = server::data_folder()?;
        let cluster = Cluster::start(&folder.path().join("cluster"), Settings::default()).await?;
        let outcome = self.on(&cluster, &folder.path().join("data")).await;
        cluster.stop().await;
        outcome
    }

    async fn on(&self, cluster: &Cluster, data: &Path) -> Result<(), Failure> {
        let machine = Machine::with_server(cluster.files())?;
        let log = cluster.database("log").await?;
        cluster.database("vault").await?;
        let stock = Stock::open(cluster.database("stock").await?, Views::One).await?;
        let binary = match &self.binary {
            Some(binary) => binary.clone(),
            None => std::env::current_exe()?.with_file_name("zhicheng"),
        };
        let server = Server::start(&binary, data, cluster)?;
        let client = Client::new(&server.address)?;
        let office = Office::open(&client).await?;
        let begun = Instant::now();
        let cases = life::registered(&client, self.cases).await?;
        say!(
            "{} applicants registered and signed in, in {:.0} s",
            cases.len(),
            begun.elapsed().as_secs_f64()
        );
        let load = Load { machine: &machine, server: server.pid(), client: &client, office: &office };

        say!(
            "\n| sent by | commands | commands/s | answer p50 ms | p99 ms | lag p50 ms | p99 ms | µs of CPU a command: server | PostgreSQL | client | idle % |"
        );
        say!("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        let mut rates: VecDeque<u32> = self.rates.iter().copied().collect();
        let (mut peer, mut commands, mut seconds) = (Vec::new(), 0, 0.0);
        let (mut steady, mut by_step, mut peaks) = (0.0, Vec::new(), Vec::new());
        for (number, phase) in PHASES.iter().enumerate() {
            office.at(&client, phase.at).await?;
            lag::at_rest(&client).await?;
            let mut supply = phase.supply(&cases);
            peer.push(measure(&stock, WORKERS, PEER, &machine).await?.commands_a_second);
            if number >= CLOSED_PHASES {
                while let Some(&rate) = rates.front()
                    && f64::from(rate) * self.seconds <= supply.len() as f64
                {
                    rates.pop_front();
                    let ran = load.run(&mut supply, Pace::Steady { rate, seconds: self.seconds }).await?;
                    if ran.lag_ms(0.99) < LAG_MAX_MS && ran.rate() > 0.98 * f64::from(rate) {
                        steady = f64::max(steady, ran.rate());
                    }
                    peaks.push(format!("{rate}/s {} MiB", peak_mib_of(server.pid())?));
                    say!("| {rate}/s | {ran} |");
                }
            }
            let ran = load.run(&mut supply, Pace::Workers(WORKERS)).await?;
            commands += ran.commands();
            seconds += ran.seconds;
            by_step.push(ran.by_step());
            say!("| {WORKERS} workers | {ran} |");
        }
        peer.push(measure(&stock, WORKERS, PEER, &machine).await?.commands_a_second);
        peer.sort_by(f64::total_cmp);
        let (ours, peer) = (commands as f64 / seconds, peer.get(peer.len() / 2).copied().unwrap_or(f64::NAN));
        say!(
            "\nby step: {}\nwhole lives over HTTP, {commands} commands: {ours:.0} commands/s; stock with one GenericQuery view, in process: {peer:.0}; ratio {:.2}",
            by_step.join(", "),
            ours / peer
        );
        say!("highest rate of these held with a lag below {LAG_MAX_MS} ms (p99): {steady:.0} commands/s");
        say!(
            "peak memory of the server up to {}, over all lives {} MiB",
            peaks.join(", "),
            peak_mib_of(server.pid())?
        );
        server.rebuild(&client).await?;
        pages::measure(&client, &office, log, self.rows).await?;
        say!("peak memory of the server after all of it: {} MiB", peak_mib_of(server.pid())?);
        server.stop().await
    }
}
