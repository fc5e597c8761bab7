//! A declaration's events as a reader sees them: the work of judges is hidden until the results are declared, and their names
//! and exact times after that too.

use super::matrix::{Class, Reader};
use super::{fields, open, shown};
use serde_json::{Map, Value, json};
use zhicheng_domain::aggregate::Stamp;
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::values::Role;
use zhicheng_eventstore::RecordedEvent;

/// Events of the committee's work between the draw and the declared result.
pub fn is_committee_work(event: &str) -> bool {
    matches!(
        event.strip_prefix("declaration.").unwrap_or(event),
        "judges_drawn"
            | "panel_assigned"
            | "interview_notified"
            | "judge_recused"
            | "material_review_passed"
            | "material_review_failed"
            | "material_scored"
            | "interview_scored"
            | "group_opinion_given"
            | "ballot_opened"
            | "vote_cast"
            | "ballot_closed"
            | "committee_opinion_given"
            | "offline_result_recorded"
            | "cut_applied"
            | "cut_voided"
            | "failure_reason_recorded"
            | "operation_rolled_back"
    )
}

/// Whether these readers have the committee's view.
pub fn committee_view(readers: &[Reader]) -> bool {
    readers.iter().any(|reader| reader.has_committee_view())
}

/// Whether the reader knows of an event at all; its version counts then.
pub fn is_visible(event: &str, readers: &[Reader]) -> bool {
    committee_view(readers) || !is_committee_work(event)
}

/// Who acted, as these readers see it: of a judge only the role.
pub fn actor(stamp: &Stamp, readers: &[Reader], declared: bool) -> Value {
    let Some(actor) = &stamp.actor else { return Value::Null };
    if actor.role == Some(Role::Judge) && shown(Value::Null, Class::Judges, readers, declared).is_none() {
        return json!({"kind": "account", "role": "judge"});
    }
    serde_json::to_value(actor).unwrap_or_default()
}

/// When it happened: of judges only the day.
pub fn time(stamp: &Stamp, readers: &[Reader], declared: bool) -> Value {
    let judge = stamp.actor.as_ref().is_none_or(|actor| actor.role == Some(Role::Judge));
    if judge && shown(Value::Null, Class::Judges, readers, declared).is_none() {
        return json!(in_shanghai(stamp.time).date_naive());
    }
    json!(stamp.time)
}

/// One event of a declaration as it is answered.
pub fn event(
    recorded: &RecordedEvent,
    stamp: &Stamp,
    data: Value,
    readers: &[Reader],
    declared: bool,
) -> Value {
    json!({
        "position": recorded.position, "version": recorded.sequence, "type": recorded.event_type,
        "actor": actor(stamp, readers, declared), "time": time(stamp, readers, declared),
        "data": redacted(&recorded.event_type, data, readers, declared),
    })
}

/// An event's data without what these readers do not see.
pub fn redacted(event: &str, data: Value, readers: &[Reader], declared: bool) -> Value {
    let Value::Object(members) = data else { return json!({}) };
    let mut kept = Map::new();
    for (name, member) in members {
        if let Some(value) = field(event, &name, member, readers, declared) {
            kept.insert(name, value);
        }
    }
    Value::Object(kept)
}

fn field(event: &str, path: &str, value: Value, readers: &[Reader], declared: bool) -> Option<Value> {
    if let Some(class) = fields::class_of(event, path) {
        return shown(value, class, readers, declared);
    }
    match value {
        // Private and not listed: nobody sees it.
        Value::Object(members) if is_private(&members) => None,
        Value::Object(members) => {
            let kept: Map<String, Value> = members
                .into_iter()
                .filter_map(|(name, member)| {
                    let value = field(event, &format!("{path}/{name}"), member, readers, declared)?;
                    Some((name, value))
                })
                .collect();
            Some(Value::Object(kept))
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
            Some(open(other))
        }
    }
}

fn is_private(members: &Map<String, Value>) -> bool {
    use zhicheng_domain::private::{ERASED, PRIVATE, SEALED};
    members.len() == 1 && members.keys().any(|name| [PRIVATE, SEALED, ERASED].contains(&name.as_str()))
}
