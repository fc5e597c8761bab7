//! Keeping the read tables up with the log.
//!
//! Every process may run a runner. Of each table one runner is the feeder, the holder of an advisory lock; the others
//! stand by and take over when it goes. The lock only spares work: what keeps a table right is that its checkpoint moves
//! from where it was thought to stand, in the transaction that writes its rows.

use crate::checkpoint::{self, Checkpoint, Following};
use crate::fold::{Folder, States};
use crate::log::Log;
use crate::rebuild::{Rebuilt, rebuild};
use crate::step::{Step, Stop, step};
use crate::table::{LIVE, Table};
use crate::trouble::{Unavailable, chain};
use sqlx::{Connection, PgConnection, PgPool};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use zhicheng_domain::AnyState;

/// Events taken in one step.
pub const BATCH_EVENTS_MAX: u32 = 500;
/// Pause after a step that was not full, so that what comes in the meantime is written together.
pub const BATCH_PAUSE: Duration = Duration::from_millis(30);
/// How long a runner sleeps at most when nobody tells it that the log has grown.
pub const POLL: Duration = Duration::from_secs(1);
/// How often a runner that stands by tries to become the feeder.
pub const STAND_BY: Duration = Duration::from_secs(2);
/// How long a runner that is told to stop may finish the step it is in; a build, which may take minutes, is cut off.
pub const STOP_PATIENCE: Duration = Duration::from_secs(5);
/// The first pause after a failure; it doubles up to [`POLL`] times four.
const FAILURE_PAUSE: Duration = Duration::from_millis(100);

/// Where the tables that this process feeds stand, for those who wait in the same process.
#[derive(Debug, Clone)]
pub struct Positions {
    sender: Arc<watch::Sender<BTreeMap<&'static str, i64>>>,
}

impl Default for Positions {
    fn default() -> Self {
        Self { sender: Arc::new(watch::Sender::new(BTreeMap::new())) }
    }
}

impl Positions {
    /// Tells when one of them moves.
    pub fn subscribe(&self) -> watch::Receiver<BTreeMap<&'static str, i64>> {
        self.sender.subscribe()
    }

    fn publish(&self, positions: impl IntoIterator<Item = (&'static str, i64)>) {
        self.sender.send_modify(|all| all.extend(positions));
    }

    /// What was published may be gone: rows are written without waiting for the disk, and a database that crashed is where it was
    /// some moments before.
    fn forget(&self) {
        self.sender.send_modify(BTreeMap::clear);
    }
}

/// Keeps tables up with the log until it is told to stop.
pub struct Runner {
    log: Arc<dyn Log>,
    pool: PgPool,
    tables: Vec<&'static Table>,
    positions: Positions,
    states: Option<States>,
}

