//! Every position is there once, in order, whatever happens to the broker.

use async_nats::jetstream;
use futures::future::BoxFuture;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;
use zhicheng_bus::{PrivateServer, Published, Relay, RelayState, STREAM, SUBJECTS};
use zhicheng_domain::upcast::{UPCASTS, Upcast};
use zhicheng_eventstore::{
    Append, CommandStamp, EventStore, HistoryLine, NewEvent, RecordedEvent, Sealing, SealingError, Settings,
    StreamAppend, Upcasters,
};

/// Longer than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) async fn log() -> EventStore {
    let database = zhicheng_testkit::fresh_database().await;
    EventStore::connect(database.options(), Settings::default()).await.unwrap()
}

/// A command of three events on a stream of its own.
pub(crate) async fn append(store: &EventStore) -> i64 {
    let event = |event_type: &'static str, event: Value| {
        let payload =
            serde_json::json!({"actor": {"kind": "system"}, "event": event, "time": "2023-03-08T01:00:00Z"});
        NewEvent {
            event_type: event_type.into(),
            event_version: "1".into(),
            payload: payload.to_string(),
            metadata: r#"{"time":"2023-03-08T01:00:00Z"}"#.into(),
        }
    };
    let appended = store
        .append(Append {
            alone: None,
            after: Vec::new(),
            command: CommandStamp {
                id: Uuid::new_v4(),
                digest: [7; 32],
                time: "2023-03-08T01:00:00Z".parse().unwrap(),
            },
            streams: vec![StreamAppend {
                aggregate_type: "declaration".into(),
                aggregate_id: Uuid::new_v4().to_string(),
                expected_version: 0,
                events: vec![
                    event("declaration.submitted", serde_json::json!({"submitted": {"pledge_version": "1"}})),
                    event("declaration.vote_cast", serde_json::json!({"vote_cast": {"choice": "agree"}})),
                    event("declaration.lapsed", serde_json::json!("lapsed")),
                ],
            }],
            claims: vec![],
        })
        .await;
    appended.unwrap().last_position
}

pub(crate) struct Relaying {
    state: watch::Receiver<RelayState>,
    pub(crate) task: JoinHandle<()>,
}

impl Relaying {
    pub(crate) fn start(store: &EventStore, url: &str) -> Self {
        let relay = Relay::new(store.clone(), url.to_owned());
        let state = relay.subscribe();
        Self { state, task: tokio::spawn(relay.run()) }
    }

    async fn until(&mut self, what: &str, is_so: impl Fn(RelayState) -> bool) -> RelayState {
        let reached = tokio::time::timeout(PATIENCE, self.state.wait_for(|state| is_so(*state))).await;
        *reached.unwrap_or_else(|_| panic!("the relay never was {what}")).unwrap()
    }

    pub(crate) async fn until_at(&mut self, position: i64) {
        let there = |state: RelayState| state == RelayState::Publishing { position };
        self.until(&format!("at {position}"), there).await;
    }
}

/// A client of whoever is outside.
pub(crate) async fn connect(url: &str) -> async_nats::Client {
    let address: async_nats::ServerAddr = url.parse().unwrap();
    let (user, password) = (address.username().unwrap().to_owned(), address.password().unwrap().to_owned());
    async_nats::ConnectOptions::with_user_and_password(user, password).connect(address).await.unwrap()
}

/// All messages of the stream as they lie there.
async fn messages(url: &str) -> Vec<Value> {
    let context = jetstream::new(connect(url).await);
    let stream = context.get_stream(STREAM).await.unwrap();
    let last = stream.cached_info().state.last_sequence;
    let mut found = Vec::new();
    for sequence in 1..=last {
        let message = stream.get_raw_message(sequence).await.unwrap();
        let content: Value = serde_json::from_slice(&message.payload).unwrap();
        assert_eq!(content["id"], sequence.to_string(), "the number in the stream is the position");
        assert_eq!(message.headers.get("Nats-Msg-Id").unwrap().as_str(), sequence.to_string());
        assert_eq!(
            message.subject.as_str(),
            format!("zhicheng.events.{}", content["type"].as_str().unwrap())
        );
        assert!(!String::from_utf8_lossy(&message.payload).contains("agree"), "no vote");
        found.push(content);
    }
    found
}

