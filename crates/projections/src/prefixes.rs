//! The stories at every position, as they are decided now and as they lie in the log in which they were told once: what the tables
//! hold after the first p events is a fold of these p events and of nothing else, whether each event came by itself or all
//! before it were read again. What all stories begin with is looked at as a story of its own.
//!
//! The tables are kept in memory, by the same steps that feed those in PostgreSQL ([`Folder`] and [`writes`]), event by event:
//! once with every state remembered, once with none, as after a start. After event p the rows of the stream that it belongs to
//! are compared with `rows(id, state)` of a state folded from the stream's first event up to p. No other stream's state changes
//! at p, so all others stay what they were compared with before; every [`WHOLE_EVERY`] positions and at the end the whole
//! tables are compared nevertheless. `tests/read_side` does the same with PostgreSQL, at fewer positions.

use crate::fold::{Folder, apply};
use crate::log::{After, Answer, Log};
use crate::row::Row;
use crate::table::Feed;
use crate::write::{Writes, writes};
use crate::{TABLES, Table};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use tokio::sync::watch;
use uuid::Uuid;
use zhicheng_domain::AnyState;
use zhicheng_domain::story::Story;
use zhicheng_domain::upcast::UPCASTS;
use zhicheng_domain::world::player::Player;
use zhicheng_eventstore::Upcasters;
use zhicheng_journal::{HistoryLine, RecordedEvent};
use zhicheng_vault::{PersonKey, Place, SealKey, open_payload};

/// Positions from one comparison of the whole tables to the next.
const WHOLE_EVERY: usize = 100;

/// The rows of every table by key.
type Rows = BTreeMap<&'static str, BTreeMap<String, Row>>;

/// A log that was told and lies in memory.
#[derive(Debug, Default, Clone)]
struct Told(Vec<RecordedEvent>);

/// What stories begin with.
const PRELUDE: &str = "prelude";
/// A history without a prelude of its own, and without commands.
const FIRST_VERSION: &str = "14-first-version";

/// The folders that tell a story.
fn parts(story: &str) -> Vec<&str> {
    match story {
        PRELUDE | FIRST_VERSION => vec![story],
        _ => vec![PRELUDE, story],
    }
}

fn read(folder: &str, file: &str) -> String {
    let fixtures: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures");
    std::fs::read_to_string(fixtures.join(folder).join(file)).unwrap()
}

impl Told {
    /// What the rules alone append while a story is played; and how much of it was there before.
    fn of(story: &str) -> (Self, usize) {
        let mut player = Player::new("2023-01-01T09:00:00+08:00");
        let mut before = 0;
        for part in parts(story) {
            before = player.world.log.len();
            player.play(&Story::parse(&read(part, "commands.jsonl")).unwrap()).unwrap();
        }
        let mut log = Vec::with_capacity(player.world.log.len());
        for (position, logged) in (1i64..).zip(&player.world.log) {
            log.push(RecordedEvent {
                position,
                aggregate_type: logged.stream.aggregate.to_owned(),
                aggregate_id: logged.stream.id.to_string(),
                sequence: i64::try_from(logged.sequence).unwrap(),
                event_type: logged.event.name().to_owned(),
                event_version: logged.event.version().to_owned(),
                payload: logged.event.to_payload(&logged.stamp).unwrap(),
                metadata: "{}".to_owned(),
                recorded_at: DateTime::<Utc>::UNIX_EPOCH,
                command_id: None,
                leaf_hash: [0; 32],
            });
        }
        (Self(log), before)
    }

    /// What the log held in which it was told once, as the log gives it out: opened with the persons' keys, and up to date.
    fn stored(story: &str) -> (Self, usize) {
        let upcasters = UPCASTS.iter().fold(Upcasters::new(), |steps, it| {
            steps.step(it.aggregate(), it.event, it.from, it.to, it.step)
        });
        let (mut keys, mut log, mut before) = (HashMap::new(), Vec::new(), 0);
        for part in parts(story) {
            before = log.len();
            keys.extend(read(part, "keys.jsonl").lines().map(key));
            let history = read(part, "history.jsonl");
            log.extend(history.lines().map(|line| serde_json::from_str::<HistoryLine>(line).unwrap().event));
        }
        for event in &mut log {
            let metadata: serde_json::Value = serde_json::from_str(&event.metadata).unwrap();
            let subject = metadata["subject"].as_str().and_then(|person| keys.get(person));
            let place = Place {
                aggregate_type: &event.aggregate_type,
                aggregate_id: &event.aggregate_id,
                sequence: u64::try_from(event.sequence).unwrap(),
            };
            event.payload =
                open_payload(&event.payload, subject.unwrap_or(&PersonKey::Absent), place).unwrap();
            upcasters.apply(event).unwrap();
        }
        (Self(log), before)
    }