impl Runner {
    /// A runner of these tables.
    pub fn new(log: impl Log, pool: PgPool, tables: &[&'static Table]) -> Self {
        let (log, tables) = (Arc::new(log), tables.to_vec());
        Self { log, pool, tables, positions: Positions::default(), states: None }
    }

    /// Takes states (type and id of the aggregate, number of the event) from whoever appended the events, where they are still
    /// there, and folds only the others.
    #[must_use]
    pub fn with_states(
        self,
        states: impl Fn(&str, &str, i64) -> Option<AnyState> + Send + Sync + 'static,
    ) -> Self {
        Self { states: Some(Arc::new(states)), ..self }
    }

    /// Where the tables stand that it feeds.
    pub fn positions(&self) -> Positions {
        self.positions.clone()
    }

    /// Runs until `stop` becomes true, and then at most [`STOP_PATIENCE`] longer: what is cut off then was not committed. A
    /// failure ends nothing: it is logged and the work begins again.
    pub async fn run(self, stop: watch::Receiver<bool>) {
        let mut told = stop.clone();
        let out_of_patience = async {
            // An error says that nobody is left to tell: that counts as told.
            let _ = told.wait_for(|stop| *stop).await;
            tokio::time::sleep(STOP_PATIENCE).await;
        };
        tokio::select! {
            () = self.follow(stop) => {}
            () = out_of_patience => {}
        }
    }

    async fn follow(&self, mut stop: watch::Receiver<bool>) {
        let mut pause = FAILURE_PAUSE;
        while !*stop.borrow() {
            let begun = Instant::now();
            match self.session(&mut stop).await {
                Ok(()) => return,
                Err(error) => {
                    self.positions.forget();
                    tracing::warn!(
                        error = chain(&error),
                        "the read tables do not follow the log; trying again"
                    );
                }
            }
            pause = if begun.elapsed() > POLL { FAILURE_PAUSE } else { (pause * 2).min(POLL * 4) };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                changed = stop.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Works on one connection, which holds the locks, until something fails.
    async fn session(&self, stop: &mut watch::Receiver<bool>) -> Result<(), Unavailable> {
        let mut connection = self.pool.acquire().await?.detach();
        checkpoint::prepare(&mut connection).await?;
        let mut head = self.log.subscribe_head();
        let folder = Folder::with(self.states.clone());
        let mut feeder = Feeder { runner: self, connection, fed: BTreeMap::new(), folder };
        let mut next_attempt = Instant::now();
        while !*stop.borrow() {
            if feeder.fed.len() < self.tables.len() && next_attempt <= Instant::now() {
                feeder.take_over().await?;
                next_attempt = Instant::now() + STAND_BY;
            }
            let full = match feeder.advance().await? {
                Advance::Full => continue,
                Advance::Partly => Duration::ZERO,
                Advance::Nothing => POLL.min(STAND_BY),
            };
            feeder.measure(self.log.head().await?);
            if full.is_zero() {
                tokio::time::sleep(BATCH_PAUSE).await;
                continue;
            }
            tokio::select! {
                () = grown(&mut head) => {}
                () = tokio::time::sleep(full) => {}
                changed = stop.changed() => if changed.is_err() { break },
            }
        }
        // the locks go with the connection
        let _ = feeder.connection.close().await;
        Ok(())
    }
}

impl std::fmt::Debug for Runner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner").field("tables", &self.tables.len()).finish_non_exhaustive()
    }
}

/// Waits for the log to grow; for ever where nobody tells.
async fn grown(head: &mut watch::Receiver<i64>) {
    if head.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// How far a round of work came.
enum Advance {
    /// There is more to do at once.
    Full,
    /// What there was is done.
    Partly,
    /// There was nothing to do.
    Nothing,
}

/// A table that this runner feeds.
#[derive(Debug)]
struct Fed {
    table: &'static Table,
    standing: Standing,
}

/// Where a table stands, as this runner knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// At this position.
    At(i64),
    /// It must be built.
    ToBuild,
    /// It cannot get past an event, or another version of the program has taken it over.
    Resting,
}

/// A runner at work.
struct Feeder<'a> {
    runner: &'a Runner,
    connection: PgConnection,
    fed: BTreeMap<&'static str, Fed>,
    folder: Folder,
}

/// Whether a table of another version is to be built anew or to be left to whoever built it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OtherVersion {
    /// It is older: this runner has just taken over.
    Replace,
    /// It came while this runner was feeding: a newer program is there.
    Leave,
}

