//! Reading the tables: pages of screens, counts, waiting for a position, how the tables are.

use crate::checkpoint::{self, Checkpoint, Following};
use crate::column::{Class, Column, Computed, Kind, Place};
use crate::decimal::from_decimal;
use crate::query::{self, MASK, POSITION, SORT_VALUE, Statement, waits_for_nobody};
use crate::request::Request;
use crate::row::{Cell, Row};
use crate::runner::Positions;
use crate::screen::{Grant, Persons, Screen, Viewer};
use crate::table::{KEY, LIVE, Table};
use crate::trouble::{Verdict, verdict};
use chrono::{DateTime, NaiveDate, Utc};
use sqlx::postgres::{PgConnectOptions, PgRow};
use sqlx::types::Decimal;
use sqlx::{PgPool, Row as _};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use thiserror::Error;
use uuid::Uuid;
use zhicheng_domain::calendar::WorkingCalendar;
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::declaration::Stage;
use zhicheng_domain::label::Named as _;

/// Connections that read the tables at one time, in one process: apart from those of the log, so that no append waits behind
/// a listing. A listing takes milliseconds, so eight serve hundreds of readers a second; more would only take processors
/// and memory from the appends of the same server.
pub const CONNECTIONS_MAX: u32 = 8;
/// How long a reader waits for one of them before it is told that the tables are not available.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// The longest that a statement may take: no listing comes near it, and one that does must not keep the others waiting.
const STATEMENT_TIMEOUT: &str = "15s";
/// How often a table that another process feeds is looked at while somebody waits for it.
const WAIT_POLL: Duration = Duration::from_millis(20);
/// Counts are exact up to here.
pub const COUNT_MAX: i64 = 999;
/// Deadlines told at one time, at most.
pub const DUE_MAX: i64 = 1_000;

/// Why nothing could be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// This role does not read this screen.
    #[error("the role does not read the screen {screen}")]
    NotGranted {
        /// The screen.
        screen: &'static str,
    },
    /// The table is still being built, or it is one of another version of the program.
    #[error("the table {table} is not ready")]
    NotReady {
        /// The table.
        table: &'static str,
    },
    /// The database does not answer.
    #[error("the database of the read tables does not answer")]
    Database(#[from] sqlx::Error),
}

/// Why somebody waited in vain.
#[derive(Debug, Error)]
pub enum WaitError {
    /// The table is late.
    #[error("the table stands at {position}, before what was waited for")]
    TimedOut {
        /// Where it stands.
        position: i64,
    },
    /// The table cannot get past an event.
    #[error("the table stands still before event {at}")]
    Stopped {
        /// The event.
        at: i64,
    },
    /// The database does not answer.
    #[error("the database of the read tables does not answer")]
    Database(#[from] sqlx::Error),
}

/// What a page is reckoned with.
#[derive(Clone, Copy)]
pub struct Reckoning<'a> {
    /// Working days.
    pub calendar: &'a WorkingCalendar,
    /// Today in Asia/Shanghai.
    pub today: NaiveDate,
    /// The keyed hash of an ID number as it was typed.
    pub keyed_hash: &'a (dyn Fn(&str) -> String + Sync),
}

impl std::fmt::Debug for Reckoning<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reckoning").field("today", &self.today).finish_non_exhaustive()
    }
}

/// A page of a screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The names of the columns, in order.
    pub columns: Vec<&'static str>,
    /// The rows; a value for every column.
    pub rows: Vec<Vec<Cell>>,
    /// Where the next page begins; none where there is no more.
    pub next_cursor: Option<String>,
    /// The log is read up to here.
    pub position: i64,
}

impl Page {
    /// `{rows, next_cursor, position}` as the API answers it.
    pub fn to_json(&self) -> serde_json::Value {
        let rows: Vec<serde_json::Value> = self
            .rows
            .iter()
            .map(|row| {
                let members = self.columns.iter().zip(row);
                members
                    .map(|(name, cell)| ((*name).to_owned(), cell.to_json()))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            })
            .collect();
        serde_json::json!({"rows": rows, "next_cursor": self.next_cursor, "position": self.position})
    }
}

/// How many rows there are, as menus show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// So many.
    Exactly(i64),
    /// More than [`COUNT_MAX`].
    More,
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exactly(number) => number.fmt(f),
            Self::More => write!(f, "{COUNT_MAX}+"),
        }
    }
}

/// How a table is, for `/readyz`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// The table.
    pub table: &'static str,
    /// The log is read up to here; none while it was never built.
    pub position: Option<i64>,
    /// Events that it is behind.
    pub lag: i64,
    /// The event that it cannot get past.
    pub stopped_at: Option<i64>,
    /// Why; for operators, not for the public.
    pub stopped_reason: Option<String>,
}

