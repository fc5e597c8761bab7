//! The log as those cleared for it see it (contract.md, `GET /v1/events`): everything that happened, without what is about a
//! natural person, without scores, and without who judges. The draw's record is for everybody once the results are declared.

use super::matrix::{Meeting, Reader};
use super::{events, without_private};
use chrono::{DateTime, NaiveTime, Utc};
use serde_json::{Map, Value, json};
use zhicheng_domain::Aggregate;
use zhicheng_domain::account::Account;
use zhicheng_domain::aggregate::{ActorStamp, Stamp};
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::declaration::Declaration;
use zhicheng_domain::review_meeting::ReviewMeeting;
use zhicheng_eventstore::RecordedEvent;

/// Whether the results of the meeting whose event it is are declared; of other events it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Results {
    /// They are.
    Declared,
    /// They are not.
    NotDeclared,
}

/// `(event, field)` of a review meeting that tell who judges. The event is the name after `review_meeting.`.
const JUDGES: &[(&str, &str)] = &[
    ("reply_recorded", "judge_id"),
    ("judge_replaced", "judge_id"),
    ("judge_replaced", "reason"),
    ("judge_replaced", "substitute_id"),
    ("panels_assigned", "chair_id"),
    ("panels_assigned", "groups"),
    ("judge_recused", "judge_id"),
    ("attendance_recorded", "judge_ids"),
];

/// `(event, field)` of a review meeting from which the draw follows: who was drawn, and the seeds with which anyone draws again.
const DRAW: &[(&str, &str)] = &[("seed_revealed", "seed"), ("judges_drawn", "record")];

/// What of the draw's record tells nothing before the results are declared.
const OPEN_OF_THE_DRAW: &[&str] = &["algorithm", "commitments", "size"];

/// Whether it must be known of an event whether its meeting's results are declared.
pub fn waits_for_results(event: &RecordedEvent) -> bool {
    let name = meeting_event(&event.event_type);
    DRAW.iter().any(|(draw, _)| name == Some(draw))
}

/// One event as it is answered.
pub fn entry(event: &RecordedEvent, payload: &Value, reader: Reader, results: Results) -> Value {
    let data = match payload.get("event") {
        Some(Value::Object(tagged)) => tagged.values().next().cloned().unwrap_or_else(|| json!({})),
        Some(_) | None => json!({}),
    };
    // Nobody who reads the log reads a case in it: the results of none count as declared here.
    let data = if event.aggregate_type == Declaration::TYPE {
        events::redacted(&event.event_type, data, &[reader], Meeting::Ahead)
    } else {
        of_meeting(&event.event_type, without_private(data), results)
    };
    let stamp = stamp(payload);
    let judge = stamp.as_ref().is_some_and(events::is_judges);
    let shown = stamp.map(|stamp| {
        let ahead = Meeting::Ahead;
        (events::actor(&stamp, &[reader], ahead), events::time(&stamp, &[reader], ahead))
    });
    let (actor, time) = shown.unwrap_or_default();
    // what a judge does to the own account would name it
    let own = judge && event.aggregate_type == Account::TYPE;
    json!({
        "position": event.position, "recorded_at": if judge { day_of(event.recorded_at) } else { event.recorded_at },
        "aggregate": event.aggregate_type, "aggregate_id": (!own).then_some(&event.aggregate_id),
        // a judge's events make no version step
        "version": (!judge).then_some(event.sequence), "type": event.event_type,
        "actor": actor, "time": time, "data": data,
    })
}

/// A meeting's data without who judges; other data as it is.
pub fn of_meeting(event: &str, data: Value, results: Results) -> Value {
    let (Some(event), Value::Object(members)) = (meeting_event(event), &data) else { return data };
    let named = |list: &[(&str, &str)], field: &str| list.contains(&(event, field));
    let kept: Map<String, Value> = members
        .iter()
        .filter(|(field, _)| !named(JUDGES, field))
        .filter_map(|(field, value)| match (named(DRAW, field), results) {
            (true, Results::NotDeclared) => open_of_the_draw(value).map(|value| (field.clone(), value)),
            (true, Results::Declared) | (false, _) => Some((field.clone(), value.clone())),
        })
        .collect();
    Value::Object(kept)
}

fn open_of_the_draw(value: &Value) -> Option<Value> {
    let record = value.as_object()?;
    let open = record.iter().filter(|(name, _)| OPEN_OF_THE_DRAW.contains(&name.as_str()));
    Some(Value::Object(open.map(|(name, value)| (name.clone(), value.clone())).collect()))
}

fn meeting_event(event: &str) -> Option<&str> {
    event.strip_prefix(ReviewMeeting::TYPE)?.strip_prefix('.')
}

/// Who did it and when; none where the event does not say it in the form of today.
fn stamp(payload: &Value) -> Option<Stamp> {
    let actor: Option<ActorStamp> = match payload.get("actor") {
        Some(actor) => serde_json::from_value(actor.clone()).ok()?,
        None => None,
    };
    let time = serde_json::from_value(payload.get("time")?.clone()).ok()?;
    Some(Stamp { actor, time })
}

