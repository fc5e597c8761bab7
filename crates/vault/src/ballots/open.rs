//! Opening rounds: the keys are stored first, then the opening is appended under the rounds' locks.

use uuid::Uuid;

use super::{
    AppendFailure, BallotError, Ballots, ELECTORATE_VOTERS_MAX,
    contents::{BallotBox, Roll},
    destroy,
    envelope::RoundKeys,
    lock, sorted,
};
use crate::{Error, random};

/// A round to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The round.
    pub round: Uuid,
    /// The declaration that is voted on.
    pub declaration: Uuid,
    /// Who may vote.
    pub electorate: Vec<Uuid>,
}

impl Ballots {
    /// Opens one round: see [`Self::open_many`].
    ///
    /// # Errors
    /// As [`Self::open_many`].
    pub async fn open_round<T, E>(
        &self,
        opening: Opening,
        append: impl AsyncFnOnce() -> Result<T, AppendFailure<E>>,
    ) -> Result<T, BallotError<AppendFailure<E>>> {
        self.open_many(&[opening], append).await
    }

    /// Stores keys and empty boxes of the rounds, then, holding their locks, runs `append`, which appends the opening to the
    /// log. Where nothing was appended the keys go; where that is not known, or the process dies, they stay until the sweep
    /// has asked the log.
    ///
    /// A repeat for a round that is already stored with the same electorate (an attempt whose outcome was unknown) finds
    /// the round and its keys as they are.
    ///
    /// # Errors
    /// What `append` answers; [`Error::ElectorateSize`], [`Error::RoundsNamed`]; [`Error::RoundExists`] for a round stored
    /// with another electorate or being opened by somebody else at this moment.
    pub async fn open_many<T, E>(
        &self,
        rounds: &[Opening],
        append: impl AsyncFnOnce() -> Result<T, AppendFailure<E>>,
    ) -> Result<T, BallotError<AppendFailure<E>>> {
        let named = sorted(rounds.iter().map(|opening| opening.round))?;
        let attempt = random::id()?;
        let ours = self.store(rounds, attempt).await?;
        let mut transaction = self.pool.begin().await.map_err(Error::from)?;
        let locked = lock(&mut transaction, &named).await?;
        if let Some(taken) = named
            .iter()
            .find(|round| !locked.iter().any(|row| row.round == **round && row.attempt == attempt))
        {
            return Err(Error::RoundExists { round: *taken }.into());
        }
        match append().await {
            Ok(done) => {
                // Nothing is written here: the keys are stored already. If the lock was lost meanwhile, so be it.
                let _ = transaction.rollback().await;
                Ok(done)
            }
            Err(failure @ AppendFailure::NotAppended(_)) => {
                // A key that was there before us may belong to an opening that is in the log: the sweep will ask.
                let removed = async {
                    destroy(&mut transaction, &ours).await?;
                    transaction.commit().await.map_err(Error::from)
                };
                if let Err(error) = removed.await {
                    tracing::warn!(%error, "keys of a round that was not opened stay until the next sweep");
                }
                Err(BallotError::Log(failure))
            }
            Err(failure @ AppendFailure::Unknown(_)) => Err(BallotError::Log(failure)),
        }
    }

    /// Commits keys, roll and box before anything is appended: a crash after the append must find them. Answers the rounds
    /// that were not there before.
    async fn store(&self, rounds: &[Opening], attempt: Uuid) -> Result<Vec<Uuid>, Error> {
        let mut rounds: Vec<_> = rounds.iter().collect();
        rounds.sort_unstable_by_key(|opening| opening.round);
        let mut ours = Vec::with_capacity(rounds.len());
        let mut transaction = self.pool.begin().await?;
        for Opening { round, declaration, electorate } in rounds {
            let round = *round;
            let mut electorate = electorate.clone();
            electorate.sort_unstable();
            electorate.dedup();
            let voters = electorate.len();
            if voters == 0 || voters > ELECTORATE_VOTERS_MAX {
                return Err(Error::ElectorateSize { voters });
            }
            let new = RoundKeys::generate(&self.private_keys, &self.contents_keys, round, &electorate)?;
            let stored: Option<bool> = sqlx::query_scalar(
                "insert into ballot_rounds (round, declaration, electorate, wrapped_private_key, wrapped_contents_key, attempt)
                 values ($1, $2, $3, $4, $5, $6)
                 on conflict (round) do update
                 set attempt = excluded.attempt,
                     created_at = excluded.created_at
                 where ballot_rounds.electorate = excluded.electorate
                 returning xmax = 0",
            )
            .bind(round)
            .bind(declaration)
            .bind(&electorate)
            .bind(new.wrapped_private_key)
            .bind(new.wrapped_contents_key)
            .bind(attempt)
            .fetch_optional(&mut *transaction)
            .await?;
            match stored {
                None => return Err(Error::RoundExists { round }),
                Some(false) => continue,
                Some(true) => ours.push(round),
            }
            for (statement, sealed) in [
                (
                    "insert into ballot_roll (round, sealed) values ($1, $2)",
                    Roll::empty(voters).seal(&new.keys, round)?,
                ),
                (
                    "insert into ballot_box (round, sealed) values ($1, $2)",
                    BallotBox::empty().seal(&new.keys, round, voters)?,
                ),
            ] {
                sqlx::query(statement).bind(round).bind(sealed).execute(&mut *transaction).await?;
            }
        }
        transaction.commit().await?;
        Ok(ours)
    }
}
