//! The log in which each story was told once, stored beside it (`history.jsonl`, `keys.jsonl`, `root`): it is taken in, and then
//! says what the story says and fills the tables with what the story must leave in them.
//!
//! What all stories begin with is stored once, with the prelude; a story's own history goes on where that ends.

use crate::rows::{self, Tables};
use crate::{REAL_TIME, built_anew_they_hold_the_same, fixture, opened, parsed, plays, read, rehearsal};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;
use uuid::Uuid;
use zhicheng_app::{App, Check, CheckScope, Error, PersonKeyLine, StoryPlayer};
use zhicheng_domain::private::{ERASED, PRIVATE};
use zhicheng_domain::story::{Happened, Upload};
use zhicheng_domain::world::listener::Listener;
use zhicheng_domain::world::player::STORIES;
use zhicheng_domain::{AnyEvent, AnyState, StreamId};
use zhicheng_journal::HistoryLine;
use zhicheng_journal::merkle::{Frontier, leaf_hash};
use zhicheng_materials::Limits;
use zhicheng_vault::PersonKey;

const HISTORY: &str = "history.jsonl";
const KEYS: &str = "keys.jsonl";
/// How many events there are then, and the root of the log.
const ROOT: &str = "root";
const PRELUDE: &str = "prelude";
/// What the first version wrote.
const FIRST_VERSION: &str = "14-first-version";
/// When it had been written: a rehearsal's clock is real time, moved.
const FIRST_VERSION_REAL_TIME: &str = "2026-11-21T20:08:00Z";
/// How much of it was there before its story.
const FIRST_VERSION_PRELUDE: usize = 564;
/// Events of the log read at once.
const PAGE_EVENTS: u32 = 1_000;
/// What is said of a ballot box that is not there: a history has none.
const BOX_MISSING: &str = "正在投票，票箱不见了";

/// A history with its keys.
struct History {
    lines: Vec<HistoryLine>,
    keys: Vec<PersonKeyLine>,
}

/// The folders in which a story's history lies.
fn parts(story: &str) -> Vec<&str> {
    match story {
        PRELUDE | FIRST_VERSION => vec![story],
        _ => vec![PRELUDE, story],
    }
}

/// The lines of a file, each of which is written as it would be written now.
fn lines<T: DeserializeOwned + serde::Serialize>(story: &str, file: &str) -> Vec<T> {
    let text = read(story, file);
    let line = |(number, text): (usize, &str)| {
        let place = format!("{story}/{file}, line {number}");
        let line: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{place}: {error}"));
        assert_eq!(serde_json::to_string(&line).unwrap(), text, "{place}");
        line
    };
    (1..).zip(text.lines()).map(line).collect()
}

impl History {
    fn of(story: &str) -> Self {
        let (mut all, mut keys) = (Vec::new(), Vec::new());
        for part in parts(story) {
            all.extend(lines(part, HISTORY));
            keys.extend(lines(part, KEYS));
        }
        Self { lines: all, keys }
    }

    /// Its beginning.
    fn up_to(mut self, events: usize) -> Self {
        self.lines.truncate(events);
        self
    }

    /// As `root` holds it. Every leaf is reckoned from the stored bytes.
    fn root(&self) -> String {
        let leaves = self.lines.iter().map(|line| {
            let leaf = leaf_hash(&line.event.canonical().bytes());
            assert_eq!(leaf, line.event.leaf_hash, "the leaf hash at {}", line.event.position);
            leaf
        });
        let tree: Frontier = leaves.collect();
        format!("{} {}\n", tree.size(), hex::encode(tree.root()))
    }

    /// Takes it into the empty log.
    async fn into_log(self, app: &App) {
        app.import_story(&self.lines, &self.keys).await.unwrap_or_else(|error| panic!("{error}: {error:?}"));
    }

    /// Of the whole log of a system.
    async fn exported(app: &App) -> Self {
        let mut lines = Vec::new();
        let persons = app.export_story(|page, _| {
            lines.extend_from_slice(page);
            Ok::<_, Error>(())
        });
        let persons = persons.await.unwrap();
        Self { lines, keys: app.export_keys(&persons).await.unwrap() }
    }
}

