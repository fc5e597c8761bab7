//! Looking at the boxes without learning from them: whether each could be closed, for whoever checks a system. No ballot is
//! opened.

use uuid::Uuid;

use super::{
    Ballots,
    contents::{BallotBox, Roll},
    envelope::{PrivateKey, RoundKeys},
};
use crate::Error;

/// Rounds looked at in one go.
const ROUNDS_PER_PAGE: i64 = 500;

/// What lies in the vault of one round. Of the votes it says nothing, not even how many there are.
#[derive(Debug)]
pub struct Inspected {
    /// The round.
    pub round: Uuid,
    /// The declaration that is voted on; rounds of before do not say it.
    pub declaration: Option<Uuid>,
    /// Who may vote, sorted.
    pub electorate: Vec<Uuid>,
    /// For how many seconds it has been here, by the database's clock.
    pub age_seconds: i64,
    /// For how many seconds a closing has been under way, where one is.
    pub closing_seconds: Option<i64>,
    /// Why it could not be closed: its keys, its roll or its box do not open, or roll and box do not fit each other.
    pub fault: Option<Error>,
}

/// Everything of one round.
#[derive(sqlx::FromRow)]
struct Row {
    round: Uuid,
    declaration: Option<Uuid>,
    electorate: Vec<Uuid>,
    wrapped_private_key: Vec<u8>,
    wrapped_contents_key: Vec<u8>,
    age_seconds: i64,
    closing_seconds: Option<i64>,
    roll: Option<Vec<u8>>,
    ballots: Option<Vec<u8>>,
}

impl Ballots {
    /// The rounds after this one, in the order of their ids, a page of them; the page after the last is empty. Each row is read
    /// as a vote, an opening or a closing left it: while one is at work on it, this waits.
    ///
    /// # Errors
    /// When the database cannot be asked. What does not open is told with its round.
    pub async fn inspect_after(&self, round: Uuid) -> Result<Vec<Inspected>, Error> {
        // a row's lock is written into the row; whoever only looks has connections that write nothing unless they say so
        let mut transaction = self.pool.begin_with("begin read write").await?;
        let rounds: Vec<Uuid> = sqlx::query_scalar(
            "select round
             from ballot_rounds
             where round > $1
             order by round
             limit $2
             for share",
        )
        .bind(round)
        .bind(ROUNDS_PER_PAGE)
        .fetch_all(&mut *transaction)
        .await?;
        // a later statement, for this one may have waited for the locks (see `lock`)
        let rows: Vec<Row> = sqlx::query_as(
            "select
                 ballot_rounds.round,
                 ballot_rounds.declaration,
                 ballot_rounds.electorate,
                 ballot_rounds.wrapped_private_key,
                 ballot_rounds.wrapped_contents_key,
                 extract(epoch from now() - ballot_rounds.created_at)::bigint as age_seconds,
                 extract(epoch from now() - ballot_rounds.closing_since)::bigint as closing_seconds,
                 ballot_roll.sealed as roll,
                 ballot_box.sealed as ballots
             from ballot_rounds
             left join ballot_roll on ballot_roll.round = ballot_rounds.round
             left join ballot_box on ballot_box.round = ballot_rounds.round
             where ballot_rounds.round = any($1)
             order by ballot_rounds.round",
        )
        .bind(rounds)
        .fetch_all(&mut *transaction)
        .await?;
        transaction.rollback().await?;
        Ok(rows.into_iter().map(|row| self.inspected(row)).collect())
    }

    fn inspected(&self, row: Row) -> Inspected {
        let fault = self.opens(&row).err();
        let Row { round, declaration, electorate, age_seconds, closing_seconds, .. } = row;
        Inspected { round, declaration, electorate, age_seconds, closing_seconds, fault }
    }

    fn opens(&self, row: &Row) -> Result<(), Error> {
        let round = row.round;
        let broken = || Error::BoxBroken { round };
        let voters = row.electorate.len();
        let keys = RoundKeys::open(&self.contents_keys, round, &row.electorate, &row.wrapped_contents_key)?;
        // that it can be had; with it nothing is opened here
        PrivateKey::open(&self.private_keys, round, &row.wrapped_private_key)?;
        let roll = Roll::open(&keys, round, voters, row.roll.as_ref().ok_or_else(broken)?)?;
        let ballots = BallotBox::open(&keys, round, voters, row.ballots.as_ref().ok_or_else(broken)?)?;
        if roll.voters(&row.electorate).len() != ballots.ballots().len() {
            return Err(broken());
        }
        Ok(())
    }
}
