//! What is written: a table with titles, typed values, and notes on where it comes from.

use crate::{csv, xlsx};
use chrono::{NaiveDate, NaiveDateTime};
use std::io::Write;
use thiserror::Error;

/// Rows of a file at most, the titles aside: what a sheet of Excel holds, rounded down.
pub const ROWS_MAX: u32 = 1_000_000;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Excel.
    Xlsx,
    /// Comma-separated values: RFC 4180 in UTF-8 with a byte order mark, without which Excel takes it for GBK.
    Csv,
}

impl Format {
    /// Every format.
    pub const ALL: &'static [Self] = &[Self::Xlsx, Self::Csv];

    /// Its name in URLs, which is the ending of its files too.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Csv => "csv",
        }
    }

    /// The format of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|format| format.name() == name)
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing.
    Empty,
    /// A text, whatever it looks like.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with two decimals, in hundredths.
    Hundredths(i64),
    /// A day.
    Date(NaiveDate),
    /// A moment on the wall clock of its readers, to the second.
    Moment(NaiveDateTime),
}

/// A table, its rows aside.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// What it is called.
    pub title: String,
    /// The titles of its columns.
    pub columns: Vec<String>,
    /// What readers must know of it, as name and text: a sheet 说明 of its own in xlsx. csv has no place for them that would not
    /// break readers.
    pub notes: Vec<(String, String)>,
    /// When it was made, on the wall clock of its readers.
    pub made_at: NaiveDateTime,
}

/// Nobody waits for the file any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("nobody waits for the file any more")]
pub struct Abandoned;

/// Why no file was written.
#[derive(Debug, Error)]
pub enum SheetError {
    /// Nobody waits for it any more.
    #[error(transparent)]
    Abandoned(#[from] Abandoned),
    /// There are more than [`ROWS_MAX`] rows.
    #[error("there are more than {ROWS_MAX} rows")]
    TooManyRows,
    /// The file could not be written.
    #[error("the file could not be written")]
    Io(#[from] std::io::Error),
    /// The sheet could not be written.
    #[error("the sheet could not be written")]
    Xlsx(#[from] rust_xlsxwriter::XlsxError),
}

/// Writes a table and says how many rows it has. It blocks, and computes: keep it off the async threads.
///
/// # Errors
///
/// See [`SheetError`]; what was written until then is of no use.
pub fn write(
    format: Format,
    sheet: &Sheet,
    rows: impl Iterator<Item = Result<Vec<Value>, Abandoned>>,
    out: impl Write + Send,
) -> Result<u32, SheetError> {
    match format {
        Format::Xlsx => xlsx::write(sheet, rows, out),
        Format::Csv => csv::write(sheet, rows, out),
    }
}

/// Numbers the rows from 1 and stops at the first too many.
pub(crate) fn numbered(
    rows: impl Iterator<Item = Result<Vec<Value>, Abandoned>>,
) -> impl Iterator<Item = Result<(u32, Vec<Value>), SheetError>> {
    (1..).zip(rows).map(|(number, row)| match number > ROWS_MAX {
        true => Err(SheetError::TooManyRows),
        false => Ok((number, row?)),
    })
}

/// A number of hundredths with its two decimals.
pub(crate) fn with_decimals(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let (units, rest) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
    format!("{sign}{units}.{rest:02}")
}

#[cfg(test)]
mod tests {
    use super::with_decimals;

    #[test]
    fn hundredths_have_two_decimals() {
        assert_eq!([10_000, 9_250, 7, -305].map(with_decimals), ["100.00", "92.50", "0.07", "-3.05"]);
    }
}