/// A system of its own into whose log a history was taken.
async fn taken_in(history: History, real_time: &str) -> (App, TempDir) {
    let (app, folder) = opened(zhicheng_testkit::fresh_database().await.options(), real_time).await;
    history.into_log(&app).await;
    (app, folder)
}

/// What the tables show of the beginning of a history.
async fn shown_of(beginning: History, real_time: &str) -> Tables {
    let (app, _folder) = taken_in(beginning, real_time).await;
    let tables = Tables::of(&app).await;
    app.close().await;
    tables
}

/// What the tables show of the prelude's history; they are filled once a run.
async fn shown_of_the_prelude() -> Tables {
    let filled = async |log: PgConnectOptions| {
        let (app, _folder) = opened(log, REAL_TIME).await;
        History::of(PRELUDE).into_log(&app).await;
        Tables::of(&app).await;
        app.close().await;
    };
    let log = zhicheng_testkit::fresh_database_from("history_of_the_prelude", filled).await;
    let (app, _folder) = opened(log.options(), REAL_TIME).await;
    let tables = Tables::of(&app).await;
    app.close().await;
    tables
}

/// Whoever listens to a log, after its first start.
async fn listener(app: &App) -> Listener {
    let mut commands: Vec<Vec<Happened>> = Vec::new();
    let mut after = 0;
    loop {
        let page = app.store().read_after(after, PAGE_EVENTS, None).await.unwrap();
        let Some(last) = page.last() else { break };
        after = last.position;
        for recorded in &page {
            let aggregate = AnyState::type_of(&recorded.aggregate_type).unwrap();
            let (event, stamp) = AnyEvent::from_payload(aggregate, &recorded.payload).unwrap().unwrap();
            let stream = StreamId { aggregate, id: recorded.aggregate_id.parse().unwrap() };
            if recorded.command_id.is_some() {
                commands.push(Vec::new());
            }
            commands.last_mut().unwrap().push(Happened { stream, event, stamp });
        }
    }
    Listener::new(commands)
}

/// Hears a story in a log that goes on with it, and holds it against `events.jsonl`.
fn hears(listener: &mut Listener, story: &str, anybody_erased: bool) {
    let heard = listener.hear(&parsed(story));
    let heard = heard.unwrap_or_else(|error| panic!("{story}: {error}: {:?}", error.fault));
    let expected = read(story, "events.jsonl");
    for (number, (is, expected)) in (1..).zip(heard.iter().zip(expected.lines())) {
        let erased = || {
            let value = |text: &str| serde_json::from_str(text).unwrap();
            anybody_erased && is_erased_of(&value(is), &value(expected))
        };
        assert!(
            is == expected || erased(),
            "{story}: heard {is}, not line {number} of events.jsonl: {expected}"
        );
    }
    assert_eq!(heard.len(), expected.lines().count(), "{story}: as many events as expected");
}

/// Whether something is said as before, but for what was private and can be read no more.
fn is_erased_of(is: &Value, before: &Value) -> bool {
    match (is, before) {
        (Value::Object(is), Value::Object(before)) => {
            let gone = *is == *json!({ERASED: true}).as_object().unwrap() && before.contains_key(PRIVATE);
            let same =
                |(key, value): (&String, &Value)| before.get(key).is_some_and(|it| is_erased_of(value, it));
            gone || is.len() == before.len() && is.iter().all(same)
        }
        (Value::Array(is), Value::Array(before)) => {
            is.len() == before.len() && is.iter().zip(before).all(|(is, before)| is_erased_of(is, before))
        }
        _ => is == before,
    }
}

/// A history has no files: puts back what the story uploads.
async fn put_files_back(app: &App, story: &str) {
    for (_, line) in parsed(story).lines {
        let Some(upload) = Upload::of(&line).unwrap() else { continue };
        let persons: Vec<String> = sqlx::query_scalar(
            "select payload -> 'event' -> 'stored' ->> 'person_id'
             from events
             where event_type = 'material.stored' and payload -> 'event' -> 'stored' ->> 'digest' = $1",
        )
        .bind(hex::encode(Sha256::digest(&upload.content)))
        .fetch_all(app.store().pool())
        .await
        .unwrap();
        let person: Uuid = persons.concat().parse().unwrap();
        if let PersonKey::Known(key) = app.vault().person_keys().key(person).await.unwrap() {
            let content = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from(upload.content))]);
            app.materials().put(content, person, &key, Limits::default()).await.unwrap();
        }
    }
}

