//! The log on PostgreSQL: append events, read them back, nothing else. It knows no domain.
//!
//! * [`EventStore::append`] writes the events of one command to one or several streams, all or nothing, each stream at its
//!   expected version, with names claimed and released in the same breath. Nobody is answered before the commit is durable.
//! * [`EventStore::read_after`] and its siblings read in one order that never changes: positions are 1, 2, 3 and so on without a
//!   gap, and a reader who has seen n never finds a smaller one later.
//! * [`Cache`] keeps folded aggregates; nothing that is true depends on it.
//! * [`cqrs_es::EventStore`] is implemented, so an aggregate of cqrs-es runs on this log as it is, and a stock postgres-es reader
//!   reads every stream of it.
//!
//! How a command is written: [`append`] checks and hashes it in the task of its caller, `appender` gathers what is waiting into
//! a batch, `lane` brings the batch over one connection, `append_statement` holds the SQL.

pub mod append;
mod append_history;
mod append_statement;
mod appender;
pub mod cache;
pub mod claims;
mod connection;
#[expect(clippy::disallowed_methods, reason = "cqrs-es hands over neither the time nor an id of the command")]
mod cqrs;
mod error;
mod lane;
mod proof;
mod read;
mod schema;
pub mod sealing;

mod store;
pub mod upcast;
mod wake;

pub use append::{Alone, Append, Appended, Claim, ClaimChange, CommandStamp, NewEvent, StreamAppend};
pub use append_history::TakeInError;
pub use cache::Cache;
pub use claims::ClaimDifference;
pub use cqrs::{COMMAND_ID_MEMBER, Loaded, TIME_MEMBER};
pub use error::{AppendError, ConnectError, DecodeError, ReadError, Unavailable};
pub use proof::{FRONTIER_EVERY_EVENTS, Verified};
pub use read::{READ_EVENTS_MAX, StoredCommand, StreamKey, StreamPage};
pub use sealing::{Sealing, SealingError};
pub use store::{EventStore, Settings};
pub use upcast::Upcasters;
pub use wake::{OtherWay, StandIn};
pub use zhicheng_journal::{Hash, HistoryLine, RecordedEvent};
