//! The real router over the real application on real PostgreSQL, with a vault of its own.
//!
//! Log and vault of a test lie in one database here, the vault in a schema of its own, so that one template holds a whole
//! system with its organisations and each test starts from a copy of it.

use super::clock::Clock;
use super::hunan::{self, PASSWORD};
use axum::Router;
use chrono::DateTime;
use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection, PgPool};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use uuid::Uuid;
use zhicheng_api::{Api, SecureCookies, router};
use zhicheng_app::{App, Parts, StoryPlayer, play_together};
use zhicheng_domain::story::Story;
use zhicheng_materials::MaterialStore;
use zhicheng_testkit::{fresh_database, fresh_database_from};
use zhicheng_vault::{MasterKey, Vault, VaultOptions};

/// When every test begins.
pub const BEGINNING: &str = "2023-05-04T09:00:00+08:00";

/// A system with an API in front.
pub struct System {
    /// The application.
    pub app: App,
    /// All routes.
    pub router: Router,
    /// Their OpenAPI document.
    pub document: Value,
    /// The time.
    pub clock: Clock,
    /// The log's database.
    pub pool: PgPool,
    names: HashMap<String, Uuid>,
    tokens: Mutex<HashMap<String, String>>,
    /// The folder of the material store.
    pub materials: Arc<TempDir>,
}

impl System {
    /// A system with the organisations of the seeds, on 2023-05-04 at nine.
    pub async fn hunan() -> Self {
        let database = fresh_database_from("api_hunan", async |options| {
            create_schemas(&options).await;
            let mut connection = PgConnection::connect_with(&options).await.unwrap();
            sqlx::query("create table test.names (name text primary key, id uuid not null)")
                .execute(&mut connection)
                .await
                .unwrap();
            connection.close().await.unwrap();
            let mut system = Self::open(options).await;
            assert!(system.app.first_start(|| Ok(PASSWORD.into())).await.unwrap());
            hunan::found(&mut system).await;
            for (name, id) in &system.names {
                sqlx::query("insert into test.names (name, id) values ($1, $2)")
                    .bind(name)
                    .bind(id)
                    .execute(&system.pool)
                    .await
                    .unwrap();
            }
            system.close().await;
        })
        .await;
        let mut system = Self::open(database.options()).await;
        let names: Vec<(String, Uuid)> =
            sqlx::query_as("select name, id from test.names").fetch_all(&system.pool).await.unwrap();
        system.names = names.into_iter().collect();
        system
    }

    /// A rehearsal that begins with the year 2023, after its first start: for stories.
    pub async fn rehearsal() -> Self {
        let database = fresh_database().await;
        create_schemas(&database.options()).await;
        Self::rehearse(database.options()).await
    }

    async fn rehearse(options: PgConnectOptions) -> Self {
        let system = Self::open(options).await;
        let start = DateTime::parse_from_rfc3339("2023-01-01T09:00:00+08:00").unwrap();
        system.app.begin(Some(start.to_utc())).await.unwrap();
        assert!(system.app.first_start(|| Ok(PASSWORD.into())).await.unwrap());
        system
    }

    /// A rehearsal in which the prelude and then these stories were told to their ends, side by side.
    pub async fn told(stories: &[&str]) -> Self {
        let system = Self::rehearsal().await;
        let mut player = StoryPlayer::new(&system.app).await.unwrap().telling("prelude");
        player.play(&parsed("prelude")).await.unwrap();
        let parts = stories.iter().map(|name| (player.telling(name), parsed(name))).collect();
        play_together(parts, |_| {}).await.unwrap();
        system
    }

    /// A rehearsal in which the prelude and then a story were told, up to the first line with this action.
    pub async fn told_until(story: &str, action: &str) -> Self {
        let key = format!("api_{}", action.replace('-', "_"));
        let database = fresh_database_from(&key, async |options| {
            create_schemas(&options).await;
            let system = Self::rehearse(options).await;
            let mut player = StoryPlayer::new(&system.app).await.unwrap();
            for name in ["prelude", story] {
                let mut told = parsed(name);
                if name == story {
                    let until = told.lines.iter().position(|(_, line)| line.action == action).unwrap();
                    told.lines.truncate(until);
                }
                player = player.telling(name);
                player.play(&told).await.unwrap();
            }
            system.close().await;
        })
        .await;
        Self::open(database.options()).await
    }

