//! What a subscriber may expect of each event that is told: the schema of what it says, without what is left out, and an example made by the
//! code that makes the messages.

use crate::message::Message;
use crate::told::{LEFT_OUT, Told, by_name};
use chrono::DateTime;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use zhicheng_domain::history::BRINGS;
use zhicheng_domain::private::ERASED;
use zhicheng_domain::{AnyEvent, AnyState};
use zhicheng_journal::RecordedEvent;

/// Where schemas lie in the document.
const SCHEMAS: &str = "#/components/schemas/";
/// Where the domain's schemas have what they share.
const DEFINITIONS: &str = "#/$defs/";
/// What the names of definitions of private values begin with.
const PRIVATE_DEFINITION: &str = "Private_";
/// How deep an example is filled in.
const DEPTH_MAX: usize = 12;
/// An id in examples.
const ID: &str = "0188b6f2-6c00-7000-8000-000000000001";

/// An event that is told.
pub(crate) struct ToldEvent {
    /// Its type.
    pub(crate) name: String,
    /// What happened, as the domain says it.
    pub(crate) summary: String,
    /// The name of the schema of what it says; none where that is not told.
    pub(crate) schema: Option<String>,
    /// The message of such an event.
    pub(crate) example: Message,
}

/// Every event that is told, and the schemas that they refer to, by name.
pub(crate) fn told_events() -> (Vec<ToldEvent>, BTreeMap<String, Value>) {
    let (mut told, mut schemas) = (Vec::new(), BTreeMap::new());
    for (aggregate, _) in AnyState::TYPES {
        let Some(fact) = AnyEvent::schema(aggregate).map(Value::from) else { continue };
        let nothing = Map::new();
        let definitions = fact["$defs"].as_object().unwrap_or(&nothing);
        let whole = Aggregate { name: aggregate, definitions };
        for (happened, summary, said) in whole.events(&fact["properties"]["event"]) {
            let name = format!("{aggregate}.{happened}");
            let schema = match by_name(&name) {
                Told::Nothing => continue,
                Told::Bare => None,
                Told::Whole => {
                    let told = whole.told(&said, &mut schemas);
                    schemas.insert(name.clone(), told);
                    Some(name.clone())
                }
            };
            let example = whole.example(&name, &happened, &said);
            told.push(ToldEvent { name, summary, schema, example });
        }
    }
    (told, schemas)
}

/// An aggregate with what its schemas share.
struct Aggregate<'a> {
    name: &'a str,
    definitions: &'a Map<String, Value>,
}

impl<'a> Aggregate<'a> {
    fn definition(&self, schema: &Value) -> Option<(&'a String, &'a Value)> {
        let name = schema["$ref"].as_str()?.strip_prefix(DEFINITIONS)?;
        self.definitions.get_key_value(name)
    }

