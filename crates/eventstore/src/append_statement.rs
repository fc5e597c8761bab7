//! The SQL that writes: the only place beside the migrations where events are inserted.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use sqlx::{FromRow, Row};
use uuid::Uuid;

use crate::append::{Claim, Prepared};

/// Writes all commands of a batch in one round trip, or none of them.
///
/// The update of the head row takes the lock under which positions are given out, numbers the batch and hands the numbers to the
/// insert; the commit is visible before the lock is free. This needs READ COMMITTED: the update must see the head row as it
/// is once the lock is granted, not as it was when the statement began. Constraints refuse a stream that moved on (primary key), a
/// repeated command and a claim that is held. A stream that is shorter than expected would leave a gap, and a command that was
/// decided on events of another must not be written without them: such a batch updates no row and answers none.
///
/// `None`: nothing was written, because some stream is shorter than expected or a command that one was decided on is not there.
///
/// # Errors
///
/// Any error of PostgreSQL; by [`crate::error::Fault`] the caller tells what it means.
pub(crate) async fn append_at_once(
    connection: &mut PgConnection,
    batch: &[&Prepared],
) -> Result<Option<(i64, DateTime<Utc>)>, sqlx::Error> {
    let columns = Columns::of(batch);
    let continued = Continued::of(batch);
    let after = after_others(batch);
    let takes = Claims::of(batch, |prepared| &prepared.takes);
    let releases = Claims::of(batch, |prepared| &prepared.releases);
    let with_claims = !takes.names.is_empty() || !releases.names.is_empty();

    let mut query = sqlx::query(if with_claims { APPEND_WITH_CLAIMS } else { APPEND })
        .bind(columns.sequences.len() as i64)
        .bind(latest(batch))
        .bind(continued.aggregate_types)
        .bind(continued.aggregate_ids)
        .bind(continued.versions)
        .bind(after)
        .bind(columns.aggregate_types)
        .bind(columns.aggregate_ids)
        .bind(columns.sequences)
        .bind(columns.event_types)
        .bind(columns.event_versions)
        .bind(columns.payloads)
        .bind(columns.metadata)
        .bind(columns.leaf_hashes)
        .bind(columns.command_ids)
        .bind(columns.command_digests)
        .bind(columns.command_events);
    if with_claims {
        query = query
            .bind(takes.names)
            .bind(takes.holder_types)
            .bind(takes.holder_ids)
            .bind(takes.offsets)
            .bind(releases.names)
            .bind(releases.holder_types)
            .bind(releases.holder_ids);
    }
    // All rows, never the first one only: the row is sent before the inserts have run and before the commit, and only the end of
    // the answer says that both are done.
    let rows = query.fetch_all(connection).await?;
    rows.first().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
}

macro_rules! append_statement {
    ($with_claims:literal) => {
        concat!(
            r#"
with head as (
    update log_head
    set position = position + $1,
        recorded_at = greatest(recorded_at, $2)
    where (
        select coalesce(bool_and(exists (
            select
            from events as previous
            where previous.aggregate_type = stream.aggregate_type
              and previous.aggregate_id = stream.aggregate_id
              and previous.sequence = stream.version)), true)
        from unnest($3::text[], $4::text[], $5::bigint[]) as stream (aggregate_type, aggregate_id, version))
      and (
        select coalesce(bool_and(exists (
            select
            from events as earlier
            where earlier.command_id = asked.id)), true)
        from unnest($6::uuid[]) as asked (id))
    returning position - $1 as base, recorded_at
),
appended as (
    insert into events (
        aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata,
        position, recorded_at, leaf_hash, command_id, command_digest, command_events)
    select
        event.aggregate_type, event.aggregate_id, event.sequence, event.event_type, event.event_version,
        event.payload::json, event.metadata::json,
        head.base + event.ordinal, head.recorded_at, event.leaf_hash,
        event.command_id, event.command_digest, event.command_events
    from head
    cross join unnest(
            $7::text[], $8::text[], $9::bigint[], $10::text[], $11::text[], $12::text[], $13::text[],
            $14::bytea[], $15::uuid[], $16::bytea[], $17::integer[])
        with ordinality as event (
            aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata,
            leaf_hash, command_id, command_digest, command_events, ordinal)
)"#,
            $with_claims,
            r#"
select base, recorded_at
from head
"#
        )
    };
}

const APPEND: &str = append_statement!("");

