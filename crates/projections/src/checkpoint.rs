//! How far each read table has come. A table's checkpoint is written in the transaction that writes its rows.

use crate::table::{BESIDE, LIVE, Table};
use crate::trouble::run;
use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};

/// Makes the schema and the table of checkpoints where they are missing. Serialised, since two processes may start at
/// one time and `if not exists` alone does not keep them apart.
///
/// # Errors
///
/// What PostgreSQL says.
pub async fn prepare(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let mut transaction = connection.begin().await?;
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('zhicheng projections prepare', 0))")
        .execute(&mut *transaction)
        .await?;
    for schema in [LIVE, BESIDE] {
        let missing: bool = sqlx::query_scalar("select to_regnamespace($1) is null")
            .bind(schema)
            .fetch_one(&mut *transaction)
            .await?;
        if missing {
            run(&mut transaction, &format!("create schema {schema}")).await?;
        }
    }
    let missing: bool = sqlx::query_scalar("select to_regclass('projections.checkpoint') is null")
        .fetch_one(&mut *transaction)
        .await?;
    if missing {
        run(&mut transaction, include_str!("checkpoint.sql")).await?;
    }
    transaction.commit().await
}

/// Whether a table follows the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Following {
    /// It does.
    Following,
    /// It cannot get past an event.
    Stopped {
        /// The event.
        at: i64,
        /// Why.
        reason: String,
    },
}

/// A table's checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The table.
    pub table: String,
    /// The version of the table that is there.
    pub version: String,
    /// Its rows are those of the log up to here.
    pub position: i64,
    /// Whether it follows the log.
    pub following: Following,
    /// When it last moved.
    pub moved_at: DateTime<Utc>,
}

type Stored = (String, String, i64, Option<i64>, Option<String>, DateTime<Utc>);

/// The checkpoints of all tables that were ever built, in the order of their names.
///
/// # Errors
///
/// What PostgreSQL says.
pub async fn all(connection: &mut PgConnection) -> Result<Vec<Checkpoint>, sqlx::Error> {
    let rows: Vec<Stored> = sqlx::query_as(
        "select table_name, version, position, stopped_at, stopped_reason, moved_at
         from projections.checkpoint
         order by table_name",
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(checkpoint).collect())
}

fn checkpoint((table, version, position, at, reason, moved_at): Stored) -> Checkpoint {
    let following = match at {
        Some(at) => Following::Stopped { at, reason: reason.unwrap_or_default() },
        None => Following::Following,
    };
    Checkpoint { table, version, position, following, moved_at }
}

/// Whether a step was taken by the one who meant to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// The checkpoints stood where they were thought to stand and moved.
    Yes,
    /// Somebody else moved one of them: nothing that was meant with it may be committed.
    Overtaken,
}

/// Moves the checkpoints of tables that all stand at `from`; takes the locks of their rows, in the order of names, so
/// that of two who feed a table one waits for the other and then finds itself overtaken.
///
/// # Errors
///
/// What PostgreSQL says.
pub async fn move_on(
    connection: &mut PgConnection,
    tables: &[&'static Table],
    from: i64,
    to: i64,
) -> Result<Moved, sqlx::Error> {
    let mut names: Vec<&str> = tables.iter().map(|table| table.name).collect();
    names.sort_unstable();
    let moved = sqlx::query(
        "with standing as (
             select table_name
             from projections.checkpoint
             where table_name = any($1)
               and position = $2
               and stopped_at is null
             order by table_name
             for update
         )
         update projections.checkpoint as checkpoint
         set position = $3,
             moved_at = clock_timestamp()
         from standing
         where checkpoint.table_name = standing.table_name",
    )
    .bind(&names)
    .bind(from)
    .bind(to)
    .execute(connection)
    .await?
    .rows_affected();
    Ok(if moved == names.len() as u64 { Moved::Yes } else { Moved::Overtaken })
}

/// Notes that a table cannot get past an event; a table that was never built is noted at position 0.
///
/// # Errors
///
/// What PostgreSQL says.
pub async fn stop(
    connection: &mut PgConnection,
    table: &Table,
    at: i64,
    reason: &str,
) -> Result<(), sqlx::Error> {
    // PostgreSQL stores no NUL, and an undecodable event may well hold one
    let reason = reason.replace('\0', "\u{fffd}");
    sqlx::query(
        "insert into projections.checkpoint (table_name, version, position, stopped_at, stopped_reason, moved_at)
         values ($1, '', 0, $2, $3, clock_timestamp())
         on conflict (table_name) do update
         set stopped_at = excluded.stopped_at,
             stopped_reason = excluded.stopped_reason,
             moved_at = excluded.moved_at",
    )
    .bind(table.name)
    .bind(at)
    .bind(reason)
    .execute(connection)
    .await?;
    Ok(())
}

/// Lets a stopped table try again.
///
/// # Errors
///
/// What PostgreSQL says.
pub async fn resume(connection: &mut PgConnection, table: &Table) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update projections.checkpoint
         set stopped_at = null,
             stopped_reason = null
         where table_name = $1
           and stopped_at is not null",
    )
    .bind(table.name)
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that a table of this version, with the rows of the log up to `position`, has taken its place.
///
/// # Errors
///
/// What PostgreSQL says.
pub async fn install(connection: &mut PgConnection, table: &Table, position: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into projections.checkpoint (table_name, version, position, moved_at)
         values ($1, $2, $3, clock_timestamp())
         on conflict (table_name) do update
         set version = excluded.version,
             position = excluded.position,
             stopped_at = null,
             stopped_reason = null,
             moved_at = excluded.moved_at",
    )
    .bind(table.name)
    .bind(table.version())
    .bind(position)
    .execute(connection)
    .await?;
    Ok(())
}
