//! Sweeping up after crashes: what the log says is over is destroyed, what it says is open takes votes again.

use std::time::Duration;

use uuid::Uuid;

use super::{BallotError, Ballots, destroy};
use crate::Error;

/// How long to wait before an append that nobody answers for is taken as never made. Longer than any append takes and any
/// process stands still: a closing that comes into the log after its round was released would miss later votes. Waiting is
/// cheap, as a closing that died is repeated by whoever wanted it, and an opening likewise.
pub const SETTLED_AFTER: Duration = Duration::from_secs(10 * 60);
/// Rounds looked at in one statement.
const ROUNDS_PER_PAGE: i64 = 500;

/// What the log says of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoundFate {
    /// It is open.
    Open,
    /// It was closed or annulled, or what was voted on has ended otherwise.
    Over,
    /// The log knows no such round.
    NeverOpened,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Rounds whose box, roll and keys were destroyed.
    pub destroyed: u64,
    /// Open rounds that take votes again after a closing that came to nothing.
    pub released: u64,
}

impl Ballots {
    /// Asks the log for the fate of every round in the vault, with the declaration that it is of where the round says it, under
    /// its lock, and acts on it; then vacuums the tables, so
    /// that rows of past votes leave their pages. Rounds that are locked (being voted in, opened or closed) wait for the next
    /// sweep. To be run at start and every minute, by any number of processes.
    ///
    /// A round that the log does not know is destroyed, and one with an unfinished closing released, only when the round or
    /// the closing is older than `settled_after` by the database's clock: outside of tests, [`SETTLED_AFTER`].
    ///
    /// # Errors
    /// The first error of `fate` or of the vault; what was done before it stays done.
    pub async fn sweep<E, F: Future<Output = Result<RoundFate, E>>>(
        &self,
        settled_after: Duration,
        fate: impl Fn(Uuid, Option<Uuid>) -> F,
    ) -> Result<Swept, BallotError<E>> {
        let mut swept = Swept::default();
        let mut last = Uuid::nil();
        loop {
            let rounds: Vec<Uuid> = sqlx::query_scalar(
                "select round from ballot_rounds where round > $1 order by round limit $2",
            )
            .bind(last)
            .bind(ROUNDS_PER_PAGE)
            .fetch_all(&self.pool)
            .await
            .map_err(Error::from)?;
            let Some(end) = rounds.last() else { break };
            last = *end;
            for round in rounds {
                self.sweep_one(round, settled_after, &fate, &mut swept).await?;
            }
        }
        sqlx::raw_sql("vacuum (skip_locked) ballot_rounds, ballot_roll, ballot_box")
            .execute(&self.pool)
            .await
            .map_err(Error::from)?;
        Ok(swept)
    }

    async fn sweep_one<E, F: Future<Output = Result<RoundFate, E>>>(
        &self,
        round: Uuid,
        settled_after: Duration,
        fate: &impl Fn(Uuid, Option<Uuid>) -> F,
        swept: &mut Swept,
    ) -> Result<(), BallotError<E>> {
        let mut transaction = self.pool.begin().await.map_err(Error::from)?;
        let row: Option<(bool, Option<bool>, Option<Uuid>)> = sqlx::query_as(
            "select
                 created_at <= now() - make_interval(secs => $2),
                 closing_since <= now() - make_interval(secs => $2),
                 declaration
             from ballot_rounds
             where round = $1
             for update skip locked",
        )
        .bind(round)
        .bind(settled_after.as_secs_f64())
        .fetch_optional(&mut *transaction)
        .await
        .map_err(Error::from)?;
        let Some((opening_settled, closing_settled, declaration)) = row else {
            return Ok(());
        };
        match fate(round, declaration).await.map_err(BallotError::Log)? {
            RoundFate::Over => {}
            RoundFate::NeverOpened if opening_settled => {}
            RoundFate::Open if closing_settled == Some(true) => {
                sqlx::query("update ballot_rounds set closing_since = null where round = $1")
                    .bind(round)
                    .execute(&mut *transaction)
                    .await
                    .map_err(Error::from)?;
                transaction.commit().await.map_err(Error::from)?;
                swept.released += 1;
                return Ok(());
            }
            RoundFate::NeverOpened | RoundFate::Open => return Ok(()),
        }
        destroy(&mut transaction, &[round]).await?;
        transaction.commit().await.map_err(Error::from)?;
        swept.destroyed += 1;
        Ok(())
    }
}
