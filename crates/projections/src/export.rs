//! Every row of a screen at one moment, for exports: the same rows in the same order as its pages, read in batches.

use crate::column::Column;
use crate::query::{self, Statement};
use crate::reader::{ReadError, Reader, Reckoning, cells, granted};
use crate::request::Request;
use crate::row::Cell;
use crate::screen::{Grant, Screen, Viewer};
use crate::table::LIVE;
use sqlx::postgres::PgRow;
use sqlx::{Executor as _, Postgres, Transaction};

/// Rows that are fetched at one time, and held in memory.
pub const BATCH_ROWS: u32 = 500;

/// Without a statement of its own, so that the lock is there before the snapshot is taken.
const BEGIN: &str = "begin isolation level repeatable read read only";

/// All that a reader may see of a screen, as of one position of the log. It holds a connection and a snapshot: read it to its end
/// without waiting for anybody.
#[derive(Debug)]
pub struct EveryRow<'a> {
    /// The log is read up to here.
    pub position: i64,
    screen: &'static Screen,
    grant: &'static Grant,
    reckoning: Reckoning<'a>,
    transaction: Transaction<'static, Postgres>,
}

impl Reader {
    /// Begins to read every row of a screen that fits the request, at most so many; its `limit` does not count.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn every_row<'a>(
        &self,
        screen: &'static Screen,
        viewer: &Viewer,
        request: &Request,
        reckoning: Reckoning<'a>,
        at_most: i64,
    ) -> Result<EveryRow<'a>, ReadError> {
        let grant = granted(screen, viewer)?;
        let table = screen.table;
        let told = |error| ReadError::of(table, error);
        let mut transaction = self.pool().begin_with(BEGIN).await?;
        // The locks first: with a snapshot from before a rebuilt table was swapped in, that table would look empty.
        for table in screen.tables_read() {
            let lock = format!("lock table {LIVE}.{} in access share mode", table.name);
            transaction.execute(lock.as_str()).await.map_err(told)?;
        }
        // As many rows as there are will be fetched: the best plan for all of them, not for the first few.
        transaction.execute("set local cursor_tuple_fraction = 1").await?;
        let names: Vec<&str> = screen.tables().map(|table| table.name).collect();
        let position: Option<i64> = sqlx::query_scalar(
            "select min(position)
             from projections.checkpoint
             where table_name = any($1)
             having count(*) = cardinality($1)",
        )
        .bind(&names)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(told)?;
        let position = position.ok_or(ReadError::NotReady { table: table.name })?;
        let selected = query::every_row(screen, grant, viewer, request, reckoning, at_most);
        let sql = format!("declare every_row no scroll cursor for {}", selected.sql);
        let declare = Statement { sql, binds: selected.binds };
        declare.query().persistent(false).execute(&mut *transaction).await.map_err(told)?;
        Ok(EveryRow { position, screen, grant, reckoning, transaction })
    }
}

impl EveryRow<'_> {
    /// The columns, in order; each row has a value for every one.
    pub fn columns(&self) -> impl Iterator<Item = &'static Column> + use<> {
        self.screen.shown()
    }

    /// The next rows, at most a batch; none once all were given.
    ///
    /// # Errors
    ///
    /// [`ReadError::Database`].
    pub async fn next_rows(&mut self) -> Result<Vec<Vec<Cell>>, ReadError> {
        let fetch = format!("fetch forward {BATCH_ROWS} from every_row");
        // not kept: the next cursor of this name has other columns
        let found = sqlx::query(&fetch).persistent(false).fetch_all(&mut *self.transaction).await?;
        let row = |row: &PgRow| cells(self.screen, self.grant, row, self.reckoning);
        Ok(found.iter().map(row).collect::<Result<_, sqlx::Error>>()?)
    }
}
