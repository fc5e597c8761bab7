//! One row of a read table, before it is written.

use chrono::{DateTime, NaiveDate, Utc};
use thiserror::Error;
use uuid::Uuid;
use zhicheng_domain::hundredths::Hundredths;

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Hash)]
pub enum Cell {
    /// Nothing.
    Null,
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with two decimals.
    Decimal(Hundredths),
    /// A day.
    Date(NaiveDate),
    /// A moment.
    Instant(DateTime<Utc>),
    /// Yes or no.
    Boolean(bool),
    /// An id.
    Uuid(Uuid),
    /// Several texts.
    TextList(Vec<String>),
}

impl Cell {
    /// As JSON: moments in RFC 3339, days as YYYY-MM-DD.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Text(text) => text.as_str().into(),
            Self::Integer(number) => (*number).into(),
            Self::Decimal(number) => number.number(),
            Self::Date(day) => day.to_string().into(),
            Self::Instant(moment) => moment.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true).into(),
            Self::Boolean(truth) => (*truth).into(),
            Self::Uuid(id) => id.to_string().into(),
            Self::TextList(texts) => texts.as_slice().into(),
        }
    }

    /// The text, where it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null
            | Self::Integer(_)
            | Self::Decimal(_)
            | Self::Date(_)
            | Self::Instant(_)
            | Self::Boolean(_)
            | Self::Uuid(_)
            | Self::TextList(_) => None,
        }
    }
}

macro_rules! cells { ($($variant:ident from $($type:ty = |$value:ident| $make:expr),+;)+) => { $($(
    impl From<$type> for Cell { fn from($value: $type) -> Self { Self::$variant($make) } }
)+)+ }; }
cells! {
    Text from String = |it| it, &String = |it| it.clone(), &str = |it| it.to_owned();
    Integer from i64 = |it| it, i32 = |it| it.into(), u32 = |it| it.into();
    Decimal from Hundredths = |it| it;
    Date from NaiveDate = |it| it;
    Instant from DateTime<Utc> = |it| it;
    Boolean from bool = |it| it;
    Uuid from Uuid = |it| it;
    TextList from Vec<String> = |it| it;
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Values by column, in the order of the table's columns.
pub type Cells = Vec<(&'static str, Cell)>;

/// A row of a read table. What a projector makes of a case is the whole of it, every time.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Unique in its table; no two streams make the same.
    pub key: String,
    /// A value for every stored column, in order.
    pub cells: Cells,
}

impl Row {
    /// A row without values.
    pub fn new(key: impl ToString) -> Self {
        Self { key: key.to_string(), cells: Vec::new() }
    }

    /// And these values.
    #[must_use]
    pub fn with(mut self, cells: impl IntoIterator<Item = (&'static str, Cell)>) -> Self {
        self.cells.extend(cells);
        self
    }

    /// The value of a column.
    pub fn get(&self, column: &str) -> Option<&Cell> {
        self.cells.iter().find(|(name, _)| *name == column).map(|(_, cell)| cell)
    }
}

/// Why no row could be made of a state or an event. It stops the table, not the log.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RowError {
    /// The log was read without the key of a person who is not erased.
    #[error("{column} is sealed: the log was read without the person's key")]
    Sealed {
        /// What could not be read.
        column: &'static str,
    },
    /// A state lacks what every state of its stage has.
    #[error("{what} is missing")]
    Missing {
        /// What.
        what: &'static str,
    },
    /// The event's JSON is not what a fact of the log is.
    #[error("the event cannot be read: {0}")]
    Unreadable(String),
    /// The row has other columns than its table: a mistake in the projector.
    #[error("the row has {found} where the table has {expected}")]
    Columns {
        /// What the row has.
        found: String,
        /// What the table has.
        expected: String,
    },
    /// PostgreSQL stores no NUL.
    #[error("{column} contains a NUL character")]
    Nul {
        /// The column.
        column: String,
    },
}
