//! Positions are dense and appear in order, whoever appends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::timeout;
use zhicheng_eventstore::AppendError;

use crate::scenario::{append, assert_sound, open, stream, whole_log};

const WRITERS: usize = 24;
const COMMANDS_EACH: usize = 60;
/// How often a writer also writes the stream that all of them share.
const SHARED_EVERY: i64 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_never_misses_what_two_processes_append() {
    let url = zhicheng_testkit::fresh_database().await.url();
    let stores = [open(&url).await, open(&url).await];
    let reader = open(&url).await;
    let done = Arc::new(AtomicBool::new(false));

    let watching = tokio::spawn({
        let done = Arc::clone(&done);
        async move {
            let mut seen = Vec::new();
            loop {
                let finished = done.load(Ordering::Acquire);
                let page = reader.read_stored_after(seen.len() as i64, 500).await.unwrap();
                for event in &page {
                    assert_eq!(
                        event.position,
                        seen.len() as i64 + 1,
                        "a position was not there when the next one was"
                    );
                    seen.push(event.clone());
                }
                if finished && page.is_empty() {
                    return seen;
                }
            }
        }
    });

    let writers = (0..WRITERS).map(|writer| {
        let store = stores[writer % 2].clone();
        tokio::spawn(async move {
            let (mut own, mut acknowledged) = (0, Vec::new());
            while own < COMMANDS_EACH as i64 {
                // A stream of its own, and at times one that all of them write.
                let mut command = append(&format!("d{writer}"), own, &["1"]);
                if own % SHARED_EVERY == 0 {
                    let shared = store.read_stream("declaration", "shared", 0).await.unwrap().len() as i64;
                    command.streams.push(stream("shared", shared, &["2", "3"]));
                }
                match store.append(command).await {
                    Ok(receipt) => {
                        own += 1;
                        acknowledged.push(receipt);
                    }
                    Err(AppendError::Conflict { aggregate_id, .. }) => assert_eq!(aggregate_id, "shared"),
                    Err(other) => panic!("{other:?}"),
                }
            }
            acknowledged
        })
    });
    let mut acknowledged = 0;
    for writer in writers.collect::<Vec<_>>() {
        acknowledged += writer.await.unwrap().len();
    }
    done.store(true, Ordering::Release);

    let seen = watching.await.unwrap();
    assert_eq!(acknowledged, WRITERS * COMMANDS_EACH);
    assert_eq!(seen.len(), WRITERS * COMMANDS_EACH + WRITERS * COMMANDS_EACH / SHARED_EVERY as usize * 2);
    assert_sound(&seen);
    assert_eq!(seen, whole_log(&stores[0]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_the_head_is_woken_here_and_elsewhere() {
    let url = zhicheng_testkit::fresh_database().await.url();
    let (here, elsewhere) = (open(&url).await, open(&url).await);
    let (mut head_here, mut head_elsewhere) = (here.subscribe_head(), elsewhere.subscribe_head());
    for version in 0..5 {
        let receipt = here.append(append("d1", version, &["1"])).await.unwrap();
        let reached = |head: &i64| *head >= receipt.last_position;
        timeout(Duration::from_secs(10), head_here.wait_for(reached)).await.unwrap().unwrap();
        timeout(Duration::from_secs(10), head_elsewhere.wait_for(reached)).await.unwrap().unwrap();
    }
}
