//! Building tables anew beside the live ones and putting them in their place while readers go on. Before a table is put in
//! place it is compared with the live one, both at the same position: what differs was not a fold of the log.

use crate::build::{Build, PAGE_EVENTS, Progress};
use crate::checkpoint::{self, Following};
use crate::difference::{Difference, Differences, differences};
use crate::log::Log;
use crate::step::Stop;
use crate::table::{BESIDE, LIVE, Table};
use crate::trouble::{Unavailable, Verdict, run, verdict};
use futures::future::try_join_all;
use sqlx::{Connection, PgConnection, PgPool};
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Connections that tables are filled and compared over at once.
const FILLERS: usize = 2;
/// What comparing two tables may take of PostgreSQL's memory on each connection: a table of a million rows is matched row by row
/// without its rows lying on disk in between.
const COMPARING_MEMORY: &str = "64MB";
/// How long a swap waits for readers of the old table before it steps back and lets those behind it pass, in
/// milliseconds.
const SWAP_WAIT_MS: u32 = 1_000;
/// How often a swap steps back.
const SWAP_ATTEMPTS_MAX: u32 = 120;
/// Keys told of the rows that differ in a table, at most.
const KEYS_TOLD_MAX: i64 = 5;
/// What PostgreSQL says when a lock was not to be had in time.
const LOCK_NOT_AVAILABLE: &str = "55P03";

/// What became of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rebuilt {
    /// It has taken the old one's place with the rows of the log up to here.
    InPlace {
        /// The table.
        table: &'static str,
        /// Its position.
        position: i64,
        /// How the old one compared with it.
        compared: Compared,
    },
    /// It cannot be built; the old one, if there was one, stays and stands still.
    Stopped(Stop),
}

/// How the table that was there compared with the one built anew, at the same position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Compared {
    /// Row by row; a table that was a fold of the log has no difference.
    With(Differences),
    /// There was nothing to compare with: no table, one of another version, or one that stands still.
    WithNothing,
}

