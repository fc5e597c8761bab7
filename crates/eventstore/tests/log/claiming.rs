//! Names that are unique while they are held.

use futures::future::join_all;
use sqlx::Executor;
use zhicheng_eventstore::AppendError;

use crate::scenario::{append, assert_sound, open, release, store, take, whole_log};

fn with(
    claims: Vec<zhicheng_eventstore::ClaimChange>,
    id: &str,
    version: i64,
) -> zhicheng_eventstore::Append {
    zhicheng_eventstore::Append { claims, ..append(id, version, &["1"]) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_taken_once_and_free_again_when_given_back() {
    let store = store().await;
    store.append(with(vec![take("number:1", "d1"), take("number:2", "d1")], "d1", 0)).await.unwrap();
    let holder = store.claim_holder("number:1").await.unwrap();
    assert_eq!(holder, Some(("declaration".into(), "d1".into())));

    let error =
        store.append(with(vec![take("number:3", "d2"), take("number:1", "d2")], "d2", 0)).await.unwrap_err();
    assert!(
        matches!(error, AppendError::ClaimHeld { name, holder_id, .. } if name == "number:1" && holder_id == "d1")
    );
    assert_eq!(store.claim_holder("number:3").await.unwrap(), None, "nothing of a refused command stays");

    store.append(with(vec![release("number:1", "d1")], "d1", 1)).await.unwrap();
    assert_eq!(store.claim_holder("number:1").await.unwrap(), None);
    store.append(with(vec![take("number:1", "d2")], "d2", 0)).await.unwrap();
    assert!(store.check_claims().await.unwrap().is_empty());
    assert_sound(&whole_log(&store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_holder_gives_a_name_back() {
    let store = store().await;
    store.append(with(vec![take("number:1", "d1")], "d1", 0)).await.unwrap();
    store.append(with(vec![release("number:1", "d2"), release("number:9", "d2")], "d2", 0)).await.unwrap();
    assert!(store.claim_holder("number:1").await.unwrap().is_some());
    assert!(store.check_claims().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_ask_at_once_one_gets_it() {
    let url = zhicheng_testkit::fresh_database().await.url();
    let stores = [open(&url).await, open(&url).await];
    let ids: Vec<String> = (0..60).map(|at| format!("d{at}")).collect();
    let outcomes = join_all(ids.iter().enumerate().map(|(at, id)| {
        let name = format!("number:{}", at % 3);
        stores[at % 2].append(with(vec![take(&name, id)], id, 0))
    }))
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 3);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(_) | Err(AppendError::ClaimHeld { .. }))));
    assert!(stores[0].check_claims().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_can_be_compared_with_the_log_and_built_again() {
    let store = store().await;
    let careful = with(vec![take("number:4", "d4")], "d4", 0);
    store.append(with(vec![take("number:1", "d1"), take("number:2", "d1")], "d1", 0)).await.unwrap();
    store.append(with(vec![release("number:2", "d1")], "d1", 1)).await.unwrap();
    // One batch with a conflict goes the careful way, which writes claims too.
    let (kept, refused) = tokio::join!(store.append(careful), store.append(append("d1", 0, &["1"])));
    assert!(kept.is_ok() && refused.is_err());
    assert!(store.check_claims().await.unwrap().is_empty());

    store.pool().execute("delete from claims where name = 'number:1'").await.unwrap();
    store.pool().execute("insert into claims values ('number:7', 'declaration', 'd7', 1)").await.unwrap();
    let names: Vec<String> = store.check_claims().await.unwrap().into_iter().map(|it| it.name).collect();
    assert_eq!(names, ["number:1", "number:7"]);
    assert_eq!(store.rebuild_claims().await.unwrap(), 2);
    assert!(store.check_claims().await.unwrap().is_empty());
}
