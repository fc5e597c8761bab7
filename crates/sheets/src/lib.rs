//! Tables as files that people open in Excel: xlsx and csv, written row by row in bounded memory. It knows no domain.
//!
//! Whatever a cell holds, nothing in these files is ever run: a text stays a text, in xlsx by its type and in csv by an
//! apostrophe in front (`guard.rs`).

mod csv;
mod guard;
mod sheet;
mod xlsx;

pub use guard::guarded;
pub use sheet::{Abandoned, Format, ROWS_MAX, Sheet, SheetError, Value, write};
