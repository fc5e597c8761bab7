//! The vault: everything secret that must be able to vanish, in a PostgreSQL database of its own.
//!
//! The log keeps every event forever. What may not be kept forever, and what nobody may read, waits here instead:
//! the key of each person ([`PersonKeys`]), the ballots of rounds that are open ([`Ballots`]), passwords
//! ([`Credentials`]), failed sign-ins ([`Lockouts`]), sessions ([`Sessions`]) and browsers that wait to be let in ([`Tickets`]). Destroying a key here erases what it
//! sealed everywhere: in the log, its backups and its copies.
//!
//! Every secret is wrapped by keys derived from a [`MasterKey`] that lives in a file, outside the database: the database
//! alone, or the file alone, opens nothing.
//!
//! # What a deleted row leaves behind
//!
//! PostgreSQL does not overwrite. A deleted row lingers in its page until a vacuum and until something is written over its
//! bytes, in the write-ahead log until that is recycled, and in any backup taken meanwhile. All of it is wrapped, so without
//! the master key nothing readable lingers; but whoever holds the master key *and* such a remnant of a wrapped key can
//! still open what that key sealed. So the vault belongs in no ordinary backup and no archive, a backup of it is kept
//! apart from the master key and for a short time only, and the disk beneath it is encrypted. [`PersonKeys::destroy`] and
//! [`Ballots::sweep`] vacuum the tables concerned, so that at least the pages follow soon.
#![warn(missing_docs)]
#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may fail so"))]

mod aead;
mod ballots;
mod credentials;
mod error;
mod keyed_hash;
mod lockout;
mod master_key;
mod person_keys;
mod random;
mod seal;
mod seal_key;
mod sessions;
mod tickets;
mod vault;
mod wrap;

pub use self::{
    ballots::{
        AppendFailure, BallotError, Ballots, Cast, Choice, Closing, ELECTORATE_VOTERS_MAX, Inspected,
        Opening, ROUNDS_AT_ONCE_MAX, RoundFate, SETTLED_AFTER, Swept,
    },
    credentials::{Credentials, PASSWORD_BYTES_MAX},
    error::Error,
    lockout::{Attempt, Lockouts},
    master_key::MasterKey,
    person_keys::{PersonKey, PersonKeys},
    seal::{Place, SealError, open_bytes, open_payload, seal_bytes, seal_payload},
    seal_key::SealKey,
    sessions::{NewSession, Session, SessionId, SessionLimits, Sessions},
    tickets::{
        Asking, Fetched, Issued, NewTicket, Scan, TICKET_SECONDS, TICKETS_PER_ADDRESS_MAX, TicketStage,
        Tickets, Waiting,
    },
    vault::{Vault, VaultOptions},
};
