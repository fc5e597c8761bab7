//! How each read table stands, as somebody finds it who feeds none of them: whether it is there, where its checkpoint is, and whether
//! somebody feeds it.

use crate::checkpoint::{self, Checkpoint};
use crate::table::{LIVE, Table};
use sqlx::{Connection, PgPool};

/// A read table as it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The table's name.
    pub table: &'static str,
    /// Whether it is there.
    pub there: bool,
    /// Its checkpoint; none where it was never built, or lost it.
    pub checkpoint: Option<Checkpoint>,
    /// Whether a process feeds it: its feeder holds a lock for as long as it lives.
    pub fed: bool,
    /// Whether it is of the version of this program.
    pub same_version: bool,
}

/// How these tables stand, all as of one moment.
///
/// # Errors
///
/// What PostgreSQL says.
pub async fn standing(pool: &PgPool, tables: &[&'static Table]) -> Result<Vec<Standing>, sqlx::Error> {
    let names: Vec<&str> = tables.iter().map(|table| table.name).collect();
    let mut connection = pool.acquire().await?;
    let mut transaction = connection.begin_with("begin isolation level repeatable read").await?;
    let checkpoints = match checkpoints_are_there(&mut transaction).await? {
        true => checkpoint::all(&mut transaction).await?,
        false => Vec::new(),
    };
    let found: Vec<(bool, bool)> = sqlx::query_as(
        "select
             to_regclass($2 || '.' || named.name) is not null,
             exists (
                 select
                 from pg_locks
                 where locktype = 'advisory'
                   and granted
                   and objsubid = 1
                   and database = (select oid from pg_database where datname = current_database())
                   and (classid::bigint << 32) | objid::bigint
                       = hashtextextended('zhicheng projection ' || named.name, 0))
         from unnest($1) with ordinality as named (name, place)
         order by named.place",
    )
    .bind(&names)
    .bind(LIVE)
    .fetch_all(&mut *transaction)
    .await?;
    transaction.rollback().await?;
    let standing = |(table, (there, fed)): (&&'static Table, (bool, bool))| {
        let checkpoint = checkpoints.iter().find(|checkpoint| checkpoint.table == table.name).cloned();
        let same_version =
            checkpoint.as_ref().is_some_and(|checkpoint| checkpoint.version == table.version());
        Standing { table: table.name, there, checkpoint, fed, same_version }
    };
    Ok(tables.iter().zip(found).map(standing).collect())
}

async fn checkpoints_are_there(connection: &mut sqlx::PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select to_regclass('projections.checkpoint') is not null").fetch_one(connection).await
}
