//! Comparing a table with a fresh fold of the log at the same position, row by row, both ways.

use crate::build::{Build, Progress};
use crate::difference::{Difference, differences};
use crate::log::Log;
use crate::step::Stop;
use crate::table::{FRESH, Table};
use crate::trouble::Unavailable;
use sqlx::{Connection, PgConnection, PgPool};

/// Differences told of one table, at most.
pub const DIFFERENCES_MAX: i64 = 1_000;

/// What a comparison found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The table.
    pub table: &'static str,
    /// The position at which both stood.
    pub position: i64,
    /// Rows that the fold has.
    pub rows: i64,
    /// What differs, at most a thousand; empty where the table is a fold of the log.
    pub differences: Vec<Difference>,
    /// Why there could be no comparison: the log cannot be folded.
    pub stopped: Option<Stop>,
}

/// Compares a table with a fresh fold. Nobody waits for it: the table is read as of one moment, and the fold is brought
/// up to that moment's position.
///
/// # Errors
///
/// [`Unavailable`], also where the table was never built.
pub async fn verify(
    log: &dyn Log,
    pool: &PgPool,
    table: &'static Table,
    mut report: impl FnMut(Progress) + Send,
) -> Result<Verified, Unavailable> {
    let mut connection = pool.acquire().await?.detach();
    // the pool's connections may be such as write nothing; this one builds a table of its own, which is gone with it
    sqlx::query("set session characteristics as transaction read write").execute(&mut connection).await?;
    let outcome = verify_on(&mut connection, log, table, &mut report).await;
    // what was built goes with the session
    let _ = connection.close().await;
    outcome
}

async fn verify_on(
    connection: &mut PgConnection,
    log: &dyn Log,
    table: &'static Table,
    report: &mut (dyn FnMut(Progress) + Send),
) -> Result<Verified, Unavailable> {
    let mut build = Build::start(connection, FRESH, &[table]).await?;
    let begun = position(connection, table).await?;
    build.fill(std::slice::from_mut(connection), log, begun, report).await?;
    let mut transaction = connection.begin_with("begin isolation level repeatable read").await?;
    let position = position(&mut transaction, table).await?;
    build.catch_up(&mut transaction, log, position, report).await?;
    let mut verified = Verified {
        table: table.name,
        position,
        rows: 0,
        differences: Vec::new(),
        stopped: build.stopped.pop(),
    };
    if verified.stopped.is_none() {
        verified.differences = differences(&mut transaction, table, FRESH, DIFFERENCES_MAX).await?.first;
        verified.rows = sqlx::query_scalar(&format!("select count(*) from {FRESH}.{}", table.name))
            .fetch_one(&mut *transaction)
            .await?;
    }
    transaction.rollback().await?;
    Ok(verified)
}

async fn position(connection: &mut PgConnection, table: &Table) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select position from projections.checkpoint where table_name = $1")
        .bind(table.name)
        .fetch_one(connection)
        .await
}
