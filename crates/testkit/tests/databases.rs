//! What tests may rely on: a database of one's own, a template built once.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use zhicheng_testkit::{PrivateCluster, TestDatabase, fresh_database, fresh_database_from};

static BUILT: AtomicU32 = AtomicU32::new(0);

#[tokio::test]
async fn belongs_to_one_test() {
    let (left, right) = tokio::join!(fresh_database(), fresh_database());
    assert_ne!(left.name(), right.name());
    let mut connection = PgConnection::connect(&left.url()).await.unwrap();
    sqlx::raw_sql("create table mine (word text)").execute(&mut connection).await.unwrap();
    let here: String =
        sqlx::query_scalar("select current_database()::text").fetch_one(&mut connection).await.unwrap();
    assert_eq!(here, left.name());
    assert_eq!(words(&right).await, None);
}

#[tokio::test]
async fn is_copied_from_a_template_that_is_built_once() {
    let (left, right) =
        tokio::join!(fresh_database_from("words", build), fresh_database_from("words", build));
    assert_ne!(left.name(), right.name());
    assert_eq!(words(&left).await.as_deref(), Some("职称"));
    assert_eq!(words(&right).await.as_deref(), Some("职称"));
    assert_eq!(BUILT.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn has_a_cluster_of_its_own_on_request() {
    let mine = PrivateCluster::start().await;
    let mut connection =
        PgConnection::connect_with(&mine.cluster().database("log").await.unwrap()).await.unwrap();
    let fsync: String = sqlx::query_scalar("show fsync").fetch_one(&mut connection).await.unwrap();
    assert_eq!(fsync, "on");
    assert!(mine.postmaster() > 1);
    let folder = mine.folder().to_owned();
    drop(mine);
    assert!(!folder.exists());
}

async fn build(options: PgConnectOptions) {
    BUILT.fetch_add(1, Ordering::Relaxed);
    // Left open on purpose: a template must not depend on its builder's manners.
    let mut connection = PgConnection::connect_with(&options).await.unwrap();
    sqlx::raw_sql("create table mine (word text); insert into mine values ('职称')")
        .execute(&mut connection)
        .await
        .unwrap();
    std::mem::forget(connection);
}

async fn words(database: &TestDatabase) -> Option<String> {
    let mut connection = PgConnection::connect_with(&database.options()).await.unwrap();
    let there: bool = sqlx::query_scalar("select to_regclass('mine') is not null")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    if !there {
        return None;
    }
    sqlx::query_scalar("select word from mine").fetch_optional(&mut connection).await.unwrap()
}
