//! Reading the log: by position, by stream, by command.

use chrono::{DateTime, Utc};
use sqlx::postgres::PgRow;
use sqlx::{FromRow, Row};
use uuid::Uuid;
use zhicheng_journal::{Hash, RecordedEvent};

use crate::error::ReadError;
use crate::store::EventStore;

/// How many events one call gives at most, whatever limit it is asked for.
pub const READ_EVENTS_MAX: u32 = 10_000;

macro_rules! select_events {
    ($rest:literal) => {
        concat!(
            "select event.position, event.aggregate_type, event.aggregate_id, event.sequence, event.event_type,
                    event.event_version, event.payload::text as payload, event.metadata::text as metadata,
                    event.recorded_at, event.command_id, event.leaf_hash\n",
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

    /// As [`EventStore::read_after`], but exactly as stored: sealed fields closed, old versions old. For whoever verifies hashes or
    /// passes events on.
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
        let rows: Vec<EventRow> = sqlx::query_as(select_events!(
            "from events as event
             where event.aggregate_type = $1
               and event.aggregate_id = $2
               and event.sequence > $3
             order by event.sequence"
        ))
        .bind(aggregate_type)
        .bind(aggregate_id)
        .bind(after_sequence)
        .fetch_all(self.pool())
        .await?;
        let mut events = events(rows);
        self.open_stream(&mut events).await?;
        Ok(events)
    }

    /// The events of many streams in one round trip, for each stream in the order asked.
    ///
    /// # Errors
    ///
    /// See [`ReadError`]. An event that cannot be brought up to date is given as stored; [`EventStore::decode`] names it.
    pub async fn read_streams(&self, streams: &[(&str, &str)]) -> Result<Vec<Vec<RecordedEvent>>, ReadError> {
        let (aggregate_types, aggregate_ids): (Vec<&str>, Vec<&str>) = streams.iter().copied().unzip();
        let rows: Vec<PgRow> = sqlx::query(
            "select event.position, event.aggregate_type, event.aggregate_id, event.sequence, event.event_type,
                    event.event_version, event.payload::text as payload, event.metadata::text as metadata,
                    event.recorded_at, event.command_id, event.leaf_hash, asked.ordinal
             from unnest($1::text[], $2::text[]) with ordinality as asked (aggregate_type, aggregate_id, ordinal)
             cross join lateral (
                 select *
                 from events as event
                 where event.aggregate_type = asked.aggregate_type
                   and event.aggregate_id = asked.aggregate_id
                 order by event.sequence
             ) as event
             order by asked.ordinal, event.sequence",
        )
        .bind(aggregate_types)
        .bind(aggregate_ids)
        .fetch_all(self.pool())
        .await?;
        let mut all = Vec::with_capacity(rows.len());
        let mut lengths = vec![0; streams.len()];
        for row in rows {
            let ordinal: i64 = row.try_get("ordinal")?;
            let length = usize::try_from(ordinal - 1).ok().and_then(|at| lengths.get_mut(at));
            *length.ok_or_else(|| sqlx::Error::Decode("a stream that was not asked for".into()))? += 1;
            all.push(EventRow::from_row(&row)?.0);
        }
        self.open(&mut all).await?;
        let mut all = all.into_iter();
        Ok(lengths.into_iter().map(|length| all.by_ref().take(length).collect()).collect())
    }

    /// A page of whole streams in the order of type, id and sequence, up to a position that stays the same from page to page. So one
    /// aggregate after the other can be folded with only one in memory. A page ends at its limit or at the end of a type; the last
    /// page of all is empty.
    ///
    /// # Errors
    ///
    /// See [`ReadError`]. An event that cannot be brought up to date is given as stored; [`EventStore::decode`] names it.
    pub async fn read_by_stream(&self, page: StreamPage<'_>) -> Result<Vec<RecordedEvent>, ReadError> {
        let mut events = self.read_stored_by_stream(page).await?;
        self.open(&mut events).await?;
        Ok(events)
    }

    /// As [`EventStore::read_by_stream`], but exactly as stored.
    ///
    /// # Errors
    ///
    /// See [`ReadError`].
    pub async fn read_stored_by_stream(&self, page: StreamPage<'_>) -> Result<Vec<RecordedEvent>, ReadError> {
        let mut aggregate_types = page.aggregate_types.to_vec();
        aggregate_types.sort_unstable();
        aggregate_types.dedup();
        let start = StreamKey::default();
        let after = page.after.unwrap_or(&start);
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
                   and event.aggregate_id >= coalesce($4, '')
                   and ($5::text is null or event.aggregate_id < $5)
                   and event.position <= $6
                 order by event.aggregate_type, event.aggregate_id, event.sequence
                 limit $7"
            ))
            .bind(aggregate_type)
            .bind(id)
            .bind(sequence)
            .bind(page.id_from)
            .bind(page.id_before)
            .bind(page.up_to)
            .bind(i64::from(page.limit.clamp(1, READ_EVENTS_MAX)))
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

/// Which page of [`EventStore::read_by_stream`] is wanted.
#[derive(Debug, Clone, Copy)]
pub struct StreamPage<'a> {
    /// Streams of these types.
    pub aggregate_types: &'a [&'a str],
    /// Ids from this one on (in the order of bytes); with `id_before` the log can be read in several parts at once.
    pub id_from: Option<&'a str>,
    /// Ids before this one.
    pub id_before: Option<&'a str>,
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
