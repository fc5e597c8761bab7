//! Writing rows: what a batch changes in a table, in one statement for what is there and one for what is gone.
//!
//! Values travel in the statements themselves, as literals: so the statements of all tables go in one round trip, which a bound
//! statement would take by itself.

use crate::column::{Column, Kind};
use crate::fold::{Before, Change};
use crate::row::{Cell, Row, RowError};
use crate::table::{Feed, KEY, LIVE, Table};
use crate::trouble::run;
use sqlx::PgConnection;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
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

/// What a batch changes in a table: rows before compared with rows after.
///
/// # Errors
///
/// The first row that cannot be made.
pub fn writes(table: &Table, events: &[RecordedEvent], changes: &[Change]) -> Result<Writes, Failed> {
    let mut writes = Writes::default();
    match table.feed {
        Feed::Cases { rows, .. } => {
            for change in changes.iter().filter(|change| table.folds(&change.aggregate)) {
                let failed = |error| Failed { index: change.first, error };
                let before = rows(change.id, &change.before).map_err(failed)?;
                let after = rows(change.id, &change.after).map_err(failed)?;
                let kept: HashSet<&str> = after.iter().map(|row| row.key.as_str()).collect();
                let gone = before.iter().map(|row| &row.key).filter(|key| !kept.contains(key.as_str()));
                writes.deletes.extend(gone.cloned());
                let before: HashMap<&str, &Row> = before.iter().map(|row| (row.key.as_str(), row)).collect();
                for row in &after {
                    let same = before.get(row.key.as_str()).is_some_and(|old| *old == row);
                    if !same || change.origin == Before::Refolded {
                        table.check(row).map_err(failed)?;
                        writes.upserts.push(row.clone());
                    }
                }
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
    let mut script = String::new();
    if !writes.deletes.is_empty() {
        statement(&mut script, &delete(schema, table, &keys(&writes.deletes)));
    }
    for rows in writes.upserts.chunks(STATEMENT_ROWS_MAX) {
        statement(&mut script, &upsert(schema, table, &values(table, rows)));
    }
    run(connection, &script).await
}

/// Writes what batches change in the tables that are read, all of a batch in one round trip: a table's statements are planned
/// once for a connection.
#[derive(Debug, Default)]
pub struct Writer {
    planned: BTreeSet<&'static str>,
}

impl Writer {
    /// Writes what a batch changes in all of these tables.
    ///
    /// # Errors
    ///
    /// What PostgreSQL says.
    pub async fn write(
        &mut self,
        connection: &mut PgConnection,
        prepared: &[(&'static Table, Writes)],
    ) -> Result<(), sqlx::Error> {
        let mut script = String::new();
        for (table, writes) in prepared.iter().filter(|(_, writes)| !writes.is_empty()) {
            self.plan(connection, table).await?;
            if !writes.deletes.is_empty() {
                statement(&mut script, &format!("execute delete_{}({})", table.name, keys(&writes.deletes)));
            }
            for rows in writes.upserts.chunks(STATEMENT_ROWS_MAX) {
                let values = values(table, rows).join(", ");
                statement(&mut script, &format!("execute upsert_{}({values})", table.name));
            }
        }
        if script.is_empty() { Ok(()) } else { run(connection, &script).await }
    }

    /// Has the statements of a table planned, unless they were.
    async fn plan(&mut self, connection: &mut PgConnection, table: &Table) -> Result<(), sqlx::Error> {
        if self.planned.contains(table.name) {
            return Ok(());
        }
        let kinds = std::iter::once(Kind::Text).chain(table.stored().map(|column| column.kind));
        let (types, places): (Vec<String>, Vec<String>) =
            (1..).zip(kinds).map(|(at, kind)| (format!("{}[]", element(kind)), format!("${at}"))).unzip();
        let (name, types) = (table.name, types.join(", "));
        let (upsert, delete) = (upsert(LIVE, table, &places), delete(LIVE, table, "$1"));
        let statements = format!(
            "prepare upsert_{name} ({types}) as {upsert}; prepare delete_{name} (text[]) as {delete}"
        );
        run(connection, &statements).await?;
        self.planned.insert(name);
        Ok(())
    }
}

fn statement(script: &mut String, statement: &str) {
    script.push_str(statement);
    script.push_str(";\n");
}

/// The type of an array's elements. Arrays of arrays would be flattened by unnest: lists travel as literals.
const fn element(kind: Kind) -> &'static str {
    match kind {
        Kind::TextList => "text",
        Kind::Text | Kind::Integer | Kind::Date | Kind::Instant | Kind::Boolean | Kind::Uuid => kind.sql(),
    }
}

/// The statement that takes away the rows with these keys.
fn delete(schema: &str, table: &Table, keys: &str) -> String {
    format!("delete from {schema}.{} where {KEY} = any({keys}::text[])", table.name)
}

/// The statement that writes a table's rows, those that are there as they are aside; given the keys and the values of each column.
fn upsert(schema: &str, table: &Table, values: &[String]) -> String {
    let columns: Vec<&Column> = table.stored().collect();
    let name = table.name;
    let list = |make: &dyn Fn(&Column) -> String| {
        columns.iter().map(|column| make(column)).collect::<Vec<_>>().join(", ")
    };
    let names = list(&|column| column.name.to_owned());
    let given = list(&|column| match column.kind {
        Kind::TextList => format!("given.{}::text[]", column.name),
        _ => format!("given.{}", column.name),
    });
    let kinds = std::iter::once(Kind::Text).chain(columns.iter().map(|column| column.kind));
    let arrays: Vec<String> =
        values.iter().zip(kinds).map(|(values, kind)| format!("{values}::{}[]", element(kind))).collect();
    let sets = list(&|column| format!("{0} = excluded.{0}", column.name));
    let old = list(&|column| format!("{name}.{}", column.name));
    let new = list(&|column| format!("excluded.{}", column.name));
    format!(
        "insert into {schema}.{name} ({KEY}, {names})
         select given.{KEY}, {given}
         from unnest({}) as given ({KEY}, {names})
         on conflict ({KEY}) do update
         set {sets}
         where ({old}) is distinct from ({new})",
        arrays.join(", "),
    )
}

/// Keys as an array.
fn keys<K: AsRef<str>>(keys: &[K]) -> String {
    let mut array = Array::default();
    for key in keys {
        array.quoted(key.as_ref());
    }
    array.literal()
}

/// The keys and the values of each stored column, as arrays.
fn values(table: &Table, rows: &[Row]) -> Vec<String> {
    let row_keys: Vec<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    let column = |at: usize| {
        let mut array = Array::default();
        for row in rows {
            array.cell(row.cells.get(at).map_or(&Cell::Null, |(_, cell)| cell));
        }
        array.literal()
    };
    std::iter::once(keys(&row_keys)).chain((0..table.stored().count()).map(column)).collect()
}

/// The text of an array, element by element.
#[derive(Default)]
struct Array(String);

impl Array {
    fn cell(&mut self, cell: &Cell) {
        match cell {
            Cell::Null => self.plain("null"),
            Cell::Text(text) => self.quoted(text),
            Cell::Integer(number) => self.plain(number),
            Cell::Date(day) => self.plain(day),
            Cell::Instant(moment) => {
                self.quoted(&moment.to_rfc3339_opts(chrono::SecondsFormat::Micros, true));
            }
            Cell::Boolean(truth) => self.plain(truth),
            Cell::Uuid(id) => self.plain(id),
            Cell::TextList(texts) => {
                let mut list = Self::default();
                for text in texts {
                    list.quoted(text);
                }
                self.quoted(&list.text());
            }
        }
    }

    fn plain(&mut self, value: impl std::fmt::Display) {
        self.separate();
        // writing to a String cannot fail
        let _ = write!(self.0, "{value}");
    }

    fn quoted(&mut self, text: &str) {
        self.separate();
        self.0.push('"');
        for character in text.chars() {
            if matches!(character, '"' | '\\') {
                self.0.push('\\');
            }
            self.0.push(character);
        }
        self.0.push('"');
    }

    fn separate(&mut self) {
        if !self.0.is_empty() {
            self.0.push(',');
        }
    }

    /// As PostgreSQL reads an array.
    fn text(&self) -> String {
        format!("{{{}}}", self.0)
    }

    /// As it stands in a statement, where backslashes mean themselves (`standard_conforming_strings` is on).
    fn literal(&self) -> String {
        format!("'{{{}}}'", self.0.replace('\'', "''"))
    }
}