/// Nothing is wrong with it, but that what was being voted on has no box.
async fn is_clean(app: &App, folder: &TempDir, story: &str) {
    let scope = CheckScope { folder: Some(folder.path().to_owned()), ..CheckScope::default() };
    for it in app.check(&scope, &|_| {}).await.unwrap() {
        let about_boxes = |fault: &String| it.check == Check::Boxes && fault.ends_with(BOX_MISSING);
        assert!(it.faults.iter().all(about_boxes), "{story}: {it:?}");
    }
}

/// What an auditor reckons of a history with nothing of ours.
fn reckoned_by_others(story: &str) -> String {
    let program = fixture("", "reckon");
    let files = parts(story).into_iter().map(|part| fixture(part, HISTORY));
    let output = std::process::Command::new(program).args(files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Takes a history in: it is the same log there, and in order.
async fn is_the_same_log(story: &str, real_time: &str) -> (App, TempDir) {
    let history = History::of(story);
    assert_eq!(history.root(), read(story, ROOT), "{story}: the root follows from the stored bytes");
    assert_eq!(reckoned_by_others(story), read(story, ROOT), "{story}: as others reckon it");
    let (app, folder) = taken_in(history, real_time).await;
    let head = app.store().head().await.unwrap();
    let root = hex::encode(app.store().root_at(head).await.unwrap());
    assert_eq!(
        format!("{head} {root}\n"),
        read(story, ROOT),
        "{story}: the log that took it in has that root"
    );
    let (mut again, mut history) = (History::exported(&app).await, History::of(story));
    assert!(again.lines == history.lines, "{story}: what is given out is what was taken in");
    again.keys.sort_unstable_by_key(|key| key.person);
    history.keys.sort_unstable_by_key(|key| key.person);
    assert!(again.keys == history.keys, "{story}: and so with the keys");
    (app, folder)
}

/// Holds a story's history against the story.
async fn holds(story: &str) {
    let (app, folder) = is_the_same_log(story, REAL_TIME).await;
    let mut listener = listener(&app).await;
    let mut begins = 0;
    for part in parts(story) {
        begins = usize::try_from(listener.position).unwrap();
        let anybody_erased = lines::<PersonKeyLine>(part, KEYS).iter().any(|it| it.key.is_none());
        hears(&mut listener, part, anybody_erased);
    }
    assert!(listener.heard_all(), "{story}: the log tells nothing else");
    let tables = Tables::of(&app).await;
    if !rows::blessing() {
        let before = match story {
            PRELUDE => shown_of(History::of(story).up_to(begins), REAL_TIME).await,
            _ => shown_of_the_prelude().await,
        };
        rows::hold(story, &before, &tables, Some(&listener.cast));
    }
    built_anew_they_hold_the_same(&app, story, &tables).await;
    put_files_back(&app, story).await;
    is_clean(&app, &folder, story).await;
    app.close().await;
}

mod is_replayed_from_the_log_in_which_it_was_told {
    macro_rules! tests {
        ($($name:ident $folder:literal;)*) => {$(
            #[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::holds($folder).await;
            }
        )*};
    }
    tests! { the_prelude "prelude"; }
    zhicheng_domain::each_story!(tests);
}

/// Its ids are the same for ever, so its rows are told as they are. What has another shape today is shown in today's.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_first_version_wrote_shows_as_expected() {
    let (app, folder) = is_the_same_log(FIRST_VERSION, FIRST_VERSION_REAL_TIME).await;
    let acknowledged = "report_acknowledged";
    let of_type = |line: &&HistoryLine| line.event.event_type.ends_with(acknowledged);
    let stored = History::of(FIRST_VERSION).lines;
    let stored: Vec<&HistoryLine> = stored.iter().filter(of_type).collect();
    assert_eq!(stored.len(), 2, "of the declaration and of its certificate");
    for line in stored {
        let read = app.store().read_after(line.event.position - 1, 1, None).await.unwrap().remove(0);
        assert_eq!((&*line.event.event_version, &*read.event_version), ("1", "2"));
        let member = |payload: &str, name: &str| {
            let payload: Value = serde_json::from_str(payload).unwrap();
            payload["event"][acknowledged].get(name).cloned()
        };
        assert_eq!(member(&line.event.payload, "accepted"), Some(json!(true)));
        assert_eq!(member(&read.payload, "accepted"), None);
        assert_eq!(member(&read.payload, "outcome"), Some(json!("accepted")));
    }
    let before = History::of(FIRST_VERSION).up_to(FIRST_VERSION_PRELUDE);
    let before = shown_of(before, FIRST_VERSION_REAL_TIME).await;
    let tables = Tables::of(&app).await;
    rows::hold_or_bless(FIRST_VERSION, &before, &tables, None);
    let told = |table: &str, column: &str| {
        let rows = rows::expected(FIRST_VERSION, table);
        rows.into_iter().filter_map(|row| row.get(column).cloned()).collect::<Vec<_>>()
    };
    assert_eq!(told("certificate_reporting", "report_state"), [json!("accepted")]);
    built_anew_they_hold_the_same(&app, FIRST_VERSION, &tables).await;
    is_clean(&app, &folder, FIRST_VERSION).await;
    app.close().await;
}

