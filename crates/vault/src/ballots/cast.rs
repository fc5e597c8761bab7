//! 投票 Casting a vote: under the round's lock, after the log has said that the round is open.

use std::time::{Duration, Instant};

use uuid::Uuid;

use super::{
    BallotError, Ballots, RoundRow,
    contents::{BallotBox, RequestHash, Roll, Voted},
    contents_of,
    envelope::{Choice, RoundKeys},
    lock, sorted,
};
use crate::Error;

/// How long a vote waits for a closing that has begun before it is told to come back.
const CLOSING_WAIT: Duration = Duration::from_secs(2);
/// How often it looks meanwhile. A closing at work holds the lock, so this is seldom needed.
const CLOSING_LOOK: Duration = Duration::from_millis(20);

/// What became of a vote. Several at once are all accepted or none: the round then is the first that stood in the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    /// In the box, durably.
    Accepted,
    /// The same request was accepted before; whatever it says now, the first vote stands.
    Repeated,
    /// The voter has voted in this round with another request.
    AlreadyVoted {
        /// Which round.
        round: Uuid,
    },
    /// The log says that the round is not open.
    Closed {
        /// Which round.
        round: Uuid,
    },
    /// Not a voter of this round.
    NotInElectorate {
        /// Which round.
        round: Uuid,
    },
    /// A closing of the round has begun and what became of it is not known yet. Try again later.
    Closing {
        /// Which round.
        round: Uuid,
    },
    /// The log says that the round is open, but the vault does not hold its key: the round must be annulled.
    KeyLost {
        /// Which round.
        round: Uuid,
    },
}

impl Ballots {
    /// Casts one vote: see [`Self::cast_many`].
    ///
    /// # Errors
    /// As [`Self::cast_many`].
    pub async fn cast<E, F: Future<Output = Result<bool, E>>>(
        &self,
        round: Uuid,
        voter: Uuid,
        request_key: &str,
        choice: Choice,
        is_open: impl Fn(Uuid) -> F,
    ) -> Result<Cast, BallotError<E>> {
        self.cast_many(voter, request_key, &[(round, choice)], is_open).await
    }

    /// Casts a voter's votes in several rounds, all or none: takes the rounds' locks, asks `is_open` (the log) of each, and
    /// makes roll and box anew in one transaction.
    ///
    /// `request_key` is the request's idempotency key. Where the voter has voted in any of the rounds with this key, the call
    /// is the repeat of one that was accepted and changes nothing.
    ///
    /// # Errors
    /// What `is_open` answers, or the vault. After [`Error::Unavailable`] the vote may or may not be in the box: the same
    /// request, repeated, settles it. Nothing is logged here.
    pub async fn cast_many<E, F: Future<Output = Result<bool, E>>>(
        &self,
        voter: Uuid,
        request_key: &str,
        votes: &[(Uuid, Choice)],
        is_open: impl Fn(Uuid) -> F,
    ) -> Result<Cast, BallotError<E>> {
        sorted(votes.iter().map(|(round, _)| *round))?;
        let mut votes = votes.to_vec();
        votes.sort_unstable();
        let first_tried_at = Instant::now();
        loop {
            match self.try_cast(voter, request_key, &votes, &is_open).await? {
                Cast::Closing { .. } if first_tried_at.elapsed() < CLOSING_WAIT => {
                    tokio::time::sleep(CLOSING_LOOK).await;
                }
                cast => return Ok(cast),
            }
        }
    }

