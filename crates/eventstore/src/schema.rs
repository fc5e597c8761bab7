//! The log's own tables: brought up to date at start, and never older than what the program knows.

use std::cmp::Ordering;

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};

use crate::connection::{CONNECT_TIMEOUT, within};
use crate::error::{ConnectError, ReadError};
use crate::store::EventStore;

/// The only true migrations of the workspace; everything else is rebuilt from the log.
static MIGRATOR: Migrator = sqlx::migrate!();

/// Brings the schema up to date, or says why that cannot be. Several processes may start at once: migrations run under an advisory
/// lock. A schema that is up to date is only looked at, so a role without the right to create tables can start.
///
/// # Errors
///
/// See [`ConnectError`].
pub(crate) async fn bring_up_to_date(options: &PgConnectOptions) -> Result<(), ConnectError> {
    let mut connection = within(CONNECT_TIMEOUT, options.connect()).await.map_err(ConnectError::Database)?;
    let result = migrate(&mut connection).await;
    // The advisory lock ends with its session, also where a migration failed.
    let _ = connection.close().await;
    result
}

/// Refuses a schema of another version than the one that this program knows. Nothing is changed.
///
/// # Errors
///
/// [`ConnectError::SchemaNewer`], [`ConnectError::SchemaOlder`], [`ConnectError::Database`].
pub(crate) async fn is_up_to_date(options: &PgConnectOptions) -> Result<(), ConnectError> {
    let mut connection = within(CONNECT_TIMEOUT, options.connect()).await.map_err(ConnectError::Database)?;
    let found = version(&mut connection).await.map_err(ConnectError::Database);
    // It was asked one question, and has answered.
    let _ = connection.close().await;
    let (found, known) = (found?, known());
    match found.cmp(&known) {
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(ConnectError::SchemaNewer { found, known }),
        Ordering::Less => Err(ConnectError::SchemaOlder { found, known }),
    }
}

/// The latest migration that this program knows.
fn known() -> i64 {
    MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0)
}

async fn migrate(connection: &mut PgConnection) -> Result<(), ConnectError> {
    let known = known();
    let found = version(connection).await.map_err(ConnectError::Database)?;
    if found > known {
        return Err(ConnectError::SchemaNewer { found, known });
    }
    if found == known {
        return Ok(());
    }
    match MIGRATOR.run_direct(connection).await {
        Err(MigrateError::VersionMissing(found)) => Err(ConnectError::SchemaNewer { found, known }),
        other => other.map_err(ConnectError::Migrate),
    }
}

/// The latest migration that ran to its end; 0 for a database without any.
async fn version(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    let exists: bool = sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null")
        .fetch_one(&mut *connection)
        .await?;
    if !exists {
        return Ok(0);
    }
    sqlx::query_scalar("select coalesce(max(version), 0) from _sqlx_migrations where success")
        .fetch_one(connection)
        .await
}

impl EventStore {
    /// Gives an existing role what a server needs to run on this log, and no more: it may insert and select events, not change or
    /// remove them, nor touch the schema. To be called on a store that was opened as the owner of the tables.
    ///
    /// # Errors
    ///
    /// See [`ReadError`]; the role may not exist, or be somebody else's to give to.
    pub async fn grant_appending_to(&self, role: &str) -> Result<(), ReadError> {
        let role = format!("\"{}\"", role.replace('"', "\"\""));
        let grants = format!(
            "grant select on _sqlx_migrations to {role};
             grant select, insert on events, log_frontiers to {role};
             grant select, update on log_head to {role};
             grant select, insert, delete on claims to {role};"
        );
        sqlx::raw_sql(&grants).execute(self.pool()).await?;
        Ok(())
    }
}
