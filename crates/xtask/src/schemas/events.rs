//! One JSON Schema for each aggregate and version of its events' shapes: the facts as they lie in the log.

use super::{needed, pretty};
use serde_json::{Map, Value, json};
use zhicheng_domain::{AnyEvent, AnyState};

/// The version of all shapes so far (`Event::version`).
const VERSION: &str = "1";

/// By path.
pub(super) fn documents() -> Vec<(String, String)> {
    let mut documents = Vec::new();
    for (aggregate, _) in AnyState::TYPES {
        let Some(mut schema) = AnyEvent::schema(aggregate).map(Value::from) else { continue };
        schema["$id"] = format!("zhicheng:events/{aggregate}/{VERSION}").into();
        schema["title"] = format!("{aggregate}.*").into();
        documents.push((format!("events/{aggregate}.v{VERSION}.json"), pretty(&schema)));
    }
    documents
}

/// Every event's schema by its name in the log, each with the definitions that it needs.
pub(super) fn schemas() -> Vec<(String, Value)> {
    AnyState::TYPES.iter().flat_map(|(aggregate, _)| of_aggregate(aggregate)).collect()
}

fn of_aggregate(aggregate: &str) -> Vec<(String, Value)> {
    let Some(fact) = AnyEvent::schema(aggregate).map(Value::from) else { return Vec::new() };
    let nothing = Map::new();
    let definitions = fact["$defs"].as_object().unwrap_or(&nothing);
    let events = match fact["properties"]["event"]["$ref"].as_str().and_then(super::definition) {
        Some(name) => &definitions[name],
        None => &fact["properties"]["event"],
    };
    let variants = events["oneOf"].as_array().map(Vec::as_slice).unwrap_or_default();
    let named = variants.iter().flat_map(tagged);
    named
        .map(|(tag, variant)| {
            let used = needed(&variant, definitions);
            (format!("{aggregate}.{tag}"), json!({"event": variant, "$defs": used}))
        })
        .collect()
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