    /// The rows of a fold of all of it; of one stream alone where it is named.
    fn folded(&self, of: Option<&RecordedEvent>) -> Rows {
        let is_of = |event: &&RecordedEvent| of.is_none_or(|of| same_stream(of, event));
        let mut states: BTreeMap<(&str, &str), (AnyState, i64)> = BTreeMap::new();
        let mut rows = Rows::new();
        for event in self.0.iter().filter(is_of) {
            let key = (event.aggregate_type.as_str(), event.aggregate_id.as_str());
            let (state, sequence) = states.entry(key).or_insert_with(|| (AnyState::new(key.0).unwrap(), 0));
            apply(state, sequence, event).unwrap();
            for table in TABLES {
                if let Feed::Events { row } = table.feed {
                    put(&mut rows, table, vec![row(event).unwrap()]);
                }
            }
        }
        for ((aggregate, id), (state, _)) in &states {
            for table in TABLES.iter().filter(|table| table.folds(aggregate)) {
                if let Feed::Cases { rows: of_case, .. } = table.feed {
                    put(&mut rows, table, of_case(Uuid::parse_str(id).unwrap(), state).unwrap());
                }
            }
        }
        rows
    }
}

impl Log for Told {
    fn head(&self) -> Answer<'_, i64> {
        Box::pin(async { Ok(self.0.last().map_or(0, |last| last.position)) })
    }

    fn read_after(&self, position: i64, limit: u32) -> Answer<'_, Vec<RecordedEvent>> {
        let after = self.0.iter().filter(move |event| event.position > position);
        Box::pin(async move { Ok(after.take(limit as usize).cloned().collect()) })
    }

    fn read_streams<'a>(&'a self, streams: &'a [(String, String)]) -> Answer<'a, Vec<Vec<RecordedEvent>>> {
        let stream = |(aggregate, id): &(String, String)| {
            let of = self.0.iter().filter(|it| it.aggregate_type == *aggregate && it.aggregate_id == *id);
            of.cloned().collect()
        };
        Box::pin(async move { Ok(streams.iter().map(stream).collect()) })
    }

    fn read_stored_by_stream<'a>(
        &'a self,
        aggregate_types: Option<&'a [&'static str]>,
        up_to: i64,
        after: Option<&'a After>,
        limit: u32,
    ) -> Answer<'a, Vec<RecordedEvent>> {
        let mut events: Vec<&RecordedEvent> = self
            .0
            .iter()
            .filter(|event| aggregate_types.is_none_or(|it| it.contains(&event.aggregate_type.as_str())))
            .filter(|event| event.position <= up_to && after.is_none_or(|after| After::from(*event) > *after))
            .collect();
        events.sort_by_key(|event| After::from(*event));
        Box::pin(async move { Ok(events.into_iter().take(limit as usize).cloned().collect()) })
    }

    fn open(&self, events: Vec<RecordedEvent>) -> Answer<'_, Vec<RecordedEvent>> {
        Box::pin(async move { Ok(events) })
    }

    fn subscribe_head(&self) -> watch::Receiver<i64> {
        watch::channel(0).1
    }
}

fn same_stream(left: &RecordedEvent, right: &RecordedEvent) -> bool {
    left.aggregate_type == right.aggregate_type && left.aggregate_id == right.aggregate_id
}

/// No two streams make the same row.
fn put(rows: &mut Rows, table: &'static Table, made: Vec<Row>) {
    for row in made {
        let key = row.key.clone();
        let twice = rows.entry(table.name).or_default().insert(key, row);
        assert_eq!(twice, None, "{}: the key is unique", table.name);
    }
}