const APPEND_WITH_CLAIMS: &str = append_statement!(
    r#",
taken as (
    insert into claims (name, holder_type, holder_id, position)
    select take.name, take.holder_type, take.holder_id, head.base + take.first_event
    from head
    cross join unnest($18::text[], $19::text[], $20::text[], $21::bigint[])
        as take (name, holder_type, holder_id, first_event)
),
released as (
    delete from claims as held
    using head
    cross join unnest($22::text[], $23::text[], $24::text[]) as release (name, holder_type, holder_id)
    where held.name = release.name
      and held.holder_type = release.holder_type
      and held.holder_id = release.holder_id
)"#
);

/// What became of one command in [`append_carefully`].
#[derive(Debug, FromRow)]
pub(crate) struct CarefulRow {
    /// Its place in the batch, from 1.
    pub(crate) command: i32,
    pub(crate) outcome: String,
    pub(crate) first_position: Option<i64>,
    pub(crate) moment: Option<DateTime<Utc>>,
    /// The claim that is held.
    pub(crate) subject: Option<String>,
    /// The type of the claim's holder, or of the stream that moved on.
    pub(crate) holder_type: Option<String>,
    /// Its id.
    pub(crate) holder_id: Option<String>,
}

/// Writes those commands of a batch that can be written, and tells of each what became of it. Slower than
/// [`append_at_once`]; the function is in `migrations/0003_append_after.sql`.
///
/// # Errors
///
/// Any error of PostgreSQL; nothing was written then, or it is not known.
pub(crate) async fn append_carefully(
    connection: &mut PgConnection,
    batch: &[&Prepared],
) -> Result<Vec<CarefulRow>, sqlx::Error> {
    let columns = Columns::of(batch);
    let streams = Streams::of(batch);
    let takes = Claims::of(batch, |prepared| &prepared.takes);
    let releases = Claims::of(batch, |prepared| &prepared.releases);
    let after = Afters::of(batch);
    let alone = Alones::of(batch);
    sqlx::query_as(APPEND_CAREFULLY)
        .bind(latest(batch))
        .bind(batch.iter().map(|prepared| prepared.command.id).collect::<Vec<_>>())
        .bind(streams.commands)
        .bind(streams.aggregate_types)
        .bind(streams.aggregate_ids)
        .bind(streams.versions)
        .bind(after.commands)
        .bind(after.ids)
        .bind(alone.commands)
        .bind(alone.event_types)
        .bind(alone.positions)
        .bind(takes.commands)
        .bind(takes.names)
        .bind(takes.holder_types)
        .bind(takes.holder_ids)
        .bind(releases.commands)
        .bind(releases.names)
        .bind(releases.holder_types)
        .bind(releases.holder_ids)
        .bind(columns.commands)
        .bind(columns.aggregate_types)
        .bind(columns.aggregate_ids)
        .bind(columns.sequences)
        .bind(columns.event_types)
        .bind(columns.event_versions)
        .bind(columns.payloads)
        .bind(columns.metadata)
        .bind(columns.leaf_hashes)
        .bind(columns.command_ids)
        .bind(columns.command_digests)
        .bind(columns.command_events)
        .fetch_all(connection)
        .await
}

const APPEND_CAREFULLY: &str = r#"
select command, outcome, first_position, moment, subject, holder_type, holder_id
from append_carefully(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
    $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31)
"#;

/// The latest time among the commands: all of a batch is recorded at one moment.
fn latest(batch: &[&Prepared]) -> Option<DateTime<Utc>> {
    batch.iter().map(|prepared| prepared.command.time).max()
}

/// The events of a batch, one vector a column.
#[derive(Default)]
struct Columns<'a> {
    commands: Vec<i32>,
    aggregate_types: Vec<&'a str>,
    aggregate_ids: Vec<&'a str>,
    sequences: Vec<i64>,
    event_types: Vec<&'a str>,
    event_versions: Vec<&'a str>,
    payloads: Vec<&'a str>,
    metadata: Vec<&'a str>,
    leaf_hashes: Vec<&'a [u8]>,
    command_ids: Vec<Option<Uuid>>,
    command_digests: Vec<Option<&'a [u8]>>,
    command_events: Vec<Option<i32>>,
}

