//! A history comes into an empty log exactly as it was in the log that it comes from: positions, times, commands and leaf hashes,
//! hence the same root.

use zhicheng_journal::{HistoryLine, RecordedEvent};

use crate::claims::rebuild_claims_on;
use crate::store::EventStore;

/// Events inserted by one statement.
const INSERT_EVENTS: usize = 1_000;

/// Why a history was not taken in; the log is as it was.
#[derive(Debug, thiserror::Error)]
pub enum TakeInError {
    /// Only an empty log takes one in.
    #[error("the log is not empty: it has {head} events")]
    NotEmpty {
        /// Its last position.
        head: i64,
    },
    /// Its positions are not 1, 2, 3 and so on.
    #[error("position {found} stands where {expected} is due")]
    NotDense {
        /// What is due.
        expected: i64,
        /// What stands there.
        found: i64,
    },
    /// The database refused it, or does not answer.
    #[error("the database did not take the history in")]
    Database(#[from] sqlx::Error),
}

impl EventStore {
    /// Takes a whole history into the empty log, all of it or nothing; answers its last position. The claims follow from it.
    ///
    /// Whether it is a good one (hashes, shapes, rules) the caller has made sure of.
    ///
    /// # Errors
    ///
    /// See [`TakeInError`].
    pub async fn take_in(&self, history: &[HistoryLine]) -> Result<i64, TakeInError> {
        let mut transaction = self.pool().begin().await?;
        let head: i64 = sqlx::query_scalar("select position from log_head for update")
            .fetch_one(&mut *transaction)
            .await?;
        if head > 0 {
            return Err(TakeInError::NotEmpty { head });
        }
        for (expected, line) in (1..).zip(history) {
            if line.event.position != expected {
                return Err(TakeInError::NotDense { expected, found: line.event.position });
            }
        }
        for lines in history.chunks(INSERT_EVENTS) {
            let of = |text: fn(&RecordedEvent) -> &String| -> Vec<&str> {
                lines.iter().map(|line| text(&line.event).as_str()).collect()
            };
            let command = |line: &HistoryLine| line.command.clone();
            sqlx::query(INSERT)
                .bind(of(|event| &event.aggregate_type))
                .bind(of(|event| &event.aggregate_id))
                .bind(lines.iter().map(|line| line.event.sequence).collect::<Vec<_>>())
                .bind(of(|event| &event.event_type))
                .bind(of(|event| &event.event_version))
                .bind(of(|event| &event.payload))
                .bind(of(|event| &event.metadata))
                .bind(lines.iter().map(|line| line.event.position).collect::<Vec<_>>())
                .bind(lines.iter().map(|line| line.event.recorded_at).collect::<Vec<_>>())
                .bind(lines.iter().map(|line| &line.event.leaf_hash[..]).collect::<Vec<_>>())
                .bind(lines.iter().map(|line| line.event.command_id).collect::<Vec<_>>())
                .bind(lines.iter().map(|line| command(line).map(|it| it.digest)).collect::<Vec<_>>())
                .bind(lines.iter().map(|line| command(line).map(|it| it.events)).collect::<Vec<_>>())
                .execute(&mut *transaction)
                .await?;
        }
        let last = history.last().map(|line| &line.event);
        if let Some(last) = last {
            sqlx::query("update log_head set position = $1, recorded_at = $2")
                .bind(last.position)
                .bind(last.recorded_at)
                .execute(&mut *transaction)
                .await?;
            rebuild_claims_on(&mut transaction).await?;
        }
        transaction.commit().await?;
        Ok(last.map_or(0, |event| event.position))
    }
}

const INSERT: &str = "
insert into events (
    aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata,
    position, recorded_at, leaf_hash, command_id, command_digest, command_events)
select
    event.aggregate_type, event.aggregate_id, event.sequence, event.event_type, event.event_version,
    event.payload::json, event.metadata::json,
    event.position, event.recorded_at, event.leaf_hash,
    event.command_id, event.command_digest, event.command_events
from unnest(
        $1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
        $8::bigint[], $9::timestamptz[], $10::bytea[], $11::uuid[], $12::bytea[], $13::integer[])
    as event (
        aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata,
        position, recorded_at, leaf_hash, command_id, command_digest, command_events)";
