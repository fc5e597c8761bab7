//! The log against cqrs-es with postgres-es, and against plain single-row inserts, on one private cluster with fsync on.
//!
//! A command is load, decide, append: a state of 55 fields, 12 events a life, about 1 KB an event with its metadata. The contenders
//! take turns within each round, so that what else the machine does falls on all of them; the table shows medians over the rounds.
//! On a busy machine the ratio and the processor time of a command say more than the rate.

mod case;
pub(crate) mod contender;
pub(crate) mod measure;
mod ours;
mod single;
pub(crate) mod stock;
mod table;

use std::time::Duration;

use zhicheng_cluster::{Cluster, Settings};

use crate::Failure;
use crate::machine::Machine;
use contender::Contender;
use measure::{Measured, measure};
use ours::Ours;
use single::Single;
use stock::{Stock, Views};

/// Measures load, decide, append on the log and on stock cqrs-es.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many workers send commands, each its next once the last is answered.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 32, 128])]
    workers: Vec<usize>,
    /// How often everything is measured; medians are shown.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How long each measurement takes, in seconds.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Which contenders take part.
    #[arg(long, value_delimiter = ',', default_values_t = ["ours".to_owned(), "stock".to_owned(), "single".to_owned()])]
    contenders: Vec<String>,
}

impl Arguments {
    /// Measures and prints.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let folder = tempfile::tempdir()?;
        let cluster = Cluster::start(&folder.path().join("cluster"), Settings::default()).await?;
        let outcome = run(&self, &cluster).await;
        cluster.stop().await;
        outcome
    }
}

async fn run(arguments: &Arguments, cluster: &Cluster) -> Result<(), Failure> {
    let machine = Machine::with_server(cluster.files())?;
    let contenders: Vec<Box<dyn Contender>> = vec![
        Box::new(Ours::open(cluster.database("ours").await?).await?),
        Box::new(Stock::open(cluster.database("stock").await?, Views::None).await?),
        Box::new(Single::open(cluster.database("single").await?).await?),
    ];
    let contenders: Vec<_> = contenders
        .into_iter()
        .filter(|it| arguments.contenders.iter().any(|name| name == it.name()))
        .collect();
    let duration = Duration::from_secs_f64(arguments.seconds);
    let mut measured: Vec<Measured> = Vec::new();
    for _ in 0..arguments.rounds {
        for &workers in &arguments.workers {
            for contender in &contenders {
                measured.push(measure(&**contender, workers, duration, &machine).await?);
            }
        }
    }
    table::print(&arguments.workers, &contenders, &measured)
}
