//! Connecting to the vault.

use std::cmp::Ordering;
use std::time::Duration;

use sqlx::{
    ConnectOptions, PgPool,
    migrate::{MigrateError, Migrator},
    postgres::PgConnectOptions,
};
use zhicheng_database::lent;

use crate::{
    Ballots, Credentials, Error, Lockouts, MasterKey, PersonKeys, SessionLimits, Sessions, Tickets,
    keyed_hash::KeyedHash, wrap::Wrapper,
};

/// Connections for keys, passwords and sessions.
const CONNECTIONS_MAX: u32 = 8;
/// Connections for ballots, apart: a vote holds one while it asks the log, and reading the log may need a key.
const BALLOT_CONNECTIONS_MAX: u32 = 8;
/// How long a caller waits for a connection before it is told that the vault is not available.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Limits that the database holds us to. A process that stands still with a round's lock loses it after the last.
const DATABASE_LIMITS: [(&str, &str); 5] = [
    ("synchronous_commit", "on"),
    // The space is escaped because these travel as one line of options.
    ("default_transaction_isolation", "read\\ committed"),
    ("lock_timeout", "10s"),
    ("statement_timeout", "30s"),
    ("idle_in_transaction_session_timeout", "60s"),
];
/// What whoever only looks is held to beside.
const LOOKING: [(&str, &str); 1] = [("default_transaction_read_only", "on")];
/// What the sentinel row says once opened.
const SENTINEL: &[u8] = b"zhicheng vault";

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// How to reach the vault, and the limits it holds.
#[derive(Debug, Clone)]
pub struct VaultOptions {
    /// The database: never the log's.
    pub database: PgConnectOptions,
    /// Connections for keys, passwords and sessions; ballots have as many again for themselves.
    pub connections_max: u32,
    /// How long sessions live.
    pub session_limits: SessionLimits,
}

impl VaultOptions {
    /// The usual limits.
    pub fn new(database: PgConnectOptions) -> Self {
        Self { database, connections_max: CONNECTIONS_MAX, session_limits: SessionLimits::default() }
    }
}

/// The vault, connected and opened with its master key. Cheap to clone.
#[derive(Clone)]
pub struct Vault {
    pool: PgPool,
    ballot_pool: PgPool,
    person_keys: PersonKeys,
    keyed_hash: KeyedHash,
    ballots: Ballots,
    credentials: Credentials,
    lockouts: Lockouts,
    sessions: Sessions,
    tickets: Tickets,
}

impl Vault {
    /// Connects, brings the tables up to date and proves that the master key is the right one.
    ///
    /// Statements are not logged by this side: a line at the time of a vote would say who voted when. A server that logs
    /// statements (`log_statement`, `log_min_duration_statement`) must not do so for this database.
    ///
    /// # Errors
    /// [`Error::WrongMasterKey`], [`Error::SchemaNewer`], [`Error::Migration`], or what the database says.
    pub async fn connect(options: VaultOptions, master: MasterKey) -> Result<Self, Error> {
        let database = options.database.clone().options(DATABASE_LIMITS).disable_statement_logging();
        let pool = lent(options.connections_max, ACQUIRE_TIMEOUT).connect_with(database.clone()).await?;
        migrate(&pool).await?;
        let sentinel = Wrapper::derive(&master, "vault_sentinel");
        leave_sentinel(&pool, &sentinel).await?;
        prove(&pool, &sentinel).await?;
        let secrets = Wrapper::derive(&master, "vault_secrets");
        KeyedHash::make(&pool, &secrets).await?;
        Self::on(pool, &database, options.session_limits, &master).await
    }

    /// Connects to look: tables of another version are refused and stay as they are, nothing is made on first use, and the database
    /// lets these connections change nothing.
    ///
    /// # Errors
    /// As [`Vault::connect`], and [`Error::SchemaOlder`] where the tables were never brought up to the version of this program.
    pub async fn connect_to_look(options: VaultOptions, master: MasterKey) -> Result<Self, Error> {
        let database = options.database.clone().options(DATABASE_LIMITS).options(LOOKING);
        let database = database.disable_statement_logging();
        let pool = lent(options.connections_max, ACQUIRE_TIMEOUT).connect_with(database.clone()).await?;
        is_up_to_date(&pool).await?;
        prove(&pool, &Wrapper::derive(&master, "vault_sentinel")).await?;
        Self::on(pool, &database, options.session_limits, &master).await
    }

