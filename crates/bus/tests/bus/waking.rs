//! Processes on one log wake each other over NATS, and otherwise without it.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use zhicheng_bus::{PrivateServer, Reach, WAKE_SUBJECT, Waking};
use zhicheng_eventstore::{EventStore, Settings};
use zhicheng_testkit::TestDatabase;

use crate::publishing::{PATIENCE, append, connect, kill};

/// Longer than any wake-up takes.
const SLOW: Duration = Duration::from_millis(500);

/// One process on the log that never looks by itself: it is woken, or it sleeps.
async fn sleeper(database: &TestDatabase) -> EventStore {
    let settings = Settings { poll_every: Duration::from_secs(3_600), ..Settings::default() };
    EventStore::connect(database.options(), settings).await.unwrap()
}

fn wakes(store: &EventStore, url: &str, reach: Reach) -> JoinHandle<()> {
    tokio::spawn(Waking::new(store, url.to_owned(), reach).run())
}

async fn reaches(head: &mut watch::Receiver<i64>, position: i64, within: Duration) -> bool {
    timeout(within, head.wait_for(|head| *head >= position)).await.is_ok()
}

/// Three processes on one log, two of them at the broker.
struct Three {
    one: EventStore,
    another: EventStore,
    /// It is not at the broker: whatever wakes it is `NOTIFY`.
    aside: EventStore,
}

impl Three {
    async fn open() -> Self {
        let database = zhicheng_testkit::fresh_database().await;
        Self {
            one: sleeper(&database).await,
            another: sleeper(&database).await,
            aside: sleeper(&database).await,
        }
    }

    /// Appends until `NOTIFY` wakes nobody any more, which is when the broker does it.
    async fn until_the_broker_wakes(&self) {
        let (mut another, mut aside) = (self.another.subscribe_head(), self.aside.subscribe_head());
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < PATIENCE, "the broker never wakes");
            let position = append(&self.one).await;
            let woken = reaches(&mut another, position, SLOW).await;
            if !reaches(&mut aside, position, SLOW).await && woken {
                return;
            }
        }
    }

    /// Appends by either, and the other is woken, while who is aside sleeps on.
    async fn wake_each_other(&self) {
        let (mut one, mut another) = (self.one.subscribe_head(), self.another.subscribe_head());
        let asleep = *self.aside.subscribe_head().borrow();
        for _ in 0..5 {
            let position = append(&self.one).await;
            assert!(reaches(&mut another, position, PATIENCE).await);
            let position = append(&self.another).await;
            assert!(reaches(&mut one, position, PATIENCE).await);
        }
        assert_eq!(*self.aside.subscribe_head().borrow(), asleep, "it was NATS, and not NOTIFY");
    }

    async fn close(self) {
        for store in [self.one, self.another, self.aside] {
            store.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_wake_each_other_over_nats_and_by_postgresql_while_the_broker_is_away() {
    let (three, folder) = (Three::open().await, TempDir::new().unwrap());
    let server = PrivateServer::start(folder.path()).unwrap();
    let tasks = [&three.one, &three.another].map(|store| wakes(store, server.url(), Reach::All));
    three.until_the_broker_wakes().await;
    // whoever said more than is true wakes, and is not believed
    let liar = connect(server.url()).await;
    liar.publish(WAKE_SUBJECT, i64::MAX.to_string().into()).await.unwrap();
    liar.publish(WAKE_SUBJECT, "nineteen".into()).await.unwrap();
    liar.flush().await.unwrap();
    three.wake_each_other().await;
    let head = three.one.head().await.unwrap();
    for store in [&three.one, &three.another] {
        assert_eq!(*store.subscribe_head().borrow(), head);
    }

    // killed, it is started again by its thread
    kill(folder.path());
    three.until_the_broker_wakes().await;
    three.wake_each_other().await;

    // killed for good
    kill(folder.path());
    server.stop().await;
    for store in [&three.one, &three.another] {
        let position = append(store).await;
        for other in [&three.one, &three.another, &three.aside] {
            assert!(reaches(&mut other.subscribe_head(), position, PATIENCE).await, "nobody wakes");
        }
    }
    tasks.iter().for_each(JoinHandle::abort);
    three.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_at_a_private_broker_is_woken_too() {
    let (three, folder) = (Three::open().await, TempDir::new().unwrap());
    let server = PrivateServer::start(folder.path()).unwrap();
    server.listens().await;
    let mut told = connect(server.url()).await.subscribe(WAKE_SUBJECT).await.unwrap();
    let task = wakes(&three.one, server.url(), Reach::Some);
    timeout(PATIENCE, told.next()).await.unwrap().unwrap();
    let position = append(&three.one).await;
    let heard = async { while told.next().await.unwrap().payload != position.to_string() {} };
    timeout(PATIENCE, heard).await.expect("it is told over NATS");
    assert!(reaches(&mut three.aside.subscribe_head(), position, PATIENCE).await);
    task.abort();
    server.stop().await;
    three.close().await;
}
