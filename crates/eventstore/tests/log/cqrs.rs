//! cqrs-es on our log, and a stock postgres-es reader on our table.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use cqrs_es::persist::{PersistedEventRepository, PersistedEventStore};
use cqrs_es::{AggregateError, CqrsFramework, EventEnvelope, EventStore as _, Query};
use postgres_es::PostgresEventRepository;
use sqlx::PgPool;
use uuid::Uuid;
use zhicheng_eventstore::{AppendError, EventStore};

use crate::account::{Account, AccountCommand, AccountEvent};
use crate::scenario::{append, assert_sound, open, store, whole_log};

fn framework(store: &EventStore) -> CqrsFramework<Account, EventStore> {
    CqrsFramework::new(store.clone(), vec![], ())
}

async fn state(store: &EventStore, id: &str) -> (Account, i64) {
    let loaded = <EventStore as cqrs_es::EventStore<Account>>::load_aggregate(store, id).await.unwrap();
    (loaded.state().clone(), loaded.version())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_framework_drives_an_aggregate_and_applies_each_event_once() {
    let url = zhicheng_testkit::fresh_database().await.url();
    let store = open(&url).await;
    let framework = framework(&store);
    for amount_fen in [10, 20, 30] {
        framework.execute("a1", AccountCommand::Pay(amount_fen)).await.unwrap();
    }
    framework.execute("a1", AccountCommand::Nothing).await.unwrap();
    framework.execute("a1", AccountCommand::Refund(15)).await.unwrap();
    let refused = framework.execute("a1", AccountCommand::Refund(100)).await.unwrap_err();
    assert!(matches!(refused, AggregateError::UserError(_)));

    let expected = (Account { applied: 4, balance_fen: 45 }, 4);
    assert_eq!(state(&store, "a1").await, expected, "as it was kept");
    assert_eq!(state(&open(&url).await, "a1").await, expected, "as it is folded anew");
    assert_sound(&whole_log(&store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_appended_counts() {
    let url = zhicheng_testkit::fresh_database().await.url();
    let (one, other) = (open(&url).await, open(&url).await);
    let (one, other) = (framework(&one), framework(&other));
    one.execute("a1", AccountCommand::Pay(10)).await.unwrap();
    other.execute("a1", AccountCommand::Pay(10)).await.unwrap();
    one.execute("a1", AccountCommand::Refund(20)).await.unwrap();
    let refused = other.execute("a1", AccountCommand::Refund(1)).await.unwrap_err();
    assert!(matches!(refused, AggregateError::UserError(_)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_on_an_old_version_is_a_conflict() {
    let store = store().await;
    let load = || <EventStore as cqrs_es::EventStore<Account>>::load_aggregate(&store, "a1");
    let (first, second) = (load().await.unwrap(), load().await.unwrap());
    let paid = || vec![AccountEvent::Paid { payer: "张".into(), amount_fen: 1 }];
    store.commit(paid(), first, HashMap::new()).await.unwrap();
    let error = store.commit(paid(), second, HashMap::new()).await.unwrap_err();
    assert!(matches!(error, AggregateError::AggregateConflict));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_command_id_gives_the_first_events() {
    let store = store().await;
    let framework = framework(&store);
    let metadata = HashMap::from([("command_id".to_owned(), Uuid::new_v4().to_string())]);
    framework.execute("a1", AccountCommand::Pay(1)).await.unwrap();
    framework.execute_with_metadata("a1", AccountCommand::Pay(10), metadata.clone()).await.unwrap();
    framework.execute_with_metadata("a1", AccountCommand::Pay(10), metadata.clone()).await.unwrap();
    assert_eq!(state(&store, "a1").await, (Account { applied: 2, balance_fen: 11 }, 2));

    let error = framework.execute_with_metadata("a2", AccountCommand::Pay(10), metadata).await.unwrap_err();
    let AggregateError::UnexpectedError(error) = error else { panic!("{error:?}") };
    assert!(matches!(error.downcast_ref(), Some(AppendError::CommandReused { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_not_understood_makes_only_its_aggregate_unloadable() {
    let store = store().await;
    framework(&store).execute("a1", AccountCommand::Pay(1)).await.unwrap();
    let mut alien = append("a2", 0, &[r#"{"Invented":{}}"#]);
    alien.streams[0].aggregate_type = "account".into();
    store.append(alien).await.unwrap();
    let error = framework(&store).execute("a2", AccountCommand::Pay(1)).await.unwrap_err();
    let AggregateError::DeserializationError(error) = error else { panic!("{error:?}") };
    assert!(error.to_string().contains("position 2, account a2 number 1"), "{error}");
    framework(&store).execute("a1", AccountCommand::Pay(1)).await.unwrap();
}

/// What a stock `CqrsFramework` would hand to its queries.
struct Told(Arc<Mutex<Vec<String>>>);

impl Query<Account> for Told {
    fn dispatch<'a, 'b, 'c, 'd>(
        &'a self,
        _: &'b str,
        events: &'c [EventEnvelope<Account>],
    ) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + 'd>>
    where
        'a: 'd,
        'b: 'd,
        'c: 'd,
        Self: 'd,
    {
        Box::pin(async move {
            self.0.lock().unwrap().extend(events.iter().map(|event| format!("{event:?}")));
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_reader_reads_every_stream() {
    let url = zhicheng_testkit::fresh_database().await.url();
    let store = open(&url).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    let framework = CqrsFramework::new(store.clone(), vec![Box::new(Told(Arc::clone(&told)))], ());
    for at in 0..30 {
        let metadata = HashMap::from([("actor".to_owned(), "欧阳·𠮷".to_owned())]);
        framework
            .execute_with_metadata(&format!("a{}", at % 3), AccountCommand::Pay(at), metadata)
            .await
            .unwrap();
    }

    let pool = PgPool::connect(&url).await.unwrap();
    let repository = PostgresEventRepository::new(pool.clone());
    let stock = PersistedEventStore::<PostgresEventRepository, Account>::new_event_store(
        PostgresEventRepository::new(pool),
    );
    for id in ["a0", "a1", "a2", "none"] {
        let ours: Vec<EventEnvelope<Account>> = store.load_events(id).await.unwrap();
        let theirs = stock.load_events(id).await.unwrap();
        let told: Vec<_> =
            told.lock().unwrap().iter().filter(|it| it.contains(&format!("{id:?}"))).cloned().collect();
        assert_eq!(format!("{ours:?}").len(), format!("{theirs:?}").len());
        assert_eq!(ours.len(), told.len());
        for (ours, theirs) in ours.iter().zip(&theirs) {
            assert_eq!(
                (&ours.aggregate_id, ours.sequence, &ours.payload, &ours.metadata),
                (&theirs.aggregate_id, theirs.sequence, &theirs.payload, &theirs.metadata)
            );
        }
        let theirs = stock.load_aggregate(id).await.unwrap();
        assert_eq!((theirs.aggregate, theirs.current_sequence as i64), state(&store, id).await);
        let mut streamed = repository.stream_events::<Account>(id).await.unwrap();
        let mut count = 0;
        while let Some(event) = streamed.next::<Account>(&[]).await {
            assert_eq!(event.unwrap().payload, ours[count].payload);
            count += 1;
        }
        assert_eq!(count, ours.len());
    }
    let mut all = repository.stream_all_events::<Account>().await.unwrap();
    let mut count = 0;
    while let Some(event) = all.next::<Account>(&[]).await {
        event.unwrap();
        count += 1;
    }
    assert_eq!(count, 30);
}
