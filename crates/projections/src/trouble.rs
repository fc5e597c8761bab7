//! What can go wrong between the log and a read table, and what follows from it.

use crate::log::LogError;
use sqlx::{Executor as _, PgConnection};
use thiserror::Error;

/// Something is away; the same step is taken again later.
#[derive(Debug, Error)]
pub enum Unavailable {
    /// The log.
    #[error("the log cannot be read")]
    Log(#[from] LogError),
    /// The database of the read tables.
    #[error("the database of the read tables does not answer")]
    Database(#[from] sqlx::Error),
}

/// What a database error says about a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The row cannot be stored: it would fail again.
    RowRefused,
    /// The table is not as it should be: it must be built anew.
    TableBroken,
    /// Nothing about the table: try again.
    Unavailable,
}

/// What a database error says about a table.
pub fn verdict(error: &sqlx::Error) -> Verdict {
    let sqlx::Error::Database(error) = error else { return Verdict::Unavailable };
    match error.code().as_deref() {
        // undefined table, undefined column, wrong type, missing unique constraint, missing schema
        Some("42P01" | "42703" | "42804" | "42P10" | "3F000") => Verdict::TableBroken,
        // cardinality violation, data exception, constraint violation, row too big
        Some(code) if ["21", "22", "23"].contains(&code.get(..2).unwrap_or("")) => Verdict::RowRefused,
        Some("54000") => Verdict::RowRefused,
        _ => Verdict::Unavailable,
    }
}

/// Runs a statement without values, of constants alone. By the executor itself: the future of `sqlx::raw_sql` is not
/// known to be `Send`.
///
/// # Errors
///
/// What PostgreSQL says.
pub(crate) async fn run(connection: &mut PgConnection, statement: &str) -> Result<(), sqlx::Error> {
    connection.execute(statement).await.map(|_| ())
}

/// An error and its causes on one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
