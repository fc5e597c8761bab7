//! PostgreSQL loses connections under load: no acknowledged command is lost, none is written twice, the log stays dense.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rustix::process::{Pid, Signal, kill_process};
use sqlx::{ConnectOptions, Executor, PgPool};
use uuid::Uuid;
use zhicheng_eventstore::{AppendError, EventStore};

use crate::scenario::{append, assert_sound, open, whole_log};

const WRITERS: usize = 16;
const TERMINATIONS: usize = 30;

const TERMINATE_ALL: &str = "with connected as materialized (
         select pid
         from pg_stat_activity
         where datname = current_database()
           and application_name = 'zhicheng-log'
     )
     select pg_terminate_backend(pid)
     from connected";

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_command_is_lost_when_backends_are_terminated() {
    let url = zhicheng_testkit::fresh_database().await.url();
    let stores = [open(&url).await, open(&url).await];
    let done = Arc::new(AtomicBool::new(false));
    let written = Arc::new(AtomicUsize::new(0));

    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (store, done, written) =
                (stores[writer % 2].clone(), Arc::clone(&done), Arc::clone(&written));
            tokio::spawn(async move { write_until(&store, writer, &done, &written).await })
        })
        .collect();

    // Through a connection that is not one of theirs.
    let killer = PgPool::connect(&url).await.unwrap();
    for _ in 0..TERMINATIONS {
        let before = written.load(Ordering::Relaxed);
        killer.execute(TERMINATE_ALL).await.unwrap();
        while written.load(Ordering::Relaxed) < before + WRITERS {
            tokio::task::yield_now().await;
        }
    }
    done.store(true, Ordering::Relaxed);

    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    let events = whole_log(&open(&url).await).await;
    assert_sound(&events);
    let logged: HashSet<(Uuid, i64)> =
        events.iter().filter_map(|event| Some((event.command_id?, event.position))).collect();
    for command in &acknowledged {
        assert!(logged.contains(command), "{command:?} was acknowledged and is not in the log");
    }
    assert_eq!(logged.len(), acknowledged.len(), "each command was sent until it was acknowledged");
}

