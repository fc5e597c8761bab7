//! Building tables anew beside the live ones and putting them in their place while readers go on.

use crate::build::{Build, PAGE_EVENTS, Progress};
use crate::checkpoint;
use crate::log::Log;
use crate::step::Stop;
use crate::table::{BESIDE, LIVE, Table};
use crate::trouble::{Unavailable, run};
use sqlx::{Connection, PgConnection, PgPool};

/// How long a swap waits for readers of the old table before it steps back and lets those behind it pass, in
/// milliseconds.
const SWAP_WAIT_MS: u32 = 1_000;
/// How often a swap steps back.
const SWAP_ATTEMPTS_MAX: u32 = 120;
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
    },
    /// It cannot be built; the old one, if there was one, stays and stands still.
    Stopped(Stop),
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
    let outcome = rebuild_on(&mut connection, log, tables, &mut report).await;
    // it holds the lock: closed in any case, and a failure to say goodbye changes nothing
    let _ = connection.close().await;
    outcome
}

async fn rebuild_on(
    connection: &mut PgConnection,
    log: &dyn Log,
    tables: &[&'static Table],
    report: &mut (dyn FnMut(Progress) + Send),
) -> Result<Vec<Rebuilt>, Unavailable> {
    let mut build = Build::start(connection, BESIDE, tables).await?;
    build.fill(connection, log, log.head().await?, report).await?;
    loop {
        let head = log.head().await?;
        if head - build.position < i64::from(PAGE_EVENTS) {
            break;
        }
        build.catch_up(connection, log, head, report).await?;
    }
    let mut rebuilt = Vec::new();
    for table in build.tables.clone() {
        match put_in_place(connection, log, &build, table, report).await? {
            Ok(position) => rebuilt.push(Rebuilt::InPlace { table: table.name, position }),
            Err(stop) => build.stopped.push(stop),
        }
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
