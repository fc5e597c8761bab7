//! How far the tables are behind: the position that every table has reached, asked for again and again while commands are sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::Failure;
use crate::lives::client::Client;

/// From one question to the next: what is measured is no finer than that and the time of an answer, and asking more often would
/// take from what is measured.
const EVERY: Duration = Duration::from_millis(20);
/// How long nothing may happen for the log to be at rest.
const REST: Duration = Duration::from_secs(2);
/// How long tables may take to come up to the last command of a run.
const CATCH_UP_MAX: Duration = Duration::from_secs(300);

/// Watches until it is told to stop.
pub(crate) struct Watch {
    watching: JoinHandle<Result<Vec<(Instant, i64)>, Failure>>,
    done: Arc<AtomicBool>,
}

impl Watch {
    /// Begins to watch.
    pub(crate) fn begin(client: &Client) -> Self {
        let (client, done) = (client.clone(), Arc::new(AtomicBool::new(false)));
        let stop = Arc::clone(&done);
        let watching = tokio::spawn(async move {
            let mut seen = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let reached = reached_by_all(&client).await?;
                seen.push((Instant::now(), reached));
                tokio::time::sleep(EVERY).await;
            }
            Ok(seen)
        });
        Self { watching, done }
    }

    /// The lag of commands, given where their last events stand and when they were answered, in milliseconds and in order.
    /// Waits until all tables have come so far.
    pub(crate) async fn lags_ms(
        self,
        client: &Client,
        mut answered: Vec<(i64, Instant)>,
    ) -> Result<Vec<f64>, Failure> {
        answered.sort_unstable();
        let last = answered.last().map_or(0, |(position, _)| *position);
        let begun = Instant::now();
        while reached_by_all(client).await? < last {
            if begun.elapsed() > CATCH_UP_MAX {
                return Err(format!("the tables do not come up to position {last}").into());
            }
            tokio::time::sleep(EVERY).await;
        }
        tokio::time::sleep(EVERY * 2).await;
        self.done.store(true, Ordering::Relaxed);
        let seen = self.watching.await??;
        let mut lags = Vec::with_capacity(answered.len());
        let mut at = 0;
        for (position, answered) in answered {
            while seen.get(at).is_some_and(|(_, reached)| *reached < position) {
                at += 1;
            }
            let (shown, _) = seen.get(at).ok_or("the watch ended before the tables had come so far")?;
            lags.push(shown.saturating_duration_since(answered).as_secs_f64() * 1_000.0);
        }
        lags.sort_unstable_by(f64::total_cmp);
        Ok(lags)
    }
}

/// Waits until the log has come to rest and all tables have come up to it: what is due at a new time of day is done first.
pub(crate) async fn at_rest(client: &Client) -> Result<(), Failure> {
    let (mut head, mut since) = (-1, Instant::now());
    while since.elapsed() < REST {
        let now = client.get("/readyz", "").await?["position"].as_i64().ok_or("no position in /readyz")?;
        if now != head || reached_by_all(client).await? < now {
            (head, since) = (now, Instant::now());
        }
        tokio::time::sleep(EVERY).await;
    }
    Ok(())
}

/// The position that the slowest table has reached.
async fn reached_by_all(client: &Client) -> Result<i64, Failure> {
    let ready = client.get("/readyz", "").await?;
    let tables = ready["tables"].as_array().ok_or("no tables in /readyz")?;
    let reached = tables.iter().map(|table| table["position"].as_i64().unwrap_or(0));
    Ok(reached.min().ok_or("no tables in /readyz")?)
}
