//! Building tables from the log: whole streams first, some pages in memory at a time, then by position.

use crate::copy::{Copier, Encoded};
use crate::fold::{Folder, apply};
use crate::log::{After, Log, LogError};
use crate::row::Row;
use crate::step::{Stop, prepare};
use crate::table::{Feed, Table};
use crate::trouble::{Unavailable, Verdict, chain, run, verdict};
use crate::write;
use futures::future::{try_join, try_join_all};
use sqlx::{Connection, PgConnection};
use std::sync::{Arc, PoisonError};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinHandle;
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_journal::RecordedEvent;

/// Events read at a time while building.
pub const PAGE_EVENTS: u32 = 2_000;

/// Pages that are being folded, or are folded and wait to be copied, beside those that are being copied.
const PAGES_AHEAD: usize = 3;

/// What the planner is told of a table that was just built is drawn from 300 times as many of its rows: enough to tell values
/// that are common from those that are rare, at a tenth of what the usual 30,000 rows take.
const STATISTICS_TARGET: u32 = 10;

/// How far a build has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Events read so far; those that came while it was built are counted too.
    pub events: u64,
    /// The position up to which is built.
    pub up_to: i64,
}

/// Tables being built in a schema beside the live one.
#[derive(Debug)]
pub(crate) struct Build {
    schema: &'static str,
    /// Those that are whole so far.
    pub(crate) tables: Vec<&'static Table>,
    /// Those that cannot get past an event.
    pub(crate) stopped: Vec<Stop>,
    /// The rows are those of the log up to here.
    pub(crate) position: i64,
    folder: Folder,
    events: u64,
}

