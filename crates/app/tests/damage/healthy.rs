//! A healthy system with something of everything: stories, a ballot that is open, a file, messages that were published, logs and a
//! client's journal. It is made once and copied for each damage.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;
use uuid::Uuid;
use zhicheng_app::{
    App, Check, CheckScope, Checked, KeptRoot, Parts, SessionId, Signed, StoryPlayer, WallClock,
    play_together,
};
use zhicheng_bus::{PrivateServer, Relay, RelayState};
use zhicheng_domain::ids::{AccountId, PersonId};
use zhicheng_domain::story::Story;
use zhicheng_eventstore::RecordedEvent;
use zhicheng_journal::merkle::leaf_hash;
use zhicheng_materials::MaterialStore;
use zhicheng_testkit::TestDatabase;
use zhicheng_vault::{MasterKey, Vault, VaultOptions};

/// Longer than publishing takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A file as it is uploaded.
const PDF: &[u8] = b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\n";

/// The system, at rest.
pub struct Healthy {
    log: TestDatabase,
    vault: TestDatabase,
    folder: TempDir,
    broker: PrivateServer,
    /// The root that somebody wrote down when all was well.
    root: KeptRoot,
}

/// A copy of it, to be damaged.
pub struct Broken {
    pub log: PgConnection,
    pub vault: PgConnection,
    pub folder: TempDir,
    /// Another broker than the one that all copies look at.
    pub broker: Option<PrivateServer>,
    /// What whoever checks it gives to the check.
    pub scope: CheckScope,
    databases: (TestDatabase, TestDatabase),
}

async fn opened(log: &TestDatabase, vault: &TestDatabase, folder: &Path) -> App {
    let vault = VaultOptions::new(vault.options());
    let vault = Vault::connect(vault, MasterKey::from_bytes([7; 32])).await.unwrap();
    let materials = MaterialStore::open(&folder.join("materials")).unwrap();
    let (log, wall_clock) = (log.options(), wall_clock());
    App::open(Parts { log, vault, materials, wall_clock }).await.unwrap()
}

/// As `zhicheng check` opens it.
async fn opened_to_look(log: &TestDatabase, vault: &TestDatabase, folder: &Path) -> App {
    let vault = VaultOptions::new(vault.options());
    let vault = Vault::connect_to_look(vault, MasterKey::from_bytes([7; 32])).await.unwrap();
    let materials = MaterialStore::open_to_look(&folder.join("materials")).unwrap();
    let (log, wall_clock) = (log.options(), wall_clock());
    App::open_to_look(Parts { log, vault, materials, wall_clock }).await.unwrap()
}

fn wall_clock() -> WallClock {
    let real = "2026-11-02T08:00:00Z".parse().unwrap();
    WallClock::new(move || real)
}

fn story(name: &str) -> Story {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures").join(name);
    Story::parse(&std::fs::read_to_string(path.join("commands.jsonl")).unwrap()).unwrap()
}

