//! One JSON Schema for each collection: the inputs of its actions.

use super::pretty;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};
use zhicheng_domain::{AnyCommand, AnyState};

/// By path.
pub(super) fn documents() -> Vec<(String, String)> {
    let mut documents = Vec::new();
    for (aggregate, collection) in AnyState::TYPES {
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        let mut inputs = Map::new();
        for spec in AnyState::specs(aggregate) {
            if let Some(schema) = AnyCommand::schema(aggregate, spec.name, &mut generator) {
                inputs.insert(spec.name.to_owned(), schema.into());
            }
        }
        if inputs.is_empty() {
            continue;
        }
        let document = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": format!("zhicheng:commands/{collection}"),
            "title": collection,
            "description": "an object with one member: the action, with its input",
            "type": "object",
            "properties": Value::Object(inputs),
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false,
            "$defs": generator.take_definitions(true),
        });
        documents.push((format!("commands/{collection}.json"), pretty(&document)));
    }
    documents
}