/// Builds tables anew and puts each in its place. Nobody reading the old ones notices; whoever feeds them notices that it
/// was overtaken and goes on with the new ones.
///
/// # Errors
///
/// [`Unavailable`]: what was built beside is left, and the next build begins with making it anew.
pub async fn rebuild(
    log: &dyn Log,
    pool: &PgPool,
    tables: &[&'static Table],
    mut report: impl FnMut(Progress) + Send,
) -> Result<Vec<Rebuilt>, Unavailable> {
    let mut connection = pool.acquire().await?.detach();
    checkpoint::prepare(&mut connection).await?;
    // one at a time: there is one place beside; the lock goes with the connection
    sqlx::query("select pg_advisory_lock(hashtextextended('zhicheng projections rebuild', 0))")
        .execute(&mut connection)
        .await?;
    let outcome = rebuild_on(&mut connection, log, pool, tables, &mut report).await;
    // it holds the lock: closed in any case, and a failure to say goodbye changes nothing
    let _ = connection.close().await;
    outcome
}

async fn rebuild_on(
    connection: &mut PgConnection,
    log: &dyn Log,
    pool: &PgPool,
    tables: &[&'static Table],
    report: &mut (dyn FnMut(Progress) + Send),
) -> Result<Vec<Rebuilt>, Unavailable> {
    let mut build = Build::start(connection, BESIDE, tables).await?;
    // a digest of every source: reckoned once
    let versions: Versions = tables.iter().map(|table| (table.name, table.version())).collect();
    let begun = reached_by_all(connection, log, &versions).await?;
    let mut fillers = Vec::with_capacity(FILLERS);
    for _ in 0..FILLERS {
        fillers.push(pool.acquire().await?.detach());
    }
    build.fill(&mut fillers, log, begun, report).await?;
    loop {
        let reached = reached_by_all(connection, log, &versions).await?;
        let behind = reached - build.position;
        build.catch_up(connection, log, reached, report).await?;
        if behind < i64::from(PAGE_EVENTS) {
            break;
        }
    }
    let left = Mutex::new(build.tables.iter().copied().rev().collect());
    let report = Mutex::new(report);
    let swapping =
        fillers.iter_mut().map(|connection| swap_all(connection, log, &build, &left, &versions, &report));
    let mut rebuilt = Vec::new();
    for outcome in try_join_all(swapping).await?.into_iter().flatten() {
        match outcome {
            Rebuilt::Stopped(stop) => build.stopped.push(stop),
            in_place @ Rebuilt::InPlace { .. } => rebuilt.push(in_place),
        }
    }
    for connection in fillers {
        // it holds nothing; a failure to say goodbye changes nothing
        let _ = connection.close().await;
    }
    for stop in build.stopped {
        if let Some(table) = tables.iter().find(|table| table.name == stop.table) {
            checkpoint::stop(connection, table, stop.at, &stop.reason).await?;
            run(connection, &format!("drop table if exists {BESIDE}.{}", table.name)).await?;
        }
        rebuilt.push(Rebuilt::Stopped(stop));
    }
    Ok(rebuilt)
}

/// Compares tables and puts them in place, as long as there are any left.
async fn swap_all(
    connection: &mut PgConnection,
    log: &dyn Log,
    build: &Build,
    left: &Mutex<Vec<&'static Table>>,
    versions: &Versions,
    report: &Mutex<&mut (dyn FnMut(Progress) + Send)>,
) -> Result<Vec<Rebuilt>, Unavailable> {
    run(connection, &format!("set work_mem = '{COMPARING_MEMORY}'")).await?;
    // who hears that a table is in place can rely on it, whatever crashes
    run(connection, "reset synchronous_commit").await?;
    let mut told = |progress| (report.lock().unwrap_or_else(PoisonError::into_inner))(progress);
    let mut rebuilt = Vec::new();
    loop {
        let next = left.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Some(table) = next else { return Ok(rebuilt) };
        let mut own = build.of_one(table);
        let compared = compare(connection, log, &mut own, table, versions, &mut told).await?;
        loop {
            let head = log.head().await?;
            let behind = head - own.position;
            own.catch_up(connection, log, head, &mut told).await?;
            if behind < i64::from(PAGE_EVENTS) || !own.stopped.is_empty() {
                break;
            }
        }
        let outcome = match own.stopped.pop() {
            Some(stop) => Err(stop),
            None => put_in_place(connection, log, &own, table, &mut told).await?,
        };
        rebuilt.push(match outcome {
            Ok(position) => {
                tell(table, position, &compared);
                Rebuilt::InPlace { table: table.name, position, compared }
            }
            Err(stop) => Rebuilt::Stopped(stop),
        });
    }
}

/// The versions of the tables that are being built.
type Versions = BTreeMap<&'static str, String>;

/// The position that every live table has reached that can be compared; where none can, the head of the log.
async fn reached_by_all(
    connection: &mut PgConnection,
    log: &dyn Log,
    versions: &Versions,
) -> Result<i64, Unavailable> {
    let head = log.head().await?;
    let live = comparable(connection, versions).await?;
    Ok(live.into_values().fold(head, i64::min))
}

/// Where the live tables stand that can be compared with one of these versions.
async fn comparable(
    connection: &mut PgConnection,
    versions: &Versions,
) -> Result<BTreeMap<String, i64>, sqlx::Error> {
    let there: Vec<String> =
        sqlx::query_scalar("select tablename::text from pg_tables where schemaname = $1")
            .bind(LIVE)
            .fetch_all(&mut *connection)
            .await?;
    let comparable = |found: &checkpoint::Checkpoint| {
        found.following == Following::Following
            && versions.get(found.table.as_str()) == Some(&found.version)
            && there.contains(&found.table)
    };
    let checkpoints = checkpoint::all(connection).await?;
    Ok(checkpoints.into_iter().filter(comparable).map(|found| (found.table, found.position)).collect())
}

/// Compares the live table with the one beside it. Nobody waits for it: the live table is read as of one moment while it is
/// read and fed, and the one beside it is brought up to that moment's position.
async fn compare(
    connection: &mut PgConnection,
    log: &dyn Log,
    own: &mut Build,
    table: &'static Table,
    versions: &Versions,
    report: &mut (dyn FnMut(Progress) + Send),
) -> Result<Compared, Unavailable> {
    let mut transaction = connection.begin_with("begin isolation level repeatable read").await?;
    let live = comparable(&mut transaction, versions).await?.remove(table.name);
    let Some(position) = live.filter(|position| *position >= own.position) else {
        transaction.rollback().await?;
        return Ok(Compared::WithNothing);
    };
    let mut there = own.of_one(table);
    there.catch_up(&mut transaction, log, position, report).await?;
    // what it cannot get past is met again before the swap, and told there
    if !there.stopped.is_empty() || there.position != position {
        transaction.rollback().await?;
        return Ok(Compared::WithNothing);
    }
    match differences(&mut transaction, table, BESIDE, KEYS_TOLD_MAX).await {
        Ok(differences) => {
            transaction.commit().await?;
            *own = there;
            Ok(Compared::With(differences))
        }
        Err(error) => match verdict(&error) {
            Verdict::TableBroken => {
                transaction.rollback().await?;
                Ok(Compared::WithNothing)
            }
            Verdict::RowRefused | Verdict::Unavailable => Err(error.into()),
        },
    }
}

/// Tells how the table that was there compared: to operators, by keys alone.
fn tell(table: &Table, position: i64, compared: &Compared) {
    let Compared::With(differences) = compared else { return };
    let rows = u32::try_from(differences.rows()).unwrap_or(u32::MAX);
    metrics::gauge!("projection_rebuild_differences", "table" => table.name).set(f64::from(rows));
    if rows == 0 {
        tracing::info!(projection = table.name, position, "the table was as the log says");
        return;
    }
    let keys: Vec<&str> = differences.first.iter().map(Difference::key).collect();
    tracing::warn!(
        projection = table.name,
        position,
        missing = differences.missing,
        extra = differences.extra,
        differing = differences.differing,
        keys = keys.join(", "),
        "the table was not as the log says and has been replaced"
    );
}

/// Swaps one table, stepping back whenever a long reader would make others wait.
async fn put_in_place(
    connection: &mut PgConnection,
    log: &dyn Log,
    build: &Build,
    table: &'static Table,
    report: &mut (dyn FnMut(Progress) + Send),
) -> Result<Result<i64, Stop>, Unavailable> {
    let mut attempt = 1;
    loop {
        let mut transaction = connection.begin().await?;
        match swap(&mut transaction, log, build.of_one(table), table, report).await {
            Ok(Ok(position)) => {
                transaction.commit().await?;
                return Ok(Ok(position));
            }
            Ok(Err(stop)) => {
                transaction.rollback().await?;
                return Ok(Err(stop));
            }
            Err(Unavailable::Database(sqlx::Error::Database(error)))
                if error.code().as_deref() == Some(LOCK_NOT_AVAILABLE) && attempt < SWAP_ATTEMPTS_MAX =>
            {
                transaction.rollback().await?;
                attempt += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

async fn swap(
    transaction: &mut PgConnection,
    log: &dyn Log,
    mut build: Build,
    table: &'static Table,
    report: &mut (dyn FnMut(Progress) + Send),
) -> Result<Result<i64, Stop>, Unavailable> {
    run(transaction, &format!("set local lock_timeout = {SWAP_WAIT_MS}")).await?;
    // from here on nobody feeds the old table; readers must not see the position go back
    let live: Option<i64> = sqlx::query_scalar(
        "select position
         from projections.checkpoint
         where table_name = $1
         for update",
    )
    .bind(table.name)
    .fetch_optional(&mut *transaction)
    .await?;
    build.catch_up(transaction, log, live.unwrap_or(0), report).await?;
    if let Some(stop) = build.stopped.pop() {
        return Ok(Err(stop));
    }
    let name = table.name;
    run(transaction, &format!("drop table if exists {LIVE}.{name}")).await?;
    run(transaction, &format!("alter table {BESIDE}.{name} set schema {LIVE}")).await?;
    checkpoint::install(transaction, table, build.position).await?;
    Ok(Ok(build.position))
}
