//! The handle: start, make databases, stop.

use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::sync::{oneshot, watch};

use crate::error::ClusterError;
use crate::settings::Settings;
use crate::supervisor::{self, Message, Started};

/// The cluster's only role, which owns every database; the operating system's user is mapped to it.
pub(crate) const ROLE: &str = "zhicheng";

/// The database that always exists, from which the others are made.
const MAINTENANCE_DATABASE: &str = "postgres";

/// PostgreSQL cuts names at 63 bytes; a longer one would name another database than asked for.
const DATABASE_NAME_BYTES_MAX: usize = 63;

/// SQLSTATE of `create database` when the database is there already.
const DUPLICATE_DATABASE: &str = "42P04";

/// SQLSTATE of the same, when two sessions create it at one instant.
const UNIQUE_VIOLATION: &str = "23505";

/// A running private cluster; it runs until this value is stopped or dropped, or the process ends, however it ends.
///
/// Dropping blocks until PostgreSQL is gone (a fraction of a second, rarely more): prefer [`Cluster::stop`] in async code.
#[derive(Debug)]
pub struct Cluster {
    started: Started,
    states: watch::Receiver<ClusterState>,
    supervised: Supervised,
}

/// What the cluster is doing, for `/readyz` and for callers that answer 503 meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClusterState {
    /// The postmaster is being started; after a crash this includes recovery.
    Starting,
    /// Connections are accepted.
    Ready,
    /// The postmaster ended by itself; it is started again after a pause that grows with the attempts.
    Down {
        /// How it ended, or why it could not be started again.
        cause: String,
        /// Starts since it was last ready, this one included; 1 is the first.
        attempt: u32,
    },
    /// Stopped on request; it does not come back.
    Stopped,
}

impl Cluster {
    /// Starts the cluster of `data_folder`, making both when they are not there; returns once connections are accepted.
    ///
    /// The folder is created with mode 0711: PostgreSQL may run as another user than this process and must pass through.
    /// A first start takes some seconds (`initdb`), later ones a tenth of a second, one after a crash as long as recovery.
    ///
    /// # Errors
    ///
    /// [`ClusterError::FolderInUse`] when another process runs it, [`ClusterError::PostgresMissing`] and its relatives
    /// when the programs are not there, and the others as they say.
    pub async fn start(data_folder: &Path, settings: Settings) -> Result<Self, ClusterError> {
        let (started, outcome) = oneshot::channel();
        let (state, states) = watch::channel(ClusterState::Starting);
        let (messages, inbox) = mpsc::channel();
        let data_folder = data_folder.to_owned();
        let waiters = messages.clone();
        // A thread of its own that lives as long as PostgreSQL: the kernel's parent-death signal is bound to the
        // *thread* that spawned the child, and a runtime's worker may end at any time.
        let thread = std::thread::Builder::new()
            .name("private-cluster".to_owned())
            .spawn(move || supervisor::run(&data_folder, &settings, &waiters, &inbox, &state, started))
            .map_err(ClusterError::Spawn)?;
        let supervised = Supervised { messages, thread: Some(thread) };
        match outcome.await {
            Ok(Ok(started)) => Ok(Self { started, states, supervised }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(ClusterError::SupervisorLost),
        }
    }

    /// How to connect to the database `name`, which is created (UTF-8, empty) when it is not there.
    ///
    /// # Errors
    ///
    /// [`ClusterError::DatabaseName`] unless the name is `[a-z][a-z0-9_]*` of at most 63 bytes;
    /// [`ClusterError::Database`] when the server refuses.
    pub async fn database(&self, name: &str) -> Result<PgConnectOptions, ClusterError> {
        let plain = name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if !plain || !name.starts_with(|first: char| first.is_ascii_lowercase()) {
            return Err(ClusterError::DatabaseName { name: name.to_owned() });
        }
        if name.len() > DATABASE_NAME_BYTES_MAX {
            return Err(ClusterError::DatabaseName { name: name.to_owned() });
        }
        let options = self.connect_options(name);
        let mut connection = PgConnection::connect_with(&self.connect_options(MAINTENANCE_DATABASE)).await?;
        let there: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
            .bind(name)
            .fetch_one(&mut connection)
            .await?;
        if !there {
            // The name was checked above: letters, digits and underscores only, so quoting cannot be left.
            let created = sqlx::query(&format!("create database \"{name}\"")).execute(&mut connection).await;
            match created {
                Ok(_) => {}
                Err(sqlx::Error::Database(refusal))
                    if matches!(refusal.code().as_deref(), Some(DUPLICATE_DATABASE | UNIQUE_VIOLATION)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        connection.close().await?;
        Ok(options)
    }

    /// The address of the database `name` as a URL, for another process of the same user; creates nothing.
    pub fn url(&self, name: &str) -> String {
        self.connect_options(name).to_url_lossy().to_string()
    }

    /// Each change of state, beginning with the present one.
    pub fn states(&self) -> watch::Receiver<ClusterState> {
        self.states.clone()
    }

    /// Where PostgreSQL keeps its files: in the data folder, or in a folder of the system's where the data folder lies
    /// below a directory that PostgreSQL's user cannot pass.
    pub fn files(&self) -> &Path {
        &self.started.files
    }

    /// The folder that holds the Unix socket.
    pub fn socket_folder(&self) -> &Path {
        &self.started.socket_folder
    }

    /// The folder of PostgreSQL's programs in use, for `pg_dump` and its like.
    pub fn programs(&self) -> &Path {
        &self.started.programs
    }

    /// PostgreSQL's settings and facts that belong into a support report: name and value.
    pub fn parameters(&self) -> &[(String, String)] {
        &self.started.parameters
    }

    /// Stops PostgreSQL (fast: open transactions are rolled back, all that was committed is on disk) and waits until it
    /// is gone and the folder is free.
    pub async fn stop(self) {
        self.supervised.ask_to_stop();
        let mut states = self.states.clone();
        // An error means that the supervisor has ended, which is what is waited for.
        let _ = states.wait_for(|state| *state == ClusterState::Stopped).await;
    }

    fn connect_options(&self, database: &str) -> PgConnectOptions {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.started.socket_folder)
            .port(supervisor::PORT)
            .username(ROLE)
            .database(database)
            .ssl_mode(PgSslMode::Disable)
    }
}

/// Ends the supervisor with the handle, also where `start` itself is given up half-way.
#[derive(Debug)]
struct Supervised {
    messages: mpsc::Sender<Message>,
    thread: Option<JoinHandle<()>>,
}

impl Supervised {
    fn ask_to_stop(&self) {
        // An error means that the supervisor has ended already.
        let _ = self.messages.send(Message::Stop);
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.ask_to_stop();
        if let Some(thread) = self.thread.take() {
            // A panic over there has been printed by that thread; there is nothing to add here.
            let _ = thread.join();
        }
    }
}
