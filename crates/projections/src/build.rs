//! Building tables from the log: whole streams first, one case in memory at a time, then by position.

use crate::fold::{Folder, apply};
use crate::log::{After, Log};
use crate::step::{Stop, prepare};
use crate::table::{Feed, Table};
use crate::trouble::{Unavailable, Verdict, chain, run, verdict};
use crate::write::{self, Copier};
use sqlx::{Connection, PgConnection};
use std::collections::BTreeMap;
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_journal::RecordedEvent;

/// Events read at a time while building.
pub const PAGE_EVENTS: u32 = 2_000;

/// How far a build has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Events read so far; those of whole streams and those by position are counted alike.
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
            let (statements, _) = table.statements();
            let mut transaction = connection.begin().await?;
            run(&mut transaction, &format!("drop table if exists {schema}.{}", table.name)).await?;
            run_in(&mut transaction, schema, &statements).await?;
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

    /// Fills the tables with the log up to a position and makes their indexes.
    pub(crate) async fn fill(
        &mut self,
        connection: &mut PgConnection,
        log: &dyn Log,
        up_to: i64,
        report: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), Unavailable> {
        let mut copiers: BTreeMap<&'static str, Copier> =
            self.tables.iter().map(|table| (table.name, Copier::new(self.schema, table))).collect();
        self.copy_cases(connection, log, up_to, &mut copiers, report).await?;
        self.copy_events(connection, log, up_to, &mut copiers, report).await?;
        for (table, mut copier) in copiers {
            self.flush(connection, table, &mut copier, up_to).await?;
        }
        for table in &self.tables {
            let (_, indexes) = table.statements();
            let mut transaction = connection.begin().await?;
            run_in(&mut transaction, self.schema, &indexes).await?;
            run(&mut transaction, &format!("analyze {}.{}", self.schema, table.name)).await?;
            transaction.commit().await?;
        }
        self.position = up_to;
        Ok(())
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
                                self.refused(table.name, at, error)?;
                            }
                        }
                    }
                    self.folder.keep(changes);
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

    /// Whole streams, one after the other.
    async fn copy_cases(
        &mut self,
        connection: &mut PgConnection,
        log: &dyn Log,
        up_to: i64,
        copiers: &mut BTreeMap<&'static str, Copier>,
        report: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), Unavailable> {
        let mut aggregates: Vec<&'static str> = Vec::new();
        for table in &self.tables {
            if let Feed::Cases { aggregates: own, .. } = table.feed {
                aggregates.extend(own);
            }
        }
        aggregates.sort_unstable();
        aggregates.dedup();
        if aggregates.is_empty() {
            return Ok(());
        }
        let mut after: Option<After> = None;
        let mut case: Option<Case> = None;
        loop {
            let events = log.read_by_stream(&aggregates, up_to, after.as_ref(), PAGE_EVENTS).await?;
            for event in &events {
                if case.as_ref().is_none_or(|case| !case.is_of(event)) {
                    self.finish(connection, case.take(), copiers, up_to).await?;
                    case = Some(Case::of(event));
                }
                if let Some(case) = &mut case {
                    case.take(event);
                }
            }
            self.count(&events, up_to, report);
            match events.last() {
                Some(last) => after = Some(After::from(last)),
                None => break,
            }
        }
        self.finish(connection, case, copiers, up_to).await
    }

    /// Every event, for tables with a row for each.
    async fn copy_events(
        &mut self,
        connection: &mut PgConnection,
        log: &dyn Log,
        up_to: i64,
        copiers: &mut BTreeMap<&'static str, Copier>,
        report: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), Unavailable> {
        let mut position = 0;
        while position < up_to && self.tables.iter().any(|table| matches!(table.feed, Feed::Events { .. })) {
            let limit = u32::try_from(up_to - position).unwrap_or(PAGE_EVENTS).min(PAGE_EVENTS);
            let events = log.read_after(position, limit).await?;
            let Some(last) = events.last() else { break };
            for table in self.tables.clone() {
                let Feed::Events { row } = table.feed else { continue };
                for event in &events {
                    let made = row(event).and_then(|row| table.check(&row).map(|()| row));
                    match (made, copiers.get_mut(table.name)) {
                        (Ok(row), Some(copier)) => copier.push(&row),
                        (Ok(_), None) => {}
                        (Err(error), _) => {
                            self.stop(table.name, event.position, chain(&error));
                            break;
                        }
                    }
                }
                if let Some(copier) = copiers.get_mut(table.name).filter(|copier| copier.is_full()) {
                    self.flush(connection, table.name, copier, up_to).await?;
                }
            }
            position = last.position;
            self.count(&events, up_to, report);
        }
        Ok(())
    }

    /// The rows of a whole case.
    async fn finish(
        &mut self,
        connection: &mut PgConnection,
        case: Option<Case>,
        copiers: &mut BTreeMap<&'static str, Copier>,
        up_to: i64,
    ) -> Result<(), Unavailable> {
        let Some(case) = case else { return Ok(()) };
        for table in self.tables.clone() {
            let Feed::Cases { rows, .. } = table.feed else { continue };
            if !table.folds(&case.aggregate) {
                continue;
            }
            let (id, state) = match &case.state {
                Ok(folded) => folded,
                Err(reason) => {
                    self.stop(table.name, case.position, reason.clone());
                    continue;
                }
            };
            let made = rows(*id, state)
                .and_then(|rows| rows.iter().try_for_each(|row| table.check(row)).map(|()| rows));
            let Some(copier) = copiers.get_mut(table.name) else { continue };
            match made {
                Ok(rows) => rows.iter().for_each(|row| copier.push(row)),
                Err(error) => self.stop(table.name, case.position, chain(&error)),
            }
            if copier.is_full() {
                self.flush(connection, table.name, copier, up_to).await?;
            }
        }
        Ok(())
    }

    async fn flush(
        &mut self,
        connection: &mut PgConnection,
        table: &'static str,
        copier: &mut Copier,
        up_to: i64,
    ) -> Result<(), Unavailable> {
        if self.tables.iter().any(|whole| whole.name == table)
            && let Err(error) = copier.flush(connection).await
        {
            self.refused(table, up_to, error)?;
        }
        Ok(())
    }

    fn refused(&mut self, table: &'static str, at: i64, error: sqlx::Error) -> Result<(), Unavailable> {
        match verdict(&error) {
            Verdict::Unavailable => Err(error.into()),
            Verdict::RowRefused | Verdict::TableBroken => {
                self.stop(table, at, chain(&error));
                Ok(())
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

/// A stream being folded.
#[derive(Debug)]
struct Case {
    aggregate: String,
    stream: String,
    state: Result<(Uuid, AnyState), String>,
    sequence: i64,
    position: i64,
}

impl Case {
    fn of(event: &RecordedEvent) -> Self {
        let state = match (Uuid::parse_str(&event.aggregate_id), AnyState::new(&event.aggregate_type)) {
            (Ok(id), Some(state)) => Ok((id, state)),
            (Err(error), _) => Err(format!("the stream's id {}: {error}", event.aggregate_id)),
            (Ok(_), None) => Err(format!("unknown aggregate {}", event.aggregate_type)),
        };
        let (aggregate, stream) = (event.aggregate_type.clone(), event.aggregate_id.clone());
        Self { aggregate, stream, state, sequence: 0, position: event.position }
    }

    fn is_of(&self, event: &RecordedEvent) -> bool {
        self.aggregate == event.aggregate_type && self.stream == event.aggregate_id
    }

    fn take(&mut self, event: &RecordedEvent) {
        let Ok((_, state)) = &mut self.state else { return };
        self.position = event.position;
        if let Err(reason) = apply(state, &mut self.sequence, event) {
            self.state = Err(reason);
        }
    }
}

/// Runs statements that name no schema in this one.
async fn run_in(connection: &mut PgConnection, schema: &str, statements: &[&str]) -> Result<(), sqlx::Error> {
    run(connection, &format!("set local search_path = {schema}")).await?;
    for statement in statements {
        run(connection, statement).await?;
    }
    Ok(())
}
