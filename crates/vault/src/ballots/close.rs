//! 计票 Closing rounds: the boxes are opened, the closing is appended under the rounds' locks, then all is destroyed.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    AppendFailure, BallotError, Ballots, RoundRow,
    contents::{BallotBox, Roll},
    contents_of, destroy,
    envelope::{Choice, PrivateKey, RoundKeys},
    lock, sorted,
};
use crate::{Error, random};

/// How often a mark taken away by another closing is set again before giving up.
const MARKS_MAX: usize = 10;

/// What was in the box of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// The round.
    pub round: Uuid,
    /// Who voted, sorted. As many as there are choices.
    pub voters: Vec<Uuid>,
    /// How many agreed.
    pub agree: u32,
    /// How many did not.
    pub disagree: u32,
    /// Each vote, shuffled.
    pub choices: Vec<Choice>,
}

impl Ballots {
    /// Closes one round: see [`Self::close_many`].
    ///
    /// # Errors
    /// As [`Self::close_many`].
    pub async fn close<T, E>(
        &self,
        round: Uuid,
        append: impl AsyncFnOnce(Closing) -> Result<T, AppendFailure<E>>,
    ) -> Result<T, BallotError<AppendFailure<E>>> {
        self.close_many(&[round], async |mut closings: Vec<Closing>| {
            append(closings.pop().expect("close_many hands over one closing for each round named")).await
        })
        .await
    }

    /// Opens the boxes and runs `append`, which appends the closing to the log, while the rounds stay locked. Once it is
    /// appended, boxes, rolls and keys are destroyed. Where nothing was appended all stays whole and voting goes on. Where
    /// that is not known all stays whole too, but no vote is taken until the closing is repeated (with the same command id,
    /// so that the log can tell) or the sweep has asked the log.
    ///
    /// `append` gets the closings in the order of the rounds' ids, and should find out itself, as far as it can, what
    /// became of an append whose answer was lost.
    ///
    /// # Errors
    /// What `append` answers; [`Error::RoundMissing`] for a round that is not in the vault; [`Error::BoxBroken`] and
    /// [`Error::Damaged`] for one that must be annulled.
    pub async fn close_many<T, E>(
        &self,
        rounds: &[Uuid],
        append: impl AsyncFnOnce(Vec<Closing>) -> Result<T, AppendFailure<E>>,
    ) -> Result<T, BallotError<AppendFailure<E>>> {
        let rounds = sorted(rounds.iter().copied())?;
        for _ in 0..MARKS_MAX {
            let marks = self.mark(&rounds).await?;
            let mut transaction = self.pool.begin().await.map_err(Error::from)?;
            let locked = lock(&mut transaction, &rounds).await?;
            if locked.iter().any(|row| !row.closing) {
                // Another closing of the same rounds came to nothing and took the mark away.
                continue;
            }
            let closings = match self.read(&mut transaction, &rounds, &locked).await {
                Ok(closings) => closings,
                Err(error) => {
                    marks.restore(&mut transaction).await?;
                    transaction.commit().await.map_err(Error::from)?;
                    return Err(error.into());
                }
            };
            return match append(closings).await {
                Ok(done) => {
                    let destroyed = async {
                        destroy(&mut transaction, &rounds).await?;
                        transaction.commit().await.map_err(Error::from)
                    };
                    if let Err(error) = destroyed.await {
                        tracing::warn!(%error, "boxes of closed rounds stay until the next sweep");
                    }
                    Ok(done)
                }
                Err(failure @ AppendFailure::NotAppended(_)) => {
                    let restored = async {
                        marks.restore(&mut transaction).await?;
                        transaction.commit().await.map_err(Error::from)
                    };
                    if let Err(error) = restored.await {
                        tracing::warn!(%error, "rounds that were not closed take no votes until the next sweep");
                    }
                    Err(BallotError::Log(failure))
                }
                Err(failure @ AppendFailure::Unknown(_)) => Err(BallotError::Log(failure)),
            };
        }
        Err(Error::Busy.into())
    }

    /// Marks the rounds as being closed, and commits that before anything is read.
    async fn mark(&self, rounds: &[Uuid]) -> Result<Marks, Error> {
        let mut transaction = self.pool.begin().await?;
        let locked = lock(&mut transaction, rounds).await?;
        if let Some(missing) = rounds.iter().find(|round| !locked.iter().any(|row| row.round == **round)) {
            return Err(Error::RoundMissing { round: *missing });
        }
        let before = sqlx::query_as("select round, closing_since from ballot_rounds where round = any($1)")
            .bind(rounds)
            .fetch_all(&mut *transaction)
            .await?;
        sqlx::query("update ballot_rounds set closing_since = now() where round = any($1)")
            .bind(rounds)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Marks { before })
    }

    async fn read(
        &self,
        connection: &mut PgConnection,
        rounds: &[Uuid],
        locked: &[RoundRow],
    ) -> Result<Vec<Closing>, Error> {
        let contents = contents_of(connection, rounds).await?;
        rounds
            .iter()
            .map(|round| {
                let round = *round;
                let row =
                    locked.iter().find(|row| row.round == round).ok_or(Error::RoundMissing { round })?;
                let (_, roll, ballot_box) =
                    contents.iter().find(|(other, ..)| *other == round).ok_or(Error::BoxBroken { round })?;
                self.count(row, roll, ballot_box)
            })
            .collect()
    }

    fn count(&self, row: &RoundRow, roll: &[u8], ballot_box: &[u8]) -> Result<Closing, Error> {
        let RoundRow { round, electorate, .. } = row;
        let round = *round;
        let keys = RoundKeys::open(&self.contents_keys, round, &row.electorate, &row.wrapped_contents_key)?;
        let private_key = PrivateKey::open(&self.private_keys, round, &row.wrapped_private_key)?;
        let voters = Roll::open(&keys, round, electorate.len(), roll)?.voters(electorate);
        let mut choices = BallotBox::open(&keys, round, electorate.len(), ballot_box)?
            .ballots()
            .iter()
            .map(|ballot| private_key.choice(round, ballot).ok_or(Error::BoxBroken { round }))
            .collect::<Result<Vec<_>, _>>()?;
        if voters.len() != choices.len() {
            return Err(Error::BoxBroken { round });
        }
        random::shuffle(&mut choices)?;
        let agree = choices.iter().filter(|choice| **choice == Choice::Agree).count() as u32;
        Ok(Closing { round, voters, agree, disagree: choices.len() as u32 - agree, choices })
    }
}

/// How the rounds were marked before this closing.
struct Marks {
    before: Vec<(Uuid, Option<DateTime<Utc>>)>,
}

impl Marks {
    /// Puts the marks back: none, or that of an earlier closing of which nobody knows yet what became.
    async fn restore(&self, connection: &mut PgConnection) -> Result<(), Error> {
        let (rounds, since): (Vec<Uuid>, Vec<Option<DateTime<Utc>>>) = self.before.iter().copied().unzip();
        sqlx::query(
            "update ballot_rounds
             set closing_since = before.closing_since
             from unnest($1::uuid[], $2::timestamptz[]) as before (round, closing_since)
             where ballot_rounds.round = before.round",
        )
        .bind(rounds)
        .bind(since)
        .execute(connection)
        .await?;
        Ok(())
    }
}
