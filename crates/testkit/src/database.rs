//! A fresh database for one test, empty or copied from a template that is built once a run.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

use crate::run;

/// PostgreSQL cuts names at 63 bytes; what is before a key takes some of them.
const TEMPLATE_KEY_BYTES_MAX: usize = 48;

/// Numbers the databases of this process.
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A database that no other test uses. It is left behind and goes with the run.
#[derive(Debug, Clone)]
pub struct TestDatabase {
    options: PgConnectOptions,
    name: String,
}

impl TestDatabase {
    /// How to connect.
    pub fn options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// The same as a URL, as `DATABASE_URL` takes it.
    pub fn url(&self) -> String {
        self.options.to_url_lossy().to_string()
    }

    /// A copy of it, as it is now. Nobody may be connected to it.
    ///
    /// # Panics
    ///
    /// When PostgreSQL refuses; the message says why.
    pub async fn copy(&self) -> Self {
        Self::create(&self.name).await
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    async fn create(template: &str) -> Self {
        let server = run::server().await;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        // The process in the name lets the run tell which databases nobody uses any more.
        let name = format!("{}{}_{number}", run::DATABASE_PREFIX, process::id());
        let mut connection = connect(&server).await;
        execute(&mut connection, &format!("create database {name} template {template}")).await;
        close(connection).await;
        Self { options: server.database(&name), name }
    }
}

/// An empty database of one's own.
///
/// # Panics
///
/// When PostgreSQL is not there or refuses; the message says why.
pub async fn fresh_database() -> TestDatabase {
    TestDatabase::create("template0").await
}

/// A database copied from the template `key`, which the first test that asks for it in this run builds with `init`.
///
/// Tests with the same key must bring the same `init`; it migrates and seeds, and closes its connections before it ends.
///
/// ```no_run
/// # async fn migrate(pool: &sqlx::PgPool) {}
/// # async fn example() {
/// let database = zhicheng_testkit::fresh_database_from("eventstore", async |options| {
///     let pool = sqlx::PgPool::connect_with(options).await.expect("the template was just made");
///     migrate(&pool).await;
///     pool.close().await;
/// })
/// .await;
/// # }
/// ```
///
/// # Panics
///
/// When PostgreSQL is not there or refuses, and when the key is not `[a-z][a-z0-9_]*` of at most 48 bytes.
pub async fn fresh_database_from(key: &str, init: impl AsyncFnOnce(PgConnectOptions)) -> TestDatabase {
    let plain = key.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    assert!(
        plain && !key.is_empty() && key.len() <= TEMPLATE_KEY_BYTES_MAX,
        "no key for a template: {key:?}"
    );
    let template = format!("template_{key}");
    build_once(&template, key, init).await;
    TestDatabase::create(&template).await
}

/// Builds the template under another name and renames it when it is whole, so that nobody copies half of one; a lock
/// makes the others wait. The lock goes with the connection, should the builder fail.
async fn build_once(template: &str, key: &str, init: impl AsyncFnOnce(PgConnectOptions)) {
    let server = run::server().await;
    let mut connection = connect(&server).await;
    if exists(&mut connection, template).await {
        return close(connection).await;
    }
    let locked = sqlx::query("select pg_advisory_lock(hashtextextended($1, 0))").bind(template);
    locked.execute(&mut connection).await.expect("the lock of the template");
    if !exists(&mut connection, template).await {
        let unfinished = format!("building_{key}");
        execute(&mut connection, &format!("drop database if exists {unfinished} with (force)")).await;
        execute(&mut connection, &format!("create database {unfinished} template template0")).await;
        init(server.clone().database(&unfinished)).await;
        // A pool that was closed may have a connection that is just leaving: none may be left in a template.
        execute(&mut connection, &format!("alter database {unfinished} allow_connections false")).await;
        let leave = "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = $1";
        sqlx::query(leave)
            .bind(&unfinished)
            .execute(&mut connection)
            .await
            .expect("the connections of the template");
        execute(&mut connection, &format!("alter database {unfinished} rename to {template}")).await;
    }
    close(connection).await;
}

async fn exists(connection: &mut PgConnection, database: &str) -> bool {
    sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(database)
        .fetch_one(connection)
        .await
        .expect("the list of databases")
}

pub(crate) async fn connect(server: &PgConnectOptions) -> PgConnection {
    PgConnection::connect_with(server)
        .await
        .unwrap_or_else(|error| panic!("the tests' PostgreSQL does not answer: {error}"))
}

pub(crate) async fn close(connection: PgConnection) {
    // The server notices by itself; there is nothing to do about a failure.
    let _ = connection.close().await;
}

pub(crate) async fn execute(connection: &mut PgConnection, statement: &str) {
    if let Err(error) = sqlx::query(statement).execute(connection).await {
        panic!("{statement}: {error}");
    }
}
