//! Hashes and roots can be recomputed from what is stored.

use sqlx::Row;
use zhicheng_eventstore::{FRONTIER_EVERY_EVENTS, ReadError};
use zhicheng_journal::canonical::CanonicalEvent;
use zhicheng_journal::merkle::{Frontier, leaf_hash};

use crate::scenario::{append, release, store, take};

#[tokio::test(flavor = "multi_thread")]
async fn leaves_and_root_follow_from_the_stored_bytes() {
    let store = store().await;
    for number in 0..20 {
        let mut command = append(&format!("d{number}"), 0, &[r#"{"b":"欧阳","a":1}"#, "[]"]);
        command.claims = vec![take(&format!("number:{number}"), "d"), release("number:0", "x")];
        if number == 0 {
            command.claims.truncate(1);
        }
        store.append(command).await.unwrap();
    }
    let rows = sqlx::query(
        "select aggregate_type, aggregate_id, sequence, event_type, event_version, payload::text, metadata::text
         from events
         order by position",
    )
    .fetch_all(store.pool())
    .await
    .unwrap();
    let leaves: Vec<_> = rows
        .iter()
        .map(|row| {
            let canonical = CanonicalEvent {
                aggregate_type: row.get(0),
                aggregate_id: row.get(1),
                sequence: row.get(2),
                event_type: row.get(3),
                event_version: row.get(4),
                payload: row.get(5),
                metadata: row.get(6),
            };
            leaf_hash(&canonical.bytes())
        })
        .collect();
    assert_eq!(leaves, store.leaf_hashes(1, 40).await.unwrap());
    for size in 0..=leaves.len() {
        let root = leaves[..size].iter().copied().collect::<Frontier>().root();
        assert_eq!(store.root_at(size as i64).await.unwrap(), root);
    }
    let head = leaves.len() as i64;
    assert_eq!(store.verify_root_at(head).await.unwrap(), store.root_at(head).await.unwrap());
    assert!(matches!(store.root_at(head + 1).await, Err(ReadError::BeyondHead { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_root_far_out_is_folded_from_an_archived_edge() {
    let store = store().await;
    let payloads = vec!["1"; 1000];
    let events = FRONTIER_EVERY_EVENTS * 2 + 100;
    for number in 0..=events / 1000 {
        store.append(append(&format!("d{number}"), 0, &payloads)).await.unwrap();
    }
    let root = store.root_at(events).await.unwrap();
    let archived: Vec<i64> = sqlx::query_scalar("select position from log_frontiers order by 1")
        .fetch_all(store.pool())
        .await
        .unwrap();
    assert_eq!(archived, [FRONTIER_EVERY_EVENTS, 2 * FRONTIER_EVERY_EVENTS]);
    assert_eq!(store.root_at(events).await.unwrap(), root);
    assert_eq!(store.verify_root_at(events).await.unwrap(), root);
    let early = store.root_at(FRONTIER_EVERY_EVENTS + 1).await.unwrap();
    assert_eq!(store.verify_root_at(FRONTIER_EVERY_EVENTS + 1).await.unwrap(), early);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_altered_behind_our_back_is_found() {
    let store = store().await;
    store.append(append("d1", 0, &["1", "2", "3"])).await.unwrap();
    sqlx::raw_sql(
        "alter table events disable trigger events_are_facts;
         update events set payload = '9' where position = 2",
    )
    .execute(store.pool())
    .await
    .unwrap();
    assert!(matches!(store.verify_root_at(3).await, Err(ReadError::Damaged { position: 2 })));
    assert!(store.verify_root_at(1).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_altered_with_its_hash_is_found_by_what_was_archived_before() {
    let store = store().await;
    assert_eq!(store.archive_root().await.unwrap(), (0, Frontier::new().root()), "nothing to archive yet");
    store.append(append("d1", 0, &["1", "2", "3"])).await.unwrap();
    let archived = store.archive_root().await.unwrap();
    assert_eq!(archived, (3, store.verify_root_at(3).await.unwrap()));
    assert_eq!(store.archive_root().await.unwrap(), archived, "twice is once");
    store.append(append("d2", 0, &["4"])).await.unwrap();
    let mut roots = Vec::new();
    let verified = store.verify_up_to(4, |edge| roots.push(edge.root())).await.unwrap();
    assert_eq!(
        (verified.edges, roots.len()),
        (1, 5),
        "one was archived, and all are shown from the empty tree on"
    );
    assert_eq!((roots[3], roots[4]), (archived.1, verified.root));

    let mut altered = store.read_stored_after(1, 1).await.unwrap().remove(0);
    altered.payload = "9".to_owned();
    sqlx::raw_sql("alter table events disable trigger events_are_facts").execute(store.pool()).await.unwrap();
    sqlx::query("update events set payload = '9', leaf_hash = $1 where position = 2")
        .bind(leaf_hash(&altered.canonical().bytes()))
        .execute(store.pool())
        .await
        .unwrap();
    assert!(store.verify_root_at(2).await.is_ok(), "event and hash agree");
    assert!(matches!(store.verify_root_at(4).await, Err(ReadError::Frontier { position: 3 })));
}
