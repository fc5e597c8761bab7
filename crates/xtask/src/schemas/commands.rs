//! One JSON Schema for each action's input.

use super::pretty;
use schemars::generate::SchemaSettings;
use serde_json::Value;
use zhicheng_domain::{AnyCommand, AnyState};

/// By path.
pub(super) fn documents() -> Vec<(String, String)> {
    let mut documents = Vec::new();
    for (aggregate, collection) in AnyState::TYPES {
        for spec in AnyState::specs(aggregate) {
            let mut generator = SchemaSettings::draft2020_12().into_generator();
            let Some(schema) = AnyCommand::schema(aggregate, spec.name, &mut generator) else { continue };
            let definitions = generator.take_definitions(true);
            // A named input stands among the definitions; the file is about it.
            let mut schema = match schema.get("$ref").and_then(Value::as_str).and_then(super::definition) {
                Some(name) => definitions.get(name).cloned().unwrap_or_default(),
                None => Value::from(schema),
            };
            let used = super::needed(&schema, &definitions);
            if let Value::Object(members) = &mut schema {
                members.insert("$schema".into(), "https://json-schema.org/draft/2020-12/schema".into());
                members.insert("$id".into(), format!("zhicheng:commands/{collection}.{}", spec.name).into());
                members.insert("title".into(), spec.label.zh.into());
                if !used.is_empty() {
                    members.insert("$defs".into(), used.into());
                }
            }
            documents.push((format!("commands/{collection}.{}.json", spec.name), pretty(&schema)));
        }
    }
    documents
}
