//! Short ways to say what a test is about.

use chrono::{DateTime, TimeZone, Utc};
use uuid::Uuid;
use zhicheng_eventstore::{
    Append, Claim, ClaimChange, CommandStamp, EventStore, NewEvent, RecordedEvent, Settings, StreamAppend,
};

/// A store on a new database.
pub async fn store() -> EventStore {
    open(&zhicheng_testkit::fresh_database().await.url()).await
}

/// A store on this database.
pub async fn open(url: &str) -> EventStore {
    open_with(url, Settings::default()).await
}

/// A store on this database, opened in this way.
pub async fn open_with(url: &str, settings: Settings) -> EventStore {
    EventStore::connect(url.parse().unwrap(), settings).await.unwrap()
}

/// Nine o'clock on a day of March 2023.
pub fn on(day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2023, 3, day, 9, 0, 0).unwrap()
}

/// An append to declaration `id` at `version` with these payloads, as a command of its own.
pub fn append(id: &str, version: i64, payloads: &[&str]) -> Append {
    Append {
        alone: None,
        after: Vec::new(),
        command: CommandStamp { id: Uuid::new_v4(), digest: [7; 32], time: on(8) },
        streams: vec![stream(id, version, payloads)],
        claims: vec![],
    }
}

/// What is added to declaration `id`.
pub fn stream(id: &str, version: i64, payloads: &[&str]) -> StreamAppend {
    StreamAppend {
        aggregate_type: "declaration".into(),
        aggregate_id: id.into(),
        expected_version: version,
        events: payloads.iter().map(|payload| event(payload)).collect(),
    }
}

/// An event with this payload.
pub fn event(payload: &str) -> NewEvent {
    NewEvent {
        event_type: "declaration.noted".into(),
        event_version: "1".into(),
        payload: payload.into(),
        metadata: r#"{"time":"2023-03-08T09:00:00Z"}"#.into(),
    }
}

/// Declaration `id` takes a name.
pub fn take(name: &str, id: &str) -> ClaimChange {
    ClaimChange::Take(claim(name, id))
}

/// Declaration `id` gives a name back.
pub fn release(name: &str, id: &str) -> ClaimChange {
    ClaimChange::Release(claim(name, id))
}

fn claim(name: &str, id: &str) -> Claim {
    Claim { holder_id: id.into(), holder_type: "declaration".into(), name: name.into() }
}

/// The whole log, as stored.
pub async fn whole_log(store: &EventStore) -> Vec<RecordedEvent> {
    let mut events = Vec::new();
    loop {
        let page = store.read_stored_after(events.len() as i64, 1000).await.unwrap();
        if page.is_empty() {
            return events;
        }
        events.extend(page);
    }
}

/// Positions are 1, 2, 3 and so on; so are the sequence numbers of each stream; recorded times never go back; every hash is right.
pub fn assert_sound(events: &[RecordedEvent]) {
    let mut versions = std::collections::HashMap::new();
    let mut recorded_at = DateTime::<Utc>::MIN_UTC;
    for (event, position) in events.iter().zip(1..) {
        assert_eq!(event.position, position, "dense");
        let version = versions.entry((&event.aggregate_type, &event.aggregate_id)).or_insert(0);
        *version += 1;
        assert_eq!(event.sequence, *version, "{} {} at {position}", event.aggregate_type, event.aggregate_id);
        assert!(event.recorded_at >= recorded_at, "recorded time goes back at {position}");
        recorded_at = event.recorded_at;
        assert!(event.is_intact(), "hash at {position}");
    }
}
