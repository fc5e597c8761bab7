//! Why the cluster is not there, with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why the private cluster could not be started or used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// No folder on this machine holds `postgres` and `initdb`.
    #[error(
        "PostgreSQL's programs (postgres, initdb) are in none of {}; install them (on Debian and Ubuntu: apt-get install postgresql) or set the folder they are in",
        folders(searched)
    )]
    PostgresMissing {
        /// Where was looked, in that order.
        searched: Vec<PathBuf>,
    },
    /// PostgreSQL is there, but not in the version the data was written by, or too old altogether.
    #[error(
        "PostgreSQL {wanted} is needed, found {}; install postgresql-{wanted}, or upgrade the data with pg_upgrade",
        versions(found)
    )]
    PostgresVersion {
        /// The major version needed: that of the data, or the oldest that will do.
        wanted: u32,
        /// The major versions found.
        found: Vec<u32>,
    },
    /// Another process runs the cluster of this folder.
    #[error("the data folder {} is in use by another process; stop that one, or choose another folder", folder.display())]
    FolderInUse {
        /// The folder that is locked.
        folder: PathBuf,
    },
    /// Started as root, which PostgreSQL refuses, and there is no user to run it as.
    #[error(
        "PostgreSQL refuses to run as root, and there is no user \"postgres\" or \"nobody\" to run it as; start as an ordinary user"
    )]
    NoUnprivilegedUser,
    /// The user has a number only; PostgreSQL needs a name.
    #[error(
        "the user with number {uid} has no name (no line in /etc/passwd), without which PostgreSQL does not run; add one"
    )]
    UserWithoutName {
        /// The user's number.
        uid: u32,
    },
    /// The database files belong to somebody else.
    #[error("the database files in {} belong to the user with number {owner}; start as that user, or as root", folder.display())]
    NotOwner {
        /// The folder of the files.
        folder: PathBuf,
        /// The owner's number.
        owner: u32,
    },
    /// The user that PostgreSQL runs as may not pass a directory above its files.
    #[error(
        "the user \"{user}\", as whom PostgreSQL runs, cannot reach {}; allow passing the directories above it (chmod a+x), or move the data folder",
        folder.display()
    )]
    OutOfReach {
        /// Who cannot.
        user: String,
        /// What cannot be reached.
        folder: PathBuf,
    },
    /// The data folder points to database files that are gone.
    #[error("the database files of this data folder were in {}, which is not there any more; restore it, or choose another data folder", folder.display())]
    FilesGone {
        /// Where they were.
        folder: PathBuf,
    },
    /// The folder for the socket was made by somebody else.
    #[error("{} is not a private folder of the user \"{user}\"; remove it", folder.display())]
    SocketFolderForeign {
        /// The folder.
        folder: PathBuf,
        /// To whom it ought to belong.
        user: String,
    },
    /// A file or folder could not be read or written.
    #[error("cannot {doing} {}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A program or a thread could not be started.
    #[error("cannot start a program or thread")]
    Spawn(#[source] io::Error),
    /// `initdb` failed.
    #[error("initdb failed: {output}")]
    Initdb {
        /// What it said.
        output: String,
    },
    /// Processes of an earlier run hold the files and do not go.
    #[error("processes of an earlier run still hold the database files and do not end: {processes:?}")]
    Leftovers {
        /// Their process ids.
        processes: Vec<i32>,
    },
    /// PostgreSQL ended while it was starting.
    #[error("PostgreSQL ended while starting ({status}): {log}")]
    Ended {
        /// How it ended.
        status: String,
        /// The last lines it wrote.
        log: String,
    },
    /// PostgreSQL was not ready within [`Settings::start_limit`](crate::Settings::start_limit).
    #[error("PostgreSQL was not ready within {seconds} s: {log}")]
    TooSlow {
        /// The limit.
        seconds: u64,
        /// The last lines it wrote.
        log: String,
    },
    /// Asked to stop while it was starting.
    #[error("stopped while starting")]
    Stopped,
    /// The supervising thread ended without a word.
    #[error("the supervising thread ended unexpectedly")]
    SupervisorLost,
    /// A setting that durability or safety rests on is not for changing.
    #[error("the setting \"{name}\" of the private cluster is fixed")]
    SettingFixed {
        /// The setting.
        name: String,
    },
    /// The name of a database must be plain.
    #[error(
        "\"{name}\" is no database name: lower-case letters, digits and underscores, beginning with a letter, 63 at most"
    )]
    DatabaseName {
        /// The name.
        name: String,
    },
    /// The server refused.
    #[error("the private cluster refused")]
    Database(#[from] sqlx::Error),
}

impl ClusterError {
    /// For `map_err` on file operations: what was tried, on what.
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { doing, path, source }
    }
}

fn folders(searched: &[PathBuf]) -> String {
    searched.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
}

fn versions(found: &[u32]) -> String {
    found.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
}