/// A day on which a policy has something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// `publicity_end`, `relay`, `correction`, `batch_close`, `blacklist_end` or `approval_end`.
    pub kind: String,
    /// The first instant at which the period is over.
    pub due_at: DateTime<Utc>,
    /// The type of the aggregate.
    pub aggregate: String,
    /// Its id.
    pub aggregate_id: Uuid,
}

/// The connections of a reader: they write nothing, a statement of theirs ends in time, and the planner is left to itself.
pub fn connections(options: &PgConnectOptions) -> PgPool {
    let limits = [("default_transaction_read_only", "on"), ("statement_timeout", STATEMENT_TIMEOUT)];
    zhicheng_database::lent(CONNECTIONS_MAX, ACQUIRE_TIMEOUT)
        .connect_lazy_with(options.clone().application_name("zhicheng-tables").options(limits))
}

/// Reads the tables.
#[derive(Debug, Clone)]
pub struct Reader {
    pool: PgPool,
    positions: Positions,
}

impl Reader {
    /// Reads on these [`connections`]; `positions` of this process's runner make waiting short.
    pub const fn new(pool: PgPool, positions: Positions) -> Self {
        Self { pool, positions }
    }

    /// Ends the connections, once what they are at is answered.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A page of a screen, as the viewer may see it.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn page(
        &self,
        screen: &'static Screen,
        viewer: &Viewer,
        request: &Request,
        reckoning: Reckoning<'_>,
    ) -> Result<Page, ReadError> {
        let grant = granted(screen, viewer)?;
        let statement = query::page(screen, grant, viewer, request, reckoning);
        let found = self.fetch(screen.table, &statement).await?;
        let first = found.first().ok_or(ReadError::NotReady { table: screen.table.name })?;
        let position = first.try_get(POSITION)?;
        let sorted_by = screen.table.column(request.order.column);
        let mut page = Page {
            columns: screen.shown().map(|it| it.name).collect(),
            rows: Vec::new(),
            next_cursor: None,
            position,
        };
        let limit = request.limit as usize;
        let mut last: Option<(Cell, String)> = None;
        for row in &found {
            let Some(key) = row.try_get::<Option<String>, _>(KEY)? else { break };
            if page.rows.len() == limit {
                page.next_cursor = last.map(|(value, key)| request.cursor_after(&value, &key));
                break;
            }
            let value = match sorted_by {
                Some(column) => cell(row, SORT_VALUE, column.kind)?,
                None => Cell::Text(key.clone()),
            };
            page.rows.push(cells(screen, grant, row, reckoning)?);
            last = Some((value, key));
        }
        Ok(page)
    }

    /// What the rows that meet a condition are about, each once: the condition of a job. Order and page are not asked.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn selected(
        &self,
        screen: &'static Screen,
        viewer: &Viewer,
        request: &Request,
        reckoning: Reckoning<'_>,
        at_most: usize,
    ) -> Result<Vec<Uuid>, ReadError> {
        let grant = granted(screen, viewer)?;
        let limit = i64::try_from(at_most).unwrap_or(i64::MAX);
        let statement = query::selected(screen, grant, viewer, request, reckoning, limit);
        let found = self.fetch(screen.table, &statement).await?;
        let (mut ids, mut seen) = (Vec::with_capacity(found.len()), BTreeSet::new());
        for row in &found {
            if let Some(id) = row.try_get::<Option<Uuid>, _>(query::SELECTED)?
                && seen.insert(id)
            {
                ids.push(id);
            }
        }
        Ok(ids)
    }

    /// Everything that a table holds, in the order of its keys, with what is reckoned when read in its place among the
    /// columns. For comparisons: nobody's scope is applied and nothing is masked.
    ///
    /// # Errors
    ///
    /// [`ReadError::NotReady`], [`ReadError::Database`].
    pub async fn whole(
        &self,
        table: &'static Table,
        reckoning: Reckoning<'_>,
    ) -> Result<Vec<Row>, ReadError> {
        let columns: Vec<&str> = table.stored().map(|column| column.name).collect();
        let sql = format!(
            "select {KEY}, {}
             from {LIVE}.{}
             order by {KEY}",
            columns.join(", "),
            table.name
        );
        let found = self.fetch(table, &Statement { sql, binds: Vec::new() }).await?;
        let row = |row: &PgRow| {
            let cells = table.columns().map(|column| {
                let cell = match column.place {
                    Place::Computed(computed) => reckon(table, computed, row, reckoning),
                    Place::Shown | Place::Internal => cell(row, column.name, column.kind),
                };
                cell.map(|cell| (column.name, cell))
            });
            let cells = cells.collect::<Result<Vec<_>, sqlx::Error>>()?;
            Ok(Row::new(row.try_get::<String, _>(KEY)?).with(cells))
        };
        found.iter().map(row).collect()
    }

    /// How many rows of a screen wait for one who reads it as any of these viewers, each row once; how many there are, where none can
    /// wait.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn count(&self, screen: &'static Screen, viewers: &[Viewer]) -> Result<Count, ReadError> {
        let readers = viewers.iter().map(|viewer| Ok((granted(screen, viewer)?, viewer)));
        let readers = readers.collect::<Result<Vec<_>, ReadError>>()?;
        if readers.is_empty() {
            return Ok(Count::Exactly(0));
        }
        let statement = query::count(screen, &readers, COUNT_MAX + 1);
        let found = self.fetch(screen.table, &statement).await?;
        let number: i64 = found.first().map_or(Ok(0), |row| row.try_get(0))?;
        Ok(if number > COUNT_MAX { Count::More } else { Count::Exactly(number) })
    }

    /// Waits until a table shows the log up to a position: read your own writes.
    ///
    /// # Errors
    ///
    /// See [`WaitError`]; a table that stands still is told at once.
    pub async fn wait_until(
        &self,
        table: &'static Table,
        position: i64,
        timeout: Duration,
    ) -> Result<(), WaitError> {
        let deadline = Instant::now() + timeout;
        let mut positions = self.positions.subscribe();
        loop {
            if positions.borrow_and_update().get(table.name).is_some_and(|reached| *reached >= position) {
                return Ok(());
            }
            let checkpoints = self.checkpoints().await?;
            let found = checkpoints.iter().find(|checkpoint| checkpoint.table == table.name);
            let reached = found.map_or(0, |checkpoint| checkpoint.position);
            if reached >= position && found.is_some() {
                return Ok(());
            }
            if let Some(Checkpoint { following: Following::Stopped { at, .. }, .. }) = found {
                return Err(WaitError::Stopped { at: *at });
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(WaitError::TimedOut { position: reached });
            }
            tokio::select! {
                () = tokio::time::sleep(left.min(WAIT_POLL)) => {}
                Ok(()) = positions.changed() => {}
            }
        }
    }

    /// How these tables are, against the log's head.
    ///
    /// # Errors
    ///
    /// What PostgreSQL says.
    pub async fn health(&self, tables: &[&'static Table], head: i64) -> Result<Vec<Health>, sqlx::Error> {
        let checkpoints = self.checkpoints().await?;
        let health = |table: &&'static Table| {
            let found = checkpoints.iter().find(|checkpoint| checkpoint.table == table.name);
            let built = found.filter(|checkpoint| !checkpoint.version.is_empty());
            let (stopped_at, stopped_reason) = match found.map(|checkpoint| &checkpoint.following) {
                Some(Following::Stopped { at, reason }) => (Some(*at), Some(reason.clone())),
                Some(Following::Following) | None => (None, None),
            };
            Health {
                table: table.name,
                position: built.map(|checkpoint| checkpoint.position),
                lag: (head - built.map_or(0, |checkpoint| checkpoint.position)).max(0),
                stopped_at,
                stopped_reason,
            }
        };
        Ok(tables.iter().map(health).collect())
    }

    /// Deadlines that are over at this instant, the oldest first, at most [`DUE_MAX`]: what policies have to do.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn due_at(&self, now: DateTime<Utc>) -> Result<Vec<Due>, ReadError> {
        let table = &crate::screens::deadline::TABLE;
        let sql = "select kind, due_at, aggregate, aggregate_id
                   from projections.deadline
                   where due_at <= $1
                   order by due_at, row_key
                   limit $2";
        let binds = vec![query::Bind::Cell(now.into()), query::Bind::Cell(DUE_MAX.into())];
        let found = self.fetch(table, &Statement { sql: sql.to_owned(), binds }).await?;
        let due = |row: &PgRow| {
            Ok(Due {
                kind: row.try_get("kind")?,
                due_at: row.try_get("due_at")?,
                aggregate: row.try_get("aggregate")?,
                aggregate_id: row.try_get("aggregate_id")?,
            })
        };
        found.iter().map(due).collect()
    }

    async fn checkpoints(&self) -> Result<Vec<Checkpoint>, sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        checkpoint::all(&mut connection).await.or_else(nothing_yet)
    }

    pub(crate) async fn fetch(
        &self,
        table: &'static Table,
        statement: &Statement,
    ) -> Result<Vec<PgRow>, ReadError> {
        statement.query().fetch_all(&self.pool).await.map_err(|error| ReadError::of(table, error))
    }

    pub(crate) const fn pool(&self) -> &PgPool {
        &self.pool
    }
}

