//! 投票 Secret ballots: what waits outside the log while a round of voting is open.
//!
//! Who has voted (the roll) and what was voted (the box) lie in two tables, one row a round in each. A row is one sealed
//! value of constant length, made anew with every vote: the roll holds a slot for each voter of the electorate, the box its
//! ballots sorted by their (random) ciphertext and filled up. So no column, row order, length or transaction id tells who
//! came when, how many came, or whose ballot is whose. Each ballot is sealed with HPKE (RFC 9180) to the round's public
//! key, the choice padded to one length; the private key is read when the round closes, and only then.
//!
//! When the closing is in the log, box, roll and keys are destroyed together. What lingers of them in the pages and the
//! write-ahead log of PostgreSQL is sealed under the round's two keys, which were themselves written once, wrapped, in a
//! row that [`Ballots::sweep`] vacuums away. Whoever copied the vault's disk or its write-ahead log while the round was open
//! *and* holds the master key can still open it; see the crate's documentation for how the vault is kept.
//!
//! # One lock a round
//!
//! The round's row is its lock. Opening, voting, closing and sweeping take it, several in sorted order, and ask the log, or
//! append to it, while they hold it. The functions that are handed in run under that lock: they must not vote, open or
//! close themselves. They may use any other part of the vault, which has connections of its own.
//!
//! A closing first marks its round, in a transaction of its own. If the process dies, stands still or loses the log's answer
//! while the closing is being appended, the mark remains and no vote is taken ([`Cast::Closing`]) until the closing is
//! repeated or the sweep has seen what became of it: else a vote could be accepted into a box that was already counted.
//!
//! The futures should run to their end: a closing whose future is dropped half-way (a client that hangs up) stays marked
//! until it is repeated or swept. Run it as a task of its own.

mod cast;
mod close;
mod contents;
mod envelope;
mod inspect;
mod open;
mod sweep;

use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

pub use self::{
    cast::Cast,
    close::Closing,
    envelope::Choice,
    inspect::Inspected,
    open::Opening,
    sweep::{RoundFate, SETTLED_AFTER, Swept},
};
use self::{contents::Roll, envelope::RoundKeys};
use crate::{Error, wrap::Wrapper};

/// Voters of one round at most.
pub const ELECTORATE_VOTERS_MAX: usize = 500;
/// Rounds in one call at most.
pub const ROUNDS_AT_ONCE_MAX: usize = 100;

/// The ballot boxes of all open rounds. Cheap to clone.
#[derive(Clone)]
pub struct Ballots {
    pool: PgPool,
    private_keys: Wrapper,
    contents_keys: Wrapper,
}

/// Why an append to the log gave nothing, told by the function that appends.
#[derive(Debug, thiserror::Error)]
pub enum AppendFailure<E> {
    /// The log certainly does not hold it.
    #[error("nothing was appended")]
    NotAppended(#[source] E),
    /// The log may or may not hold it, as when the connection broke in the commit.
    #[error("whether it was appended is not known")]
    Unknown(#[source] E),
}

/// Which side failed.
#[derive(Debug, thiserror::Error)]
pub enum BallotError<E> {
    /// The vault.
    #[error("the vault failed")]
    Vault(#[from] Error),
    /// The log: what the function handed in answered.
    #[error("the log failed")]
    Log(#[source] E),
}

impl Ballots {
    pub(crate) fn new(pool: PgPool, private_keys: Wrapper, contents_keys: Wrapper) -> Self {
        Self { pool, private_keys, contents_keys }
    }

    /// Whether everybody of the electorate has voted. No other progress is told; `false` too for a round that is not there.
    ///
    /// # Errors
    /// When the database cannot be asked or the roll does not open.
    pub async fn all_voted(&self, round: Uuid) -> Result<bool, Error> {
        let row: Option<(Vec<Uuid>, Vec<u8>, Vec<u8>)> = sqlx::query_as(
            "select ballot_rounds.electorate, ballot_rounds.wrapped_contents_key, ballot_roll.sealed
             from ballot_rounds
             join ballot_roll on ballot_roll.round = ballot_rounds.round
             where ballot_rounds.round = $1",
        )
        .bind(round)
        .fetch_optional(&self.pool)
        .await?;
        let Some((electorate, wrapped_contents_key, sealed)) = row else {
            return Ok(false);
        };
        let keys = RoundKeys::open(&self.contents_keys, round, &electorate, &wrapped_contents_key)?;
        Ok(Roll::open(&keys, round, electorate.len(), &sealed)?.all_voted())
    }
}

/// The row that is a round's lock.
#[derive(sqlx::FromRow)]
struct RoundRow {
    round: Uuid,
    electorate: Vec<Uuid>,
    wrapped_private_key: Vec<u8>,
    wrapped_contents_key: Vec<u8>,
    attempt: Uuid,
    closing: bool,
}

/// Locks the rounds that are there, in sorted order, until the transaction ends.
///
/// Roll and box must be read by a later statement ([`contents_of`]): this one may have waited for the lock, and what it sees
/// of other tables is as old as its beginning. Read along with the lock, a vote just cast would be lost.
async fn lock(connection: &mut PgConnection, rounds: &[Uuid]) -> Result<Vec<RoundRow>, Error> {
    Ok(sqlx::query_as(
        "select
             round,
             electorate,
             wrapped_private_key,
             wrapped_contents_key,
             attempt,
             closing_since is not null as closing
         from ballot_rounds
         where round = any($1)
         order by round
         for update",
    )
    .bind(rounds)
    .fetch_all(connection)
    .await?)
}

/// Sealed roll and box of locked rounds, in sorted order.
async fn contents_of(
    connection: &mut PgConnection,
    rounds: &[Uuid],
) -> Result<Vec<(Uuid, Vec<u8>, Vec<u8>)>, Error> {
    Ok(sqlx::query_as(
        "select ballot_roll.round, ballot_roll.sealed, ballot_box.sealed
         from ballot_roll
         join ballot_box on ballot_box.round = ballot_roll.round
         where ballot_roll.round = any($1)
         order by ballot_roll.round",
    )
    .bind(rounds)
    .fetch_all(connection)
    .await?)
}

/// Destroys box, roll and keys of locked rounds.
async fn destroy(connection: &mut PgConnection, rounds: &[Uuid]) -> Result<(), Error> {
    // Box and roll go along (on delete cascade).
    sqlx::query("delete from ballot_rounds where round = any($1)").bind(rounds).execute(connection).await?;
    Ok(())
}

/// The rounds of a call, sorted: locks are taken in one order by everybody.
fn sorted(rounds: impl IntoIterator<Item = Uuid>) -> Result<Vec<Uuid>, Error> {
    let mut rounds: Vec<Uuid> = rounds.into_iter().collect();
    rounds.sort_unstable();
    let named = rounds.len();
    rounds.dedup();
    if rounds.is_empty() || rounds.len() != named || named > ROUNDS_AT_ONCE_MAX {
        return Err(Error::RoundsNamed);
    }
    Ok(rounds)
}