impl Healthy {
    pub async fn made() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (log, vault) =
            tokio::join!(zhicheng_testkit::fresh_database(), zhicheng_testkit::fresh_database());
        let app = opened(&log, &vault, folder.path()).await;
        app.begin(Some("2023-01-01T09:00:00+08:00".parse().unwrap())).await.unwrap();
        app.first_start(|| Ok("Xiang-2023-jiang".into())).await.unwrap();
        let mut player = StoryPlayer::new(&app).await.unwrap().telling("prelude");
        player.play(&story("prelude")).await.unwrap();
        app.archive_root().await.unwrap();
        let told = ["01-senior-review-online", "13-under-way"];
        let parts = told.iter().map(|name| (player.telling(name), story(name))).collect();
        play_together(parts, |_| {}).await.unwrap_or_else(|(name, error)| panic!("{name}: {error}"));
        upload(&app).await;
        until_tables_follow(&app).await;
        let broker = PrivateServer::start(folder.path()).unwrap();
        publish(&app, broker.url()).await;
        let root = app.archive_root().await.unwrap();
        app.close().await;
        std::fs::write(folder.path().join("server.log"), "{\"message\":\"430602********0013\"}\n").unwrap();
        let healthy = Self { log, vault, folder, broker, root };
        healthy.keep_journal().await;
        healthy
    }

    /// What a client that sent every command, one after the other, would have noted.
    async fn keep_journal(&self) {
        let mut log = PgConnection::connect_with(&self.log.options()).await.unwrap();
        let commands: Vec<(Uuid, i64, i32)> = sqlx::query_as(
            "select command_id, position, command_events
             from events
             where command_id is not null
             order by position",
        )
        .fetch_all(&mut log)
        .await
        .unwrap();
        log.close().await.unwrap();
        let time = |seconds: usize| {
            let time = chrono::DateTime::from_timestamp(1_700_000_000 + seconds as i64, 0).unwrap();
            time.to_rfc3339()
        };
        let lines = commands.iter().enumerate().map(|(at, (command, first, events))| {
            // one is as of somebody without an account, who does not know it
            let command = (at != 3).then_some(command);
            serde_json::json!({
                "command_id": command, "position": first + i64::from(*events) - 1,
                "sent": time(2 * at), "answered": time(2 * at + 1),
            })
        });
        let text: String = lines.map(|line| format!("{line}\n")).collect();
        std::fs::write(journal(self.folder.path()), text).unwrap();
    }

    pub async fn broken(&self) -> Broken {
        let (log, vault) = (self.log.copy().await, self.vault.copy().await);
        let folder = tempfile::tempdir().unwrap();
        copy(&self.folder.path().join("materials"), &folder.path().join("materials"));
        for file in ["server.log", "acknowledged.jsonl"] {
            std::fs::copy(self.folder.path().join(file), folder.path().join(file)).unwrap();
        }
        Broken {
            log: connection(&log).await,
            vault: connection(&vault).await,
            scope: CheckScope {
                folder: Some(folder.path().to_owned()),
                broker: Some(self.broker.url().to_owned()),
                acknowledged: Some(journal(folder.path())),
                roots: vec![self.root],
                skip: Vec::new(),
            },
            folder,
            broker: None,
            databases: (log, vault),
        }
    }
}

/// A superuser to whom no trigger and no foreign key says anything.
async fn connection(database: &TestDatabase) -> PgConnection {
    let mut connection = PgConnection::connect_with(&database.options()).await.unwrap();
    sqlx::raw_sql("set session_replication_role = replica").execute(&mut connection).await.unwrap();
    connection
}

