//! One connection that brings batches to PostgreSQL, and finds out what became of them whatever happens on the way.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::Connection;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::time::{Instant, sleep};

use crate::append::Prepared;
use crate::append_statement::{CarefulRow, append_at_once, append_carefully};
use crate::connection::{Backend, end_backend, open_appending, within};
use crate::error::Fault;

/// How long an answer of the server is waited for; longer than the server's own limit for the statement.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// How long it is tried to find out whether a batch was written, before its commands are told that nobody knows.
const SETTLE_TIME_MAX: Duration = Duration::from_secs(5);

/// How long to wait between two tries.
const SETTLE_PAUSE: Duration = Duration::from_millis(50);

/// What became of one command.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// It is in the log, durably.
    Appended { first_position: i64, recorded_at: DateTime<Utc> },
    /// Its id was in the log before.
    Repeated,
    /// A stream of it was at another version.
    Conflict { aggregate_type: String, aggregate_id: String },
    /// A name was taken.
    ClaimHeld { name: String, holder_type: String, holder_id: String },
    /// Not written; later it may be.
    Unavailable(Arc<sqlx::Error>),
    /// Not written, and never will be as it stands.
    Refused(Arc<sqlx::Error>),
    /// Not known.
    Unknown(Arc<sqlx::Error>),
}

/// A connection for appending, made when it is first needed and anew when it was lost.
pub(crate) struct Lane {
    options: PgConnectOptions,
    open: Option<(PgConnection, Backend)>,
}

impl Lane {
    pub(crate) fn new(options: PgConnectOptions) -> Self {
        Self { options, open: None }
    }

    /// Writes a batch and says what became of each command, in the same order. All of a batch are different commands and claims,
    /// and different streams, unless one goes on where another ends that stands before it.
    pub(crate) async fn write(&mut self, batch: &[&Prepared]) -> Vec<Outcome> {
        if batch.iter().any(|prepared| prepared.alone.is_some()) {
            // what was appended meanwhile only a statement sees that begins under the lock
            return self.write_carefully(batch).await;
        }
        let connection = match self.connection().await {
            Ok(connection) => connection,
            // Nothing was sent yet.
            Err(error) => return all(batch, &Outcome::Unavailable(Arc::new(error))),
        };
        match within(ANSWER_TIMEOUT, append_at_once(connection, batch)).await {
            Ok(Some((base, recorded_at))) => at_once(batch, base, recorded_at),
            // Some stream is shorter than expected.
            Ok(None) => self.write_carefully(batch).await,
            Err(error) => match Fault::of(&error) {
                Fault::Unique | Fault::Refused => self.write_carefully(batch).await,
                Fault::Unavailable => all(batch, &Outcome::Unavailable(Arc::new(error))),
                Fault::Unknown => self.settle(batch, error).await,
            },
        }
    }

    /// Leaves out the commands that stand in the way, and only those.
    async fn write_carefully(&mut self, batch: &[&Prepared]) -> Vec<Outcome> {
        metrics::counter!("zhicheng_log_careful_batches_total").increment(1);
        let mut outcomes = Vec::with_capacity(batch.len());
        if let Err(error) = self.try_carefully(batch, &mut outcomes).await {
            // what was written before stays written
            let rest = batch.get(outcomes.len()..).unwrap_or_default();
            outcomes.extend(match Fault::of(&error) {
                Fault::Unavailable => all(rest, &Outcome::Unavailable(Arc::new(error))),
                Fault::Unknown => self.settle(rest, error).await,
                Fault::Unique | Fault::Refused => self.write_one_by_one(rest, error).await,
            });
        }
        outcomes
    }

    /// One command holds something that PostgreSQL does not take at all; one by one only that one fails.
    async fn write_one_by_one(&mut self, batch: &[&Prepared], error: sqlx::Error) -> Vec<Outcome> {
        if batch.len() == 1 {
            return all(batch, &Outcome::Refused(Arc::new(error)));
        }
        let mut outcomes = Vec::with_capacity(batch.len());
        for prepared in batch {
            let one = std::slice::from_ref(prepared);
            if let Err(error) = self.try_carefully(one, &mut outcomes).await {
                outcomes.extend(match Fault::of(&error) {
                    Fault::Unavailable => all(one, &Outcome::Unavailable(Arc::new(error))),
                    Fault::Unknown => Box::pin(self.settle(one, error)).await,
                    Fault::Unique | Fault::Refused => all(one, &Outcome::Refused(Arc::new(error))),
                });
            }
        }
        outcomes
    }