#[test]
fn a_history_that_was_altered_is_noticed() {
    let mut history = History::of(PRELUDE);
    let last = &mut history.lines.last_mut().unwrap().event;
    last.payload = last.payload.replace("\"time\":\"2", "\"time\":\"3");
    assert!(!last.is_intact(), "its leaf hash does not fit");
    last.leaf_hash = leaf_hash(&last.canonical().bytes());
    assert_ne!(history.root(), read(PRELUDE, ROOT), "and where that is reckoned anew, the root does not");
}

/// Tells a story, the prelude to a log of its own and any other to one that goes on from the prelude's history, and writes what
/// the log is then.
async fn write(story: &str) {
    let (app, _folder, player) = match story {
        PRELUDE => {
            let (app, folder) = rehearsal().await;
            let player = StoryPlayer::new(&app).await.unwrap();
            (app, folder, player)
        }
        _ => {
            let (app, folder) = taken_in(History::of(PRELUDE), REAL_TIME).await;
            let mut listener = listener(&app).await;
            hears(&mut listener, PRELUDE, false);
            let player = StoryPlayer::new(&app).await.unwrap().knowing(listener.cast);
            (app, folder, player)
        }
    };
    plays(&player, story).await;
    let history = History::exported(&app).await;
    app.close().await;
    let root = history.root();
    let before = match story {
        PRELUDE => History { lines: Vec::new(), keys: Vec::new() },
        _ => History::of(PRELUDE),
    };
    assert!(history.lines.starts_with(&before.lines), "{story} goes on from the prelude");
    let lines = history.lines.iter().skip(before.lines.len()).map(json_line);
    let keys = history.keys.iter().filter(|key| !before.keys.contains(key)).map(json_line);
    std::fs::write(fixture(story, HISTORY), lines.collect::<String>()).unwrap();
    std::fs::write(fixture(story, KEYS), keys.collect::<String>()).unwrap();
    std::fs::write(fixture(story, ROOT), root).unwrap();
}

fn json_line(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap() + "\n"
}

/// Of all stories where `ZHICHENG_BLESS_HISTORY` is `all`, or of those that it names.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes the stored histories anew"]
async fn histories_are_told_anew() {
    #[allow(clippy::disallowed_methods, reason = "blessing is a decision of whoever runs the tests")]
    let asked = std::env::var("ZHICHENG_BLESS_HISTORY").unwrap_or_default();
    let known: Vec<&str> = [PRELUDE].into_iter().chain(STORIES.iter().copied()).collect();
    let named: Vec<&str> = match asked.as_str() {
        "all" => known.clone(),
        names => names.split_whitespace().collect(),
    };
    assert!(!named.is_empty(), "ZHICHENG_BLESS_HISTORY says which: all, or the names of stories");
    for story in named {
        assert!(known.contains(&story), "{story} is no story, or its history is never written anew");
        write(story).await;
    }
}
