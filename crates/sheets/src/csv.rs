//! csv.

use crate::guard::guarded;
use crate::sheet::{Abandoned, Sheet, SheetError, Value, numbered, with_decimals};
use csv::{Terminator, WriterBuilder};
use std::io::Write;

/// Says that the file is UTF-8.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

pub(crate) fn write(
    sheet: &Sheet,
    rows: impl Iterator<Item = Result<Vec<Value>, Abandoned>>,
    mut out: impl Write,
) -> Result<u32, SheetError> {
    out.write_all(BYTE_ORDER_MARK)?;
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    writer.write_record(&sheet.columns).map_err(std::io::Error::from)?;
    let mut count = 0;
    for row in numbered(rows) {
        let (number, row) = row?;
        writer.write_record(row.into_iter().map(text)).map_err(std::io::Error::from)?;
        count = number;
    }
    writer.flush()?;
    Ok(count)
}

fn text(value: Value) -> String {
    match value {
        Value::Empty => String::new(),
        Value::Text(text) => guarded(text),
        Value::Integer(number) => number.to_string(),
        Value::Hundredths(number) => with_decimals(number),
        Value::Date(day) => day.to_string(),
        Value::Moment(moment) => moment.format("%Y-%m-%d %H:%M:%S").to_string(),
    }
}
