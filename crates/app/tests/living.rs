//! An application opens, works beside slow readers, and closes.
#![allow(clippy::unwrap_used, reason = "a test has nothing better to do")]

use futures::future::join_all;
use serde_json::json;
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use uuid::Uuid;
use zhicheng_app::{App, Caller, Parts, Request, WallClock};
use zhicheng_domain::values::Role;
use zhicheng_materials::MaterialStore;
use zhicheng_projections::Viewer;
use zhicheng_projections::reader::CONNECTIONS_MAX;
use zhicheng_vault::{MasterKey, Vault, VaultOptions};

const PASSWORD: &str = "Xiang-2023-jiang";
/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// An application after its first start.
async fn opened(log: PgConnectOptions, vault: PgConnectOptions, folder: &TempDir) -> App {
    let vault = Vault::connect(VaultOptions::new(vault), MasterKey::from_bytes([7; 32])).await.unwrap();
    let materials = MaterialStore::open(folder.path()).unwrap();
    let now = "2026-11-02T08:00:00Z".parse().unwrap();
    let wall_clock = WallClock::new(move || now);
    let app = App::open(Parts { log, vault, materials, wall_clock }).await.unwrap();
    app.begin(None).await.unwrap();
    app.first_start(|| Ok(PASSWORD.into())).await.unwrap();
    app
}

/// An organisation is created: one command.
async fn append(app: &App, name: &str) -> i64 {
    let token = app.sign_in("admin", PASSWORD, "10.0.0.1", "test").await.unwrap().token;
    let caller: Caller = app.caller(&token).await.unwrap();
    let request = Request {
        caller,
        acting_as: None,
        aggregate: "organisation",
        id: None,
        action: "create".into(),
        input: json!({"name": name, "kind": "authority", "region": "430600"}),
        key: name.to_owned(),
        if_match: None,
    };
    app.execute(request).await.unwrap().receipt().unwrap().position
}

/// Waits until the number that a statement answers is this one.
async fn until(observer: &mut PgConnection, statement: &str, expected: i64) {
    let begun = Instant::now();
    loop {
        let found: i64 = sqlx::query_scalar(statement).fetch_one(&mut *observer).await.unwrap();
        if found == expected {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{found} instead of {expected}: {statement}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_goes_through_while_every_reader_is_held_up() {
    let (log, vault) = tokio::join!(zhicheng_testkit::fresh_database(), zhicheng_testkit::fresh_database());
    let folder = tempfile::tempdir().unwrap();
    let app = opened(log.options(), vault.options(), &folder).await;
    let screen = zhicheng_projections::screen("my-declarations").unwrap();
    let head = app.store().head().await.unwrap();
    app.tables().wait_until(screen.table, head, PATIENCE).await.unwrap();

    let mut holder = PgConnection::connect_with(&log.options()).await.unwrap();
    let mut held = holder.begin().await.unwrap();
    sqlx::query("lock table projections.my_declarations in access exclusive mode")
        .execute(&mut *held)
        .await
        .unwrap();
    let viewer = Viewer {
        role: Role::Applicant,
        account: Uuid::from_u128(1),
        person: Some(Uuid::from_u128(2)),
        organisation: None,
        judges: Vec::new(),
        approves: Vec::new(),
        issues_for: Vec::new(),
    };
    let listings =
        join_all((0..CONNECTIONS_MAX).map(|_| app.tables().count(screen, std::slice::from_ref(&viewer))));
    let meanwhile = async {
        let mut observer = PgConnection::connect_with(&log.options()).await.unwrap();
        let waiting = "select count(*)
             from pg_stat_activity
             where datname = current_database()
               and application_name = 'zhicheng-tables'
               and wait_event_type = 'Lock'";
        until(&mut observer, waiting, i64::from(CONNECTIONS_MAX)).await;
        let position = append(&app, "岳阳市人力资源和社会保障局").await;
        until(&mut observer, waiting, i64::from(CONNECTIONS_MAX)).await;
        held.rollback().await.unwrap();
        position
    };
    let (listings, position) = tokio::join!(listings, meanwhile);
    assert!(position > head);
    for listing in listings {
        listing.unwrap();
    }
    app.close().await;
}

#[test]
fn a_closed_application_leaves_no_connection_and_nobody_panics() {
    static PANICS: AtomicU32 = AtomicU32::new(0);
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        usual(panic);
    }));
    let serving = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (log, vault) = serving.block_on(async {
        let (log, vault) =
            tokio::join!(zhicheng_testkit::fresh_database(), zhicheng_testkit::fresh_database());
        let folder = tempfile::tempdir().unwrap();
        let app = opened(log.options(), vault.options(), &folder).await;
        let other_handle = app.clone();
        append(&app, "岳阳市人力资源和社会保障局").await;
        app.close().await;
        app.close().await;
        assert!(
            other_handle.registry().catch_up(other_handle.store()).await.is_err(),
            "it is closed for all"
        );
        (log, vault)
    });
    // What the thread of the read tables would have missed.
    drop(serving);
    assert_eq!(PANICS.load(Ordering::SeqCst), 0);

    let observing = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    observing.block_on(async {
        for database in [log, vault] {
            let mut observer = PgConnection::connect_with(&database.options()).await.unwrap();
            let others = "select count(*)
                 from pg_stat_activity
                 where datname = current_database()
                   and pid <> pg_backend_pid()";
            until(&mut observer, others, 0).await;
        }
    });
}