/// The day of an instant in Asia/Shanghai, as its first instant.
fn day_of(instant: DateTime<Utc>) -> DateTime<Utc> {
    let midnight = in_shanghai(instant).with_time(NaiveTime::MIN).single();
    midnight.map_or(instant, |midnight| midnight.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhicheng_domain::review_meeting::Event;

    fn recorded(event_type: &str) -> RecordedEvent {
        let aggregate = event_type.split('.').next().unwrap_or_default();
        RecordedEvent {
            position: 7,
            recorded_at: "2023-10-16T06:30:00Z".parse().unwrap(),
            aggregate_type: aggregate.to_owned(),
            aggregate_id: uuid::Uuid::from_u128(1).to_string(),
            sequence: 3,
            event_type: event_type.to_owned(),
            event_version: "1".to_owned(),
            payload: String::new(),
            metadata: String::new(),
            command_id: None,
            leaf_hash: [0; 32],
        }
    }

    fn read(event_type: &str, actor: &Value, data: &Value, results: Results) -> Value {
        let payload = json!({"actor": actor, "event": {"any": data}, "time": "2023-10-16T06:30:00Z"});
        entry(&recorded(event_type), &payload, Reader::Auditor, results)
    }

    fn office() -> Value {
        json!({"kind": "account", "account_id": uuid::Uuid::from_u128(9), "role": "committee-operator"})
    }

    #[test]
    fn nobody_learns_from_a_meeting_who_judges() {
        let judge = uuid::Uuid::from_u128(0xa11ce);
        let group =
            json!({"judge_ids": [judge], "leader_id": judge, "reviewer_id": judge, "declaration_ids": []});
        for (event, data) in [
            ("reply_recorded", json!({"judge_id": judge, "reply": "confirmed"})),
            ("judge_replaced", json!({"judge_id": judge, "substitute_id": judge, "reason": "张评委出差"})),
            ("panels_assigned", json!({"chair_id": judge, "groups": [group]})),
            ("judge_recused", json!({"judge_id": judge, "declaration_id": uuid::Uuid::nil()})),
            ("attendance_recorded", json!({"judge_ids": [judge]})),
        ] {
            for results in [Results::NotDeclared, Results::Declared] {
                let answer = read(&format!("review_meeting.{event}"), &office(), &data, results).to_string();
                assert!(!answer.contains(&judge.to_string()) && !answer.contains("张评委"), "{answer}");
            }
        }
    }

    #[test]
    fn the_draw_can_be_repeated_once_the_results_are_declared() {
        let record = json!({
            "algorithm": "x", "commitments": ["c1", "c2"], "size": 1, "pool": ["p"], "drawn": ["d"], "substitutes": ["s"], "seeds": ["s1", "s2"],
        });
        let data = json!({"record": record});
        let before = read("review_meeting.judges_drawn", &office(), &data, Results::NotDeclared);
        assert_eq!(
            before["data"],
            json!({"record": {"algorithm": "x", "commitments": ["c1", "c2"], "size": 1}})
        );
        let after = read("review_meeting.judges_drawn", &office(), &data, Results::Declared);
        assert_eq!(after["data"], data);
        let revealed = json!({"account_id": "a", "seed": "s1"});
        let before = read("review_meeting.seed_revealed", &office(), &revealed, Results::NotDeclared);
        assert_eq!(before["data"], json!({"account_id": "a"}));
    }

    #[test]
    fn a_judges_action_has_a_day_and_neither_account_nor_version() {
        let judge = json!({"kind": "account", "account_id": uuid::Uuid::from_u128(0xa11ce), "role": "judge"});
        for event in ["review_meeting.ballots_opened", "declaration.ballot_opened"] {
            let answer = read(event, &judge, &json!({"declaration_ids": []}), Results::Declared);
            assert_eq!(answer["actor"], json!({"kind": "account", "role": "judge"}));
            assert_eq!(
                (&answer["time"], &answer["recorded_at"], &answer["version"]),
                (&json!("2023-10-16"), &json!("2023-10-15T16:00:00Z"), &Value::Null)
            );
        }
        let own = read("account.notice_read", &judge, &json!({}), Results::Declared);
        assert_eq!(own["aggregate_id"], Value::Null, "whose account it is");
        let vote = read("declaration.vote_cast", &Value::Null, &json!({}), Results::Declared);
        assert_eq!(
            (&vote["time"], &vote["version"]),
            (&json!("2023-10-16"), &Value::Null),
            "the closing's time"
        );
        let office = read("review_meeting.closed", &office(), &json!({}), Results::Declared);
        assert_eq!((&office["time"], &office["version"]), (&json!("2023-10-16T06:30:00Z"), &json!(3)));
    }

    #[test]
    fn every_field_of_a_meeting_that_names_judges_is_listed() {
        let schema = schemars::schema_for!(Event).to_value();
        let mut naming = 0;
        for variant in schema["oneOf"].as_array().unwrap() {
            let Some(events) = variant["properties"].as_object() else { continue };
            for (event, body) in events {
                for (field, schema) in body["properties"].as_object().into_iter().flatten() {
                    let words = schema.to_string();
                    if ["JudgeId", "Group", "DrawRecord"].iter().any(|it| words.contains(&format!("/{it}\"")))
                    {
                        naming += 1;
                        let pair = (event.as_str(), field.as_str());
                        assert!(JUDGES.contains(&pair) || DRAW.contains(&pair), "{event} {field}");
                    }
                }
            }
        }
        assert!(naming >= 7, "the schema was read");
    }
}
