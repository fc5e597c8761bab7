//! Reading in every order, with sealed fields opened and old versions brought up to date.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use zhicheng_eventstore::sealing::SEALED_MARKER;
use zhicheng_eventstore::{
    ReadError, RecordedEvent, Sealing, SealingError, Settings, StreamAppend, StreamKey, StreamPage, Upcasters,
};

use crate::scenario::{append, open, open_with, store, stream};

#[tokio::test(flavor = "multi_thread")]
async fn reads_by_position_with_and_without_types() {
    let store = store().await;
    for number in 1..=6 {
        let mut command = append(&format!("d{number}"), 0, &["1"]);
        if number % 3 == 0 {
            command.streams[0].aggregate_type = "certificate".into();
        }
        store.append(command).await.unwrap();
    }
    let positions =
        |events: Vec<RecordedEvent>| events.iter().map(|event| event.position).collect::<Vec<_>>();
    assert_eq!(positions(store.read_after(0, 4, None).await.unwrap()), [1, 2, 3, 4]);
    assert_eq!(positions(store.read_after(4, 4, None).await.unwrap()), [5, 6]);
    assert!(store.read_after(6, 4, None).await.unwrap().is_empty());
    assert_eq!(positions(store.read_after(1, 9, Some(&["certificate"])).await.unwrap()), [3, 6]);
    assert_eq!(
        positions(store.read_after(0, 3, Some(&["declaration", "certificate"])).await.unwrap()),
        [1, 2, 3]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_many_streams_in_the_order_asked() {
    let store = store().await;
    store.append(append("d1", 0, &["1"])).await.unwrap();
    store.append(append("d2", 0, &["2", "3"])).await.unwrap();
    store.append(append("d1", 1, &["4"])).await.unwrap();
    let asked = [
        ("declaration", "d2", 0),
        ("declaration", "none", 0),
        ("declaration", "d1", 0),
        ("certificate", "d1", 0),
        ("declaration", "d2", 1),
        ("declaration", "d1", 2),
    ];
    let streams = store.read_streams(&asked).await.unwrap();
    let payloads: Vec<Vec<&str>> =
        streams.iter().map(|stream| stream.iter().map(|event| event.payload.as_str()).collect()).collect();
    assert_eq!(payloads, [vec!["2", "3"], vec![], vec!["1", "4"], vec![], vec!["3"], vec![]]);
    assert_eq!(store.read_stream("declaration", "d1", 1).await.unwrap()[0].payload, "4");
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_stream_after_stream_up_to_a_position() {
    let store = store().await;
    let certificate =
        |id: &str| StreamAppend { aggregate_type: "certificate".into(), ..stream(id, 0, &["1"]) };
    for number in [3, 1, 2] {
        let mut command = append(&format!("d{number}"), 0, &["1", "2"]);
        command.streams.push(certificate(&format!("c{number}")));
        store.append(command).await.unwrap();
    }
    let up_to = store.head().await.unwrap();
    store.append(append("d1", 2, &["3"])).await.unwrap();

    let certificates: Vec<(&str, i64)> = vec![("c1", 1), ("c2", 1), ("c3", 1)];
    let declarations = vec![("d1", 1), ("d1", 2), ("d2", 1), ("d2", 2), ("d3", 1), ("d3", 2)];
    let both = [certificates, declarations.clone()].concat();
    for (aggregate_types, expected) in [
        (None, both.clone()),
        (Some(&["declaration", "certificate"][..]), both),
        (Some(&["declaration"][..]), declarations),
        (Some(&[][..]), vec![]),
    ] {
        let mut read: Vec<RecordedEvent> = Vec::new();
        loop {
            let after = read.last().map(StreamKey::from);
            let page = StreamPage { aggregate_types, up_to, after: after.as_ref(), limit: 2 };
            let events = store.read_stored_by_stream(page).await.unwrap();
            if events.is_empty() {
                break;
            }
            read.extend(events);
        }
        let keys: Vec<_> = read.iter().map(|event| (event.aggregate_id.as_str(), event.sequence)).collect();
        assert_eq!(keys, expected, "{aggregate_types:?}");
    }
}

/// Opens `{"$sealed":x}` to x, and counts how often it was asked and how many it opened.
#[derive(Default)]
struct Opener {
    calls: AtomicUsize,
    opened: AtomicUsize,
}

impl Sealing for Opener {
    fn open<'a>(&'a self, events: &'a mut [RecordedEvent]) -> BoxFuture<'a, Result<(), SealingError>> {
        async move {
            self.calls.fetch_add(1, Ordering::Relaxed);
            for event in events.iter_mut().filter(|event| event.payload.contains(SEALED_MARKER)) {
                self.opened.fetch_add(1, Ordering::Relaxed);
                let value: Value =
                    serde_json::from_str(&event.payload).map_err(|error| SealingError(error.into()))?;
                event.payload = value["name"]["$sealed"].to_string();
            }
            Ok(())
        }
        .boxed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sealed_events_are_opened_in_one_call_and_stored_ones_stay_closed() {
    let opener = Arc::new(Opener::default());
    let settings = Settings { sealing: Some(Arc::clone(&opener) as Arc<dyn Sealing>), ..Settings::default() };
    let store = open_with(&zhicheng_testkit::fresh_database().await.url(), settings).await;
    let sealed = r#"{"name":{"$sealed":"b25l"}}"#;
    store.append(append("d1", 0, &["1", sealed, "2", sealed])).await.unwrap();

    let events = store.read_after(0, 10, None).await.unwrap();
    let payloads: Vec<_> = events.iter().map(|event| event.payload.as_str()).collect();
    assert_eq!(payloads, ["1", "\"b25l\"", "2", "\"b25l\""]);
    assert_eq!((opener.calls.load(Ordering::Relaxed), opener.opened.load(Ordering::Relaxed)), (1, 2));
    store.read_after(2, 1, None).await.unwrap();
    assert_eq!(opener.calls.load(Ordering::Relaxed), 1, "nobody is asked where nothing is sealed");
    assert_eq!(store.read_stream("declaration", "d1", 3).await.unwrap()[0].payload, "\"b25l\"");
    assert_eq!(store.read_stored_after(1, 1).await.unwrap()[0].payload, sealed);
    store.verify_root_at(4).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn old_versions_are_brought_up_to_date_and_one_that_cannot_be_concerns_its_aggregate_alone() {
    let url = zhicheng_testkit::fresh_database().await.url();
    let old = open(&url).await;
    old.append(append("d1", 0, &[r#"{"rank":"正高级"}"#])).await.unwrap();
    old.append(append("d2", 0, &[r#"{"other":1}"#])).await.unwrap();
    old.append(append("d3", 0, &[r#"{"rank":"副高级"}"#])).await.unwrap();

    let rename = |from: &'static str, to: &'static str| {
        move |payload: Value| match payload.get(from) {
            Some(value) => Ok(json!({ to: value })),
            None => Err(format!("no {from}")),
        }
    };
    let upcasters = Upcasters::new()
        .step("declaration", "declaration.noted", "1", "2", rename("rank", "grade"))
        .step("declaration", "declaration.noted", "2", "3", rename("grade", "level"));
    let store = open_with(&url, Settings { upcasters, ..Settings::default() }).await;

    let stream = store.read_stream("declaration", "d1", 0).await.unwrap();
    assert_eq!(
        (stream[0].payload.as_str(), stream[0].event_version.as_str()),
        (r#"{"level":"正高级"}"#, "3")
    );
    let Err(ReadError::Undecodable(error)) = store.read_stream("declaration", "d2", 0).await else {
        panic!("read")
    };
    assert_eq!((error.position, error.aggregate_id.as_str()), (2, "d2"));

    let all = store.read_after(0, 10, None).await.unwrap();
    let decoded: Vec<Option<Value>> = all.iter().map(|event| store.decode(event).ok()).collect();
    assert_eq!(decoded, [Some(json!({"level": "正高级"})), None, Some(json!({"level": "副高级"}))]);
    assert!(store.read_stored_after(0, 10).await.unwrap().iter().all(RecordedEvent::is_intact));
}
