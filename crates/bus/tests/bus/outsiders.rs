//! What outsiders hear of whole stories.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use zhicheng_bus::message::{Message, WITHHELD};
use zhicheng_domain::story::Story;
use zhicheng_domain::world::Logged;
use zhicheng_domain::world::player::{Player, STORIES};
use zhicheng_journal::RecordedEvent;

fn story(name: &str) -> Story {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../replay-fixtures").join(name);
    Story::parse(&std::fs::read_to_string(path.join("commands.jsonl")).unwrap()).unwrap()
}

/// The logs of the stories, private values in clear: worse than what is stored. Ids of one may be those of something else in
/// another.
fn told() -> Vec<Vec<RecordedEvent>> {
    let mut prelude = Player::new("2023-01-01T09:00:00+08:00");
    prelude.play(&story("prelude")).unwrap();
    let told = |name: &&str| {
        let mut player = prelude.clone();
        player.play(&story(name)).unwrap();
        recorded(&player.world.log)
    };
    STORIES.iter().map(told).collect()
}

fn recorded(log: &[Logged]) -> Vec<RecordedEvent> {
    let recorded = |(position, logged): (i64, &Logged)| RecordedEvent {
        position,
        aggregate_type: logged.stream.aggregate.to_owned(),
        aggregate_id: logged.stream.id.to_string(),
        sequence: i64::try_from(logged.sequence).unwrap(),
        event_type: logged.event.name().to_owned(),
        event_version: logged.event.version().to_owned(),
        payload: logged.event.to_payload(&logged.stamp).unwrap(),
        metadata: "{}".to_owned(),
        recorded_at: logged.stamp.time,
        command_id: None,
        leaf_hash: [0; 32],
    };
    (1..).zip(log).map(recorded).collect()
}

/// Texts of these members, wherever they stand.
fn texts_of(value: &Value, members: &[&str], found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, member) in object {
                if members.contains(&name.as_str()) {
                    strings(member, found);
                }
                texts_of(member, members, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| texts_of(item, members, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn strings(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            found.insert(text.clone());
        }
        Value::Object(members) => members.values().for_each(|member| strings(member, found)),
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn nothing_of_a_person_a_judge_or_a_vote_leaves() {
    let (mut told_of, mut withheld) = (0, 0);
    for events in told() {
        let (some, others) = nothing_leaves(&events);
        told_of += some;
        withheld += others;
    }
    assert!(told_of > 500 && withheld > 100, "{told_of} told, {withheld} withheld");
}

/// How many events of a story are told of, and how many are withheld.
fn nothing_leaves(events: &[RecordedEvent]) -> (usize, usize) {
    let (mut secrets, mut usernames) = (BTreeSet::new(), BTreeSet::new());
    for event in events {
        let payload: Value = serde_json::from_str(&event.payload).unwrap();
        let members = [
            "id_number",
            "id_number_hash",
            "phone",
            "account_id",
            "person_id",
            "judge_id",
            "judge_ids",
            "chair_id",
            "leader_id",
            "reviewer_id",
            "substitute_id",
            "drawn",
            "voters",
            "seed",
            "contact",
        ];
        // some are words as others use them: whole texts only
        texts_of(&payload, &["username"], &mut usernames);
        for named in ["/event/registered/name", "/event/drafted/name"] {
            payload.pointer(named).into_iter().for_each(|name| strings(name, &mut secrets));
        }
        texts_of(&payload, &members, &mut secrets);
    }
    secrets.retain(|secret| secret.chars().count() > 1);
    assert!(secrets.len() > 100, "the stories hold secrets: {}", secrets.len());
    let (mut told, mut withheld) = (0, 0);
    for event in events {
        let message = Message::of(event);
        let text = String::from_utf8(message.to_json()).unwrap();
        // the subject of an account's event is the account
        if message.data.is_some() || message.subject.is_none() {
            let leaked = secrets.iter().find(|secret| text.contains(secret.as_str()));
            assert_eq!(leaked, None, "{}: {text}", event.event_type);
            let mut said = BTreeSet::new();
            strings(&serde_json::from_str(&text).unwrap(), &mut said);
            assert_eq!(said.intersection(&usernames).next(), None, "{}: {text}", event.event_type);
        }
        if message.kind == WITHHELD { withheld += 1 } else { told += 1 }
    }
    (told, withheld)
}

#[test]
fn of_a_meeting_outsiders_hear_its_call_and_its_results() {
    let mut heard = BTreeSet::new();
    for event in told().iter().flatten().filter(|event| event.event_type.starts_with("review_meeting.")) {
        let message = Message::of(event);
        if message.data.is_some() {
            heard.insert(message.kind);
        }
    }
    let expected = ["review_meeting.closed", "review_meeting.created", "review_meeting.results_declared"];
    assert!(heard.iter().all(|kind| expected.contains(&&**kind)), "{heard:?}");
    assert!(heard.len() >= 2, "{heard:?}");
}