    /// The connection was lost after the batch had been sent: it may be in the log, or not, or on its way. The old backend is
    /// ended first, so that nothing is on its way any more; then the batch is sent again. The ids of its commands stand in the log
    /// where it was written, and then each of them is a repetition.
    async fn settle(&mut self, batch: &[&Prepared], lost: sqlx::Error) -> Vec<Outcome> {
        metrics::counter!("zhicheng_log_unknown_batches_total").increment(1);
        tracing::warn!(error = %lost, commands = batch.len(), "connection lost while appending; settling what was written");
        let former = self.open.take().map(|(_, backend)| backend);
        let until = Instant::now() + SETTLE_TIME_MAX;
        let mut outcomes = Vec::with_capacity(batch.len());
        loop {
            let rest = batch.get(outcomes.len()..).unwrap_or_default();
            let Err(error) = self.try_settle(rest, former, &mut outcomes).await else { return outcomes };
            let rest = batch.get(outcomes.len()..).unwrap_or_default();
            match Fault::of(&error) {
                Fault::Unique | Fault::Refused => {
                    outcomes.extend(Box::pin(self.write_one_by_one(rest, error)).await);
                    return outcomes;
                }
                Fault::Unavailable | Fault::Unknown => {
                    self.open = None;
                    if Instant::now() >= until {
                        outcomes.extend(all(rest, &Outcome::Unknown(Arc::new(lost))));
                        return outcomes;
                    }
                    sleep(SETTLE_PAUSE).await;
                }
            }
        }
    }

    async fn try_settle(
        &mut self,
        batch: &[&Prepared],
        former: Option<Backend>,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), sqlx::Error> {
        let connection = self.connection().await?;
        if let Some(former) = former {
            within(ANSWER_TIMEOUT, end_backend(connection, former)).await?;
        }
        self.try_carefully(batch, outcomes).await
    }

    /// Part by part, each of them all or nothing; of those that were written the outcomes are told also where a later one fails.
    async fn try_carefully(
        &mut self,
        batch: &[&Prepared],
        outcomes: &mut Vec<Outcome>,
    ) -> Result<(), sqlx::Error> {
        for part in parts(batch) {
            let connection = self.connection().await?;
            let rows = within(ANSWER_TIMEOUT, append_carefully(connection, part)).await?;
            outcomes.extend(told(part, rows)?);
        }
        Ok(())
    }

    /// Takes leave of PostgreSQL.
    pub(crate) async fn close(self) {
        if let Some((connection, _)) = self.open {
            // A connection that is lost already needs no leave.
            let _ = within(ANSWER_TIMEOUT, connection.close()).await;
        }
    }

    async fn connection(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        if self.open.is_none() {
            self.open = Some(open_appending(&self.options).await?);
        }
        let (connection, _) = self.open.as_mut().expect("opened just above");
        Ok(connection)
    }
}

/// The batch in parts none of which has two commands of one stream: those that are left out are found before anything is written.
fn parts<'a, 'p>(batch: &'a [&'p Prepared]) -> Vec<&'a [&'p Prepared]> {
    let (mut parts, mut rest) = (Vec::new(), batch);
    while !rest.is_empty() {
        let mut streams = HashSet::new();
        let apart =
            rest.iter().take_while(|prepared| prepared.stream_names().all(|name| streams.insert(name)));
        let (part, later) = rest.split_at(apart.count().max(1));
        parts.push(part);
        rest = later;
    }
    parts
}

fn all(batch: &[&Prepared], outcome: &Outcome) -> Vec<Outcome> {
    vec![outcome.clone(); batch.len()]
}

/// The batch stands in the log after `base`, in its own order.
fn at_once(batch: &[&Prepared], base: i64, recorded_at: DateTime<Utc>) -> Vec<Outcome> {
    let mut first_position = base + 1;
    batch
        .iter()
        .map(|prepared| {
            let outcome = Outcome::Appended { first_position, recorded_at };
            first_position += prepared.events.len() as i64;
            outcome
        })
        .collect()
}

/// What the careful function said of each command.
fn told(batch: &[&Prepared], rows: Vec<CarefulRow>) -> Result<Vec<Outcome>, sqlx::Error> {
    let unexpected = || sqlx::Error::Decode("append_carefully answered something unexpected".into());
    let mut outcomes: Vec<Option<Outcome>> = vec![None; batch.len()];
    for row in rows {
        let place = usize::try_from(row.command - 1)
            .ok()
            .and_then(|at| outcomes.get_mut(at))
            .ok_or_else(unexpected)?;
        let outcome =
            match (row.outcome.as_str(), row.first_position, row.moment, row.holder_type, row.holder_id) {
                ("appended", Some(first_position), Some(recorded_at), ..) => {
                    Outcome::Appended { first_position, recorded_at }
                }
                ("repeated", ..) => Outcome::Repeated,
                ("conflict", _, _, Some(aggregate_type), Some(aggregate_id)) => {
                    Outcome::Conflict { aggregate_type, aggregate_id }
                }
                ("claim_held", _, _, Some(holder_type), Some(holder_id)) => {
                    Outcome::ClaimHeld { name: row.subject.ok_or_else(unexpected)?, holder_type, holder_id }
                }
                _ => return Err(unexpected()),
            };
        *place = Some(outcome);
    }
    outcomes.into_iter().map(|outcome| outcome.ok_or_else(unexpected)).collect()
}