impl<'a> Columns<'a> {
    fn of(batch: &[&'a Prepared]) -> Self {
        let mut columns = Self::default();
        for (prepared, command) in batch.iter().zip(1..) {
            for (at, event) in prepared.events.iter().enumerate() {
                let stream = &prepared.streams[event.stream];
                columns.commands.push(command);
                columns.aggregate_types.push(&stream.aggregate_type);
                columns.aggregate_ids.push(&stream.aggregate_id);
                columns.sequences.push(event.sequence);
                columns.event_types.push(&event.new.event_type);
                columns.event_versions.push(&event.new.event_version);
                columns.payloads.push(&event.new.payload);
                columns.metadata.push(&event.new.metadata);
                columns.leaf_hashes.push(&event.leaf_hash);
                let first = at == 0;
                columns.command_ids.push(first.then_some(prepared.command.id));
                columns.command_digests.push(first.then_some(&prepared.command.digest));
                columns.command_events.push(first.then_some(prepared.events.len() as i32));
            }
        }
        columns
    }
}

/// The streams that must exist already, with the event that must be there.
#[derive(Default)]
struct Continued<'a> {
    aggregate_types: Vec<&'a str>,
    aggregate_ids: Vec<&'a str>,
    versions: Vec<i64>,
}

impl<'a> Continued<'a> {
    fn of(batch: &[&'a Prepared]) -> Self {
        let mut continued = Self::default();
        // streams that an earlier command of the batch leaves where a later one goes on
        let mut ends: HashMap<(&str, &str), i64> = HashMap::new();
        for stream in batch.iter().flat_map(|prepared| &prepared.streams) {
            let name = (stream.aggregate_type.as_ref(), stream.aggregate_id.as_str());
            let end = ends.insert(name, stream.version + stream.events as i64);
            if stream.version > 0 && end != Some(stream.version) {
                continued.aggregate_types.push(name.0);
                continued.aggregate_ids.push(name.1);
                continued.versions.push(stream.version);
            }
        }
        continued
    }
}

/// The commands that those of a batch were decided on and that do not stand before them in the batch itself.
fn after_others(batch: &[&Prepared]) -> Vec<Uuid> {
    let mut earlier = HashSet::new();
    let mut others = Vec::new();
    for prepared in batch {
        others.extend(prepared.after.iter().copied().filter(|id| !earlier.contains(id)));
        earlier.insert(prepared.command.id);
    }
    others
}

/// The commands that each of a batch was decided on.
#[derive(Default)]
struct Afters {
    commands: Vec<i32>,
    ids: Vec<Uuid>,
}

impl Afters {
    fn of(batch: &[&Prepared]) -> Self {
        let mut afters = Self::default();
        for (prepared, command) in batch.iter().zip(1..) {
            for id in &prepared.after {
                afters.commands.push(command);
                afters.ids.push(*id);
            }
        }
        afters
    }
}

/// The events that must not have come in since each of a batch was decided.
#[derive(Default)]
struct Alones {
    commands: Vec<i32>,
    event_types: Vec<&'static str>,
    positions: Vec<i64>,
}

impl Alones {
    fn of(batch: &[&Prepared]) -> Self {
        let mut alones = Self::default();
        for (prepared, command) in batch.iter().zip(1..) {
            let Some(alone) = &prepared.alone else { continue };
            for event_type in &alone.event_types {
                alones.commands.push(command);
                alones.event_types.push(event_type);
                alones.positions.push(alone.at);
            }
        }
        alones
    }
}

/// All streams of a batch with the versions they are expected at.
#[derive(Default)]
struct Streams<'a> {
    commands: Vec<i32>,
    aggregate_types: Vec<&'a str>,
    aggregate_ids: Vec<&'a str>,
    versions: Vec<i64>,
}

impl<'a> Streams<'a> {
    fn of(batch: &[&'a Prepared]) -> Self {
        let mut streams = Self::default();
        for (prepared, command) in batch.iter().zip(1..) {
            for stream in &prepared.streams {
                streams.commands.push(command);
                streams.aggregate_types.push(&stream.aggregate_type);
                streams.aggregate_ids.push(&stream.aggregate_id);
                streams.versions.push(stream.version);
            }
        }
        streams
    }
}

/// The claims that a batch takes, or those it releases.
#[derive(Default)]
struct Claims<'a> {
    commands: Vec<i32>,
    names: Vec<&'a str>,
    holder_types: Vec<&'a str>,
    holder_ids: Vec<&'a str>,
    /// The place in the batch of the command's first event, from 1.
    offsets: Vec<i64>,
}

impl<'a> Claims<'a> {
    fn of(batch: &[&'a Prepared], of: impl Fn(&'a Prepared) -> &'a [Claim]) -> Self {
        let mut claims = Self::default();
        let mut first_event = 1;
        for (prepared, command) in batch.iter().zip(1..) {
            for claim in of(prepared) {
                claims.commands.push(command);
                claims.names.push(&claim.name);
                claims.holder_types.push(&claim.holder_type);
                claims.holder_ids.push(&claim.holder_id);
                claims.offsets.push(first_event);
            }
            first_event += prepared.events.len() as i64;
        }
        claims
    }
}
