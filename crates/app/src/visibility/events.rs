//! A declaration's events as a reader sees them: the work of judges is hidden until the results are declared, and their names
//! and exact times after that too.

use super::matrix::{Class, Meeting, Reader};
use super::{Readers, fields, open, shown};
use serde_json::{Map, Value, json};
use zhicheng_domain::aggregate::Stamp;
use zhicheng_domain::context::in_shanghai;
use zhicheng_domain::declaration::{Audience, Declaration};
use zhicheng_domain::values::Role;
use zhicheng_eventstore::RecordedEvent;

/// Whether these readers have the committee's view.
pub fn committee_view(readers: &[Reader], meeting: Meeting) -> bool {
    readers.iter().any(|reader| reader.has_committee_view(meeting))
}

/// With what these readers listen beside what everybody is told.
pub fn audience(readers: &[Reader], meeting: Meeting) -> Vec<Audience> {
    let owner = readers.contains(&Reader::Owner).then_some(Audience::Owner);
    let committee = committee_view(readers, meeting).then_some(Audience::Committee);
    owner.into_iter().chain(committee).collect()
}

/// Whether a judge did it: a vote has no actor at all.
pub fn is_judges(stamp: &Stamp) -> bool {
    stamp.actor.as_ref().is_none_or(|actor| actor.role == Some(Role::Judge))
}

/// Who acted, as these readers see it: of a judge only the role.
pub fn actor(stamp: &Stamp, readers: &[Reader], meeting: Meeting) -> Value {
    let Some(actor) = &stamp.actor else { return Value::Null };
    if actor.role == Some(Role::Judge) && shown(Value::Null, Class::Judges, readers, meeting).is_none() {
        return json!({"kind": "account", "role": "judge"});
    }
    serde_json::to_value(actor).unwrap_or_default()
}

/// When it happened: of judges only the day, but for the office and, afterwards, the province; judges hear no more of one another.
pub fn time(stamp: &Stamp, readers: &[Reader], meeting: Meeting) -> Value {
    let exact = |reader: &Reader| {
        matches!(reader, Reader::Committee | Reader::Province)
            && shown(Value::Null, Class::Judges, std::slice::from_ref(reader), meeting).is_some()
    };
    if is_judges(stamp) && !readers.iter().any(exact) {
        return json!(in_shanghai(stamp.time).date_naive());
    }
    json!(stamp.time)
}

/// One event of a declaration as it is answered; none where these readers are not told of it.
pub fn event(
    recorded: &RecordedEvent,
    stamp: &Stamp,
    data: Value,
    it: &Declaration,
    readers: &Readers,
    meeting: Meeting,
) -> Option<Value> {
    let audience = audience(readers, meeting);
    let version = u64::try_from(recorded.sequence).ok()?;
    if !it.tells(version, &audience) {
        return None;
    }
    // where there is no step, the employer says it, below all others
    let step = it.steps.iter().find(|step| step.version == version);
    let told = match step {
        Some(step) => readers.of_opinion(it, step),
        None => readers.of_lowest(),
    };
    let version = it.makes_version(version, &audience).then_some(version);
    Some(json!({
        "position": recorded.position, "version": version, "type": recorded.event_type,
        "actor": actor(stamp, readers, meeting), "time": time(stamp, readers, meeting),
        "data": redacted(&recorded.event_type, data, &told, meeting),
    }))
}

/// An event's data without what these readers do not see.
pub fn redacted(event: &str, data: Value, readers: &[Reader], meeting: Meeting) -> Value {
    let Value::Object(members) = data else { return json!({}) };
    let mut kept = Map::new();
    for (name, member) in members {
        if let Some(value) = field(event, &name, member, readers, meeting) {
            kept.insert(name, value);
        }
    }
    Value::Object(kept)
}

fn field(event: &str, path: &str, value: Value, readers: &[Reader], meeting: Meeting) -> Option<Value> {
    if let Some(class) = fields::class_of(event, path) {
        return shown(value, class, readers, meeting);
    }
    match value {
        // Private and not listed: nobody sees it.
        Value::Object(members) if is_private(&members) => None,
        Value::Object(members) => {
            let kept: Map<String, Value> = members
                .into_iter()
                .filter_map(|(name, member)| {
                    let value = field(event, &format!("{path}/{name}"), member, readers, meeting)?;
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