    /// One try; holds neither lock nor connection afterwards.
    async fn try_cast<E, F: Future<Output = Result<bool, E>>>(
        &self,
        voter: Uuid,
        request_key: &str,
        votes: &[(Uuid, Choice)],
        is_open: &impl Fn(Uuid) -> F,
    ) -> Result<Cast, BallotError<E>> {
        let rounds: Vec<Uuid> = votes.iter().map(|(round, _)| *round).collect();
        let mut transaction = self.pool.begin().await.map_err(Error::from)?;
        let locked = lock(&mut transaction, &rounds).await?;
        let contents = contents_of(&mut transaction, &rounds).await?;
        let mut papers = Vec::with_capacity(rounds.len());
        let mut obstacle = None;
        for (round, choice) in votes {
            let round = *round;
            let Some(row) = locked.iter().find(|row| row.round == round) else {
                obstacle = obstacle.or(Some(Obstacle::Missing(round)));
                continue;
            };
            let (_, roll, ballot_box) =
                contents.iter().find(|(other, ..)| *other == round).ok_or(Error::BoxBroken { round })?;
            let Ok(voter_index) = row.electorate.binary_search(&voter) else {
                obstacle = obstacle.or(Some(Obstacle::Is(Cast::NotInElectorate { round })));
                continue;
            };
            let keys =
                RoundKeys::open(&self.contents_keys, round, &row.electorate, &row.wrapped_contents_key)?;
            let roll = Roll::open(&keys, round, row.electorate.len(), roll)?;
            let request = RequestHash::of(&keys, round, voter, request_key);
            match roll.voted(voter_index, &request) {
                Voted::WithThisRequest => return Ok(Cast::Repeated),
                Voted::WithAnother => {
                    obstacle = obstacle.or(Some(Obstacle::Is(Cast::AlreadyVoted { round })));
                }
                Voted::No => {
                    let ballot_box = BallotBox::open(&keys, round, row.electorate.len(), ballot_box)?;
                    papers.push(Paper { row, keys, roll, ballot_box, voter_index, request, choice: *choice });
                }
            }
        }
        match obstacle {
            Some(Obstacle::Is(cast)) => return Ok(cast),
            Some(Obstacle::Missing(round)) => {
                drop(transaction);
                return self.missing(round, is_open).await;
            }
            None => {}
        }
        for row in &locked {
            if !is_open(row.round).await.map_err(BallotError::Log)? {
                return Ok(Cast::Closed { round: row.round });
            }
            if row.closing {
                return Ok(Cast::Closing { round: row.round });
            }
        }
        let mut rolls = Vec::with_capacity(papers.len());
        let mut boxes = Vec::with_capacity(papers.len());
        for mut paper in papers {
            let row = paper.row;
            paper.roll.note(paper.voter_index, &paper.request);
            paper.ballot_box.put(paper.keys.seal(row.round, paper.choice)?);
            rolls.push(paper.roll.seal(&paper.keys, row.round)?);
            boxes.push(paper.ballot_box.seal(&paper.keys, row.round, row.electorate.len())?);
        }
        for (statement, sealed) in [
            (
                "update ballot_roll
                 set sealed = made.sealed
                 from unnest($1::uuid[], $2::bytea[]) as made (round, sealed)
                 where ballot_roll.round = made.round",
                rolls,
            ),
            (
                "update ballot_box
                 set sealed = made.sealed
                 from unnest($1::uuid[], $2::bytea[]) as made (round, sealed)
                 where ballot_box.round = made.round",
                boxes,
            ),
        ] {
            sqlx::query(statement)
                .bind(&rounds)
                .bind(sealed)
                .execute(&mut *transaction)
                .await
                .map_err(Error::from)?;
        }
        transaction.commit().await.map_err(Error::from)?;
        Ok(Cast::Accepted)
    }

    /// A round without a row: closed, unless the log says otherwise. An opening stores the row before it appends, so what
    /// the log calls open was stored before the question; a second look tells a round opened just now from a lost key.
    async fn missing<E, F: Future<Output = Result<bool, E>>>(
        &self,
        round: Uuid,
        is_open: &impl Fn(Uuid) -> F,
    ) -> Result<Cast, BallotError<E>> {
        if !is_open(round).await.map_err(BallotError::Log)? {
            return Ok(Cast::Closed { round });
        }
        let there: bool = sqlx::query_scalar("select exists (select from ballot_rounds where round = $1)")
            .bind(round)
            .fetch_one(&self.pool)
            .await
            .map_err(Error::from)?;
        if there {
            return Ok(Cast::Closing { round });
        }
        // It may have been closed between the two questions.
        match is_open(round).await.map_err(BallotError::Log)? {
            true => Ok(Cast::KeyLost { round }),
            false => Ok(Cast::Closed { round }),
        }
    }
}

/// Why a vote is not taken, found while reading.
enum Obstacle {
    Is(Cast),
    /// No row: what that means, the log must say.
    Missing(Uuid),
}

/// All that one vote needs to be written.
struct Paper<'a> {
    row: &'a RoundRow,
    keys: RoundKeys,
    roll: Roll,
    ballot_box: BallotBox,
    voter_index: usize,
    request: RequestHash,
    choice: Choice,
}