impl ReadError {
    /// What it means that a table could not be read.
    pub(crate) fn of(table: &'static Table, error: sqlx::Error) -> Self {
        match verdict(&error) {
            Verdict::TableBroken => Self::NotReady { table: table.name },
            Verdict::RowRefused | Verdict::Unavailable => Self::Database(error),
        }
    }
}

/// Before the first runner there is no table of checkpoints.
fn nothing_yet(error: sqlx::Error) -> Result<Vec<Checkpoint>, sqlx::Error> {
    match verdict(&error) {
        Verdict::TableBroken => Ok(Vec::new()),
        Verdict::RowRefused | Verdict::Unavailable => Err(error),
    }
}

pub(crate) fn granted(screen: &'static Screen, viewer: &Viewer) -> Result<&'static Grant, ReadError> {
    screen.grant(viewer.role).ok_or(ReadError::NotGranted { screen: screen.name })
}

pub(crate) fn cells(
    screen: &'static Screen,
    grant: &Grant,
    row: &PgRow,
    reckoning: Reckoning<'_>,
) -> Result<Vec<Cell>, sqlx::Error> {
    screen
        .shown()
        .map(|column| match column.place {
            Place::Computed(computed) if computed.tables().is_empty() => {
                reckon(screen.table, computed, row, reckoning)
            }
            Place::Computed(_) => cell(row, column.name, column.kind),
            Place::Shown | Place::Internal => {
                cell(row, column.name, column.kind).map(|cell| shown(grant, column, cell))
            }
        })
        .collect()
}

fn cell(row: &PgRow, name: &str, kind: Kind) -> Result<Cell, sqlx::Error> {
    Ok(match kind {
        Kind::Text => row.try_get::<Option<String>, _>(name)?.into(),
        Kind::Integer => row.try_get::<Option<i64>, _>(name)?.into(),
        Kind::Decimal => row.try_get::<Option<Decimal>, _>(name)?.and_then(from_decimal).into(),
        Kind::Date => row.try_get::<Option<NaiveDate>, _>(name)?.into(),
        Kind::Instant => row.try_get::<Option<DateTime<Utc>>, _>(name)?.into(),
        Kind::Boolean => row.try_get::<Option<bool>, _>(name)?.into(),
        Kind::Uuid => row.try_get::<Option<Uuid>, _>(name)?.into(),
        Kind::TextList => row.try_get::<Option<Vec<String>>, _>(name)?.into(),
    })
}

/// What this reader gets of a value: of a person's name the first character, where persons are masked; of other personal
/// texts nothing, ID numbers aside, which are masked in the table.
fn shown(grant: &Grant, column: &Column, cell: Cell) -> Cell {
    if grant.persons == Persons::Named || column.class == Class::Public || column.name == "id_number" {
        return cell;
    }
    match (column.name, cell) {
        ("applicant_name", Cell::Text(name)) => {
            Cell::Text(name.chars().take(1).chain(MASK.chars()).collect())
        }
        _ => Cell::Null,
    }
}

/// Whether a case of this stage waits for nobody any more.
fn ended(stage: Option<String>) -> bool {
    stage.as_deref().and_then(Stage::from_name).is_some_and(waits_for_nobody)
}

/// Working days waited, and whether that is too long, as of today.
fn reckon(
    table: &Table,
    computed: Computed,
    row: &PgRow,
    reckoning: Reckoning<'_>,
) -> Result<Cell, sqlx::Error> {
    let has = |name: &str| table.column(name).is_some();
    Ok(match computed {
        Computed::DwellWorkingDays => {
            let arrived: Option<DateTime<Utc>> = row.try_get("arrived_at")?;
            let waits = has("status") && row.try_get::<Option<&str>, _>("status")? == Some("waiting");
            let handled: Option<DateTime<Utc>> =
                if has("handled_at") && !waits { row.try_get("handled_at")? } else { None };
            if handled.is_none() && has("stage") && ended(row.try_get("stage")?) {
                return Ok(Cell::Null);
            }
            let until = handled.map_or(reckoning.today, |moment| in_shanghai(moment).date_naive());
            let days =
                |arrived| reckoning.calendar.working_days_between(in_shanghai(arrived).date_naive(), until);
            arrived.map(days).into()
        }
        Computed::Overdue => {
            let due: Option<NaiveDate> = row.try_get("due_on")?;
            let waiting =
                !has("status") || row.try_get::<Option<String>, _>("status")?.as_deref() == Some("waiting");
            Cell::Boolean(waiting && due.is_some_and(|due| due < reckoning.today))
        }
        // another table's: of this one as a whole there is none
        Computed::ReadAt | Computed::ReadStatus | Computed::NameOf(_) => Cell::Null,
    })
}