/// Appends to one stream, each command sent again under its id until it is known to be written.
async fn write_until(
    store: &EventStore,
    writer: usize,
    done: &AtomicBool,
    written: &AtomicUsize,
) -> Vec<(Uuid, i64)> {
    let mut acknowledged = Vec::new();
    while !done.load(Ordering::Relaxed) {
        let command = append(&format!("d{writer}"), acknowledged.len() as i64, &["1"]);
        let position = loop {
            match store.append(command.clone()).await {
                Ok(receipt) => break receipt.first_position,
                Err(AppendError::Replayed(first)) => break first.first_position,
                Err(
                    AppendError::Unavailable(_) | AppendError::Unknown { .. } | AppendError::FirstAnswer(_),
                ) => {}
                Err(other) => panic!("{other:?}"),
            }
        };
        acknowledged.push((command.command.id, position));
        written.fetch_add(1, Ordering::Relaxed);
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_whose_connection_is_cut_before_its_commit_is_settled() {
    let url = zhicheng_testkit::fresh_database().await.url();
    let store = open(&url).await;
    store.append(append("d1", 0, &["1"])).await.unwrap();

    // The head is held, so the append waits inside PostgreSQL; then its backend is ended.
    let other = PgPool::connect(&url).await.unwrap();
    let mut holding = other.begin().await.unwrap();
    holding.execute("select from log_head for update").await.unwrap();
    let appending = tokio::spawn({
        let store = store.clone();
        async move { store.append(append("d1", 1, &["2"])).await }
    });
    loop {
        let waiting: i64 = sqlx::query_scalar(
            "with waiting as materialized (
                 select pid
                 from pg_stat_activity
                 where datname = current_database()
                   and application_name = 'zhicheng-log'
                   and wait_event_type = 'Lock'
             )
             select count(pg_terminate_backend(pid))
             from waiting",
        )
        .fetch_one(&other)
        .await
        .unwrap();
        if waiting > 0 {
            break;
        }
    }
    holding.commit().await.unwrap();
    let receipt = appending.await.unwrap().unwrap();
    assert_eq!(receipt.first_position, 2);
    assert_sound(&whole_log(&store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_was_written_without_an_answer_is_found() {
    let url = zhicheng_testkit::fresh_database().await.url();
    let store = open(&url).await;
    store.append(append("d1", 0, &["1"])).await.unwrap();
    let command = append("d1", 1, &["2"]);
    // Another process wrote it, and died before it could say so.
    open(&url).await.append(command.clone()).await.unwrap();
    let Err(AppendError::Replayed(first)) = store.append(command).await else { panic!("not replayed") };
    assert_eq!((first.first_position, first.version), (2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_and_appends_come_back_after_every_connection_was_lost() {
    let url = zhicheng_testkit::fresh_database().await.url();
    let store = open(&url).await;
    store.append(append("d1", 0, &["1"])).await.unwrap();
    let killer = PgPool::connect(&url).await.unwrap();
    killer.execute(TERMINATE_ALL).await.unwrap();
    store.append(append("d1", 1, &["2"])).await.unwrap();
    killer.execute(TERMINATE_ALL).await.unwrap();
    assert_eq!(store.read_stream("declaration", "d1", 0).await.unwrap().len(), 2);
    let mut head = store.subscribe_head();
    open(&url).await.append(append("d2", 0, &["1"])).await.unwrap();
    head.wait_for(|head| *head == 3).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_nobody_can_settle_is_unknown_until_it_is_sent_again() {
    let private = zhicheng_testkit::PrivateCluster::start().await;
    let url = private.cluster().database("log").await.unwrap().to_url_lossy().to_string();
    let store = open(&url).await;
    store.append(append("d1", 0, &["1"])).await.unwrap();
    let command = append("d1", 1, &["2"]);

    // The head is held, so the append waits inside PostgreSQL. Then that is killed, and cannot start: its files are elsewhere.
    let other = PgPool::connect(&url).await.unwrap();
    let mut holding = other.begin().await.unwrap();
    holding.execute("select from log_head for update").await.unwrap();
    let appending = tokio::spawn({
        let (store, command) = (store.clone(), command.clone());
        async move { store.append(command).await }
    });
    while appending_backends_that_wait(&other).await == 0 {}
    let (files, elsewhere) = (private.cluster().files(), private.folder().join("elsewhere"));
    let postmaster = Pid::from_raw(private.postmaster()).unwrap();
    std::fs::rename(files, &elsewhere).unwrap();
    kill_process(postmaster, Signal::KILL).unwrap();

    let told = appending.await.unwrap();
    let Err(AppendError::Unknown { command_id, .. }) = told else { panic!("{told:?}") };
    assert_eq!(command_id, command.command.id);
    let refused = store.append(append("d2", 0, &["1"])).await;
    assert!(matches!(refused, Err(AppendError::Unavailable(_))), "{refused:?}");

    std::fs::rename(&elsewhere, files).unwrap();
    let receipt = loop {
        match store.append(command.clone()).await {
            Ok(appended) => break appended,
            Err(AppendError::Replayed(_)) => panic!("it could not be written"),
            Err(AppendError::Unavailable(_) | AppendError::Unknown { .. } | AppendError::FirstAnswer(_)) => {}
            Err(other) => panic!("{other:?}"),
        }
    };
    assert_eq!((receipt.first_position, receipt.version), (2, 2));
    assert_sound(&whole_log(&store).await);
}

async fn appending_backends_that_wait(pool: &PgPool) -> i64 {
    sqlx::query_scalar(
        "select count(*)
         from pg_stat_activity
         where datname = current_database()
           and application_name = 'zhicheng-log'
           and wait_event_type = 'Lock'",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}
