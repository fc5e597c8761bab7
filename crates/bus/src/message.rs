//! A message: an event as a CloudEvent 1.0 in structured JSON.

use crate::told::{Told, told, without_persons};
use chrono::{DateTime, NaiveTime, SecondsFormat, Utc};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::values::Role;
use zhicheng_journal::RecordedEvent;

/// What all subjects begin with; the event's type comes next.
pub const SUBJECT_PREFIX: &str = "zhicheng.events.";
/// The type, and the end of the subject, of a message that tells nothing but that its position exists.
pub const WITHHELD: &str = "withheld";
/// Where the events come from: positions, and so the ids, are those of this resource.
pub const SOURCE: &str = "/v1/events";
/// The media type of a message.
pub const CONTENT_TYPE: &str = "application/cloudevents+json";
/// Bytes of a message at most: half of what a nats-server takes by default. A larger one is told without its data.
pub const MESSAGE_BYTES_MAX: usize = 512 * 1024;

/// The context attributes of CloudEvents and the data.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Message {
    /// `1.0`.
    pub specversion: &'static str,
    /// The position in the log, as text: unique, dense, and the order.
    pub id: String,
    /// [`SOURCE`].
    pub source: &'static str,
    /// The event's type, `declaration.recommended`; or [`WITHHELD`].
    #[serde(rename = "type")]
    pub kind: String,
    /// What it happened to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// When it happened; of what a judge did the first instant of the day in Hunan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// `application/json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datacontenttype: Option<&'static str>,
    /// Who, and what the event says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
}

/// What a message says of what happened.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Data {
    /// In which role it was done, and where that is held; never by whom.
    pub actor: Map<String, Value>,
    /// What the event says that is not about a person.
    pub event: Value,
}

impl Message {
    /// The message that tells nothing but that this position exists.
    pub fn withheld(position: i64) -> Self {
        Self {
            specversion: "1.0",
            id: position.to_string(),
            source: SOURCE,
            kind: WITHHELD.to_owned(),
            subject: None,
            time: None,
            datacontenttype: None,
            data: None,
        }
    }

    /// The message of an event of the present version: what is sealed in it is not opened.
    pub fn of(event: &RecordedEvent) -> Self {
        let withheld = Self::withheld(event.position);
        let Ok(Value::Object(mut fact)) = serde_json::from_str::<Value>(&event.payload) else {
            tracing::error!(position = event.position, "an event that cannot be read is not told on the bus");
            return withheld;
        };
        let said = said(fact.remove("event"));
        let actor = actor(fact.remove("actor"));
        let how_much = told(&event.event_type, &said);
        if how_much == Told::Nothing {
            return withheld;
        }
        let time = fact.get("time").and_then(Value::as_str).and_then(|time| time.parse().ok());
        let judge = actor.get("role").and_then(Value::as_str) == Some(Role::Judge.name());
        let time = time.map(|time| if judge { day_of(time) } else { time });
        let bare = Self {
            kind: event.event_type.clone(),
            subject: Some(event.aggregate_id.clone()),
            time: time.map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            ..withheld
        };
        if how_much == Told::Bare {
            return bare;
        }
        let data = Data { actor, event: without_persons(said) };
        let whole = Self { datacontenttype: Some("application/json"), data: Some(data), ..bare.clone() };
        if whole.to_json().len() <= MESSAGE_BYTES_MAX { whole } else { bare }
    }

    /// The subject on which it is published.
    pub fn nats_subject(&self) -> String {
        format!("{SUBJECT_PREFIX}{}", self.kind)
    }

