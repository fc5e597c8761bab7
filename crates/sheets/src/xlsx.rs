//! xlsx, by way of a temporary file without a name, which is gone with the process whatever happens.

use crate::guard::starts_like_a_formula;
use crate::sheet::{Abandoned, Sheet, SheetError, Value, numbered, with_decimals};
use chrono::{Datelike as _, NaiveDateTime, NaiveTime, Timelike as _};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use std::io::Write;

/// Characters, in UTF-16, that a cell holds at most.
const CELL_UNITS_MAX: usize = 32_767;
/// What ends a text that was cut.
const CUT: &str = "……（全文见系统）";
/// Integers beyond are not exact in a spreadsheet: all its numbers are floats.
const INTEGER_MAX: u64 = 1 << 53;
/// How wide columns are, in characters.
const COLUMN_WIDTH: f64 = 18.0;
/// How wide the texts of the notes are, in characters.
const NOTE_WIDTH: f64 = 80.0;
/// The first year that Excel knows.
const YEAR_MIN: u16 = 1900;
/// Characters of a sheet's name at most.
const NAME_CHARS_MAX: usize = 31;

pub(crate) fn write(
    sheet: &Sheet,
    rows: impl Iterator<Item = Result<Vec<Value>, Abandoned>>,
    out: impl Write + Send,
) -> Result<u32, SheetError> {
    let mut workbook = Workbook::new();
    let mut properties = DocProperties::new().set_title(&sheet.title);
    if let Some(made_at) = excel(sheet.made_at) {
        properties = properties.set_creation_datetime(&made_at);
    }
    workbook.set_properties(&properties);
    let styles = Styles::new();

    let page = workbook.add_worksheet_with_constant_memory()?;
    page.set_name(name(&sheet.title))?;
    page.set_freeze_panes(1, 0)?;
    for (column, title) in (0..).zip(&sheet.columns) {
        page.set_column_width(column, COLUMN_WIDTH)?;
        page.write_string_with_format(0, column, title, &styles.title)?;
    }
    let mut count = 0;
    for row in numbered(rows) {
        let (number, row) = row?;
        for (column, value) in (0..).zip(row) {
            styles.put(page, number, column, value)?;
        }
        count = number;
    }

    let notes = workbook.add_worksheet();
    notes.set_name("说明")?;
    notes.set_column_width(0, COLUMN_WIDTH)?;
    notes.set_column_width(1, NOTE_WIDTH)?;
    let rows = [("行数".to_owned(), count.to_string())];
    for (row, (name, text)) in (0..).zip(sheet.notes.iter().chain(&rows)) {
        notes.write_string_with_format(row, 0, name, &styles.title)?;
        notes.write_string_with_format(row, 1, cell_text(text.clone()), &styles.guarded)?;
    }
    workbook.save_to_writer(out)?;
    Ok(count)
}

struct Styles {
    title: Format,
    /// Stays a text when somebody edits it.
    guarded: Format,
    decimal: Format,
    date: Format,
    moment: Format,
}

impl Styles {
    fn new() -> Self {
        Self {
            title: Format::new().set_bold(),
            guarded: Format::new().set_quote_prefix(),
            decimal: Format::new().set_num_format("0.00"),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            moment: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
        }
    }

    fn put(&self, page: &mut Worksheet, row: u32, column: u16, value: Value) -> Result<(), XlsxError> {
        let text = match value {
            Value::Empty => return Ok(()),
            Value::Text(text) => text,
            Value::Integer(number) if number.unsigned_abs() <= INTEGER_MAX => {
                #[expect(clippy::cast_precision_loss, reason = "exact up to here")]
                page.write_number(row, column, number as f64)?;
                return Ok(());
            }
            Value::Integer(number) => number.to_string(),
            Value::Hundredths(number) if number.unsigned_abs() <= INTEGER_MAX => {
                #[expect(clippy::cast_precision_loss, reason = "exact up to here")]
                page.write_number_with_format(row, column, number as f64 / 100.0, &self.decimal)?;
                return Ok(());
            }
            Value::Hundredths(number) => with_decimals(number),
            Value::Date(day) => match excel(day.and_time(NaiveTime::MIN)) {
                Some(date) => {
                    page.write_datetime_with_format(row, column, &date, &self.date)?;
                    return Ok(());
                }
                None => day.to_string(),
            },
            Value::Moment(moment) => match excel(moment) {
                Some(moment) => {
                    page.write_datetime_with_format(row, column, &moment, &self.moment)?;
                    return Ok(());
                }
                None => moment.to_string(),
            },
        };
        match starts_like_a_formula(&text) {
            true => page.write_string_with_format(row, column, cell_text(text), &self.guarded)?,
            false => page.write_string(row, column, cell_text(text))?,
        };
        Ok(())
    }
}

/// A moment as Excel has it; none outside the years 1900 to 9999.
fn excel(moment: NaiveDateTime) -> Option<ExcelDateTime> {
    let narrow = |number: u32| u8::try_from(number).ok();
    let day = ExcelDateTime::from_ymd(
        u16::try_from(moment.year()).ok().filter(|year| *year >= YEAR_MIN)?,
        narrow(moment.month())?,
        narrow(moment.day())?,
    );
    let hour = u16::try_from(moment.hour()).ok()?;
    day.ok()?.and_hms(hour, narrow(moment.minute())?, narrow(moment.second())?).ok()
}

/// A text that a cell can hold: without what XML cannot say, and cut where it is too long, with words that say so.
fn cell_text(text: String) -> String {
    let text = text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}");
    if text.encode_utf16().count() <= CELL_UNITS_MAX {
        return text;
    }
    let mut left = CELL_UNITS_MAX - CUT.encode_utf16().count();
    let kept = text.chars().take_while(|character| {
        let fits = character.len_utf16() <= left;
        left = left.saturating_sub(character.len_utf16());
        fits
    });
    kept.chain(CUT.chars()).collect()
}

/// A name that a sheet may have.
fn name(title: &str) -> String {
    let allowed = |character: &char| !matches!(character, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'');
    let name: String = title.chars().filter(allowed).take(NAME_CHARS_MAX).collect();
    if name.is_empty() || name == "说明" { "数据".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_too_long_for_a_cell_is_cut_and_says_so() {
        assert_eq!(cell_text("文".repeat(CELL_UNITS_MAX)), "文".repeat(CELL_UNITS_MAX));
        let cut = cell_text("𠮷".repeat(CELL_UNITS_MAX));
        assert!(cut.encode_utf16().count() <= CELL_UNITS_MAX && cut.ends_with(CUT));
    }

    #[test]
    fn days_that_excel_does_not_know_are_none() {
        let moment = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        assert!(excel(moment("1899-12-31T00:00:00")).is_none());
        assert!(excel(moment("2023-05-04T09:00:01")).is_some());
    }
}
