//! One step: a batch of the log into tables that stand at the same position, rows and checkpoints in one transaction.

use crate::checkpoint::{self, Moved};
use crate::fold::{Change, Folder};
use crate::log::Log;
use crate::table::{LIVE, Table};
use crate::trouble::{Unavailable, Verdict, chain, verdict};
use crate::write::{self, Writes};
use sqlx::{Connection, PgConnection};
use zhicheng_journal::RecordedEvent;

/// What became of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// All tables of the group stand at this position now.
    To(i64),
    /// These tables cannot get past the event; the others have not moved yet.
    Stopped(Vec<Stop>),
    /// These tables must be built anew; the others have not moved yet.
    Broken(Vec<&'static str>),
    /// Somebody else feeds one of the tables.
    Overtaken,
}

/// A table that cannot get past an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The table.
    pub table: &'static str,
    /// The event.
    pub at: i64,
    /// Why.
    pub reason: String,
}

/// What stands in the way of a batch, and where.
#[derive(Debug)]
pub(crate) struct Obstacle {
    /// Which event of the batch; none where only halving the batch can tell.
    pub(crate) index: Option<usize>,
    /// The tables concerned.
    pub(crate) tables: Vec<&'static Table>,
    /// Why.
    pub(crate) reason: String,
}

/// Takes a batch that follows `from` into the tables. Where an event cannot be taken, what lies before it is taken first;
/// so a table stops right before the event that it cannot get past.
///
/// # Errors
///
/// [`Unavailable`]: nothing was written, the same step may be taken again.
pub async fn step(
    connection: &mut PgConnection,
    log: &dyn Log,
    folder: &mut Folder,
    tables: &[&'static Table],
    from: i64,
    mut events: &[RecordedEvent],
) -> Result<Step, Unavailable> {
    loop {
        let Some(last) = events.last() else { return Ok(Step::To(from)) };
        let obstacle = match prepare(log, folder, tables, events).await? {
            Ok((changes, writes)) => match commit(connection, &writes, (from, last.position)).await {
                Ok(Moved::Yes) => {
                    folder.keep(changes, &writes);
                    return Ok(Step::To(last.position));
                }
                Ok(Moved::Overtaken) => return Ok(Step::Overtaken),
                Err(error) => match verdict(&error) {
                    Verdict::Unavailable => return Err(error.into()),
                    Verdict::TableBroken | Verdict::RowRefused => {
                        match singly(connection, &writes, (from, last.position)).await? {
                            Ok(obstacle) => obstacle,
                            Err(broken) => return Ok(Step::Broken(broken)),
                        }
                    }
                },
            },
            Err(obstacle) => obstacle,
        };
        let fewer = match obstacle.index {
            Some(0) if events.len() > 1 => 1,
            Some(index) => index,
            None => events.len() / 2,
        };
        if fewer == 0 {
            let stop = |table: &&Table| Stop {
                table: table.name,
                at: last.position,
                reason: obstacle.reason.clone(),
            };
            return Ok(Step::Stopped(obstacle.tables.iter().map(stop).collect()));
        }
        events = events.get(..fewer).unwrap_or(events);
    }
}

/// The cases that moved, and what changes in each table.
pub(crate) type Prepared = (Vec<Change>, Vec<(&'static Table, Writes)>);

/// What a batch changes in each table; or the earliest thing that stands in the way.
pub(crate) async fn prepare(
    log: &dyn Log,
    folder: &mut Folder,
    tables: &[&'static Table],
    events: &[RecordedEvent],
) -> Result<Result<Prepared, Obstacle>, Unavailable> {
    let folded = folder.fold(log, events, tables).await?;
    if let Some(undecodable) = folded.undecodable {
        let concerned = tables.iter().copied().filter(|table| table.folds(&undecodable.aggregate));
        return Ok(Err(Obstacle {
            index: Some(undecodable.index),
            tables: concerned.collect(),
            reason: undecodable.reason,
        }));
    }
    let mut prepared = Vec::with_capacity(tables.len());
    let mut obstacle: Option<Obstacle> = None;
    for table in tables.iter().copied() {
        match write::writes(table, events, &folded.changes) {
            Ok(writes) => prepared.push((table, writes)),
            Err(failed) => match &mut obstacle {
                Some(known) if known.index < Some(failed.index) => {}
                Some(known) if known.index == Some(failed.index) => known.tables.push(table),
                _ => {
                    obstacle = Some(Obstacle {
                        index: Some(failed.index),
                        tables: vec![table],
                        reason: chain(&failed.error),
                    });
                }
            },
        }
    }
    Ok(match obstacle {
        Some(obstacle) => Err(obstacle),
        None => Ok((folded.changes, prepared)),
    })
}

/// Writes rows and moves checkpoints, all in one transaction. It need not be on disk when this answers: its record lies
/// behind the events', and a crash only repeats the work.
async fn commit(
    connection: &mut PgConnection,
    prepared: &[(&'static Table, Writes)],
    (from, to): (i64, i64),
) -> Result<Moved, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    sqlx::query("set local synchronous_commit = off").execute(&mut *transaction).await?;
    let tables: Vec<&'static Table> = prepared.iter().map(|(table, _)| *table).collect();
    if checkpoint::move_on(&mut transaction, &tables, from, to).await? == Moved::Overtaken {
        transaction.rollback().await?;
        return Ok(Moved::Overtaken);
    }
    for (table, writes) in prepared.iter().filter(|(_, writes)| !writes.is_empty()) {
        write::write(&mut transaction, LIVE, table, writes).await?;
    }
    transaction.commit().await?;
    Ok(Moved::Yes)
}

/// Tries each table by itself, keeping nothing, to find which of them it was.
async fn singly(
    connection: &mut PgConnection,
    prepared: &[(&'static Table, Writes)],
    (from, to): (i64, i64),
) -> Result<Result<Obstacle, Vec<&'static str>>, Unavailable> {
    let mut refused: Option<Obstacle> = None;
    let mut broken = Vec::new();
    for (table, writes) in prepared {
        let mut transaction = connection.begin().await?;
        checkpoint::move_on(&mut transaction, &[table], from, to).await?;
        let outcome = write::write(&mut transaction, LIVE, table, writes).await;
        transaction.rollback().await?;
        let Err(error) = outcome else { continue };
        match verdict(&error) {
            Verdict::Unavailable => return Err(error.into()),
            Verdict::TableBroken => broken.push(table.name),
            Verdict::RowRefused => {
                let new = || Obstacle { index: None, tables: Vec::new(), reason: chain(&error) };
                refused.get_or_insert_with(new).tables.push(table);
            }
        }
    }
    Ok(match refused {
        Some(obstacle) if broken.is_empty() => Ok(obstacle),
        Some(_) | None => Err(broken),
    })
}
