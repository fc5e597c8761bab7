//! What the read tables show of a story, held against its `rows/`: one file a table, one row a line.

use crate::fixture;
use chrono::SecondsFormat;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use zhicheng_app::App;
use zhicheng_domain::aggregate::Aggregate;
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::installation::Installation;
use zhicheng_domain::story::Cast;
use zhicheng_projections::row::{Cell, Row};
use zhicheng_projections::screens::notices;
use zhicheng_projections::table::{Feed, KEY};
use zhicheng_projections::{Reckoning, TABLES, Table};

/// What is said of a row that was there before the story and is not after it.
const GONE: &str = "gone";
/// Longer than the tables need on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Everything that the read tables hold, with what is reckoned as of the story's clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Tables(BTreeMap<&'static str, Vec<Row>>);

impl Tables {
    /// Once they show the whole log.
    pub async fn of(app: &App) -> Self {
        let head = app.store().head().await.unwrap();
        app.registry().catch_up(app.store()).await.unwrap();
        let calendar = app.registry().read(|registers| registers.calendar.clone());
        let today = in_shanghai(app.now()).date_naive();
        let reckoning = Reckoning { calendar: &calendar, today, keyed_hash: &str::to_owned };
        let mut tables = BTreeMap::new();
        for table in TABLES {
            app.tables()
                .wait_until(table, head, PATIENCE)
                .await
                .unwrap_or_else(|error| panic!("{} does not reach {head}: {error}", table.name));
            tables.insert(table.name, app.tables().whole(table, reckoning).await.unwrap());
        }
        Self(tables)
    }

    /// What a story did to a table.
    fn since(&self, before: &Self, table: &str) -> Done {
        let (now, before) = (&self.0[table], &before.0[table]);
        let stays = |old: &&Row| now.iter().any(|row| row.key == old.key);
        Done {
            written: now.iter().filter(|row| !before.contains(row)).cloned().collect(),
            gone: before.iter().filter(|old| !stays(old)).map(|old| old.key.clone()).collect(),
        }
    }
}

/// What a story did to a table.
struct Done {
    /// Rows that were not there before, or not so.
    written: Vec<Row>,
    /// Keys of rows that were there before.
    gone: Vec<String>,
}

/// As [`hold`]; where `ZHICHENG_BLESS` is set, the files are written anew first.
pub fn hold_or_bless(story: &str, before: &Tables, after: &Tables, cast: Option<&Cast>) {
    if blessing() {
        let folder = folder(story);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        std::fs::create_dir(&folder).unwrap();
        for table in TABLES {
            let lines = lines(table, after.since(before, table.name), cast);
            if !lines.is_empty() {
                std::fs::write(folder.join(file(table.name)), lines.join("\n") + "\n").unwrap();
            }
        }
    }
    hold(story, before, after, cast);
}

/// Holds what a story did to the tables against its `rows/`, whose ids are names where a cast has them.
pub fn hold(story: &str, before: &Tables, after: &Tables, cast: Option<&Cast>) {
    let mut expected = files(story);
    for table in TABLES {
        let lines = lines(table, after.since(before, table.name), cast);
        let expected = expected.remove(&file(table.name)).unwrap_or_default();
        let place = format!("{story}/rows/{}", file(table.name));
        for (number, (is, expected)) in (1..).zip(lines.iter().zip(&expected)) {
            assert_eq!(is, expected, "{place}, line {number}; ZHICHENG_BLESS=1 writes it anew");
        }
        assert_eq!(lines.len(), expected.len(), "{place}: as many rows as expected");
    }
    assert_eq!(expected.into_keys().collect::<Vec<_>>(), [""; 0], "{story}/rows: of no table");
}

/// Whether the files are being written anew.
pub fn blessing() -> bool {
    #[allow(clippy::disallowed_methods, reason = "blessing is a decision of whoever runs the tests")]
    std::env::var_os("ZHICHENG_BLESS").is_some()
}

/// The expected rows of a table, as JSON.
pub fn expected(story: &str, table: &str) -> Vec<Value> {
    let lines = files(story).remove(&file(table)).unwrap_or_default();
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn folder(story: &str) -> PathBuf {
    fixture(story, "rows")
}

fn file(table: &str) -> String {
    format!("{table}.jsonl")
}

/// The lines of every file of `rows/`.
fn files(story: &str) -> BTreeMap<String, Vec<String>> {
    let files = std::fs::read_dir(folder(story)).unwrap_or_else(|error| panic!("{story}/rows: {error}"));
    let read = |entry: std::io::Result<std::fs::DirEntry>| {
        let entry = entry.unwrap();
        let text = std::fs::read_to_string(entry.path()).unwrap();
        (entry.file_name().into_string().unwrap(), text.lines().map(str::to_owned).collect())
    };
    files.map(read).collect()
}

/// The rows as they are written: the key, then every column that has a value, in the table's order. They are ordered by
/// key; where keys are positions, each stream's by itself, because ids decide in which order streams of one append lie. Without a
/// cast they are as they are: of a log that is the same for ever, so are the ids.
fn lines(table: &'static Table, done: Done, cast: Option<&Cast>) -> Vec<String> {
    let mut cast = cast.cloned();
    let named = cast.is_some();
    let mut retell = |members: &mut Value| cast.iter_mut().for_each(|cast| cast.retell(members));
    let mut told: Vec<(String, String, String)> = Vec::new();
    for key in done.gone {
        let mut members = json!({KEY: key, GONE: true});
        retell(&mut members);
        let order = members[KEY].as_str().unwrap_or_default().to_owned();
        told.push((order, key, line(table, &members)));
    }
    for row in done.written {
        if row.get("aggregate") == Some(&Installation::TYPE.into()) {
            continue;
        }
        let mut members: Map<String, Value> =
            row.cells.iter().map(|(column, cell)| ((*column).to_owned(), value(cell))).collect();
        let key = match table.feed {
            Feed::Cases { .. } => KEY,
            Feed::Events { .. } => "aggregate_id",
        };
        if key == KEY {
            members.insert(KEY.to_owned(), json!(row.key));
        }
        if table.name == notices::TABLE.name && named {
            // a digest of ids: another one in every run
            members.insert("id".to_owned(), json!("*"));
        }
        let mut members = Value::Object(members);
        retell(&mut members);
        let order = members[key].as_str().unwrap_or_default().to_owned();
        told.push((order, row.key, line(table, &members)));
    }
    told.sort();
    told.into_iter().map(|(_, _, line)| line).collect()
}

fn line(table: &'static Table, members: &Value) -> String {
    let names = [KEY, GONE].into_iter().chain(table.columns().map(|column| column.name));
    let written = names
        .filter_map(|name| members.get(name).filter(|value| !value.is_null()).map(|value| (name, value)))
        .map(|(name, value)| format!("{}:{value}", json!(name)));
    format!("{{{}}}", written.collect::<Vec<_>>().join(","))
}

/// A value as people here read it: moments on the clock of Shanghai.
fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Instant(moment) => json!(in_shanghai(*moment).to_rfc3339_opts(SecondsFormat::AutoSi, false)),
        Cell::Null
        | Cell::Text(_)
        | Cell::Integer(_)
        | Cell::Decimal(_)
        | Cell::Date(_)
        | Cell::Boolean(_)
        | Cell::Uuid(_)
        | Cell::TextList(_) => cell.to_json(),
    }
}