impl Feeder<'_> {
    /// Becomes the feeder of the tables that have none. A stopped table gets another chance: the program may be newer.
    async fn take_over(&mut self) -> Result<(), Unavailable> {
        let mut taken = Vec::new();
        for table in &self.runner.tables {
            if self.fed.contains_key(table.name) {
                continue;
            }
            let locked: bool = sqlx::query_scalar(
                "select pg_try_advisory_lock(hashtextextended('zhicheng projection ' || $1, 0))",
            )
            .bind(table.name)
            .fetch_one(&mut self.connection)
            .await?;
            if locked {
                checkpoint::resume(&mut self.connection, table).await?;
                self.fed.insert(table.name, Fed { table, standing: Standing::ToBuild });
                taken.push(table.name);
            }
        }
        if !taken.is_empty() {
            self.look(&taken, OtherVersion::Replace).await?;
        }
        Ok(())
    }

    /// Looks where these tables stand.
    async fn look(&mut self, names: &[&'static str], other: OtherVersion) -> Result<(), Unavailable> {
        let checkpoints = checkpoint::all(&mut self.connection).await?;
        for name in names {
            let there: bool = sqlx::query_scalar("select to_regclass($1) is not null")
                .bind(format!("{LIVE}.{name}"))
                .fetch_one(&mut self.connection)
                .await?;
            let Some(fed) = self.fed.get_mut(name) else { continue };
            let known = checkpoints.iter().find(|checkpoint| checkpoint.table == *name).filter(|_| there);
            fed.standing = match known {
                None => Standing::ToBuild,
                Some(Checkpoint { version, .. }) if *version != fed.table.version() => match other {
                    OtherVersion::Replace => Standing::ToBuild,
                    OtherVersion::Leave => {
                        tracing::info!(
                            projection = name,
                            "another version of the program feeds this table now"
                        );
                        Standing::Resting
                    }
                },
                Some(Checkpoint { following: Following::Stopped { .. }, .. }) => Standing::Resting,
                Some(Checkpoint { position, following: Following::Following, .. }) => Standing::At(*position),
            };
        }
        self.publish();
        Ok(())
    }

    /// Builds what must be built, else takes the hindmost tables one batch further.
    async fn advance(&mut self) -> Result<Advance, Unavailable> {
        let to_build: Vec<&'static Table> =
            self.fed.values().filter(|fed| fed.standing == Standing::ToBuild).map(|fed| fed.table).collect();
        if !to_build.is_empty() {
            self.build(&to_build).await?;
            return Ok(Advance::Full);
        }
        let mut groups: BTreeMap<i64, Vec<&'static Table>> = BTreeMap::new();
        for fed in self.fed.values() {
            if let Standing::At(position) = fed.standing {
                groups.entry(position).or_default().push(fed.table);
            }
        }
        let mut positions = groups.into_iter();
        let Some((from, tables)) = positions.next() else { return Ok(Advance::Nothing) };
        // up to where the next ones stand, so that they go on together
        let gap = positions.next().map_or(i64::MAX, |(ahead, _)| ahead - from);
        let limit = u32::try_from(gap).unwrap_or(BATCH_EVENTS_MAX).min(BATCH_EVENTS_MAX);
        let events = self.runner.log.read_after(from, limit).await?;
        if events.is_empty() {
            return Ok(Advance::Nothing);
        }
        let begun = Instant::now();
        let outcome =
            step(&mut self.connection, &*self.runner.log, &mut self.folder, &tables, from, &events).await?;
        match outcome {
            Step::To(position) => {
                metrics::counter!("projection_events_total").increment(events.len() as u64);
                metrics::histogram!("projection_batch_seconds").record(begun.elapsed().as_secs_f64());
                self.stand(&tables, Standing::At(position));
                self.publish();
                let all = events.last().is_some_and(|last| last.position == position);
                return Ok(if all && events.len() < BATCH_EVENTS_MAX as usize {
                    Advance::Partly
                } else {
                    Advance::Full
                });
            }
            Step::Stopped(stops) => {
                for stop in stops {
                    self.rest(&stop).await?;
                }
            }
            Step::Broken(names) => {
                for name in names {
                    tracing::warn!(projection = name, "the table is not as it should be and is built anew");
                    self.stand_one(name, Standing::ToBuild);
                }
            }
            Step::Overtaken => {
                let names: Vec<&'static str> = tables.iter().map(|table| table.name).collect();
                self.look(&names, OtherVersion::Leave).await?;
            }
        }
        Ok(Advance::Full)
    }

    async fn build(&mut self, tables: &[&'static Table]) -> Result<(), Unavailable> {
        let names: Vec<&'static str> = tables.iter().map(|table| table.name).collect();
        tracing::info!(projections = names.join(", "), "building read tables from the log");
        let begun = Instant::now();
        let mut events = 0;
        let rebuilt =
            rebuild(&*self.runner.log, &self.runner.pool, tables, |progress| events = progress.events)
                .await?;
        for outcome in rebuilt {
            match outcome {
                Rebuilt::InPlace { table, position, compared: _ } => {
                    self.stand_one(table, Standing::At(position))
                }
                Rebuilt::Stopped(stop) => self.rest(&stop).await?,
            }
        }
        let seconds = begun.elapsed().as_secs_f64();
        tracing::info!(projections = names.join(", "), events, seconds, "read tables built");
        self.publish();
        Ok(())
    }

    async fn rest(&mut self, stop: &Stop) -> Result<(), Unavailable> {
        tracing::error!(
            projection = stop.table,
            position = stop.at,
            reason = stop.reason,
            "a read table cannot get past an event and stands still; the others go on"
        );
        if let Some(fed) = self.fed.get_mut(stop.table) {
            checkpoint::stop(&mut self.connection, fed.table, stop.at, &stop.reason).await?;
        }
        self.stand_one(stop.table, Standing::Resting);
        Ok(())
    }

    fn stand(&mut self, tables: &[&'static Table], standing: Standing) {
        for table in tables {
            self.stand_one(table.name, standing);
        }
    }

    fn stand_one(&mut self, table: &str, standing: Standing) {
        if let Some(fed) = self.fed.get_mut(table) {
            fed.standing = standing;
        }
    }

    fn publish(&self) {
        self.runner.positions.publish(self.fed.iter().filter_map(|(name, fed)| match fed.standing {
            Standing::At(position) => Some((*name, position)),
            Standing::ToBuild | Standing::Resting => None,
        }));
    }

    /// Events that each table is behind, and which tables do not follow at all.
    fn measure(&self, head: i64) {
        for (name, fed) in &self.fed {
            let stopped = match fed.standing {
                Standing::At(position) => {
                    let lag = u32::try_from((head - position).max(0)).unwrap_or(u32::MAX);
                    metrics::gauge!("projection_lag", "table" => *name).set(f64::from(lag));
                    0.0
                }
                Standing::ToBuild | Standing::Resting => 1.0,
            };
            metrics::gauge!("projection_stopped", "table" => *name).set(stopped);
        }
    }
}
