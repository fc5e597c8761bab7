//! Reading the log: by position, by stream, by command.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, PgPool, Row};
use uuid::Uuid;
use zhicheng_database::Gather;
use zhicheng_journal::{Hash, HistoryCommand, HistoryLine, RecordedEvent};

use crate::error::ReadError;
use crate::store::EventStore;

/// How many events one call gives at most, whatever limit it is asked for.
pub const READ_EVENTS_MAX: u32 = 10_000;

macro_rules! select_events {
    ($(and $more:literal,)? $rest:literal) => {
        concat!(
            "select event.position, event.aggregate_type, event.aggregate_id, event.sequence, event.event_type,
                    event.event_version, event.payload::text as payload, event.metadata::text as metadata,
                    event.recorded_at, event.command_id, event.leaf_hash",
            $(", ", $more,)?
            "\n",
            $rest
        )
    };
}

impl EventStore {
    /// The last position of the log; 0 while it is empty.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn head(&self) -> Result<i64, ReadError> {
        Ok(sqlx::query_scalar("select position from log_head").fetch_one(self.pool()).await?)
    }

    /// Events after a position, in the order of positions, at most `limit`; with `aggregate_types`, only those of these types.
    ///
    /// Without types the answer is dense. With types, a reader that wants to note how far it has come reads the head first: once
    /// an answer is shorter than the limit, everything up to that head has been seen.
    ///
    /// # Errors
    ///
    /// See [`ReadError`]. An event that cannot be brought up to date is given as stored; [`EventStore::decode`] names it.
    pub async fn read_after(
        &self,
        position: i64,
        limit: u32,
        aggregate_types: Option<&[&str]>,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let mut events = self.select_after(position, limit, aggregate_types).await?;
        self.open(&mut events).await?;
        Ok(events)
    }

    /// As [`EventStore::read_after`], but exactly as stored: sealed fields closed, old versions old. For whoever verifies hashes;
    /// who passes events on brings them up to date ([`EventStore::bring_up_to_date`]).
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn read_stored_after(
        &self,
        position: i64,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        self.select_after(position, limit, None).await
    }

    /// Events after a position as lines of a history, at most `limit`: exactly as stored, with what is kept of their commands.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn read_history_after(&self, position: i64, limit: u32) -> Result<Vec<HistoryLine>, ReadError> {
        let rows: Vec<HistoryRow> = sqlx::query_as(select_events!(
            and "event.command_digest, event.command_events",
            "from events as event
             where event.position > $1
             order by event.position
             limit $2"
        ))
        .bind(position)
        .bind(i64::from(limit.min(READ_EVENTS_MAX)))
        .fetch_all(self.pool())
        .await?;
        Ok(rows.into_iter().map(|row| row.0).collect())
    }

    async fn select_after(
        &self,
        position: i64,
        limit: u32,
        aggregate_types: Option<&[&str]>,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let limit = i64::from(limit.min(READ_EVENTS_MAX));
        let rows: Vec<EventRow> = match aggregate_types {
            None => {
                sqlx::query_as(select_events!(
                    "from events as event
                     where event.position > $1
                     order by event.position
                     limit $2"
                ))
                .bind(position)
                .bind(limit)
                .fetch_all(self.pool())
                .await?
            }
            Some(aggregate_types) => {
                sqlx::query_as(select_events!(
                    "from events as event
                     where event.position > $1
                       and event.aggregate_type = any($3)
                     order by event.position
                     limit $2"
                ))
                .bind(position)
                .bind(limit)
                .bind(aggregate_types)
                .fetch_all(self.pool())
                .await?
            }
        };
        Ok(events(rows))
    }

    /// The events of one stream after a sequence number, in order; 0 for all of them.
    ///
    /// # Errors
    ///
    /// See [`ReadError`]; an event that cannot be brought up to date is one of them.
    pub async fn read_stream(
        &self,
        aggregate_type: &str,
        aggregate_id: &str,
        after_sequence: i64,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let asked = (aggregate_type.to_owned(), aggregate_id.to_owned(), after_sequence);
        let mut events = match self.streams().ask(asked).await {
            Some(events) => events,
            None => {
                let asked = [(aggregate_type, aggregate_id, after_sequence)];
                select_streams(self.pool(), &asked).await?.pop().unwrap_or_default()
            }
        };
        self.open_stream(&mut events).await?;
        Ok(events)
    }

    /// The events of many streams (type, id) in one round trip, each after a sequence number (0 for all of them), for each stream in
    /// the order asked.
    ///
    /// # Errors
    ///
    /// See [`ReadError`]. An event that cannot be brought up to date is given as stored; [`EventStore::decode`] names it.
    pub async fn read_streams(
        &self,
        streams: &[(&str, &str, i64)],
    ) -> Result<Vec<Vec<RecordedEvent>>, ReadError> {
        let mut streams = select_streams(self.pool(), streams).await?;
        let lengths: Vec<usize> = streams.iter().map(Vec::len).collect();
        let mut all: Vec<RecordedEvent> = streams.drain(..).flatten().collect();
        self.open(&mut all).await?;
        let mut all = all.into_iter();
        Ok(lengths.into_iter().map(|length| all.by_ref().take(length).collect()).collect())
    }

    /// A page of whole streams in the order of type, id and sequence, up to a position that stays the same from page to page, exactly
    /// as stored: whoever wants it opened has the next page read meanwhile. So one aggregate after the other can be folded with only
    /// one in memory. A page ends at its limit or at the end of one of the types asked for; the last page of all is empty.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn read_stored_by_stream(&self, page: StreamPage<'_>) -> Result<Vec<RecordedEvent>, ReadError> {
        let start = StreamKey::default();
        let after = page.after.unwrap_or(&start);
        let limit = i64::from(page.limit.clamp(1, READ_EVENTS_MAX));
        let Some(aggregate_types) = page.aggregate_types else {
            let rows: Vec<EventRow> = sqlx::query_as(select_events!(
                "from events as event
                 where (event.aggregate_type, event.aggregate_id, event.sequence) > ($1, $2, $3)
                   and event.position <= $4
                 order by event.aggregate_type, event.aggregate_id, event.sequence
                 limit $5"
            ))
            .bind(&after.aggregate_type)
            .bind(&after.aggregate_id)
            .bind(after.sequence)
            .bind(page.up_to)
            .bind(limit)
            .fetch_all(self.pool())
            .await?;
            return Ok(events(rows));
        };
        let mut aggregate_types = aggregate_types.to_vec();
        aggregate_types.sort_unstable();
        aggregate_types.dedup();
        for aggregate_type in aggregate_types {
            if aggregate_type < after.aggregate_type.as_str() {
                continue;
            }
            let (id, sequence) = if aggregate_type == after.aggregate_type {
                (after.aggregate_id.as_str(), after.sequence)
            } else {
                ("", 0)
            };
            let rows: Vec<EventRow> = sqlx::query_as(select_events!(
                "from events as event
                 where event.aggregate_type = $1
                   and (event.aggregate_id, event.sequence) > ($2, $3)
                   and event.position <= $4
                 order by event.aggregate_type, event.aggregate_id, event.sequence
                 limit $5"
            ))
            .bind(aggregate_type)
            .bind(id)
            .bind(sequence)
            .bind(page.up_to)
            .bind(limit)
            .fetch_all(self.pool())
            .await?;
            if !rows.is_empty() {
                return Ok(events(rows));
            }
        }
        Ok(Vec::new())
    }

    /// The command with this id, if it is in the log: what is needed to give its first answer again.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn command(&self, command_id: Uuid) -> Result<Option<StoredCommand>, ReadError> {
        let row = sqlx::query(
            "select
                 first.aggregate_type, first.aggregate_id, first.command_digest, first.command_events, first.position,
                 first.sequence, first.recorded_at,
                 (
                     select max(event.sequence)
                     from events as event
                     where event.position between first.position and first.position + first.command_events - 1
                       and event.aggregate_type = first.aggregate_type
                       and event.aggregate_id = first.aggregate_id
                 ) as version
             from events as first
             where first.command_id = $1",
        )
        .bind(command_id)
        .fetch_optional(self.pool())
        .await?;
        Ok(row.map(|row| stored_command(command_id, &row)).transpose()?)
    }

    /// Which of these commands are in the log, in no order.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn commands_among(&self, command_ids: &[Uuid]) -> Result<Vec<Uuid>, ReadError> {
        Ok(sqlx::query_scalar(
            "select command_id
             from events
             where command_id = any($1)",
        )
        .bind(command_ids)
        .fetch_all(self.pool())
        .await?)
    }

    /// Who holds a name: the type and the id of the aggregate.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn claim_holder(&self, name: &str) -> Result<Option<(String, String)>, ReadError> {
        let holder = sqlx::query_as(
            "select holder_type, holder_id
             from claims
             where name = $1",
        )
        .bind(name)
        .fetch_optional(self.pool())
        .await?;
        Ok(holder)
    }
}