/// Tables in memory that follow a log, and the stream that each of their rows belongs to.
#[derive(Debug, Default)]
struct Following {
    folder: Folder,
    rows: Rows,
    owners: BTreeMap<(&'static str, String), (String, String)>,
}

impl Following {
    /// Takes one event, as a runner's step does.
    async fn take(&mut self, log: &Told, event: &RecordedEvent) {
        let events = std::slice::from_ref(event);
        let folded = self.folder.fold(log, events, TABLES).await.unwrap();
        assert_eq!(folded.undecodable, None, "{} at {}", event.event_type, event.position);
        let owner = (event.aggregate_type.clone(), event.aggregate_id.clone());
        let prepared: Vec<(&'static Table, Writes)> =
            TABLES.iter().map(|table| (*table, writes(table, events, &folded.changes).unwrap())).collect();
        for (table, writes) in prepared.clone() {
            let rows = self.rows.entry(table.name).or_default();
            for key in writes.deletes {
                rows.remove(&key);
                self.owners.remove(&(table.name, key));
            }
            for row in writes.upserts {
                let before = self.owners.insert((table.name, row.key.clone()), owner.clone());
                assert!(before.is_none_or(|before| before == owner), "{}: {}", table.name, row.key);
                rows.insert(row.key.clone(), row);
            }
        }
        self.folder.keep(folded.changes, &prepared);
    }

    /// The rows of the stream that an event belongs to.
    fn of_stream(&self, event: &RecordedEvent) -> Rows {
        let owner = (event.aggregate_type.clone(), event.aggregate_id.clone());
        let mut rows = Rows::new();
        for ((table, key), _) in self.owners.iter().filter(|(_, of)| **of == owner) {
            rows.entry(table).or_default().insert(key.clone(), self.rows[table][key].clone());
        }
        rows
    }

    fn whole(&self) -> Rows {
        let filled = self.rows.iter().filter(|(_, rows)| !rows.is_empty());
        filled.map(|(table, rows)| (*table, rows.clone())).collect()
    }
}

/// Rows of tables that have any.
fn filled(mut rows: Rows) -> Rows {
    rows.retain(|_, rows| !rows.is_empty());
    rows
}

/// A line of a history's keys.
fn key(line: &str) -> (String, PersonKey) {
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    let key = line["key"].as_str().map_or(PersonKey::Destroyed, |text| {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).unwrap();
        PersonKey::Known(SealKey::from_bytes(bytes))
    });
    (line["person"].as_str().unwrap().to_owned(), key)
}

/// Looks at the tables after every event of a story.
async fn check(story: &str, (log, before): (Told, usize)) {
    let (mut prefix, mut warm) = (Told::default(), Following::default());
    for event in &log.0[..before] {
        prefix.0.push(event.clone());
        warm.take(&prefix, event).await;
    }
    let mut cold =
        Following { folder: Folder::default(), rows: warm.rows.clone(), owners: warm.owners.clone() };
    for (count, event) in (1..).zip(&log.0).skip(before) {
        prefix.0.push(event.clone());
        warm.take(&prefix, event).await;
        cold.folder = Folder::default();
        cold.take(&prefix, event).await;
        let fresh = filled(prefix.folded(Some(event)));
        let place = format!("{story}, after event {count}, {}", event.event_type);
        assert!(warm.of_stream(event) == fresh, "{place}: rows that followed differ from a fresh fold");
        assert!(cold.of_stream(event) == fresh, "{place}: rows that followed a start differ");
        if count % WHOLE_EVERY == 0 || count == log.0.len() {
            let fresh = filled(prefix.folded(None));
            assert!(warm.whole() == fresh && cold.whole() == fresh, "{place}: the tables as a whole");
        }
    }
}

mod after_every_event_tables_are_a_fold_of_what_happened {
    macro_rules! tests {
        ($($name:ident $folder:literal;)*) => {$(
            #[tokio::test]
            async fn $name() {
                super::check($folder, super::Told::of($folder)).await;
            }
        )*};
    }
    tests! { the_prelude "prelude"; }
    zhicheng_domain::each_story!(tests);
}

mod and_so_in_the_log_in_which_it_was_told {
    macro_rules! tests {
        ($($name:ident $folder:literal;)*) => {$(
            #[tokio::test]
            async fn $name() {
                super::check($folder, super::Told::stored($folder)).await;
            }
        )*};
    }
    tests! {
        the_prelude "prelude";
        the_first_version "14-first-version";
    }
    zhicheng_domain::each_story!(tests);
}