    /// What its events are: what happened, in words, and the schema of what each says.
    fn events(&self, event: &Value) -> Vec<(String, String, Value)> {
        let event = self.definition(event).map_or(event, |(_, definition)| definition);
        let variants = event["oneOf"].as_array().into_iter().flatten();
        let tagged = variants.flat_map(|variant| {
            let summary = variant["description"].as_str().unwrap_or_default().to_owned();
            let alone = variant["const"].as_str().into_iter();
            let listed = variant["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
            // one that says nothing more is but its name
            let names =
                alone.chain(listed).map(|name| (name.to_owned(), summary.clone(), json!({"type": "object"})));
            let members = variant["properties"].as_object().into_iter().flatten();
            let members = members.map(|(name, said)| (name.clone(), summary.clone(), said.clone()));
            names.chain(members).collect::<Vec<_>>()
        });
        tagged.collect()
    }

    fn is_private(&self, schema: &Value) -> bool {
        let private = |schema: &Value| {
            self.definition(schema).is_some_and(|(name, _)| name.starts_with(PRIVATE_DEFINITION))
        };
        private(schema) || schema["anyOf"].as_array().into_iter().flatten().any(private)
    }

    /// A schema without what is left out of messages; what it refers to is put among the schemas.
    fn told(&self, schema: &Value, schemas: &mut BTreeMap<String, Value>) -> Value {
        if let Some((name, definition)) = self.definition(schema) {
            let key = format!("{}.{name}", self.name);
            if !schemas.contains_key(&key) {
                // it may refer to itself
                schemas.insert(key.clone(), Value::Null);
                let told = self.told(definition, schemas);
                schemas.insert(key.clone(), told);
            }
            return json!({"$ref": format!("{SCHEMAS}{key}")});
        }
        let Value::Object(members) = schema else { return schema.clone() };
        let left_out = |name: &str| LEFT_OUT.contains(&name) || self.is_private(&schema["properties"][name]);
        let mut told = Map::new();
        for (keyword, value) in members {
            let kept: Value = match (keyword.as_str(), value) {
                ("properties", Value::Object(of)) => {
                    let kept = of.iter().filter(|(name, _)| !left_out(name));
                    Value::Object(kept.map(|(name, of)| (name.clone(), self.told(of, schemas))).collect())
                }
                ("required", Value::Array(names)) => {
                    names.iter().filter(|name| !name.as_str().is_some_and(left_out)).cloned().collect()
                }
                ("items" | "additionalProperties", of) => self.told(of, schemas),
                ("oneOf" | "anyOf" | "allOf" | "prefixItems", Value::Array(of)) => {
                    of.iter().map(|of| self.told(of, schemas)).collect()
                }
                (_, value) => value.clone(),
            };
            told.insert(keyword.clone(), kept);
        }
        Value::Object(told)
    }

    fn example(&self, name: &str, happened: &str, said: &Value) -> Message {
        let payload = json!({
            "actor": actor(self.name, name),
            "event": {happened: self.value("", said, 0)},
            "time": "2023-05-04T01:00:00Z",
        });
        Message::of(&RecordedEvent {
            position: 41,
            aggregate_type: self.name.to_owned(),
            aggregate_id: ID.to_owned(),
            sequence: 1,
            event_type: name.to_owned(),
            event_version: AnyEvent::version_of(self.name, name).unwrap_or_default().to_owned(),
            payload: payload.to_string(),
            metadata: "{}".to_owned(),
            recorded_at: DateTime::UNIX_EPOCH,
            command_id: None,
            leaf_hash: [0; 32],
        })
    }

    /// A value of this schema, such as a member of this name may have.
    fn value(&self, name: &str, schema: &Value, depth: usize) -> Value {
        if depth > DEPTH_MAX {
            return Value::Null;
        }
        if self.is_private(schema) {
            // left out of the message
            return json!({ERASED: true});
        }
        if let Some((_, definition)) = self.definition(schema) {
            return self.value(name, definition, depth + 1);
        }
        if let Some(value) = schema.get("const") {
            return value.clone();
        }
        let first = |of: &str| schema[of].as_array().and_then(|it| it.first());
        if let Some(value) = first("enum") {
            return value.clone();
        }
        if let Some(form) = first("oneOf").or_else(|| first("anyOf")) {
            return self.value(name, form, depth + 1);
        }
        let kind = schema["type"].as_str().or_else(|| first("type").and_then(Value::as_str));
        match kind {
            Some("object") => {
                let members = schema["properties"].as_object().into_iter().flatten();
                members.map(|(name, of)| (name.clone(), self.value(name, of, depth + 1))).collect()
            }
            Some("array") => {
                let how_many = schema["minItems"].as_u64().unwrap_or(1);
                (0..how_many).map(|_| self.value(name, &schema["items"], depth + 1)).collect()
            }
            Some("integer") => json!(if name == "year" { 2023 } else { 1 }),
            Some("number") => json!(1.5),
            Some("boolean") => json!(false),
            Some("string") => json!(text(name, schema)),
            Some(_) | None => Value::Null,
        }
    }
}

/// A text of this schema.
fn text(name: &str, schema: &Value) -> String {
    let format = schema["format"].as_str().unwrap_or_default();
    let text = match (format, name) {
        ("uuid", _) => ID,
        ("date", _) => "2023-05-04",
        ("date-time", _) => "2023-05-04T01:00:00Z",
        // a rollback is told of what is done outside a meeting
        (_, "action") => "review-qualification",
        (_, "name" | "organisation_name" | "committee_name") => "长沙市城区排水事务中心",
        (_, _) if schema.get("pattern").is_some() => return "0".repeat(64),
        (_, _) => "示例",
    };
    text.to_owned()
}

/// Who does what the event tells, in the first role that may.
fn actor(aggregate: &str, event: &str) -> Value {
    let brings = BRINGS.iter().find(|it| it.own.contains(&event) && it.aggregate == aggregate);
    let brings = brings.or_else(|| BRINGS.iter().find(|it| it.others.iter().any(|on| on.event == event)));
    let spec = brings.and_then(|it| AnyState::specs(it.aggregate).iter().find(|spec| spec.name == it.action));
    match spec.and_then(|spec| spec.by.first()) {
        Some(by) => json!({
            "kind": "account", "role": by.role.name(), "organisation_id": ID,
            "organisation_name": "湖南省人力资源和社会保障厅",
        }),
        None => json!({"kind": "system"}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_that_is_told_has_a_message_with_its_schema_and_an_example() {
        let (told, schemas) = told_events();
        let names = AnyEvent::NAMES.iter().flat_map(|(_, names)| names.iter().copied());
        let mut due: Vec<&str> = names.filter(|name| by_name(name) != Told::Nothing).collect();
        let mut found: Vec<&str> = told.iter().map(|it| it.name.as_str()).collect();
        found.sort_unstable();
        due.sort_unstable();
        assert_eq!(found, due);
        for it in &told {
            let example = serde_json::to_value(&it.example).unwrap();
            assert_eq!(example["type"], it.name.as_str());
            if let Some(schema) = &it.schema {
                fits(&schemas, &schemas[schema], &example["data"]["event"], &it.name);
            }
        }
    }

    #[test]
    fn nothing_that_is_left_out_is_promised() {
        let (_, schemas) = told_events();
        assert!(!schemas.keys().any(|name| name.contains(PRIVATE_DEFINITION)), "{:?}", schemas.keys());
        for (name, schema) in &schemas {
            let members = schema["properties"].as_object().into_iter().flatten();
            for (member, _) in members {
                assert!(!LEFT_OUT.contains(&member.as_str()), "{name} promises {member}");
            }
        }
    }

    /// Whether a value is what its schema says, as far as types, names and what must be there go.
    #[track_caller]
    fn fits(schemas: &BTreeMap<String, Value>, schema: &Value, value: &Value, at: &str) {
        if let Some(name) = schema["$ref"].as_str() {
            let name = name.strip_prefix(SCHEMAS).expect("within the document");
            return fits(schemas, schemas.get(name).unwrap_or_else(|| panic!("{name} is there")), value, at);
        }
        if let Some(form) = ["oneOf", "anyOf"].iter().find_map(|of| schema[of].as_array()) {
            return fits(schemas, &form[0], value, at);
        }
        if let Some(one) = schema.get("const") {
            assert_eq!(one, value, "{at}");
        }
        let kinds = match &schema["type"] {
            Value::Array(kinds) => kinds.clone(),
            Value::Null => return,
            kind => vec![kind.clone()],
        };
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        assert!(kinds.contains(&json!(kind)), "{at} is {kind}: {value}, and not {kinds:?}");
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(value.get(name.as_str().unwrap()).is_some(), "{at} lacks {name}: {value}");
        }
        for (name, of) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(member) = value.get(name) {
                fits(schemas, of, member, &format!("{at}/{name}"));
            }
        }
        for item in value.as_array().into_iter().flatten() {
            fits(schemas, &schema["items"], item, at);
        }
    }
}
