//! Claims follow from the log: the table can be compared with it, and built from it again.

use sqlx::FromRow;
use sqlx::postgres::PgConnection;

use crate::error::ReadError;
use crate::store::EventStore;

/// Who holds which name according to the log: the latest taking of each name, unless that holder has given it back since.
macro_rules! claims_of_the_log {
    () => {
        "changes as (
            select
                event.position,
                coalesce(change.value -> 'take', change.value -> 'release') as claim,
                change.value -> 'take' is not null as taken
            from events as event
            cross join lateral json_array_elements((event.metadata ->> 'claims')::json) as change (value)
            where event.command_id is not null
              and event.metadata ->> 'claims' is not null
        ),
        latest as (
            select distinct on (name) name, holder_type, holder_id, position
            from (
                select
                    (claim ->> 'name') collate \"C\" as name,
                    (claim ->> 'holder_type') collate \"C\" as holder_type,
                    (claim ->> 'holder_id') collate \"C\" as holder_id,
                    position
                from changes
                where taken
            ) as takes
            order by name, position desc
        ),
        logged as (
            select latest.name, latest.holder_type, latest.holder_id, latest.position
            from latest
            where not exists (
                select
                from changes as release
                where not release.taken
                  and release.claim ->> 'name' = latest.name
                  and release.claim ->> 'holder_type' = latest.holder_type
                  and release.claim ->> 'holder_id' = latest.holder_id
                  and release.position > latest.position)
        )"
    };
}

/// A name on which the claims table and the log do not agree.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ClaimDifference {
    /// The name.
    pub name: String,
    /// Type and id of the holder according to the log, with the position it was taken at.
    #[sqlx(flatten)]
    pub logged: LoggedHolder,
    /// Type and id of the holder according to the table, with the position it was taken at.
    #[sqlx(flatten)]
    pub tabled: TabledHolder,
}

/// Who holds a name according to the log; nothing where nobody does.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
#[sqlx(rename_all = "snake_case")]
pub struct LoggedHolder {
    /// The type of the holder.
    #[sqlx(rename = "logged_type")]
    pub holder_type: Option<String>,
    /// The id of the holder.
    #[sqlx(rename = "logged_id")]
    pub holder_id: Option<String>,
    /// The position at which it was taken.
    #[sqlx(rename = "logged_position")]
    pub position: Option<i64>,
}

/// Who holds a name according to the table; nothing where nobody does.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct TabledHolder {
    /// The type of the holder.
    #[sqlx(rename = "tabled_type")]
    pub holder_type: Option<String>,
    /// The id of the holder.
    #[sqlx(rename = "tabled_id")]
    pub holder_id: Option<String>,
    /// The position at which it was taken.
    #[sqlx(rename = "tabled_position")]
    pub position: Option<i64>,
}

impl EventStore {
    /// Compares the claims table with the log, both as they were at one moment. None in a healthy system.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn check_claims(&self) -> Result<Vec<ClaimDifference>, ReadError> {
        let differences = sqlx::query_as(concat!(
            "with ",
            claims_of_the_log!(),
            "
            select
                coalesce(logged.name, held.name) as name,
                logged.holder_type as logged_type,
                logged.holder_id as logged_id,
                logged.position as logged_position,
                held.holder_type as tabled_type,
                held.holder_id as tabled_id,
                held.position as tabled_position
            from logged
            full join claims as held on held.name = logged.name
            where (logged.holder_type, logged.holder_id, logged.position)
                is distinct from (held.holder_type, held.holder_id, held.position)
            order by 1"
        ))
        .fetch_all(self.pool())
        .await?;
        Ok(differences)
    }

    /// Builds the claims table from the log again, while appends wait. Gives the number of claims held.
    ///
    /// # Errors
    ///
    /// See [`ReadError`]; the table is then as it was.
    pub async fn rebuild_claims(&self) -> Result<u64, ReadError> {
        let mut transaction = self.pool().begin().await?;
        // Every append updates this row, so none is between here and the commit.
        sqlx::query("select from log_head for update").execute(&mut *transaction).await?;
        let built = rebuild_claims_on(&mut transaction).await?;
        transaction.commit().await?;
        Ok(built)
    }
}

/// Builds the claims table from the log; the caller sees to it that nobody appends meanwhile.
pub(crate) async fn rebuild_claims_on(connection: &mut PgConnection) -> Result<u64, sqlx::Error> {
    sqlx::query("delete from claims").execute(&mut *connection).await?;
    let built = sqlx::query(concat!(
        "with ",
        claims_of_the_log!(),
        "
            insert into claims (name, holder_type, holder_id, position)
            select name, holder_type, holder_id, position
            from logged"
    ))
    .execute(connection)
    .await?;
    Ok(built.rows_affected())
}
