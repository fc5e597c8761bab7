//! A read table: its columns, its SQL, and how its rows are made.

use crate::column::{Column, Kind};
use crate::row::{Cell, Row, RowError};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_journal::RecordedEvent;

/// The schema of the tables that are read.
pub const LIVE: &str = "projections";
/// The schema of tables being built beside them.
pub const BESIDE: &str = "projections_beside";
/// The schema of tables built to be compared with them: the session's own, gone with it.
pub const FRESH: &str = "pg_temp";

/// Code that every table's rows go through: a change of it makes all tables anew.
const SHARED_SOURCES: &[&str] =
    &[include_str!("row.rs"), include_str!("fold.rs"), include_str!("write.rs"), include_str!("copy.rs")];

/// Makes the rows of a case from its state.
pub type CaseRows = fn(Uuid, &AnyState) -> Result<Vec<Row>, RowError>;
/// Makes the row of an event.
pub type EventRow = fn(&RecordedEvent) -> Result<Row, RowError>;

/// How rows are made.
#[derive(Debug, Clone, Copy)]
pub enum Feed {
    /// A pure function of the folded aggregate: none, one or many rows. Empty: the case is not (or no longer) there.
    Cases {
        /// The types of the aggregates folded.
        aggregates: &'static [&'static str],
        /// The rows of one of them.
        rows: CaseRows,
    },
    /// One row for every event of every aggregate.
    Events {
        /// The row of one of them.
        row: EventRow,
    },
}

/// A read table. It holds nothing that the log does not: it can be thrown away and is then built anew.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name in SQL, and its folder in `projections/`.
    pub name: &'static str,
    /// Its `up.sql`.
    pub up: &'static str,
    /// The sources that its rows come from, in groups.
    pub sources: &'static [&'static [&'static str]],
    /// Its columns in order, the key aside, in groups.
    pub columns: &'static [&'static [Column]],
    /// How its rows are made.
    pub feed: Feed,
}

impl Table {
    /// Its columns in order, those reckoned when read among them.
    pub fn columns(&self) -> impl Iterator<Item = &'static Column> + use<> {
        let groups: &'static [&'static [Column]] = self.columns;
        groups.iter().flat_map(|group| group.iter())
    }

    /// The columns that lie in it, in order.
    pub fn stored(&self) -> impl Iterator<Item = &'static Column> + use<> {
        self.columns().filter(|column| column.is_stored())
    }

    /// One of its columns.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns().find(|column| column.name == name)
    }

    /// Changes with everything that its rows are made by; a table of another version is built anew.
    pub fn version(&self) -> String {
        let mut hasher = Sha256::new();
        for text in [self.up].iter().chain(self.sources.iter().copied().flatten()).chain(SHARED_SOURCES) {
            hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            hasher.update(text);
        }
        let mut version = hex::encode(hasher.finalize());
        version.truncate(VERSION_CHARS);
        version
    }

    /// The statements of its `up.sql`: first those that make the table with its comments, then those that make its key and indexes
    /// once it is filled.
    pub fn statements(&self) -> (String, String) {
        let statements = self.up.split(";\n").map(without_leading_comments);
        let (indexes, making): (Vec<&str>, Vec<&str>) =
            statements.filter(|statement| !statement.is_empty()).partition(|statement| {
                statement.starts_with("alter table") || statement.starts_with("create index")
            });
        (making.join(";\n"), indexes.join(";\n"))
    }

    /// Whether a row has a fitting value for every stored column.
    ///
    /// # Errors
    ///
    /// [`RowError::Columns`], [`RowError::Missing`] or [`RowError::Nul`].
    pub fn check(&self, row: &Row) -> Result<(), RowError> {
        let mut cells = row.cells.iter();
        for column in self.stored() {
            let Some((name, cell)) = cells.next() else {
                return Err(RowError::Columns { found: "no more".into(), expected: column.name.into() });
            };
            if *name != column.name || !fits(cell, column.kind) {
                let expected = format!("{} ({})", column.name, column.kind.sql());
                return Err(RowError::Columns { found: format!("{name} = {cell:?}"), expected });
            }
            if *cell == Cell::Null && column.presence == crate::column::Presence::Always {
                return Err(RowError::Missing { what: column.name });
            }
            if has_nul(cell) {
                return Err(RowError::Nul { column: column.name.into() });
            }
        }
        match cells.next() {
            None if row.key.contains('\0') => Err(RowError::Nul { column: KEY.into() }),
            None => Ok(()),
            Some((name, _)) => {
                Err(RowError::Columns { found: (*name).to_owned(), expected: "no more".into() })
            }
        }
    }

    /// Whether it folds aggregates of this type.
    pub fn folds(&self, aggregate: &str) -> bool {
        match self.feed {
            Feed::Cases { aggregates, .. } => aggregates.contains(&aggregate),
            Feed::Events { .. } => false,
        }
    }
}

/// The key column of every table.
pub const KEY: &str = "row_key";

const VERSION_CHARS: usize = 16;

fn fits(cell: &Cell, kind: Kind) -> bool {
    match cell {
        Cell::Null => true,
        Cell::Text(_) => kind == Kind::Text,
        Cell::Integer(_) => kind == Kind::Integer,
        Cell::Decimal(_) => kind == Kind::Decimal,
        Cell::Date(_) => kind == Kind::Date,
        Cell::Instant(_) => kind == Kind::Instant,
        Cell::Boolean(_) => kind == Kind::Boolean,
        Cell::Uuid(_) => kind == Kind::Uuid,
        Cell::TextList(_) => kind == Kind::TextList,
    }
}

fn has_nul(cell: &Cell) -> bool {
    match cell {
        Cell::Text(text) => text.contains('\0'),
        Cell::TextList(texts) => texts.iter().any(|text| text.contains('\0')),
        Cell::Null
        | Cell::Integer(_)
        | Cell::Decimal(_)
        | Cell::Date(_)
        | Cell::Instant(_)
        | Cell::Boolean(_)
        | Cell::Uuid(_) => false,
    }
}

fn without_leading_comments(statement: &'static str) -> &'static str {
    let mut rest = statement.trim();
    while rest.starts_with("--") {
        rest = rest.split_once('\n').map_or("", |(_, after)| after).trim_start();
    }
    rest.strip_suffix(';').unwrap_or(rest)
}