/// A stream (type, id) after a sequence number.
pub(crate) type StreamAfter = (String, String, i64);

/// Streams asked for at once by whoever waits, at most.
const GATHERED_MAX: usize = 64;

/// Reads streams for all who wait, as they are stored.
pub(crate) fn gathered(pool: &PgPool) -> Gather<StreamAfter, Vec<RecordedEvent>> {
    let pool = pool.clone();
    Gather::start(GATHERED_MAX, move |asked: Vec<StreamAfter>| {
        let pool = pool.clone();
        async move {
            let asked: Vec<(&str, &str, i64)> =
                asked.iter().map(|(of, id, after)| (of.as_str(), id.as_str(), *after)).collect();
            // each of them asks again and hears why
            select_streams(&pool, &asked).await.ok()
        }
    })
}

/// The events of streams as stored, in the order asked.
async fn select_streams(
    pool: &PgPool,
    asked: &[(&str, &str, i64)],
) -> Result<Vec<Vec<RecordedEvent>>, sqlx::Error> {
    let aggregate_types: Vec<&str> = asked.iter().map(|(aggregate_type, ..)| *aggregate_type).collect();
    let aggregate_ids: Vec<&str> = asked.iter().map(|(_, aggregate_id, _)| *aggregate_id).collect();
    let after: Vec<i64> = asked.iter().map(|(.., after)| *after).collect();
    let rows: Vec<PgRow> = sqlx::query(select_events!(
        and "asked.ordinal",
        "from unnest($1::text[], $2::text[], $3::bigint[]) with ordinality
             as asked (aggregate_type, aggregate_id, after, ordinal)
         cross join lateral (
             select *
             from events as event
             where event.aggregate_type = asked.aggregate_type
               and event.aggregate_id = asked.aggregate_id
               and event.sequence > asked.after
             order by event.sequence
         ) as event
         order by asked.ordinal, event.sequence"
    ))
    .bind(aggregate_types)
    .bind(aggregate_ids)
    .bind(after)
    .fetch_all(pool)
    .await?;
    let mut streams = vec![Vec::new(); asked.len()];
    for row in rows {
        let ordinal: i64 = row.try_get("ordinal")?;
        let stream = usize::try_from(ordinal - 1).ok().and_then(|at| streams.get_mut(at));
        let stream = stream.ok_or_else(|| sqlx::Error::Decode("a stream that was not asked for".into()))?;
        stream.push(EventRow::from_row(&row)?.0);
    }
    Ok(streams)
}

