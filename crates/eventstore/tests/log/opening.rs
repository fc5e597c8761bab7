//! Opening a log: the schema, and what a role needs.

use futures::future::join_all;
use sqlx::{Executor, PgPool};
use zhicheng_eventstore::{AppendError, ConnectError, EventStore, Settings, Unavailable};

use crate::scenario::{append, open, take};

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_may_start_at_once_on_an_empty_database() {
    let url = zhicheng_testkit::fresh_database().await.url();
    let stores = join_all((0..8).map(|_| open(&url))).await;
    for (at, store) in stores.iter().enumerate() {
        store.append(append(&format!("d{at}"), 0, &["1"])).await.unwrap();
    }
    assert_eq!(stores[0].head().await.unwrap(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_of_a_newer_program_is_left_alone() {
    let url = zhicheng_testkit::fresh_database().await.url();
    let store = open(&url).await;
    store
        .pool()
        .execute(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (999, 'later', true, '', 0)",
        )
        .await
        .unwrap();
    let error = EventStore::connect(url.parse().unwrap(), Settings::default()).await.unwrap_err();
    assert!(matches!(error, ConnectError::SchemaNewer { found: 999, known } if known < 999), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_only_looks_makes_nothing_and_appends_nothing() {
    let database = zhicheng_testkit::fresh_database().await;
    let refused = EventStore::connect_to_look(database.options(), Settings::default()).await.unwrap_err();
    assert!(matches!(refused, ConnectError::SchemaOlder { found: 0, known } if known > 0), "{refused:?}");
    let pool = PgPool::connect_with(database.options()).await.unwrap();
    let tables = "select count(*) from pg_tables where schemaname = 'public'";
    assert_eq!(sqlx::query_scalar::<_, i64>(tables).fetch_one(&pool).await.unwrap(), 0);

    let owner = open(&database.url()).await;
    owner.append(append("d1", 0, &["1", "2"])).await.unwrap();
    let looking = EventStore::connect_to_look(database.options(), Settings::default()).await.unwrap();
    assert_eq!(looking.head().await.unwrap(), 2);
    assert_eq!(looking.verify_root_at(2).await.unwrap(), owner.root_at(2).await.unwrap());
    let refused = looking.append(append("d2", 0, &["1"])).await.unwrap_err();
    assert!(matches!(refused, AppendError::Unavailable(Unavailable::Closed)), "{refused:?}");
    let refused = looking.pool().execute("delete from claims").await.unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().code().as_deref(), Some("25006"));

    owner
        .pool()
        .execute(
            "insert into _sqlx_migrations (version, description, success, checksum, execution_time)
             values (999, 'later', true, '', 0)",
        )
        .await
        .unwrap();
    let refused = EventStore::connect_to_look(database.options(), Settings::default()).await.unwrap_err();
    assert!(matches!(refused, ConnectError::SchemaNewer { found: 999, .. }), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_only_insert_and_select_suffices() {
    let database = zhicheng_testkit::fresh_database().await;
    let owner = open(&database.url()).await;
    let role = format!("writer_of_{}", database.name());
    owner.pool().execute(&*format!("create role {role} login")).await.unwrap();
    // The session stays the owner's here, and a role reads of its own sessions alone when they began.
    owner.pool().execute(&*format!("grant pg_read_all_stats to {role}")).await.unwrap();
    owner.grant_appending_to(&role).await.unwrap();

    let as_writer = database.options().options([("role", &role)]);
    let store = EventStore::connect(as_writer.clone(), Settings::default()).await.unwrap();
    let mut command = append("d1", 0, &["1"]);
    command.claims = vec![take("number:1", "d1")];
    store.append(command.clone()).await.unwrap();
    store.append(command).await.unwrap_err();
    store.append(append("d1", 0, &["1"])).await.unwrap_err();
    store.rebuild_claims().await.unwrap();
    store.root_at(1).await.unwrap();

    let pool = PgPool::connect_with(as_writer).await.unwrap();
    for statement in [
        "update events set payload = '2'",
        "delete from events",
        "truncate events",
        "drop table events",
        "delete from log_head",
    ] {
        let error = pool.execute(statement).await.unwrap_err();
        assert_eq!(error.as_database_error().unwrap().code().as_deref(), Some("42501"), "{statement}");
    }
}
