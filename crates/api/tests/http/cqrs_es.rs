//! cqrs-es loads every aggregate of the log: through our store opened, through the stock one of postgres-es sealed.

use crate::support::System;
use cqrs_es::persist::PersistedEventStore;
use cqrs_es::{DomainEvent, EventStore as _};
use postgres_es::PostgresEventRepository;
use serde_json::json;
use zhicheng_app::Sourced;
use zhicheng_domain::account::Account;
use zhicheng_domain::batch::Batch;
use zhicheng_domain::committee::Committee;
use zhicheng_domain::declaration::{Declaration, Stage};
use zhicheng_domain::employer::Employer;
use zhicheng_domain::organisation::Organisation;
use zhicheng_domain::path_edge::PathEdge;
use zhicheng_domain::person::Person;
use zhicheng_domain::private::Private;
use zhicheng_domain::{Aggregate, AnyEvent, AnyState};
use zhicheng_eventstore::EventStore;

type Stock<A> = PersistedEventStore<PostgresEventRepository, Sourced<A>>;

fn stock<A: Aggregate>(system: &System) -> Stock<A> {
    Stock::new_event_store(PostgresEventRepository::new(system.pool.clone()))
}

/// Folds a stream as our own reader does: opened, or as the bytes lie in the table.
async fn folded<A: Aggregate>(system: &System, id: &str, payloads: Vec<String>) -> A {
    let mut state = AnyState::new(A::TYPE).unwrap();
    for payload in payloads {
        let (event, stamp) = AnyEvent::from_payload(A::TYPE, &payload).unwrap().unwrap();
        state.evolve(&event, &stamp);
    }
    assert!(state.exists(), "{} {id} of {:?}", A::TYPE, system.pool);
    state.get::<A>().unwrap().clone()
}

/// Every aggregate of a type is the same through cqrs-es; answers how many there are.
async fn check<A: Aggregate>(system: &System) -> usize {
    let ids: Vec<String> =
        sqlx::query_scalar("select distinct aggregate_id from events where aggregate_type = $1 order by 1")
            .bind(A::TYPE)
            .fetch_all(&system.pool)
            .await
            .unwrap();
    let (ours, stock) = (system.app.store(), stock::<A>(system));
    for id in &ids {
        let opened = ours.read_stream(A::TYPE, id, 0).await.unwrap();
        let expected: A = folded(system, id, opened.into_iter().map(|event| event.payload).collect()).await;
        let loaded = <EventStore as cqrs_es::EventStore<Sourced<A>>>::load_aggregate(ours, id).await.unwrap();
        assert_eq!(loaded.state().state(), &expected, "{} {id} through our store", A::TYPE);

        let stored: Vec<String> = sqlx::query_scalar(
            "select payload::text from events where aggregate_type = $1 and aggregate_id = $2 order by sequence",
        )
        .bind(A::TYPE)
        .bind(id)
        .fetch_all(&system.pool)
        .await
        .unwrap();
        let sealed: A = folded(system, id, stored).await;
        let theirs = stock.load_aggregate(id).await.unwrap();
        assert_eq!(theirs.aggregate.state(), &sealed, "{} {id} through the stock store", A::TYPE);
        assert_eq!(theirs.current_sequence as i64, loaded.version(), "{} {id}", A::TYPE);
        if !format!("{sealed:?}").contains("Sealed") {
            assert_eq!(sealed, expected, "{} {id}: nothing in it is about a person", A::TYPE);
        }
    }
    ids.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_aggregate_is_the_same_through_cqrs_es() {
    let system = System::hunan().await;
    let case = system.submitted("applicant").await;
    system.publish(case).await;
    assert!(check::<Organisation>(&system).await >= 2);
    assert!(check::<Employer>(&system).await >= 2);
    assert!(check::<Committee>(&system).await >= 2);
    assert!(check::<PathEdge>(&system).await >= 4);
    assert!(check::<Batch>(&system).await >= 2);
    assert!(check::<Account>(&system).await >= 8);
    assert!(check::<Person>(&system).await >= 8);
    assert_eq!(check::<Declaration>(&system).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_without_keys_sees_the_course_of_a_case_and_nobody_in_it() {
    let system = System::hunan().await;
    let case = system.submitted("applicant").await.to_string();
    system
        .on(
            "operator",
            case.parse().unwrap(),
            "review-by-employer",
            &json!({"decision": "pass", "opinion": "同意。"}),
        )
        .await;
    let theirs = stock::<Declaration>(&system).load_aggregate(&case).await.unwrap().aggregate;
    let theirs = theirs.state();
    assert_eq!(theirs.stage, Stage::EmployerPublicityDue);
    assert!(theirs.subject.as_ref().is_some_and(|subject| matches!(subject.name, Private::Sealed(_))));
    let events = stock::<Declaration>(&system).load_events(&case).await.unwrap();
    let last = events.last().unwrap();
    assert_eq!(last.payload.event_type(), "declaration.employer_review_passed");
    assert_eq!(last.metadata["subject"], theirs.subject.as_ref().unwrap().person.to_string());

    let ours = system.app.store();
    let loaded =
        <EventStore as cqrs_es::EventStore<Sourced<Declaration>>>::load_aggregate(ours, &case).await.unwrap();
    let name = loaded.state().state().subject.as_ref().unwrap().name.known().cloned();
    assert_eq!(name.as_deref(), Some("刘·𠮷"));
}
