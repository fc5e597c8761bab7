//! What can go wrong in the vault.

use std::path::PathBuf;

use uuid::Uuid;

/// A failure of the vault. `Display` says one level; `source()` holds the cause.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database cannot be reached, is starting, is full or kept us waiting too long: trying again may help.
    #[error("the vault's database is not available now")]
    Unavailable(#[source] sqlx::Error),
    /// The database refused something that it should not refuse.
    #[error("the vault's database reported an error")]
    Database(#[source] sqlx::Error),
    /// The tables could not be brought up to date.
    #[error("the vault's tables could not be migrated")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// The database was migrated by a newer version of this program.
    #[error(
        "the vault's tables are at version {version}, newer than this program knows: run the newer program"
    )]
    SchemaNewer {
        /// The version found in the database that this program does not have.
        version: i64,
    },
    /// The database was never brought up to the version of this program, and whoever only looks does not do it.
    #[error("the vault's tables are at version {found}, this program reads version {known}")]
    SchemaOlder {
        /// The version found in the database; 0 where there is no vault yet.
        found: i64,
        /// The version that this program knows.
        known: i64,
    },
    /// The database was made with another master key.
    #[error("the master key is not the one this vault was made with")]
    WrongMasterKey,
    /// The file of the master key could not be read or written.
    #[error("the master key file {} could not be read or written", path.display())]
    MasterKeyFile {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file does not hold 32 bytes in hexadecimal.
    #[error("the master key file {} must hold 64 hexadecimal digits", path.display())]
    MasterKeyMalformed {
        /// Which file.
        path: PathBuf,
    },
    /// The file of the master key is readable by everybody or writable by others.
    #[error("the master key file {} has mode {mode:o}: others may read or change it; set it to 600", path.display())]
    MasterKeyExposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A stored secret does not open although the master key is right: the row was damaged or moved.
    #[error("{what} does not open: the row was damaged or moved")]
    Damaged {
        /// Which kind of row.
        what: &'static str,
    },
    /// Something longer than the cipher takes.
    #[error("the text is too long to be encrypted")]
    TooLong,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Random(#[source] getrandom::Error),
    /// The person's key was destroyed: what belongs to that person can no longer be sealed.
    #[error("the key of person {person} was destroyed")]
    KeyDestroyed {
        /// Whose key.
        person: Uuid,
    },
    /// A password longer than [`crate::PASSWORD_BYTES_MAX`].
    #[error("the password is too long")]
    PasswordTooLong,
    /// The password hash could not be computed or read.
    #[error("the password hash could not be computed")]
    PasswordHash(#[source] argon2::password_hash::Error),
    /// Too many passwords wait to be hashed: trying again may help.
    #[error("too many sign-ins at once")]
    Busy,
    /// A task on the blocking pool ended early (the program is stopping).
    #[error("the task was cut short")]
    CutShort(#[source] tokio::task::JoinError),
    /// An electorate that is empty or has more than [`crate::ELECTORATE_VOTERS_MAX`] voters.
    #[error("an electorate of {voters} voters is not possible")]
    ElectorateSize {
        /// How many voters were named.
        voters: usize,
    },
    /// No round, one round twice, or more than [`crate::ROUNDS_AT_ONCE_MAX`] in one call.
    #[error("the rounds of one call must be different, at least one and not too many")]
    RoundsNamed,
    /// A round of this id is there with another electorate, or is just being opened by somebody else.
    #[error("round {round} exists already")]
    RoundExists {
        /// Which round.
        round: Uuid,
    },
    /// The vault holds no such round: never opened, closed, or its key is lost.
    #[error("the vault holds no round {round}")]
    RoundMissing {
        /// Which round.
        round: Uuid,
    },
    /// Roll and box of a round disagree or a ballot does not open. Nothing was changed; the round must be annulled.
    #[error("roll and box of round {round} do not agree")]
    BoxBroken {
        /// Which round.
        round: Uuid,
    },
}

impl Error {
    /// Whether the same call may succeed a little later, as when the database restarts.
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Busy)
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let transient = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            sqlx::Error::Database(refusal) => refusal.code().is_some_and(|code| {
                // connection lost; out of resources; operator intervention; lock not available; serialization, deadlock
                ["08", "53", "57"].iter().any(|class| code.starts_with(class))
                    || ["55P03", "40001", "40P01", "25P03"].contains(&code.as_ref())
            }),
            _ => false,
        };
        if transient { Self::Unavailable(error) } else { Self::Database(error) }
    }
}
