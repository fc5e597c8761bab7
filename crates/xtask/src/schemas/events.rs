//! One JSON Schema for each aggregate: its facts as they are written now. Shapes that are only read any more are among the
//! released ones (`released-events.json`).

use super::pretty;
use serde_json::{Map, Value, json};
use zhicheng_domain::{AnyEvent, AnyState};

/// By path.
pub(super) fn documents() -> Vec<(String, String)> {
    let mut documents = Vec::new();
    for (aggregate, _) in AnyState::TYPES {
        let Some(mut schema) = AnyEvent::schema(aggregate).map(Value::from) else { continue };
        schema["$id"] = format!("zhicheng:events/{aggregate}").into();
        schema["title"] = format!("{aggregate}.*").into();
        documents.push((format!("events/{aggregate}.json"), pretty(&schema)));
    }
    documents
}

/// What the shape of an event is read from.
pub(super) struct Shape<'a> {
    /// Its name in the log.
    pub name: String,
    /// The version of its shape.
    pub version: &'static str,
    /// Its schema.
    pub schema: Value,
    /// What the schema refers to.
    pub definitions: &'a Map<String, Value>,
}

/// Every event, through what makes something of its shape.
pub(super) fn each<T>(make: impl Fn(Shape<'_>) -> T) -> Vec<T> {
    let mut made = Vec::new();
    for (aggregate, _) in AnyState::TYPES {
        let Some(fact) = AnyEvent::schema(aggregate).map(Value::from) else { continue };
        let nothing = Map::new();
        let definitions = fact["$defs"].as_object().unwrap_or(&nothing);
        let events = &fact["properties"]["event"];
        let referred = events["$ref"].as_str().and_then(super::definition);
        let events = referred.and_then(|name| definitions.get(name)).unwrap_or(events);
        for (tag, schema) in events["oneOf"].as_array().into_iter().flatten().flat_map(tagged) {
            let name = format!("{aggregate}.{tag}");
            let version = AnyEvent::version_of(aggregate, &name).unwrap_or_default();
            made.push(make(Shape { name, version, schema, definitions }));
        }
    }
    made
}

/// The tags of a variant with its schema: an object with one member, or a text where there is nothing more to say.
fn tagged(variant: &Value) -> Vec<(String, Value)> {
    if let Some(tag) = variant["const"].as_str() {
        return vec![(tag.to_owned(), variant.clone())];
    }
    if let Some(tags) = variant["enum"].as_array() {
        let tags = tags.iter().filter_map(Value::as_str);
        return tags.map(|tag| (tag.to_owned(), json!({"type": "string", "const": tag}))).collect();
    }
    let members = variant["properties"].as_object().into_iter().flatten();
    members.map(|(tag, _)| (tag.clone(), variant.clone())).collect()
}