    async fn on(
        pool: PgPool,
        database: &PgConnectOptions,
        session_limits: SessionLimits,
        master: &MasterKey,
    ) -> Result<Self, Error> {
        let ballot_pool = pool_of_ballots(database);
        let keyed_hash = KeyedHash::load(&pool, &Wrapper::derive(master, "vault_secrets")).await?;
        let sessions = Sessions::new(pool.clone(), Wrapper::derive(master, "sessions"), session_limits);
        Ok(Self {
            person_keys: PersonKeys::new(pool.clone(), Wrapper::derive(master, "person_keys")),
            ballots: Ballots::new(
                ballot_pool.clone(),
                Wrapper::derive(master, "ballot_rounds private key"),
                Wrapper::derive(master, "ballot_rounds contents key"),
            ),
            credentials: Credentials::new(pool.clone(), Wrapper::derive(master, "credentials")).await?,
            lockouts: Lockouts::new(pool.clone(), keyed_hash.clone()),
            tickets: Tickets::new(
                pool.clone(),
                Wrapper::derive(master, "sign_in_tickets"),
                keyed_hash.clone(),
                sessions.clone(),
            ),
            sessions,
            keyed_hash,
            pool,
            ballot_pool,
        })
    }

    /// The keys of persons.
    pub fn person_keys(&self) -> &PersonKeys {
        &self.person_keys
    }

    /// The ballots of rounds that are open.
    pub fn ballots(&self) -> &Ballots {
        &self.ballots
    }

    /// Passwords.
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Failed sign-ins.
    pub fn lockouts(&self) -> &Lockouts {
        &self.lockouts
    }

    /// Sessions.
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Browsers that wait to be let in by QR code.
    pub fn tickets(&self) -> &Tickets {
        &self.tickets
    }

    /// A keyed hash in hexadecimal (64 digits), by which a text can be found or held unique without being told.
    ///
    /// The same text has another hash for each purpose. The caller brings the text into one form first (upper case, no
    /// spaces): hashes of different spellings differ. Without the vault nobody can try texts against a hash.
    pub fn keyed_hash(&self, purpose: &str, text: &str) -> String {
        self.keyed_hash.hex(purpose, text)
    }

    /// Asks the database for a sign of life.
    ///
    /// # Errors
    /// When it gives none.
    pub async fn ping(&self) -> Result<(), Error> {
        sqlx::query("select 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Closes all connections once their current work is done.
    pub async fn close(&self) {
        self.pool.close().await;
        self.ballot_pool.close().await;
    }
}

fn pool_of_ballots(database: &PgConnectOptions) -> PgPool {
    lent(BALLOT_CONNECTIONS_MAX, ACQUIRE_TIMEOUT).connect_lazy_with(database.clone())
}

async fn migrate(pool: &PgPool) -> Result<(), Error> {
    MIGRATIONS.run(pool).await.map_err(|error| match error {
        MigrateError::VersionMissing(version) => Error::SchemaNewer { version },
        MigrateError::Execute(error) => error.into(),
        other => Error::Migration(other),
    })
}

/// Refuses tables of another version than the one that this program knows.
async fn is_up_to_date(pool: &PgPool) -> Result<(), Error> {
    let exists: bool =
        sqlx::query_scalar("select to_regclass('_sqlx_migrations') is not null").fetch_one(pool).await?;
    let found: i64 = match exists {
        true => {
            sqlx::query_scalar("select coalesce(max(version), 0) from _sqlx_migrations where success")
                .fetch_one(pool)
                .await?
        }
        false => 0,
    };
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
    match found.cmp(&known) {
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(Error::SchemaNewer { version: found }),
        Ordering::Less => Err(Error::SchemaOlder { found, known }),
    }
}

/// Writes the sentinel row on first use.
async fn leave_sentinel(pool: &PgPool, wrapper: &Wrapper) -> Result<(), Error> {
    sqlx::query("insert into vault_sentinel (wrapped) values ($1) on conflict (one) do nothing")
        .bind(wrapper.wrap("vault_sentinel", SENTINEL)?)
        .execute(pool)
        .await?;
    Ok(())
}

/// Opens the sentinel row.
async fn prove(pool: &PgPool, wrapper: &Wrapper) -> Result<(), Error> {
    let wrapped: Vec<u8> = sqlx::query_scalar("select wrapped from vault_sentinel").fetch_one(pool).await?;
    match wrapper.open("vault_sentinel", &wrapped, "the sentinel") {
        Ok(text) if text.as_slice() == SENTINEL => Ok(()),
        _ => Err(Error::WrongMasterKey),
    }
}
