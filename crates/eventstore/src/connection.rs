//! The connections of the store and the settings they are pinned to, whatever the server's defaults are.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use tokio::time::timeout;

/// How long making a connection may take.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a batch may wait for the head row, which others hold only while PostgreSQL executes one statement.
const LOCK_TIMEOUT: &str = "5s";

/// How long a batch may take inside the server.
const STATEMENT_TIMEOUT: &str = "20s";

/// How long the end of a backend is waited for, in milliseconds.
const BACKEND_END_TIMEOUT_MS: i64 = 3000;

/// A backend of PostgreSQL, told apart from a later one with the same process id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Backend {
    pid: i32,
    started_at: DateTime<Utc>,
}

/// Options for the connections that read.
///
/// A plan made while the tables were empty stays in use for long, and would scan them; so scans are ruled out where there is an
/// index. Just-in-time compilation would mistake that for an expensive plan and cost more than the statement. So would planning
/// the same few statements anew for each set of values.
pub(crate) fn reading(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().options([
        ("enable_seqscan", "off"),
        ("jit", "off"),
        ("plan_cache_mode", "force_generic_plan"),
        ("standard_conforming_strings", "on"),
    ])
}

/// Options for the connections of whoever only looks: PostgreSQL itself sees to it that they write nothing but temporary tables of
/// sessions that ask for that.
pub(crate) fn looking(options: &PgConnectOptions) -> PgConnectOptions {
    reading(options).options([("default_transaction_read_only", "on")])
}

/// Options for a connection that appends.
///
/// READ COMMITTED is load-bearing (see `append_statement`). The joins that are switched off would read whole tables.
fn appending(options: &PgConnectOptions) -> PgConnectOptions {
    reading(options).options([
        ("default_transaction_isolation", r"read\ committed"),
        ("default_transaction_read_only", "off"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
        ("lock_timeout", LOCK_TIMEOUT),
        ("statement_timeout", STATEMENT_TIMEOUT),
        ("tcp_keepalives_idle", "10"),
        ("tcp_keepalives_interval", "5"),
        ("tcp_keepalives_count", "3"),
        ("client_connection_check_interval", "5s"),
    ])
}

/// Opens a connection that appends, and says which backend serves it.
///
/// # Errors
///
/// Whatever stands in the way; nothing was sent that writes.
pub(crate) async fn open_appending(
    options: &PgConnectOptions,
) -> Result<(PgConnection, Backend), sqlx::Error> {
    within(CONNECT_TIMEOUT, async {
        let mut connection = appending(options).connect().await?;
        // An answer means durable. Only a server that would acknowledge before its own disk has it is overruled.
        sqlx::query(
            "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') = 'off'",
        )
        .execute(&mut connection)
        .await?;
        let (pid, started_at) = sqlx::query_as(
            "select pid, backend_start
             from pg_stat_activity
             where pid = pg_backend_pid()",
        )
        .fetch_one(&mut connection)
        .await?;
        Ok((connection, Backend { pid, started_at }))
    })
    .await
}

/// Makes sure that a backend is gone, so that nothing it was told can still happen.
///
/// # Errors
///
/// It could not be asked to leave, or did not in time.
pub(crate) async fn end_backend(connection: &mut PgConnection, backend: Backend) -> Result<(), sqlx::Error> {
    let ended: Option<bool> = sqlx::query_scalar(
        "select pg_terminate_backend(pid, $3)
         from pg_stat_activity
         where pid = $1
           and backend_start = $2",
    )
    .bind(backend.pid)
    .bind(backend.started_at)
    .bind(BACKEND_END_TIMEOUT_MS)
    .fetch_optional(connection)
    .await?;
    if ended == Some(false) {
        return Err(sqlx::Error::Protocol("the former backend is still at work".into()));
    }
    Ok(())
}

/// Runs something on a connection, but not for ever: a peer that vanished without a word never answers.
pub(crate) async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(limit, work).await.unwrap_or_else(|_| {
        Err(sqlx::Error::Io(std::io::Error::new(
            std::io::ErrorKind::TimedOut,
            "PostgreSQL did not answer in time",
        )))
    })
}
