//! What can go wrong, told apart by what the caller should do about it.

use std::sync::Arc;

use sqlx::postgres::{PgDatabaseError, PgSeverity};
use uuid::Uuid;
use zhicheng_journal::canonical::NotCanonical;

use crate::read::StoredCommand;
use crate::sealing::SealingError;

/// Why a command was not appended, or not now.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Somebody was faster: the stream is not at the expected version. Load again and decide again.
    #[error("{aggregate_type} {aggregate_id} is no longer at the expected version")]
    Conflict {
        /// The type of the stream.
        aggregate_type: String,
        /// The id of the stream.
        aggregate_id: String,
    },
    /// A name is taken. The holder is for the rules to look at, never for the user to see.
    #[error("the name is already taken")]
    ClaimHeld {
        /// The name.
        name: String,
        /// The type of what holds it.
        holder_type: String,
        /// The id of what holds it.
        holder_id: String,
    },
    /// The log holds another command under this id.
    #[error("command {command_id} is in the log with another content")]
    CommandReused {
        /// The id used twice.
        command_id: Uuid,
    },
    /// The log holds this very command already; here is the first answer. What was decided this time was not written, so it must
    /// not be kept anywhere either.
    #[error("command {} is in the log already", .0.command_id)]
    Replayed(StoredCommand),
    /// More than one command may write.
    #[error("{what}: {found} where at most {limit} are allowed")]
    TooLarge {
        /// What there is too much of, with its unit.
        what: &'static str,
        /// How much there is.
        found: usize,
        /// How much there may be.
        limit: usize,
    },
    /// The caller is wrong: nothing to write, one stream named twice, a text that cannot be stored. The same again fails again.
    #[error("a command that cannot be written: {0}")]
    Invalid(Invalid),
    /// Nothing was written, and the same may well succeed in a moment.
    #[error("the log cannot be written to at the moment")]
    Unavailable(#[source] Unavailable),
    /// Nobody knows whether it was written: the connection was lost on the way and could not be restored in time. Send it again
    /// with the same command id; it will be written once.
    #[error("whether command {command_id} was written is not known yet")]
    Unknown {
        /// The command to send again.
        command_id: Uuid,
        /// What the connection died of.
        #[source]
        source: Arc<sqlx::Error>,
    },
    /// PostgreSQL refused it for a reason that is neither of the above: a fault of ours, or of the schema.
    #[error("the database refused the events")]
    Database(#[source] Arc<sqlx::Error>),
    /// The command was there already, and reading the first answer failed.
    #[error("the first answer could not be read")]
    FirstAnswer(#[source] ReadError),
}

/// Why a command can never be written as it stands.
#[derive(Debug, thiserror::Error)]
pub enum Invalid {
    /// No stream at all, or one without events.
    #[error("each stream of a command must have an event")]
    NothingToWrite,
    /// One stream in two places of the same command.
    #[error("{aggregate_type} {aggregate_id} is named twice")]
    StreamTwice {
        /// The type of the stream.
        aggregate_type: String,
        /// The id of the stream.
        aggregate_id: String,
    },
    /// One name taken or released twice in the same command.
    #[error("the claim {name} is named twice")]
    ClaimTwice {
        /// The name.
        name: String,
    },
    /// Versions count from 0, the stream that does not exist yet.
    #[error("a version cannot be negative")]
    NegativeVersion,
    /// PostgreSQL cannot hold U+0000.
    #[error("{what} holds the character U+0000")]
    Nul {
        /// Where it was found.
        what: &'static str,
    },
    /// The metadata must be a JSON object of texts, without a member `claims`, which is the log's own.
    #[error("the metadata is not an object of texts")]
    Metadata(#[source] serde_json::Error),
    /// The member `claims` of the metadata is written by the log.
    #[error("the metadata has a member claims of its own")]
    MetadataClaims,
    /// JSON that two readers could understand differently.
    #[error("{what} may not be hashed")]
    NotCanonical {
        /// Where it was found.
        what: &'static str,
        /// What is wrong with it.
        #[source]
        source: NotCanonical,
    },
}

/// Why nothing can be written at the moment.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// More commands are waiting than may wait.
    #[error("too many commands are waiting")]
    QueueFull,
    /// The store has been closed.
    #[error("the store is closed")]
    Closed,
    /// PostgreSQL does not answer, or not now.
    #[error("PostgreSQL is not available")]
    Database(#[source] Arc<sqlx::Error>),
}

/// Why nothing could be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The same may well succeed in a moment.
    #[error("the log cannot be read at the moment")]
    Unavailable(#[source] sqlx::Error),
    /// PostgreSQL refused the question: a fault of ours, or of the schema.
    #[error("the database refused to read the log")]
    Database(#[source] sqlx::Error),
    /// The sealed parts of what was read could not be opened.
    #[error("sealed events could not be opened")]
    Sealing(#[source] SealingError),
    /// An event of the one stream that was asked for is not understood.
    #[error(transparent)]
    Undecodable(#[from] DecodeError),
    /// A position was asked for that the log has not reached.
    #[error("position {asked} lies beyond the end of the log at {head}")]
    BeyondHead {
        /// The position asked for.
        asked: i64,
        /// The last position of the log.
        head: i64,
    },
    /// The event is not the one that was hashed when it was written, or is not there.
    #[error("the event at position {position} is not the one that was recorded")]
    Damaged {
        /// Its position.
        position: i64,
    },
    /// An archived right edge of the Merkle tree cannot be read, or is another than that of the log; delete the row, it is built anew.
    #[error("the archived frontier at position {position} is not that of the log")]
    Frontier {
        /// Its position.
        position: i64,
    },
}

/// An event that this program does not understand. It concerns its own aggregate alone.
#[derive(Debug, thiserror::Error)]
#[error(
    "the event {event_type} version {event_version} at position {position}, \
     {aggregate_type} {aggregate_id} number {sequence}, cannot be understood"
)]
pub struct DecodeError {
    /// Its place in the log.
    pub position: i64,
    /// The type of its stream.
    pub aggregate_type: String,
    /// The id of its stream.
    pub aggregate_id: String,
    /// Its place in the stream.
    pub sequence: i64,
    /// What it says happened.
    pub event_type: String,
    /// The version it is written in, as far as it could be brought up to date.
    pub event_version: String,
    /// What stands in the way.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

/// Why a store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// A newer version of this program has migrated the database. Start that version.
    #[error("the log's schema is version {found}, this program knows up to {known}")]
    SchemaNewer {
        /// The version of the database.
        found: i64,
        /// The latest version that this program knows.
        known: i64,
    },
    /// The database was never brought up to the version of this program, and whoever only looks does not do it.
    #[error("the log's schema is version {found}, this program reads version {known}")]
    SchemaOlder {
        /// The version of the database; 0 where there is no log yet.
        found: i64,
        /// The version that this program knows.
        known: i64,
    },
    /// The schema could not be brought up to date.
    #[error("the log's schema could not be brought up to date")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// PostgreSQL cannot be reached, or does not let us in.
    #[error("the log's database cannot be opened")]
    Database(#[source] sqlx::Error),
}

/// What an error of PostgreSQL means for a statement that writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// A constraint of the log refused it; nothing was written.
    Unique,
    /// Nothing was written, and later it may be.
    Unavailable,
    /// Nothing was written, and the same again will fail again.
    Refused,
    /// It may have been written.
    Unknown,
}

impl Fault {
    /// An ordinary error is the end of the transaction, so nothing was written. A fatal one ends the connection, and it can
    /// arrive between the commit and the word that it is done.
    pub(crate) fn of(error: &sqlx::Error) -> Self {
        let sqlx::Error::Database(database) = error else { return Self::Unknown };
        let severity = database.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::severity);
        if severity != Some(PgSeverity::Error) {
            return Self::Unknown;
        }
        match database.code().as_deref() {
            Some("23505") => Self::Unique,
            Some("40003") => Self::Unknown,
            Some(code) if is_passing(code) => Self::Unavailable,
            _ => Self::Refused,
        }
    }
}

impl From<sqlx::Error> for ReadError {
    fn from(error: sqlx::Error) -> Self {
        let passing = match &error {
            sqlx::Error::Database(database) => {
                let fatal = database.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::severity)
                    != Some(PgSeverity::Error);
                fatal || database.code().is_some_and(|code| is_passing(&code))
            }
            sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::ColumnNotFound(_)
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
            | sqlx::Error::Decode(_)
            | sqlx::Error::Encode(_)
            | sqlx::Error::RowNotFound => false,
            _ => true,
        };
        if passing { Self::Unavailable(error) } else { Self::Database(error) }
    }
}

/// Whether the SQLSTATE names a circumstance that passes: connection (08), read-only or cancelled transaction (25006, 40), lack of
/// resources (53), a lock that took too long (55P03), intervention of an operator (57), a failing device (58).
fn is_passing(code: &str) -> bool {
    ["08", "25006", "40", "53", "55P03", "57", "58"].iter().any(|class| code.starts_with(class))
}