    /// Its bytes.
    pub fn to_json(&self) -> Vec<u8> {
        // maps with text keys and nothing that could fail
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// What an event says: the one member of `{"<what happened>": {…}}`; nothing, where it is but a name.
fn said(event: Option<Value>) -> Value {
    let tagged = match event {
        Some(Value::Object(tagged)) => tagged.into_iter().next().map(|(_, said)| said),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) | None => {
            None
        }
    };
    tagged.filter(Value::is_object).unwrap_or_else(|| Value::Object(Map::new()))
}

/// In which role and where; of a judge the role alone.
fn actor(actor: Option<Value>) -> Map<String, Value> {
    let Some(Value::Object(members)) = actor else { return Map::new() };
    let judge = members.get("role").and_then(Value::as_str) == Some(Role::Judge.name());
    let kept: &[&str] =
        if judge { &["kind", "role"] } else { &["kind", "role", "organisation_id", "organisation_name"] };
    members.into_iter().filter(|(name, _)| kept.contains(&name.as_str())).collect()
}

/// The first instant of the day in Hunan.
fn day_of(instant: DateTime<Utc>) -> DateTime<Utc> {
    let midnight = in_shanghai(instant).with_time(NaiveTime::MIN).single();
    midnight.map_or(instant, |midnight| midnight.to_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn recorded(event_type: &str, payload: &Value) -> RecordedEvent {
        let aggregate = event_type.split('.').next().unwrap_or_default();
        RecordedEvent {
            position: 42,
            recorded_at: "2023-10-16T06:30:00Z".parse().unwrap(),
            aggregate_type: aggregate.to_owned(),
            aggregate_id: "0190f000-0000-7000-8000-000000000001".to_owned(),
            sequence: 3,
            event_type: event_type.to_owned(),
            event_version: "1".to_owned(),
            payload: payload.to_string(),
            metadata: String::new(),
            command_id: None,
            leaf_hash: [0; 32],
        }
    }

    fn message(event_type: &str, role: &str, said: &Value) -> Value {
        let (_, name) = event_type.split_once('.').unwrap();
        let payload = json!({
            "actor": {"kind": "account", "account_id": "a1", "role": role, "organisation_id": "o1"},
            "event": {name: said},
            "time": "2023-10-16T06:30:00Z",
        });
        serde_json::from_slice(&Message::of(&recorded(event_type, &payload)).to_json()).unwrap()
    }

    #[test]
    fn it_is_a_cloud_event() {
        let said = json!({"next": {"id": "n1"}, "opinion": {"$sealed": "AAAA"}, "quota": null});
        assert_eq!(
            message("declaration.recommended", "employer-operator", &said),
            json!({
                "specversion": "1.0", "id": "42", "source": "/v1/events", "type": "declaration.recommended",
                "subject": "0190f000-0000-7000-8000-000000000001", "time": "2023-10-16T06:30:00Z",
                "datacontenttype": "application/json",
                "data": {
                    "actor": {"kind": "account", "role": "employer-operator", "organisation_id": "o1"},
                    "event": {"next": {"id": "n1"}, "quota": null},
                },
            })
        );
    }

    #[test]
    fn of_a_vote_there_is_but_its_position() {
        let vote = message("declaration.vote_cast", "judge", &json!({"choice": "agree", "round_id": "r"}));
        let nothing = json!({"specversion": "1.0", "id": "42", "source": "/v1/events", "type": "withheld"});
        assert_eq!(vote, nothing);
    }

    #[test]
    fn of_a_judges_act_there_is_the_day() {
        let declared = message("review_meeting.results_declared", "judge", &json!({"declaration_ids": []}));
        assert_eq!(declared["time"], "2023-10-15T16:00:00Z");
        assert_eq!(declared["data"]["actor"], json!({"kind": "account", "role": "judge"}));
    }

    #[test]
    fn what_is_too_large_is_told_without_its_data() {
        let many = vec!["0190f000-0000-7000-8000-000000000001"; 20_000];
        let large =
            message("scheme.created", "committee-operator", &json!({"terms": {"participants": many}}));
        assert_eq!((&large["type"], large.get("data")), (&json!("scheme.created"), None));
    }

    #[test]
    fn what_cannot_be_read_does_not_stop_the_others() {
        for payload in [json!(7), json!({"event": 7}), json!({})] {
            let event = recorded("declaration.recommended", &payload);
            assert_eq!(Message::of(&event).id, "42");
        }
    }
}