/// Where a stream's event stands in the order of streams.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct StreamKey {
    /// The type of the aggregate.
    pub aggregate_type: String,
    /// The id of the aggregate.
    pub aggregate_id: String,
    /// The number of the event in its stream.
    pub sequence: i64,
}

impl From<&RecordedEvent> for StreamKey {
    fn from(event: &RecordedEvent) -> Self {
        Self {
            aggregate_type: event.aggregate_type.clone(),
            aggregate_id: event.aggregate_id.clone(),
            sequence: event.sequence,
        }
    }
}

/// Which page of [`EventStore::read_stored_by_stream`] is wanted.
#[derive(Debug, Clone, Copy)]
pub struct StreamPage<'a> {
    /// Streams of these types; none for all of them.
    pub aggregate_types: Option<&'a [&'a str]>,
    /// No events after this position.
    pub up_to: i64,
    /// After this event, the last of the page before.
    pub after: Option<&'a StreamKey>,
    /// How many events at most.
    pub limit: u32,
}

/// A command in the log, and where its events are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCommand {
    /// Its id.
    pub command_id: Uuid,
    /// The hash of its content.
    pub digest: Hash,
    /// The type of the stream it addressed.
    pub aggregate_type: String,
    /// The id of the stream it addressed.
    pub aggregate_id: String,
    /// The number of its first event in that stream.
    pub first_sequence: i64,
    /// The version of that stream after it.
    pub version: i64,
    /// The position of its first event.
    pub first_position: i64,
    /// The position of its last event.
    pub last_position: i64,
    /// When the log took it.
    pub recorded_at: DateTime<Utc>,
}

fn stored_command(command_id: Uuid, row: &PgRow) -> Result<StoredCommand, sqlx::Error> {
    let first_position: i64 = row.try_get("position")?;
    let events: i32 = row.try_get("command_events")?;
    Ok(StoredCommand {
        command_id,
        digest: row.try_get("command_digest")?,
        aggregate_type: row.try_get("aggregate_type")?,
        aggregate_id: row.try_get("aggregate_id")?,
        first_sequence: row.try_get("sequence")?,
        version: row.try_get("version")?,
        first_position,
        last_position: first_position + i64::from(events) - 1,
        recorded_at: row.try_get("recorded_at")?,
    })
}

/// A row of `select_events!`.
struct EventRow(RecordedEvent);

impl FromRow<'_, PgRow> for EventRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self(RecordedEvent {
            position: row.try_get(0)?,
            aggregate_type: row.try_get(1)?,
            aggregate_id: row.try_get(2)?,
            sequence: row.try_get(3)?,
            event_type: row.try_get(4)?,
            event_version: row.try_get(5)?,
            payload: row.try_get(6)?,
            metadata: row.try_get(7)?,
            recorded_at: row.try_get(8)?,
            command_id: row.try_get(9)?,
            leaf_hash: row.try_get(10)?,
        }))
    }
}

fn events(rows: Vec<EventRow>) -> Vec<RecordedEvent> {
    rows.into_iter().map(|row| row.0).collect()
}

/// A row of `select_events!` with what is kept of its command.
struct HistoryRow(HistoryLine);

impl FromRow<'_, PgRow> for HistoryRow {
    fn from_row(row: &PgRow) -> Result<Self, sqlx::Error> {
        let digest: Option<Vec<u8>> = row.try_get("command_digest")?;
        let events: Option<i32> = row.try_get("command_events")?;
        let command = digest.zip(events).map(|(digest, events)| HistoryCommand { digest, events });
        Ok(Self(HistoryLine { event: EventRow::from_row(row)?.0, command }))
    }
}
