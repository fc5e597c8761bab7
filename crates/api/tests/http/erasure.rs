//! What is left of a person after an erasure (story 12): nothing that names them, wherever one looks; every count and proof.

use crate::support::{PASSWORD, System};
use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tower::ServiceExt;
use uuid::Uuid;
use zhicheng_app::{CheckScope, StoryPlayer};
use zhicheng_bus::message::Message;
use zhicheng_domain::story::Story;
use zhicheng_projections::{SCREENS, TABLES};

/// Longer than the read tables take to follow the log on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
const STORY: &str = "12-person-erased";
/// Name, given name, ID number, day of birth within it, and phone.
const NAMING: &[&str] = &["聂怀瑾𬭎", "怀瑾", "43010219820604934X", "19820604934", "13974310858"];
/// Everybody who reads more than their own.
const READERS: &[&str] = &[
    "省专技处",
    "省专技处复核",
    "省厅备案",
    "方案审核",
    "纪检监督甲",
    "省厅发证",
    "审计",
    "报表任务",
    "长沙专技处",
    "住建局审核",
    "排水经办",
    "高评会办",
    "评委01",
    "评委02",
    "评委03",
    "admin",
];
/// Those who read the log.
const LOG_READERS: &[&str] = &["审计", "报表任务", "admin"];
/// Prints every part of an xlsx file.
const UNPACK: &str = "import sys, zipfile
book = zipfile.ZipFile(sys.argv[1])
for part in book.namelist():
    sys.stdout.buffer.write(book.read(part))";

/// A system in which the story is told up to some line, and the lines that are left.
struct Told {
    system: System,
    player: StoryPlayer,
    left: Story,
}

impl Told {
    /// Up to the second person, who has not approved the erasure yet.
    async fn until_the_second_person() -> Self {
        let read = |story: &str| {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures").join(story);
            Story::parse(&std::fs::read_to_string(folder.join("commands.jsonl")).unwrap()).unwrap()
        };
        let system = System::rehearsal().await;
        let mut player = StoryPlayer::new(&system.app).await.unwrap().telling("prelude");
        player.play(&read("prelude")).await.unwrap();
        let mut player = player.telling(STORY);
        let mut lines = read(STORY).lines;
        let asked = lines.iter().position(|(_, line)| line.awaits.is_some()).unwrap();
        let left = Story { lines: lines.split_off(asked + 1) };
        player.play(&Story { lines }).await.unwrap();
        Self { system, player, left }
    }

    fn id(&self, name: &str) -> Uuid {
        self.player.cast().stream(name).unwrap().id
    }

    /// Everything that can be looked at, by the kind of place: its texts, each with where it stands.
    async fn everything(&self) -> BTreeMap<&'static str, Vec<(String, String)>> {
        self.follow().await;
        [
            ("stored", self.databases().await),
            ("events", self.opened().await),
            ("bus", self.messages().await),
            ("files", self.files()),
            ("api", self.answers().await),
            ("csv", self.exports("csv").await),
            ("xlsx", self.exports("xlsx").await),
        ]
        .into()
    }

    /// Waits until every read table shows the whole log.
    async fn follow(&self) {
        let head = self.system.head().await;
        for table in TABLES {
            self.system.app.tables().wait_until(table, head, PATIENCE).await.unwrap();
        }
    }

    /// Every row of every table there is: the log, the read tables, the vault.
    async fn databases(&self) -> Vec<(String, String)> {
        let tables: Vec<(String, String)> = sqlx::query_as(
            "select table_schema, table_name
             from information_schema.tables
             where table_schema not in ('information_schema', 'pg_catalog')
             order by table_schema, table_name",
        )
        .fetch_all(&self.system.pool)
        .await
        .unwrap();
        let mut found = Vec::new();
        for (schema, table) in tables {
            let place = format!("\"{schema}\".\"{table}\"");
            let rows: Vec<String> = sqlx::query_scalar(&format!("select it::text from {place} as it"))
                .fetch_all(&self.system.pool)
                .await
                .unwrap();
            found.extend(rows.into_iter().map(|row| (place.clone(), row)));
        }
        found
    }

    /// The events as whoever holds the keys reads them.
    async fn opened(&self) -> Vec<(String, String)> {
        let events = self.system.app.store().read_after(0, 2_000, None).await.unwrap();
        assert_eq!(events.last().unwrap().position, self.system.head().await);
        events.into_iter().map(|it| (it.event_type, format!("{} {}", it.payload, it.metadata))).collect()
    }

    /// What the relay sends of every event.
    async fn messages(&self) -> Vec<(String, String)> {
        let events = self.system.app.store().read_stored_after(0, 2_000).await.unwrap();
        let message = |it| String::from_utf8(Message::of(it).to_json()).unwrap();
        events.iter().map(|it| (it.event_type.clone(), message(it))).collect()
    }

    /// The material folder: paths and bytes.
    fn files(&self) -> Vec<(String, String)> {
        let (mut found, mut folders) = (Vec::new(), vec![self.system.materials.path().to_owned()]);
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = std::fs::read(&path).unwrap();
                    found.push((path.display().to_string(), String::from_utf8_lossy(&bytes).into_owned()));
                }
            }
        }
        found
    }

    /// The lists of events, and what is told of everything about the person to whoever may read it.
    async fn answers(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for who in LOG_READERS {
            let mut after = 0;
            loop {
                let page = self.system.get(*who, format!("/v1/events?after={after}&limit=200")).send().await;
                let events = page.expect(200)["events"].as_array().unwrap().clone();
                let Some(last) = events.last() else { break };
                after = last["position"].as_i64().unwrap();
                found.push((page.asked, page.text));
            }
        }
        let case = self.id("nie-case");
        let account = self.id("nie");
        for path in [
            format!("/v1/declarations/{case}"),
            format!("/v1/declarations/{case}/events"),
            format!("/v1/declarations/{case}/tracking"),
            format!("/v1/accounts/{account}"),
            format!("/v1/approvals/{}", self.id("erasure")),
            format!("/v1/materials/{}", self.id("diploma")),
            "/v1/notices".to_owned(),
        ] {
            for who in READERS {
                let answer = self.system.get(*who, &*path).send().await;
                assert!(answer.status < 500, "{}: {}", answer.asked, answer.text);
                found.push((answer.asked, answer.text));
            }
        }
        found
    }

    /// The exports of every screen to whoever may have them.
    async fn exports(&self, format: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for screen in SCREENS {
            for who in READERS {
                let path = format!("/v1/screens/{}/export?format={format}", screen.name);
                let token = self.system.token(who).await;
                let request = Request::get(&path)
                    .header("authorization", format!("Bearer {token}"))
                    .body(Body::empty());
                let response = self.system.router.clone().oneshot(request.unwrap()).await.unwrap();
                if response.status() != 200 {
                    continue;
                }
                let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
                let text = if format == "xlsx" { unpacked(&bytes) } else { bytes.to_vec() };
                found.push((format!("{path} as {who}"), String::from_utf8(text).unwrap()));
                if format == "xlsx" {
                    // what a reader sees is the same in either format
                    break;
                }
            }
        }
        found
    }

    /// How many rows each read table has.
    async fn counts(&self) -> BTreeMap<&'static str, i64> {
        let mut counts = BTreeMap::new();
        for table in TABLES {
            let count = format!("select count(*) from projections.\"{}\"", table.name);
            counts.insert(table.name, sqlx::query_scalar(&count).fetch_one(&self.system.pool).await.unwrap());
        }
        counts
    }

    /// How the vote stands on the committee's list of results.
    async fn result(&self) -> Value {
        let page = self.system.get("高评会办", "/v1/screens/review-results").send().await.expect(200);
        let row = page["rows"].as_array().unwrap()[0].as_object().unwrap().clone();
        ["declaration_id", "declaration_no", "size", "attending", "agree", "disagree", "result", "stage"]
            .map(|column| row[column].clone())
            .into_iter()
            .collect()
    }
}