pub(crate) fn kill(folder: &Path) {
    let pid = std::fs::read_to_string(folder.join("nats/nats.pid")).unwrap();
    let pid = rustix::process::Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_published_is_read_back_and_recognised() {
    let (store, folder) = (log().await, TempDir::new().unwrap());
    let server = PrivateServer::start(folder.path()).unwrap();
    server.listens().await;
    assert!(Published::begin(server.url()).await.unwrap().is_none(), "nothing was published yet");
    let head = append(&store).await;
    let mut relay = Relaying::start(&store, server.url());
    relay.until_at(head).await;
    let events = store.read_stored_after(0, 100).await.unwrap();
    let mut published = Published::begin(server.url()).await.unwrap().unwrap();
    assert_eq!(published.last(), head);
    let mut read = 0;
    while let Some(heard) = published.next().await.unwrap() {
        read += 1;
        assert_eq!(heard.number, read);
        for event in &events {
            assert_eq!(
                heard.is_of(event),
                event.position == heard.number,
                "{heard:?} and {}",
                event.position
            );
        }
    }
    assert_eq!(read, head);
    relay.task.abort();
    server.stop().await;
}

/// Nothing is opened for the bus.
struct Closed;

impl Sealing for Closed {
    fn open<'a>(&'a self, _: &'a mut [RecordedEvent]) -> BoxFuture<'a, Result<(), SealingError>> {
        panic!("what is sealed is opened for the bus");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_former_versions_wrote_is_told_in_the_present_one_and_stays_closed() {
    let path = "../../replay-fixtures/14-first-version/history.jsonl";
    let history = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let history: Vec<HistoryLine> = history.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let former = |line: &HistoryLine| {
        let steps = |it: &Upcast| it.event == line.event.event_type && it.from == line.event.event_version;
        UPCASTS.iter().any(steps)
    };
    let former: Vec<usize> = (0..history.len()).filter(|at| former(&history[*at])).collect();
    assert_eq!(former.len(), 2, "the history has events of former versions");
    let upcasters = UPCASTS
        .iter()
        .fold(Upcasters::new(), |steps, it| steps.step(it.aggregate(), it.event, it.from, it.to, it.step));
    let settings = Settings { upcasters, sealing: Some(Arc::new(Closed)), ..Settings::default() };
    let database = zhicheng_testkit::fresh_database().await;
    let store = EventStore::connect(database.options(), settings).await.unwrap();
    let head = store.take_in(&history).await.unwrap();
    let folder = TempDir::new().unwrap();
    let server = PrivateServer::start(folder.path()).unwrap();
    let mut relay = Relaying::start(&store, server.url());
    relay.until_at(head).await;
    let found = messages(server.url()).await;
    for at in former {
        let said = serde_json::json!({"outcome": "accepted", "receipt_number": "MOHRSS-2023-0041"});
        assert_eq!(found[at]["data"]["event"], said, "{}", found[at]);
    }
    // and is recognised when the relay begins anew
    relay.task.abort();
    let mut relay = Relaying::start(&store, server.url());
    relay.until_at(head).await;
    relay.task.abort();
    server.stop().await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_position_is_there_once_and_in_order_whatever_happens_to_the_broker() {
    let (store, folder) = (log().await, TempDir::new().unwrap());
    let server = PrivateServer::start(folder.path()).unwrap();
    let url = server.url().to_owned();
    let mut relay = Relaying::start(&store, &url);
    let done = Arc::new(AtomicBool::new(false));
    let head = Arc::new(AtomicI64::new(0));
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let (store, done, head) = (store.clone(), Arc::clone(&done), Arc::clone(&head));
            tokio::spawn(async move {
                while !done.load(Ordering::Relaxed) {
                    head.fetch_max(append(&store).await, Ordering::Relaxed);
                }
            })
        })
        .collect();
    // killed again and again under load; its thread starts it again
    for _ in 0..3 {
        let from = relay.until("publishing", |state| matches!(state, RelayState::Publishing { .. })).await;
        let from = from.position().unwrap();
        relay
            .until("further on", |state| state.position().is_some_and(|position| position > from + 300))
            .await;
        kill(folder.path());
    }
    // stopped in order while commands go on, and started again where it was
    server.stop().await;
    let before = head.load(Ordering::Relaxed);
    let begun = Instant::now();
    while head.load(Ordering::Relaxed) < before + 300 {
        assert!(begun.elapsed() < PATIENCE, "commands wait for the broker");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let server = PrivateServer::start(folder.path()).unwrap();
    assert_eq!(server.url(), url, "address and password stay");
    done.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    let head = store.head().await.unwrap();
    relay.until_at(head).await;
    let found = messages(&url).await;
    assert_eq!(i64::try_from(found.len()).unwrap(), head);
    assert_eq!(found[0]["data"]["event"], serde_json::json!({"pledge_version": "1"}));
    assert_eq!(found[1]["type"], "withheld");
    relay.task.abort();
    server.stop().await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_publishes_and_another_takes_over() {
    let (store, folder) = (log().await, TempDir::new().unwrap());
    let server = PrivateServer::start(folder.path()).unwrap();
    append(&store).await;
    let mut first = Relaying::start(&store, server.url());
    first.until_at(3).await;
    let mut second = Relaying::start(&store, server.url());
    second.until("standing by", |state| state == RelayState::Standby).await;
    first.task.abort();
    append(&store).await;
    second.until_at(6).await;
    assert_eq!(messages(server.url()).await.len(), 6);
    second.task.abort();
    server.stop().await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_of_another_log_is_left_alone() {
    let (store, folder) = (log().await, TempDir::new().unwrap());
    let server = PrivateServer::start(folder.path()).unwrap();
    append(&store).await;
    let mut own = Relaying::start(&store, server.url());
    own.until_at(3).await;
    own.task.abort();
    let another = log().await;
    for _ in 0..2 {
        append(&another).await;
    }
    let mut foreign = Relaying::start(&another, server.url());
    foreign.until("refused", |state| state == RelayState::Refused { position: 3 }).await;
    assert_eq!(messages(server.url()).await.len(), 3);
    foreign.task.abort();
    server.stop().await;
    another.close().await;
    store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_was_emptied_is_refused_and_one_that_was_deleted_is_filled_anew() {
    let (store, folder) = (log().await, TempDir::new().unwrap());
    let server = PrivateServer::start(folder.path()).unwrap();
    append(&store).await;
    let mut relay = Relaying::start(&store, server.url());
    relay.until_at(3).await;
    let context = jetstream::new(connect(server.url()).await);
    let stream = context.get_stream(STREAM).await.unwrap();
    let purged = stream.purge().await;
    assert!(purged.is_err(), "nobody empties it: {purged:?}");
    assert!(stream.delete_message(1).await.is_err(), "nor makes a gap");

    // deleted while nothing happens, it is filled anew
    context.delete_stream(STREAM).await.unwrap();
    relay.until("looking", |state| state != RelayState::Publishing { position: 3 }).await;
    relay.until_at(3).await;
    assert_eq!(messages(server.url()).await.len(), 3);
    relay.task.abort();

    // one that was made by somebody else, and emptied
    context.delete_stream(STREAM).await.unwrap();
    let open = jetstream::stream::Config {
        name: STREAM.to_owned(),
        subjects: vec![SUBJECTS.to_owned()],
        ..jetstream::stream::Config::default()
    };
    let stream = context.create_stream(open).await.unwrap();
    for _ in 0..2 {
        context.publish("zhicheng.events.withheld", "{}".into()).await.unwrap().await.unwrap();
    }
    stream.purge().await.unwrap();
    let mut relay = Relaying::start(&store, server.url());
    relay.until("refused", |state| state == RelayState::Refused { position: 2 }).await;
    context.delete_stream(STREAM).await.unwrap();
    relay.until_at(3).await;
    assert_eq!(messages(server.url()).await.len(), 3);
    relay.task.abort();
    server.stop().await;
    store.close().await;
}
