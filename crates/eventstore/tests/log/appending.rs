//! One command is appended whole or not at all, once, and on the version it was decided on.

use futures::future::join_all;
use sqlx::Executor;
use zhicheng_eventstore::{Append, AppendError, Settings, Unavailable};

use crate::scenario::{append, assert_sound, event, on, open, open_with, store, stream, whole_log};

#[tokio::test(flavor = "multi_thread")]
async fn the_receipt_says_where_the_events_are() {
    let store = store().await;
    let first = store.append(append("d1", 0, &["1", "2"])).await.unwrap();
    assert_eq!((first.first_position, first.last_position, first.version), (1, 2, 2));
    let second = store.append(append("d2", 0, &["3"])).await.unwrap();
    assert_eq!((second.first_position, second.last_position, second.version), (3, 3, 1));
    assert_eq!(second.recorded_at, on(8));
    assert_eq!(store.head().await.unwrap(), 3);
    assert_sound(&whole_log(&store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_is_what_was_handed_over() {
    let store = store().await;
    let payload = r#"{"long_name":"欧阳·𠮷","a":[1,null,"\\u0000 \" \n"]}"#;
    store.append(append("d1", 0, &[payload])).await.unwrap();
    let events = whole_log(&store).await;
    assert_eq!(events[0].payload, payload);
    assert_eq!(events[0].metadata, event("").metadata);
    assert_sound(&events);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_expected_version_is_written_on() {
    let store = store().await;
    store.append(append("d1", 0, &["1", "2"])).await.unwrap();
    for version in [0, 1, 3, 9] {
        let error = store.append(append("d1", version, &["3"])).await.unwrap_err();
        assert!(
            matches!(&error, AppendError::Conflict { aggregate_id, .. } if aggregate_id == "d1"),
            "{version}: {error:?}"
        );
    }
    assert!(matches!(store.append(append("new", 1, &["1"])).await, Err(AppendError::Conflict { .. })));
    store.append(append("d1", 2, &["3"])).await.unwrap();
    assert_sound(&whole_log(&store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_are_sent_at_once_go_on_where_the_one_before_ends() {
    let store = store().await;
    let sent = (0..40).map(|number| {
        let mut command = append(&format!("d{number}"), 0, &["1"]);
        command.streams.push(stream("pool", number * 2, &["2", "3"]));
        store.append(command)
    });
    for (receipt, number) in join_all(sent).await.into_iter().zip(0..) {
        let receipt = receipt.unwrap();
        assert_eq!((receipt.first_position, receipt.last_position), (number * 3 + 1, number * 3 + 3));
    }
    assert_eq!(store.read_stream("declaration", "pool", 0).await.unwrap().len(), 80);
    assert_sound(&whole_log(&store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_on_from_a_command_that_is_refused_is_refused_too_and_nothing_else() {
    let store = store().await;
    store.append(append("d1", 0, &["1"])).await.unwrap();
    let mut sent = vec![append("pool", 0, &["1"]), append("pool", 1, &["2"])];
    sent[1].streams.push(stream("d1", 0, &["2"]));
    sent.extend([append("pool", 2, &["3"]), append("d2", 0, &["1"]), append("d2", 1, &["2"])]);
    let outcomes = join_all(sent.into_iter().map(|command| store.append(command))).await;
    let refused_by = |at: usize| match &outcomes[at] {
        Err(AppendError::Conflict { aggregate_id, .. }) => Some(aggregate_id.as_str()),
        Ok(_) => None,
        Err(other) => panic!("{other:?}"),
    };
    assert_eq!((0..5).map(refused_by).collect::<Vec<_>>(), [None, Some("d1"), Some("pool"), None, None]);
    store.append(append("pool", 1, &["2"])).await.unwrap();
    assert_sound(&whole_log(&store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_on_from_a_command_that_is_refused_does_not_go_on_from_another_in_its_place() {
    let store = store().await;
    store.append(append("d1", 0, &["1"])).await.unwrap();
    // somebody else was faster than the first, and the second was decided on what the first would have made of it
    let (other, first) = (append("d1", 1, &["2"]), append("d1", 1, &["3"]));
    let second = Append { after: vec![first.command.id], ..append("d1", 2, &["4"]) };
    let refused = |answer: Result<_, AppendError>| matches!(answer, Err(AppendError::Conflict { aggregate_id, .. }) if aggregate_id == "d1");
    let answers =
        tokio::join!(store.append(other), store.append(first.clone()), store.append(second.clone()));
    answers.0.unwrap();
    assert!(refused(answers.1) && refused(answers.2));
    assert!(refused(store.append(second).await), "alone, too: the stream is as long as expected");
    assert_eq!(store.read_stream("declaration", "d1", 0).await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_decided_on_a_command_under_way_is_written_behind_it() {
    let store = store().await;
    store.append(append("d1", 0, &["1"])).await.unwrap();
    for fails in [0, 7] {
        let version = store.read_stream("declaration", "d1", 0).await.unwrap().len() as i64;
        let first = append("d1", version, &["2"]);
        let after = vec![first.command.id];
        let second = Append { after: after.clone(), ..append("d1", version + 1, &["3"]) };
        // where one is refused, the others of its batch are written with care
        let refused = append("d3", fails, &["1"]);
        let answers = tokio::join!(store.append(first), store.append(second), store.append(refused));
        assert_eq!(answers.1.unwrap().version, answers.0.unwrap().version + 1);
        assert_eq!(answers.2.is_ok(), fails == 0);
        let later = Append { after, ..append(&format!("other-{fails}"), 0, &["1"]) };
        store.append(later).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_streams_are_all_or_nothing() {
    let store = store().await;
    store.append(append("d2", 0, &["1"])).await.unwrap();
    let mut both = append("d1", 0, &["1"]);
    both.streams.push(stream("d2", 0, &["2"]));
    assert!(
        matches!(store.append(both.clone()).await, Err(AppendError::Conflict { aggregate_id, .. }) if aggregate_id == "d2")
    );
    assert!(store.read_stream("declaration", "d1", 0).await.unwrap().is_empty());

    both.streams[1].expected_version = 1;
    let receipt = store.append(both).await.unwrap();
    assert_eq!((receipt.first_position, receipt.last_position, receipt.version), (2, 3, 1));
    assert_sound(&whole_log(&store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_command_gets_its_first_answer() {
    let store = store().await;
    let mut command = append("d1", 0, &["1", "2"]);
    command.streams.push(stream("d2", 0, &["3"]));
    let first = store.append(command.clone()).await.unwrap();
    store.append(append("d1", 2, &["4"])).await.unwrap();

    let Err(AppendError::Replayed(stored)) = store.append(command.clone()).await else {
        panic!("not replayed")
    };
    assert_eq!(Some(&stored), store.command(command.command.id).await.unwrap().as_ref());
    assert_eq!((stored.first_position, stored.last_position), (first.first_position, first.last_position));
    assert_eq!(
        (stored.aggregate_id.as_str(), stored.first_sequence, stored.version),
        ("d1", 1, first.version)
    );

    // Decided again, on the version of now, it is still the same command.
    let mut again = append("d1", 3, &["9"]);
    again.command = command.command;
    assert!(matches!(store.append(again).await, Err(AppendError::Replayed(_))));

    let mut other = append("d3", 0, &["1"]);
    other.command.id = command.command.id;
    other.command.digest = [8; 32];
    assert!(matches!(store.append(other).await, Err(AppendError::CommandReused { .. })));
    assert_eq!(store.head().await.unwrap(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_command_sent_at_once_is_written_once() {
    let url = zhicheng_testkit::fresh_database().await.url();
    let (one, other) = (open(&url).await, open(&url).await);
    let command = append("d1", 0, &["1"]);
    let outcomes =
        join_all((0..20).map(|at| if at % 2 == 0 { &one } else { &other }.append(command.clone()))).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(_) | Err(AppendError::Replayed(_)))));
    assert_eq!(one.head().await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_refuses_only_its_own_command() {
    let store = store().await;
    store.append(append("taken", 0, &["1"])).await.unwrap();
    let ids: Vec<String> =
        (0..40).map(|at| if at % 10 == 5 { "taken".into() } else { format!("d{at}") }).collect();
    // Polled together before the appender runs, they are one batch, but for those that name one stream.
    let outcomes = join_all(ids.iter().map(|id| store.append(append(id, 0, &["1", "2"])))).await;
    for (id, outcome) in ids.iter().zip(&outcomes) {
        assert_eq!(outcome.is_ok(), id != "taken", "{id}: {outcome:?}");
    }
    let events = whole_log(&store).await;
    assert_eq!(events.len(), 1 + 36 * 2);
    assert_sound(&events);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_that_is_not_json_refuses_only_its_own_command() {
    let store = store().await;
    let payloads: Vec<&str> = (0..20).map(|at| if at == 7 { "\"\\ud800\\u\"" } else { "{}" }).collect();
    let outcomes = join_all(
        payloads
            .iter()
            .enumerate()
            .map(|(at, payload)| store.append(append(&format!("d{at}"), 0, &[payload]))),
    )
    .await;
    for (at, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome.is_ok(), at != 7, "{at}: {outcome:?}");
    }
    assert_sound(&whole_log(&store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_time_never_goes_back() {
    let store = store().await;
    for (id, day) in [("d1", 8), ("d2", 10), ("d3", 9), ("d4", 11)] {
        let mut command = append(id, 0, &["1"]);
        command.command.time = on(day);
        store.append(command).await.unwrap();
    }
    let recorded: Vec<_> = whole_log(&store).await.iter().map(|event| event.recorded_at).collect();
    assert_eq!(recorded, [on(8), on(10), on(10), on(11)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_cannot_be_changed_or_removed() {
    let store = store().await;
    store.append(append("d1", 0, &["1"])).await.unwrap();
    for statement in [
        "update events set payload = '2'",
        "delete from events",
        "truncate events",
        "delete from events where false",
    ] {
        let error = store.pool().execute(statement).await.unwrap_err();
        assert!(error.to_string().contains("events are facts"), "{statement}: {error}");
    }
    assert_sound(&whole_log(&store).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_may_wait_is_told_to_come_again() {
    let settings = Settings { queue_commands_max: 8, ..Settings::default() };
    let store = open_with(&zhicheng_testkit::fresh_database().await.url(), settings).await;
    let outcomes = join_all((0..2000).map(|at| {
        let store = store.clone();
        async move { store.append(append(&format!("d{at}"), 0, &["1"])).await }
    }))
    .await;
    let full = |outcome: &Result<_, AppendError>| {
        matches!(outcome, Err(AppendError::Unavailable(Unavailable::QueueFull)))
    };
    assert!(outcomes.iter().any(full));
    let written = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!(outcomes.iter().all(|outcome| outcome.is_ok() || full(outcome)));
    assert_eq!(store.head().await.unwrap(), written as i64);
}
