//! Our log, as the application uses it: state from the cache, decide, append, evolve the state in the cache.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use chrono::{SecondsFormat, Utc};
use cqrs_es::{Aggregate, DomainEvent};
use sqlx::postgres::PgConnectOptions;
use uuid::Uuid;
use zhicheng_eventstore::{Append, CommandStamp, EventStore, NewEvent, Settings, StreamAppend};

use crate::Failure;
use crate::log::case::{Case, Life};
use crate::log::contender::{Boxed, Contender, Turns};

/// What a case weighs in the cache: its texts and itself.
const CASE_BYTES: usize = 55 * (24 + 40);

pub(crate) struct Ours {
    store: EventStore,
    /// The head at the last question for the size of a batch.
    head: AtomicI64,
}

impl Ours {
    pub(crate) async fn open(options: PgConnectOptions) -> Result<Self, Failure> {
        let store = EventStore::connect(options, Settings::default()).await?;
        Ok(Self { store, head: AtomicI64::new(0) })
    }
}

impl Contender for Ours {
    fn name(&self) -> &'static str {
        "ours"
    }

    fn prepare(&self, _: usize) -> Boxed<'_, Result<(), Failure>> {
        Box::pin(async { Ok(()) })
    }

    fn work(&self, until: Instant) -> Boxed<'static, Result<Vec<u32>, Failure>> {
        let store = self.store.clone();
        Box::pin(async move {
            let (mut turns, mut life) = (Turns::until(until), Life::new());
            while turns.another() {
                let seed = life.next();
                command(&store, &life.id, seed).await?;
            }
            Ok(turns.took_us())
        })
    }

    /// All that is written together is recorded at one moment.
    fn batch_size(&self) -> Boxed<'_, Result<Option<f64>, Failure>> {
        Box::pin(async {
            let head = self.store.head().await?;
            let since = self.head.swap(head, Ordering::Relaxed);
            let batches: i64 =
                sqlx::query_scalar("select count(distinct recorded_at) from events where position > $1")
                    .bind(since)
                    .fetch_one(self.store.pool())
                    .await?;
            Ok((batches > 0).then(|| (head - since) as f64 / batches as f64))
        })
    }
}

async fn command(store: &EventStore, id: &str, seed: u64) -> Result<(), Failure> {
    let (mut state, version) = store.cache().take::<Case>(Case::TYPE, id).unwrap_or_default();
    let event = state.decide(seed)?;
    let command_id = Uuid::new_v4();
    let time = Utc::now();
    let append = Append {
        alone: None,
        after: Vec::new(),
        command: CommandStamp { id: command_id, digest: [7; 32], time },
        streams: vec![StreamAppend {
            aggregate_type: Case::TYPE.into(),
            aggregate_id: id.to_owned(),
            expected_version: version,
            events: vec![NewEvent {
                event_type: event.event_type().into(),
                event_version: event.event_version().into(),
                payload: serde_json::to_string(&event)?,
                metadata: format!(
                    r#"{{"actor":"a1","command_id":"{command_id}","time":"{}"}}"#,
                    time.to_rfc3339_opts(SecondsFormat::Micros, true)
                ),
            }],
        }],
        claims: Vec::new(),
    };
    let appended = store.append(append).await?;
    Arc::make_mut(&mut state).evolve(event);
    store.cache().put(Case::TYPE, id, appended.version, state, CASE_BYTES);
    Ok(())
}