/// All parts of an xlsx file.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("export.xlsx");
    std::fs::write(&path, bytes).unwrap();
    let output = Command::new("python3").args(["-c", UNPACK]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Where the person is named, by the kind of place.
fn named(
    everything: &BTreeMap<&'static str, Vec<(String, String)>>,
) -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut found: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
    for (kind, texts) in everything {
        for (place, text) in texts {
            for naming in NAMING.iter().filter(|naming| text.contains(**naming)) {
                found.entry(*kind).or_default().insert(format!("{naming} in {place}"));
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_names_the_erased_and_every_count_and_proof_stays() {
    let mut told = Told::until_the_second_person().await;
    let before = told.everything().await;
    let named_before = named(&before);
    let kinds: Vec<_> = named_before.keys().copied().collect();
    assert_eq!(kinds, ["api", "csv", "events", "stored", "xlsx"], "the search finds what is there");
    assert!(!before["files"].is_empty(), "the diploma was uploaded");
    let (counts, result) = (told.counts().await, told.result().await);
    let store = told.system.app.store().clone();
    let head = told.system.head().await;
    let (leaves, root) = (store.leaf_hashes(1, head).await.unwrap(), store.root_at(head).await.unwrap());

    let left = std::mem::replace(&mut told.left, Story { lines: Vec::new() });
    told.player.play(&left).await.unwrap();

    let after = told.everything().await;
    assert_eq!(named(&after), BTreeMap::new());
    assert_eq!(after["files"], [], "the files are gone with the key");
    for (kind, texts) in &after {
        assert!(*kind == "files" || texts.len() >= before[kind].len(), "{kind}: as much was looked at");
    }
    let mut counts_after = told.counts().await;
    for of_the_request in ["audit_trail", "deadline"] {
        counts_after.insert(of_the_request, counts[of_the_request]);
    }
    assert_eq!(counts_after, counts, "no table has more rows or fewer but for the request itself");
    assert_eq!(told.result().await, result);
    assert_eq!(result.as_array().unwrap()[2..6], [json!(11), json!(8), json!(6), json!(2)]);

    assert_eq!(store.leaf_hashes(1, head).await.unwrap(), leaves);
    assert_eq!(store.verify_root_at(head).await.unwrap(), root);
    for checked in told.system.app.check(&CheckScope::default(), &|_| {}).await.unwrap() {
        assert_eq!(checked.faults, [""; 0], "{}", checked.check.name());
    }
    let certificate =
        "/v1/public/certificates?number=A01231000000000001&name=%E8%81%82%E6%80%80%E7%91%BE%F0%AC%AD%8E";
    let public = told.system.get(None, certificate).send().await.expect(200);
    assert_eq!(
        (&public["status"], &public["name"]),
        (&json!("valid"), &json!("聂***")),
        "whoever knows the name"
    );
    let session = json!({"username": "applicant-1127", "password": PASSWORD});
    let refused = told.system.post(None, "/v1/sessions", &session).send().await;
    assert_eq!(refused.status, 401, "{}", refused.text);
}
