//! Commands sent by so many workers, or at a steady rate.

use std::collections::VecDeque;
use std::fmt;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt as _};

use crate::Failure;
use crate::lives::client::Client;
use crate::lives::lag::Watch;
use crate::lives::life::{Case, Step};
use crate::lives::office::Office;
use crate::machine::{Machine, process_time};

/// Commands of a steady rate that may wait for their answers at one time.
const IN_FLIGHT_MAX: usize = 512;

/// How commands are sent.
pub(crate) enum Pace {
    /// Each worker its next once the last is answered, until there is nothing left.
    Workers(usize),
    /// So many a second for so long, however long the answers take.
    Steady {
        /// Commands a second.
        rate: u32,
        /// For how long.
        seconds: f64,
    },
}

/// Who sends, and what is watched meanwhile.
pub(crate) struct Load<'a> {
    pub(crate) machine: &'a Machine,
    /// The process of the server.
    pub(crate) server: u32,
    pub(crate) client: &'a Client,
    pub(crate) office: &'a Office,
}

/// What came of it.
pub(crate) struct Ran {
    /// From the first command to the last answer.
    pub(crate) seconds: f64,
    took_ms: Vec<f64>,
    lags_ms: Vec<f64>,
    steps: Vec<(&'static str, f64)>,
    server_us: f64,
    postgresql_us: f64,
    client_us: f64,
    idle_percent: f64,
}

impl Load<'_> {
    /// Sends what is there, or as much of it as the pace takes.
    pub(crate) async fn run(&self, supply: &mut VecDeque<(Step, &Case)>, pace: Pace) -> Result<Ran, Failure> {
        let watch = Watch::begin(self.client);
        let (before, server_before, begun) = (self.machine.times()?, self.server_seconds()?, Instant::now());
        let (in_flight, commands) = match pace {
            Pace::Workers(workers) => (workers, supply.len()),
            Pace::Steady { rate, seconds } => (IN_FLIGHT_MAX, (f64::from(rate) * seconds) as usize),
        };
        let part: Vec<(Step, &Case)> = supply.drain(..commands.min(supply.len())).collect();
        let steps: Vec<&'static str> =
            part.iter().map(|(step, case)| step.command(case, self.office).1).collect();
        let failed = Mutex::new(None);
        let due = |number: usize| match pace {
            Pace::Workers(_) => begun,
            Pace::Steady { rate, .. } => begun + Duration::from_secs_f64(number as f64 / f64::from(rate)),
        };
        let failed = &failed;
        let sent = part.into_iter().enumerate().map(|(number, (step, case))| {
            let due = due(number);
            async move {
                tokio::time::sleep_until(due.into()).await;
                let sent = Instant::now();
                match step.send(case, self.client, self.office).await {
                    Ok(position) => Some((position, number, sent, Instant::now())),
                    Err(error) => {
                        failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(error);
                        None
                    }
                }
            }
        });
        let done: Vec<_> = stream::iter(sent).buffer_unordered(in_flight).collect().await;
        let seconds = begun.elapsed().as_secs_f64();
        let (after, server_after) = (self.machine.times()?, self.server_seconds()?);
        if let Some(error) = failed.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take() {
            return Err(error);
        }
        let done: Vec<_> = done.into_iter().flatten().collect();
        let mut took_ms: Vec<f64> =
            done.iter().map(|(_, _, sent, answered)| (*answered - *sent).as_secs_f64() * 1_000.0).collect();
        took_ms.sort_unstable_by(f64::total_cmp);
        let each_step = steps
            .chunk_by(|left, right| left == right)
            .scan(0, |end, step| {
                let begin = *end;
                *end += step.len();
                let of_step = || done.iter().filter(|(_, number, ..)| (begin..*end).contains(number));
                let first = of_step().map(|(_, _, sent, _)| *sent).min()?;
                let last = of_step().map(|(.., answered)| *answered).max()?;
                Some((*step.first()?, step.len() as f64 / (last - first).as_secs_f64()))
            })
            .collect();
        let answered = done.into_iter().map(|(position, _, _, answered)| (position, answered)).collect();
        let lags_ms = watch.lags_ms(self.client, answered).await?;
        let spent = after.since(&before);
        let each = |seconds: f64| seconds * 1e6 / took_ms.len().max(1) as f64;
        Ok(Ran {
            seconds,
            lags_ms,
            steps: each_step,
            server_us: each(server_after - server_before),
            postgresql_us: each(spent.server),
            client_us: each(spent.client),
            idle_percent: spent.idle / (spent.busy + spent.idle) * 100.0,
            took_ms,
        })
    }

    fn server_seconds(&self) -> Result<f64, Failure> {
        Ok(process_time(Path::new(&format!("/proc/{}/stat", self.server)))?.own)
    }
}

impl Ran {
    /// How many commands.
    pub(crate) fn commands(&self) -> usize {
        self.took_ms.len()
    }

    /// Commands a second.
    pub(crate) fn rate(&self) -> f64 {
        self.commands() as f64 / self.seconds
    }

    /// How fast each step was, from its first command to its last answer.
    pub(crate) fn by_step(&self) -> String {
        let each: Vec<String> = self.steps.iter().map(|(step, rate)| format!("{step} {rate:.0}/s")).collect();
        each.join(", ")
    }

    /// The lag that this share of commands had at most.
    pub(crate) fn lag_ms(&self, share: f64) -> f64 {
        of(&self.lags_ms, share)
    }
}

/// A value that this share of them does not exceed.
pub(crate) fn of(sorted: &[f64], share: f64) -> f64 {
    sorted.get((sorted.len() as f64 * share) as usize).or(sorted.last()).copied().unwrap_or(f64::NAN)
}

impl fmt::Display for Ran {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} | {:.0} | {:.1} | {:.1} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0}",
            self.commands(),
            self.rate(),
            of(&self.took_ms, 0.5),
            of(&self.took_ms, 0.99),
            self.lag_ms(0.5),
            self.lag_ms(0.99),
            self.server_us,
            self.postgresql_us,
            self.client_us,
            self.idle_percent,
        )
    }
}
