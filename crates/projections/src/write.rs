//! Writing rows: what a batch changes in a table, in one statement for what is there and one for what is gone.

use crate::column::{Column, Kind};
use crate::decimal::to_decimal;
use crate::fold::{Before, Change, Trace};
use crate::row::{Cell, Row, RowError};
use crate::table::{Feed, KEY, Table};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::PgConnection;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::types::Decimal;
use uuid::Uuid;
use zhicheng_journal::RecordedEvent;

/// Rows written by one statement, at most.
const STATEMENT_ROWS_MAX: usize = 5_000;

/// What a batch changes in a table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Writes {
    /// Rows that are new or differ.
    pub upserts: Vec<Row>,
    /// Keys of rows that are gone.
    pub deletes: Vec<String>,
    /// Every row that the table holds then of the cases that moved, each with the number of its change.
    pub traces: Vec<(usize, Trace)>,
}

impl Writes {
    /// Whether the batch leaves the table as it is.
    pub const fn is_empty(&self) -> bool {
        self.upserts.is_empty() && self.deletes.is_empty()
    }
}

/// A row that could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Which event of the batch was the first of its case.
    pub index: usize,
    /// Why.
    pub error: RowError,
}

/// What a batch changes in a table: the rows that were written compared with those that are made now.
///
/// # Errors
///
/// The first row that cannot be made.
pub fn writes(table: &Table, events: &[RecordedEvent], changes: &[Change]) -> Result<Writes, Failed> {
    let mut writes = Writes::default();
    match table.feed {
        Feed::Cases { rows, .. } => {
            let folded = changes.iter().enumerate().filter(|(_, change)| table.folds(&change.aggregate));
            for (number, change) in folded {
                let failed = |error| Failed { index: change.first, error };
                let id = change.id.to_string();
                let (written, refolded) = match &change.before {
                    Before::Nothing => (&[] as &[Trace], Vec::new()),
                    Before::Written(written) => (written.of(table), Vec::new()),
                    Before::Refolded(state) => (&[] as &[Trace], rows(change.id, state).map_err(failed)?),
                };
                let begin = writes.traces.len();
                for row in rows(change.id, &change.after).map_err(failed)? {
                    let trace = Trace::of(table, &id, &row);
                    if !written.contains(&trace) {
                        table.check(&row).map_err(failed)?;
                        writes.upserts.push(row);
                    }
                    writes.traces.push((number, trace));
                }
                let kept = writes.traces.get(begin..).unwrap_or_default();
                let is_gone = |old: &Trace| !kept.iter().any(|(_, new)| new.is_of_same_row(old));
                let refolded: Vec<Trace> = refolded.iter().map(|row| Trace::of(table, &id, row)).collect();
                let gone = written.iter().chain(&refolded).filter(|old| is_gone(old));
                writes.deletes.extend(gone.map(|old| old.key(&id)));
            }
            // sorted, so that no two writers wait for each other's rows crosswise
            writes.upserts.sort_by(|left, right| left.key.cmp(&right.key));
            writes.deletes.sort();
        }
        Feed::Events { row } => {
            for (index, event) in events.iter().enumerate() {
                let failed = |error| Failed { index, error };
                let row = row(event).map_err(failed)?;
                table.check(&row).map_err(failed)?;
                writes.upserts.push(row);
            }
        }
    }
    Ok(writes)
}

/// Writes what a batch changes.
///
/// # Errors
///
/// What PostgreSQL says.
pub async fn write(
    connection: &mut PgConnection,
    schema: &str,
    table: &Table,
    writes: &Writes,
) -> Result<(), sqlx::Error> {
    if !writes.deletes.is_empty() {
        let statement = format!("delete from {schema}.{} where {KEY} = any($1)", table.name);
        sqlx::query(&statement).bind(&writes.deletes).execute(&mut *connection).await?;
    }
    if !writes.upserts.is_empty() {
        let statement = upsert(schema, table);
        for rows in writes.upserts.chunks(STATEMENT_ROWS_MAX) {
            let keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
            let mut query = sqlx::query(&statement).bind(keys);
            for (at, column) in table.stored().enumerate() {
                query = bind(query, column, rows, at);
            }
            query.execute(&mut *connection).await?;
        }
    }
    Ok(())
}

/// The statement that writes a table's rows, those that are there as they are aside.
fn upsert(schema: &str, table: &Table) -> String {
    let columns: Vec<&Column> = table.stored().collect();
    let name = table.name;
    let list = |make: &dyn Fn(usize, &Column) -> String| {
        columns.iter().enumerate().map(|(at, column)| make(at, column)).collect::<Vec<_>>().join(", ")
    };
    let names = list(&|_, column| column.name.to_owned());
    let values = list(&|_, column| match column.kind {
        // arrays of arrays would be flattened by unnest: lists travel as literals
        Kind::TextList => format!("given.{}::text[]", column.name),
        _ => format!("given.{}", column.name),
    });
    let arrays = list(&|at, column| match column.kind {
        Kind::TextList => format!("${}::text[]", at + 2),
        kind => format!("${}::{}[]", at + 2, kind.sql()),
    });
    let sets = list(&|_, column| format!("{0} = excluded.{0}", column.name));
    let old = list(&|_, column| format!("{name}.{}", column.name));
    let new = list(&|_, column| format!("excluded.{}", column.name));
    format!(
        "insert into {schema}.{name} ({KEY}, {names})
         select given.{KEY}, {values}
         from unnest($1::text[], {arrays}) as given ({KEY}, {names})
         on conflict ({KEY}) do update
         set {sets}
         where ({old}) is distinct from ({new})"
    )
}

fn bind<'q>(
    query: Query<'q, sqlx::Postgres, PgArguments>,
    column: &Column,
    rows: &'q [Row],
    at: usize,
) -> Query<'q, sqlx::Postgres, PgArguments> {
    macro_rules! array {
        ($type:ty, $pattern:pat => $value:expr) => {{
            let values: Vec<Option<$type>> = rows
                .iter()
                .map(|row| match row.cells.get(at) {
                    Some((_, $pattern)) => Some($value),
                    _ => None,
                })
                .collect();
            query.bind(values)
        }};
    }
    match column.kind {
        Kind::Text => array!(&'q str, Cell::Text(text) => text.as_str()),
        Kind::Integer => array!(i64, Cell::Integer(number) => *number),
        Kind::Decimal => array!(Decimal, Cell::Decimal(number) => to_decimal(*number)),
        Kind::Date => array!(NaiveDate, Cell::Date(day) => *day),
        Kind::Instant => array!(DateTime<Utc>, Cell::Instant(moment) => *moment),
        Kind::Boolean => array!(bool, Cell::Boolean(truth) => *truth),
        Kind::Uuid => array!(Uuid, Cell::Uuid(id) => *id),
        Kind::TextList => array!(String, Cell::TextList(texts) => array_literal(texts)),
    }
}

fn array_literal(texts: &[String]) -> String {
    let mut literal = String::from("{");
    for (at, text) in texts.iter().enumerate() {
        if at > 0 {
            literal.push(',');
        }
        literal.push('"');
        for character in text.chars() {
            if matches!(character, '"' | '\\') {
                literal.push('\\');
            }
            literal.push(character);
        }
        literal.push('"');
    }
    literal.push('}');
    literal
}
