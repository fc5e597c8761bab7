//! Copying rows into a table in PostgreSQL's binary form: what filling an empty table of any size takes.

use crate::decimal::to_decimal;
use crate::row::{Cell, Row};
use crate::table::{KEY, Table};
use sqlx::postgres::PgArgumentBuffer;
use sqlx::{Encode, PgConnection, Postgres};

/// Bytes gathered before they are copied.
const COPY_BYTES: usize = 512 * 1024;
/// What the binary form begins with: its signature, no flags, nothing more.
const HEADER: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// What it ends with.
const TRAILER: &[u8] = &(-1i16).to_be_bytes();
/// The length of what is null.
const NULL: &[u8] = &(-1i32).to_be_bytes();

/// Why a row has no binary form.
type EncodeError = Box<dyn std::error::Error + Send + Sync>;

/// Rows in binary form.
#[derive(Debug, Default)]
pub(crate) struct Encoded(PgArgumentBuffer);

impl Encoded {
    /// Takes a row that was checked.
    ///
    /// # Errors
    ///
    /// A value lies beyond what PostgreSQL stores; nothing of the row is there then.
    pub(crate) fn push(&mut self, row: &Row) -> Result<(), EncodeError> {
        let begun = self.0.len();
        let encoded = self.encode(row);
        if encoded.is_err() {
            self.0.truncate(begun);
        }
        encoded
    }

    /// Takes the rows out and keeps the room that they had.
    pub(crate) fn clear(&mut self) {
        self.0.truncate(0);
    }

    fn encode(&mut self, row: &Row) -> Result<(), EncodeError> {
        let fields = i16::try_from(row.cells.len() + 1)?;
        self.0.extend_from_slice(&fields.to_be_bytes());
        self.field(row.key.as_str())?;
        for (_, cell) in &row.cells {
            match cell {
                Cell::Null => self.0.extend_from_slice(NULL),
                Cell::Text(text) => self.field(text.as_str())?,
                Cell::Integer(number) => self.field(*number)?,
                Cell::Decimal(number) => self.field(to_decimal(*number))?,
                Cell::Date(day) => self.field(*day)?,
                Cell::Instant(moment) => self.field(*moment)?,
                Cell::Boolean(truth) => self.field(*truth)?,
                Cell::Uuid(id) => self.field(*id)?,
                Cell::TextList(texts) => self.field(texts.as_slice())?,
            }
        }
        Ok(())
    }

    fn field<'q>(&mut self, value: impl Encode<'q, Postgres>) -> Result<(), EncodeError> {
        let begun = self.0.len();
        self.0.extend_from_slice(&[0; 4]);
        // what is null is not given here
        let _ = value.encode(&mut self.0)?;
        let length = i32::try_from(self.0.len() - begun - 4)?;
        if let Some(place) = self.0.get_mut(begun..begun + 4) {
            place.copy_from_slice(&length.to_be_bytes());
        }
        Ok(())
    }
}

/// Fills one table by COPY.
#[derive(Debug)]
pub(crate) struct Copier {
    statement: String,
    gathered: Vec<u8>,
}

impl Copier {
    /// Nothing copied yet.
    pub(crate) fn new(schema: &str, table: &Table) -> Self {
        let names: Vec<&str> = table.stored().map(|column| column.name).collect();
        let (name, names) = (table.name, names.join(", "));
        let statement = format!("copy {schema}.{name} ({KEY}, {names}) from stdin with (format binary)");
        Self { statement, gathered: HEADER.to_vec() }
    }

    /// Takes rows.
    pub(crate) fn gather(&mut self, rows: &Encoded) {
        self.gathered.extend_from_slice(&rows.0);
    }

    /// Whether enough was gathered to be worth a round trip.
    pub(crate) const fn is_full(&self) -> bool {
        self.gathered.len() >= COPY_BYTES
    }

    /// Copies what was gathered.
    ///
    /// # Errors
    ///
    /// What PostgreSQL says.
    pub(crate) async fn flush(&mut self, connection: &mut PgConnection) -> Result<(), sqlx::Error> {
        if self.gathered.len() > HEADER.len() {
            self.gathered.extend_from_slice(TRAILER);
            let mut copy = connection.copy_in_raw(&self.statement).await?;
            copy.send(self.gathered.as_slice()).await?;
            copy.finish().await?;
            self.gathered.truncate(HEADER.len());
        }
        Ok(())
    }
}