/// The client's journal in a data folder.
pub fn journal(folder: &Path) -> PathBuf {
    folder.join("acknowledged.jsonl")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The first applicant uploads a file.
async fn upload(app: &App) {
    let (account, person): (String, String) = sqlx::query_as(
        "select payload::jsonb #>> '{event,drafted,account_id}', payload::jsonb #>> '{event,drafted,person_id}'
         from events
         where event_type = 'declaration.drafted'
         order by position
         limit 1",
    )
    .fetch_one(app.store().pool())
    .await
    .unwrap();
    let signed = Signed {
        session: SessionId(Uuid::nil()),
        account: AccountId(account.parse().unwrap()),
        person: Some(PersonId(person.parse().unwrap())),
        reauthenticated_at: None,
    };
    let file = futures::stream::iter([Ok::<_, std::io::Error>(bytes::Bytes::from_static(PDF))]);
    app.upload(&signed, None, "upload".to_owned(), "业绩.pdf", file).await.unwrap();
}

async fn until_tables_follow(app: &App) {
    let head = app.store().head().await.unwrap();
    for table in zhicheng_projections::TABLES {
        let behind = "select count(*) from projections.checkpoint where table_name = $1 and position >= $2";
        let begun = std::time::Instant::now();
        while 0
            == sqlx::query_scalar::<_, i64>(behind)
                .bind(table.name)
                .bind(head)
                .fetch_one(app.store().pool())
                .await
                .unwrap()
        {
            assert!(begun.elapsed() < PATIENCE, "{} does not follow", table.name);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn publish(app: &App, broker: &str) {
    let head = app.store().head().await.unwrap();
    let relay = Relay::new(app.store().clone(), broker.to_owned());
    let mut state = relay.subscribe();
    let task = tokio::spawn(relay.run());
    let done = state.wait_for(|state| *state == RelayState::Publishing { position: head });
    tokio::time::timeout(PATIENCE, done).await.expect("it is published").unwrap();
    task.abort();
}

impl Broken {
    /// Makes every check on it but some.
    pub async fn check(&self, skip: &[Check]) -> Vec<Checked> {
        let app = opened_to_look(&self.databases.0, &self.databases.1, self.folder.path()).await;
        let scope = CheckScope { skip: skip.to_vec(), ..self.scope.clone() };
        let checked = app.check(&scope, &|_| {}).await.unwrap();
        app.close().await;
        checked
    }

    /// What lies in every table of both databases, as one digest a table.
    pub async fn contents(&mut self) -> BTreeMap<String, String> {
        let mut contents = BTreeMap::new();
        for connection in [&mut self.log, &mut self.vault] {
            let tables: Vec<String> = sqlx::query_scalar(
                "select format('%I.%I', schemaname, tablename)
                 from pg_tables
                 where schemaname not in ('pg_catalog', 'information_schema')",
            )
            .fetch_all(&mut *connection)
            .await
            .unwrap();
            for table in tables {
                let digest = format!(
                    "select md5(coalesce(string_agg(it::text, '|' order by it::text), '')) from {table} as it"
                );
                let digest = sqlx::query_scalar(&digest).fetch_one(&mut *connection).await.unwrap();
                contents.insert(table, digest);
            }
        }
        contents
    }

    /// Publishes its log on a broker of its own, which is looked at from now on.
    pub async fn publish_apart(&mut self) -> String {
        let app = opened(&self.databases.0, &self.databases.1, self.folder.path()).await;
        let broker = PrivateServer::start(self.folder.path()).unwrap();
        publish(&app, broker.url()).await;
        app.close().await;
        let url = broker.url().to_owned();
        self.broker = Some(broker);
        self.scope.broker = Some(url.clone());
        url
    }

    /// Carries out statements on the log's database.
    pub async fn sql(&mut self, statements: &str) {
        sqlx::raw_sql(statements).execute(&mut self.log).await.unwrap();
    }

    /// A text from the log's database.
    pub async fn text(&mut self, query: &str) -> String {
        sqlx::query_scalar(query)
            .fetch_one(&mut self.log)
            .await
            .unwrap_or_else(|error| panic!("{query}: {error}"))
    }

    /// A number from the log's database.
    pub async fn number(&mut self, query: &str) -> i64 {
        sqlx::query_scalar(query)
            .fetch_one(&mut self.log)
            .await
            .unwrap_or_else(|error| panic!("{query}: {error}"))
    }

    /// Rewrites an event as somebody would who knows of the hashes and reckons them anew.
    pub async fn rewrite(&mut self, position: i64, change: impl FnOnce(&mut RecordedEvent)) {
        let row: (String, String, i64, String, String, String, String) = sqlx::query_as(
            "select aggregate_type, aggregate_id, sequence, event_type, event_version, payload::text, metadata::text
             from events
             where position = $1",
        )
        .bind(position)
        .fetch_one(&mut self.log)
        .await
        .unwrap();
        let mut event = RecordedEvent {
            position,
            aggregate_type: row.0,
            aggregate_id: row.1,
            sequence: row.2,
            event_type: row.3,
            event_version: row.4,
            payload: row.5,
            metadata: row.6,
            recorded_at: chrono::DateTime::UNIX_EPOCH,
            command_id: None,
            leaf_hash: [0; 32],
        };
        change(&mut event);
        event.leaf_hash = leaf_hash(&event.canonical().bytes());
        sqlx::query(
            "update events
             set sequence = $2, event_type = $3, payload = $4::json, metadata = $5::json, leaf_hash = $6
             where position = $1",
        )
        .bind(position)
        .bind(event.sequence)
        .bind(&event.event_type)
        .bind(&event.payload)
        .bind(&event.metadata)
        .bind(event.leaf_hash)
        .execute(&mut self.log)
        .await
        .unwrap();
    }

    /// Rewrites a value in an event's payload.
    pub async fn set(&mut self, position: i64, pointer: &str, value: serde_json::Value) {
        self.rewrite(position, |event| {
            let mut payload: serde_json::Value = serde_json::from_str(&event.payload).unwrap();
            *payload.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer} in {}", event.payload)) = value;
            event.payload = payload.to_string();
        })
        .await;
    }
}
