//! Rates, latencies, and the processor time that went into them.

use std::time::{Duration, Instant};

use crate::Failure;
use crate::log::contender::Contender;
use crate::machine::Machine;

/// How long workers run before they are measured: connections are made, plans and caches filled.
const WARM_UP: Duration = Duration::from_millis(500);

/// One measurement.
pub(crate) struct Measured {
    pub(crate) contender: &'static str,
    pub(crate) workers: usize,
    pub(crate) commands_a_second: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) batch: Option<f64>,
    /// Microseconds of processor time of this process for each command.
    pub(crate) client_us: f64,
    /// Microseconds of processor time of PostgreSQL for each command.
    pub(crate) server_us: f64,
    /// The share of the machine that went to others, in percent.
    pub(crate) foreign_percent: f64,
    /// The share of the machine that was idle, in percent.
    pub(crate) idle_percent: f64,
}

/// Lets so many workers run for so long, after a short warm-up.
pub(crate) async fn measure(
    contender: &dyn Contender,
    workers: usize,
    duration: Duration,
    machine: &Machine,
) -> Result<Measured, Failure> {
    contender.prepare(workers).await?;
    run(contender, workers, WARM_UP).await?;
    contender.batch_size().await?;
    let (before, begun) = (machine.times()?, Instant::now());
    let mut took = run(contender, workers, duration).await?;
    let (after, elapsed) = (machine.times()?, begun.elapsed().as_secs_f64());
    took.sort_unstable();
    let commands = took.len().max(1) as f64;
    let percentile =
        |share: f64| took.get((took.len() as f64 * share) as usize).map_or(0.0, |us| f64::from(*us) / 1000.0);
    let spent = after.since(&before);
    Ok(Measured {
        contender: contender.name(),
        workers,
        commands_a_second: commands / elapsed,
        p50_ms: percentile(0.5),
        p99_ms: percentile(0.99),
        batch: contender.batch_size().await?,
        client_us: spent.client * 1e6 / commands,
        server_us: spent.server * 1e6 / commands,
        foreign_percent: (spent.busy - spent.client - spent.server).max(0.0) / (spent.busy + spent.idle)
            * 100.0,
        idle_percent: spent.idle / (spent.busy + spent.idle) * 100.0,
    })
}

async fn run(contender: &dyn Contender, workers: usize, duration: Duration) -> Result<Vec<u32>, Failure> {
    let until = Instant::now() + duration;
    let workers: Vec<_> = (0..workers).map(|_| tokio::spawn(contender.work(until))).collect();
    let mut took = Vec::new();
    for worker in workers {
        took.append(&mut worker.await??);
    }
    Ok(took)
}
