//! How two tables of one shape differ, row by row and both ways: the one that is read, and one folded from the log.

use crate::table::{KEY, LIVE, Table};
use sqlx::PgConnection;

/// How a row differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// The fold has it, the table does not.
    Missing(String),
    /// The table has it, the fold does not.
    Extra(String),
    /// Both have it, with other values.
    Differs(String),
}

impl Difference {
    /// The row's key.
    pub fn key(&self) -> &str {
        match self {
            Self::Missing(key) | Self::Extra(key) | Self::Differs(key) => key,
        }
    }
}

/// How a table differs from the fold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// Rows that the fold has and the table does not.
    pub missing: i64,
    /// Rows that the table has and the fold does not.
    pub extra: i64,
    /// Rows that both have, with other values.
    pub differing: i64,
    /// The first of them by key.
    pub first: Vec<Difference>,
}

impl Differences {
    /// How many rows differ in whatever way.
    pub const fn rows(&self) -> i64 {
        self.missing.saturating_add(self.extra).saturating_add(self.differing)
    }
}

/// Compares the table that is read with the one of this schema in one pass; tells at most `first_max` of the differing rows.
///
/// # Errors
///
/// What PostgreSQL says, also where one of the two is not there or has other columns.
pub(crate) async fn differences(
    connection: &mut PgConnection,
    table: &Table,
    schema: &str,
    first_max: i64,
) -> Result<Differences, sqlx::Error> {
    let name = table.name;
    let columns = |of: &str| {
        table.stored().map(|column| format!("{of}.{}", column.name)).collect::<Vec<_>>().join(", ")
    };
    let statement = format!(
        "with differing as (
             select coalesce(live.{KEY}, fresh.{KEY}) as {KEY},
                    live.{KEY} is not null as in_table,
                    fresh.{KEY} is not null as in_fold
             from {LIVE}.{name} as live
             full join {schema}.{name} as fresh on fresh.{KEY} = live.{KEY}
             where live.{KEY} is null
                or fresh.{KEY} is null
                or ({live}) is distinct from ({fresh})
         )
         select {KEY}, in_table, in_fold,
                count(*) filter (where not in_table) over (),
                count(*) filter (where not in_fold) over (),
                count(*) filter (where in_table and in_fold) over ()
         from differing
         order by {KEY}
         limit $1",
        live = columns("live"),
        fresh = columns("fresh"),
    );
    let rows: Vec<(String, bool, bool, i64, i64, i64)> =
        sqlx::query_as(&statement).bind(first_max).fetch_all(connection).await?;
    let mut differences = Differences::default();
    for (key, in_table, in_fold, missing, extra, differing) in rows {
        (differences.missing, differences.extra, differences.differing) = (missing, extra, differing);
        differences.first.push(match (in_table, in_fold) {
            (true, true) => Difference::Differs(key),
            (true, false) => Difference::Extra(key),
            (false, _) => Difference::Missing(key),
        });
    }
    Ok(differences)
}