    async fn open(options: PgConnectOptions) -> Self {
        let clock = Clock::at(BEGINNING);
        let folder = TempDir::new().unwrap();
        let pool = PgPool::connect_with(options.clone()).await.unwrap();
        let vault = options.clone().options([("search_path", "vault")]);
        let vault = Vault::connect(VaultOptions::new(vault), MasterKey::from_bytes([7; 32])).await.unwrap();
        let materials = MaterialStore::open(&folder.path().join("materials")).unwrap();
        let app =
            App::open(Parts { log: options, vault, materials, wall_clock: clock.wall() }).await.unwrap();
        let (router, document) =
            router(Api { app: app.clone(), metrics: None, secure_cookies: SecureCookies::No });
        Self {
            app,
            router,
            document,
            clock,
            pool,
            names: HashMap::new(),
            tokens: Mutex::default(),
            materials: Arc::new(folder),
        }
    }

    async fn close(self) {
        self.app.close().await;
        self.pool.close().await;
    }

    /// Moves the time; whoever was signed in signs in again.
    pub fn at(&self, time: &str) {
        self.clock.set(time);
        self.tokens.lock().unwrap().clear();
    }

    /// The id of something by the name that the setup gave it.
    #[track_caller]
    pub fn id(&self, name: &str) -> Uuid {
        *self.names.get(name).unwrap_or_else(|| panic!("nothing is named {name}"))
    }

    /// Gives an id a name.
    pub fn name(&mut self, name: &str, id: Uuid) {
        self.names.insert(name.to_owned(), id);
    }

    /// The log's last position.
    pub async fn head(&self) -> i64 {
        self.app.store().head().await.unwrap()
    }

    /// A session of the account; signs in where there is none yet.
    pub async fn token(&self, username: &str) -> String {
        let known = self.tokens.lock().unwrap().get(username).cloned();
        if let Some(token) = known {
            return token;
        }
        let token = self.sign_in(username).await;
        self.tokens.lock().unwrap().insert(username.to_owned(), token.clone());
        token
    }

    /// A new session of the account.
    pub async fn sign_in(&self, username: &str) -> String {
        let input = json!({"username": username, "password": PASSWORD});
        // Boxed: sending signs in where it must.
        let session = Box::pin(self.post(None, "/v1/sessions", &input).send()).await.expect(201);
        session["token"].as_str().unwrap().to_owned()
    }

    /// Creates something that must be allowed.
    pub async fn create(&self, who: &str, collection: &str, input: &Value) -> Uuid {
        let who = (!who.is_empty()).then_some(who);
        self.post(who, format!("/v1/{collection}"), input).send().await.id(201)
    }

    /// Does something that must be allowed, and gives the receipt.
    pub async fn act(&self, who: &str, collection: &str, id: Uuid, action: &str, input: &Value) -> Value {
        self.post(who, format!("/v1/{collection}/{id}/actions/{action}"), input).send().await.expect(200)
    }

    /// Does something on a declaration that must be allowed.
    pub async fn on(&self, who: &str, declaration: Uuid, action: &str, input: &Value) -> Value {
        self.act(who, "declarations", declaration, action, input).await
    }
}

/// For the vault and for what tests note.
async fn create_schemas(options: &PgConnectOptions) {
    let mut connection = PgConnection::connect_with(options).await.unwrap();
    for schema in ["vault", "test"] {
        sqlx::query(&format!("create schema {schema}")).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
}

fn parsed(story: &str) -> Story {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures").join(story);
    Story::parse(&std::fs::read_to_string(folder.join("commands.jsonl")).unwrap()).unwrap()
}
