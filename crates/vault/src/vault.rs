//! Connecting to the vault.

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
        prove(&pool, &Wrapper::derive(&master, "vault_sentinel")).await?;
        let ballot_pool = pool_of_ballots(&database);
        let keyed_hash = KeyedHash::load(&pool, &Wrapper::derive(&master, "vault_secrets")).await?;
        let sessions =
            Sessions::new(pool.clone(), Wrapper::derive(&master, "sessions"), options.session_limits);
        Ok(Self {
            person_keys: PersonKeys::new(pool.clone(), Wrapper::derive(&master, "person_keys")),
            ballots: Ballots::new(
                ballot_pool.clone(),
                Wrapper::derive(&master, "ballot_rounds private key"),
                Wrapper::derive(&master, "ballot_rounds contents key"),
            ),
            credentials: Credentials::new(pool.clone(), Wrapper::derive(&master, "credentials")).await?,
            lockouts: Lockouts::new(pool.clone(), keyed_hash.clone()),
            tickets: Tickets::new(
                pool.clone(),
                Wrapper::derive(&master, "sign_in_tickets"),
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

/// Opens the sentinel row, after writing it on first use.
async fn prove(pool: &PgPool, wrapper: &Wrapper) -> Result<(), Error> {
    sqlx::query("insert into vault_sentinel (wrapped) values ($1) on conflict (one) do nothing")
        .bind(wrapper.wrap("vault_sentinel", SENTINEL)?)
        .execute(pool)
        .await?;
    let wrapped: Vec<u8> = sqlx::query_scalar("select wrapped from vault_sentinel").fetch_one(pool).await?;
    match wrapper.open("vault_sentinel", &wrapped, "the sentinel") {
        Ok(text) if text.as_slice() == SENTINEL => Ok(()),
        _ => Err(Error::WrongMasterKey),
    }
}