impl Build {
    /// Makes empty tables in the schema, in place of what an interrupted build left there.
    pub(crate) async fn start(
        connection: &mut PgConnection,
        schema: &'static str,
        tables: &[&'static Table],
    ) -> Result<Self, Unavailable> {
        for table in tables {
            let (making, _) = table.statements();
            let mut transaction = connection.begin().await?;
            run(&mut transaction, &format!("drop table if exists {schema}.{}", table.name)).await?;
            run_in(&mut transaction, schema, &making).await?;
            transaction.commit().await?;
        }
        let (tables, stopped, folder) = (tables.to_vec(), Vec::new(), Folder::default());
        Ok(Self { schema, tables, stopped, position: 0, folder, events: 0 })
    }

    /// One of the tables by itself, as far as it was built.
    pub(crate) fn of_one(&self, table: &'static Table) -> Self {
        let (stopped, folder) = (Vec::new(), Folder::default());
        Self {
            schema: self.schema,
            tables: vec![table],
            stopped,
            position: self.position,
            folder,
            events: self.events,
        }
    }

    /// Fills the tables with the log up to a position and makes their keys and indexes. Pages are read, folded and copied at the same time;
    /// over as many connections as there are.
    pub(crate) async fn fill(
        &mut self,
        connections: &mut [PgConnection],
        log: &dyn Log,
        up_to: i64,
        report: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), Unavailable> {
        let (schema, tables): (_, Arc<[&'static Table]>) = (self.schema, self.tables.as_slice().into());
        let (sender, pages) = mpsc::channel(PAGES_AHEAD);
        let (pages, spare) = (Mutex::new(pages), Spare::default());
        let copying =
            connections.iter_mut().map(|connection| copy(connection, schema, &tables, up_to, &pages, &spare));
        let reading = self.read(log, up_to, &tables, sender, &spare, report);
        let ((), stops) = try_join(reading, try_join_all(copying)).await?;
        let mut stops: Vec<Stop> = stops.into_iter().flatten().collect();
        stops.sort_by_key(|stop| stop.at);
        for Stop { table, at, reason } in stops {
            self.stop(table, at, reason);
        }
        let left = std::sync::Mutex::new(self.tables.clone());
        let indexing = connections.iter_mut().map(|connection| index(connection, schema, up_to, &left));
        for Stop { table, at, reason } in try_join_all(indexing).await?.into_iter().flatten() {
            self.stop(table, at, reason);
        }
        self.position = up_to;
        Ok(())
    }

    /// Reads the log stream by stream: while a page is opened the next is read, and those before it are folded.
    async fn read(
        &mut self,
        log: &dyn Log,
        up_to: i64,
        tables: &Arc<[&'static Table]>,
        pages: mpsc::Sender<JoinHandle<Made>>,
        spare: &Spare,
        report: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), Unavailable> {
        let aggregates = aggregates(tables);
        let of = aggregates.as_deref();
        let mut stored = log.read_stored_by_stream(of, up_to, None, PAGE_EVENTS).await?;
        // events of a stream that the next page may have more of
        let mut begun: Vec<RecordedEvent> = Vec::new();
        loop {
            let last = stored.last().map(After::from);
            let next = async {
                match &last {
                    Some(last) => log.read_stored_by_stream(of, up_to, Some(last), PAGE_EVENTS).await,
                    None => Ok(Vec::new()),
                }
            };
            // the next page is asked for first, so that PostgreSQL reads it while this one is opened here
            let events;
            (stored, events) = try_join(next, log.open(stored)).await?;
            self.count(&events, up_to, report);
            begun.extend(events);
            let whole = match &last {
                Some(last) => begun.partition_point(|event| !is_of(event, last)),
                None => begun.len(),
            };
            let rest = begun.split_off(whole);
            let page = std::mem::replace(&mut begun, rest);
            if !page.is_empty() {
                let (tables, spare) = (Arc::clone(tables), spare.clone());
                let making = tokio::task::spawn_blocking(move || make(&page, &tables, spare.take(&tables)));
                // an error says that nobody copies any more, which tells why itself
                if pages.send(making).await.is_err() {
                    return Ok(());
                }
            }
            if last.is_none() {
                return Ok(());
            }
        }
    }

    /// Brings the filled tables up to a later position.
    pub(crate) async fn catch_up(
        &mut self,
        connection: &mut PgConnection,
        log: &dyn Log,
        up_to: i64,
        report: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), Unavailable> {
        while self.position < up_to {
            let limit = u32::try_from(up_to - self.position).unwrap_or(PAGE_EVENTS).min(PAGE_EVENTS);
            let events = log.read_after(self.position, limit).await?;
            let Some(last) = events.last() else { return Ok(()) };
            self.take(connection, log, &events).await?;
            self.position = last.position;
            self.count(&events, up_to, report);
        }
        Ok(())
    }

    async fn take(
        &mut self,
        connection: &mut PgConnection,
        log: &dyn Log,
        events: &[RecordedEvent],
    ) -> Result<(), Unavailable> {
        loop {
            match prepare(log, &mut self.folder, &self.tables, events).await? {
                Ok((changes, prepared)) => {
                    for (table, writes) in &prepared {
                        let mut inner = connection.begin().await?;
                        match write::write(&mut inner, self.schema, table, writes).await {
                            Ok(()) => inner.commit().await?,
                            Err(error) => {
                                inner.rollback().await?;
                                let at = events.first().map_or(0, |event| event.position);
                                let Stop { table, at, reason } = refused(table.name, at, error)?;
                                self.stop(table, at, reason);
                            }
                        }
                    }
                    self.folder.keep(changes, &prepared);
                    return Ok(());
                }
                Err(obstacle) => {
                    let at =
                        obstacle.index.and_then(|index| events.get(index)).map_or(0, |event| event.position);
                    for table in obstacle.tables {
                        self.stop(table.name, at, obstacle.reason.clone());
                    }
                }
            }
        }
    }

    fn stop(&mut self, table: &'static str, at: i64, reason: String) {
        self.tables.retain(|whole| whole.name != table);
        if !self.stopped.iter().any(|stop| stop.table == table) {
            self.stopped.push(Stop { table, at, reason });
        }
    }

    fn count(&mut self, events: &[RecordedEvent], up_to: i64, report: &mut (dyn FnMut(Progress) + Send)) {
        self.events += events.len() as u64;
        report(Progress { events: self.events, up_to });
    }
}

/// The types of the aggregates whose events these tables need; none where they need all.
fn aggregates(tables: &[&'static Table]) -> Option<Vec<&'static str>> {
    let mut aggregates: Vec<&'static str> = Vec::new();
    for table in tables {
        match table.feed {
            Feed::Cases { aggregates: own, .. } => aggregates.extend(own),
            Feed::Events { .. } => return None,
        }
    }
    aggregates.sort_unstable();
    aggregates.dedup();
    Some(aggregates)
}

fn is_of(event: &RecordedEvent, stream: &After) -> bool {
    event.aggregate_type == stream.aggregate_type && event.aggregate_id == stream.aggregate_id
}

/// What came of a page: rows for each of the tables, and the tables that cannot get past an event of it.
struct Made {
    rows: Vec<Encoded>,
    stops: Vec<Stop>,
}

/// What pages were copied from, for the next ones to be made in: memory that is fresh costs more than what is written to it.
#[derive(Clone, Default)]
struct Spare(Arc<std::sync::Mutex<Vec<Vec<Encoded>>>>);

impl Spare {
    /// Room for the rows of each of the tables.
    fn take(&self, tables: &[&'static Table]) -> Vec<Encoded> {
        let used = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        used.unwrap_or_else(|| tables.iter().map(|_| Encoded::default()).collect())
    }

    /// Empties it and keeps the room.
    fn put(&self, mut rows: Vec<Encoded>) {
        rows.iter_mut().for_each(Encoded::clear);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(rows);
    }
}

/// Folds whole streams and makes their rows.
fn make(events: &[RecordedEvent], tables: &[&'static Table], rows: Vec<Encoded>) -> Made {
    let mut made = Made { rows, stops: Vec::new() };
    let same = |left: &RecordedEvent, right: &RecordedEvent| {
        left.aggregate_id == right.aggregate_id && left.aggregate_type == right.aggregate_type
    };
    for stream in events.chunk_by(same) {
        let Some(last) = stream.last() else { continue };
        let state = match tables.iter().any(|table| table.folds(&last.aggregate_type)) {
            true => Some(folded(stream)),
            false => None,
        };
        for (table, encoded) in tables.iter().zip(&mut made.rows) {
            let mut take = |at: i64, rows: Result<Vec<Row>, String>| {
                let taken = rows.and_then(|rows| {
                    rows.iter().try_for_each(|row| {
                        table.check(row).map_err(|error| chain(&error))?;
                        encoded.push(row).map_err(|error| chain(error.as_ref()))
                    })
                });
                if let Err(reason) = taken {
                    made.stops.push(Stop { table: table.name, at, reason });
                }
            };
            match (table.feed, &state) {
                (Feed::Events { row }, _) => {
                    for event in stream {
                        take(event.position, row(event).map(|row| vec![row]).map_err(|error| chain(&error)));
                    }
                }
                (Feed::Cases { rows, .. }, Some(state)) if table.folds(&last.aggregate_type) => match state {
                    Ok((id, state)) => take(last.position, rows(*id, state).map_err(|error| chain(&error))),
                    Err((at, reason)) => take(*at, Err(reason.clone())),
                },
                (Feed::Cases { .. }, _) => {}
            }
        }
    }
    made
}

/// The state of a whole stream; or which of its events cannot be folded, and why.
fn folded(stream: &[RecordedEvent]) -> Result<(Uuid, AnyState), (i64, String)> {
    let first = stream.first().ok_or((0, "an empty stream".to_owned()))?;
    let unreadable = |reason: String| (first.position, reason);
    let id = Uuid::parse_str(&first.aggregate_id)
        .map_err(|error| unreadable(format!("the stream's id {}: {error}", first.aggregate_id)))?;
    let mut state = AnyState::new(&first.aggregate_type)
        .ok_or_else(|| unreadable(format!("unknown aggregate {}", first.aggregate_type)))?;
    let mut sequence = 0;
    for event in stream {
        apply(&mut state, &mut sequence, event).map_err(|reason| (event.position, reason))?;
    }
    Ok((id, state))
}

/// Copies pages as long as there are any; answers the tables that a row of theirs was refused by.
async fn copy(
    connection: &mut PgConnection,
    schema: &str,
    tables: &[&'static Table],
    up_to: i64,
    pages: &Mutex<mpsc::Receiver<JoinHandle<Made>>>,
    spare: &Spare,
) -> Result<Vec<Stop>, Unavailable> {
    // what is lost in a crash is made anew from the log
    run(connection, "set synchronous_commit = off").await?;
    let mut copiers: Vec<Option<Copier>> =
        tables.iter().map(|table| Some(Copier::new(schema, table))).collect();
    let mut stops = Vec::new();
    loop {
        let page = pages.lock().await.recv().await;
        let last = page.is_none();
        let made = match page {
            Some(made) => Some(made.await.map_err(|error| LogError(Box::new(error)))?),
            None => None,
        };
        for (at, (table, copier)) in tables.iter().zip(&mut copiers).enumerate() {
            let Some(filling) = copier else { continue };
            if let Some(rows) = made.as_ref().and_then(|made| made.rows.get(at)) {
                filling.gather(rows);
            }
            if (filling.is_full() || last)
                && let Err(error) = filling.flush(connection).await
            {
                stops.push(refused(table.name, up_to, error)?);
                *copier = None;
            }
        }
        match made {
            Some(made) => {
                stops.extend(made.stops);
                spare.put(made.rows);
            }
            None => return Ok(stops),
        }
    }
}

/// Makes the keys and indexes of tables as long as there are any left; answers the tables that two rows of one key are in.
async fn index(
    connection: &mut PgConnection,
    schema: &str,
    up_to: i64,
    left: &std::sync::Mutex<Vec<&'static Table>>,
) -> Result<Vec<Stop>, Unavailable> {
    let mut stops = Vec::new();
    loop {
        let next = left.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Some(table) = next else { return Ok(stops) };
        let (_, indexes) = table.statements();
        let mut transaction = connection.begin().await?;
        let name = table.name;
        let knowing = format!("set local default_statistics_target = {STATISTICS_TARGET};\nanalyze {name}");
        match run_in(&mut transaction, schema, &format!("{indexes};\n{knowing}")).await {
            Ok(()) => transaction.commit().await?,
            Err(error) => {
                transaction.rollback().await?;
                stops.push(refused(table.name, up_to, error)?);
            }
        }
    }
}

/// A table whose row was refused.
fn refused(table: &'static str, at: i64, error: sqlx::Error) -> Result<Stop, Unavailable> {
    match verdict(&error) {
        Verdict::Unavailable => Err(error.into()),
        Verdict::RowRefused | Verdict::TableBroken => Ok(Stop { table, at, reason: chain(&error) }),
    }
}

/// Runs statements that name no schema in this one.
async fn run_in(connection: &mut PgConnection, schema: &str, statements: &str) -> Result<(), sqlx::Error> {
    run(connection, &format!("set local search_path = {schema};\n{statements}")).await
}
