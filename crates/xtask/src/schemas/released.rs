//! Shapes of events that were released, each under `<event>@<version>`: they may gain optional fields and values, and nothing else, for
//! the log keeps them for ever and outsiders read them. What must change otherwise becomes another version, and the former one stays
//! readable by a step of [`UPCASTS`].

use super::events;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use zhicheng_domain::upcast::UPCASTS;

/// How deep a shape is followed; deeper ones are any value.
const DEPTH_MAX: usize = 16;

/// The shapes by event and version, as the code has them.
pub fn shapes() -> BTreeMap<String, Value> {
    let shapes = events::each(|event| {
        (format!("{}@{}", event.name, event.version), shape(&event.schema, event.definitions, 0))
    });
    shapes.into_iter().collect()
}

/// The shapes that were released.
///
/// # Errors
///
/// The file cannot be read or is no such list.
pub fn released(root: &Path) -> io::Result<BTreeMap<String, Value>> {
    let text = std::fs::read_to_string(file(root))?;
    serde_json::from_str(&text).map_err(io::Error::other)
}

/// Notes what is new as released; answers what breaks what was released before, and then notes nothing.
///
/// # Errors
///
/// The file cannot be read or written.
pub fn release(root: &Path) -> io::Result<Vec<String>> {
    let before = if file(root).exists() { released(root)? } else { BTreeMap::new() };
    let now = shapes();
    let broken = breaks(&before, &now);
    if broken.is_empty() {
        // former versions stay as they were released
        let released: BTreeMap<_, _> = before.into_iter().chain(now).collect();
        std::fs::write(file(root), super::pretty(&json!(released)))?;
    }
    Ok(broken)
}

fn file(root: &Path) -> std::path::PathBuf {
    root.join("schemas/released-events.json")
}

/// What of the released shapes is broken, in words.
pub fn breaks(released: &BTreeMap<String, Value>, now: &BTreeMap<String, Value>) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, before) in released {
        match now.get(name) {
            Some(after) => compare(name, before, after, &mut broken),
            None if leads_on(name) => {}
            None => broken.push(format!("{name} is gone")),
        }
    }
    broken
}

/// Whether a step leads from this version of the event to a later one.
fn leads_on(name: &str) -> bool {
    UPCASTS.iter().any(|it| name == format!("{}@{}", it.event, it.from))
}

fn compare(path: &str, before: &Value, after: &Value, broken: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            let required = |of: &Map<String, Value>| -> Vec<String> {
                let names = of.get("required").and_then(Value::as_array).into_iter().flatten();
                names.filter_map(Value::as_str).map(str::to_owned).collect()
            };
            let (was, is) = (required(before), required(after));
            for name in was.iter().filter(|name| !is.contains(name)) {
                broken.push(format!("{path}/{name} need not be there any more"));
            }
            for name in is.iter().filter(|name| !was.contains(name)) {
                broken.push(format!("{path}/{name} must be there now"));
            }
            for (keyword, value) in after.iter().filter(|(keyword, _)| !before.contains_key(*keyword)) {
                // members that need not be there may come to an object that had none, and `required` was looked at above
                if !matches!(keyword.as_str(), "properties" | "required") {
                    broken.push(format!("{path} gained {keyword}: {value}"));
                }
            }
            for (keyword, value) in before {
                match (keyword.as_str(), after.get(keyword)) {
                    ("required", _) => {}
                    ("properties", Some(Value::Object(now))) => {
                        for (name, value) in value.as_object().into_iter().flatten() {
                            match now.get(name) {
                                Some(after) => compare(&format!("{path}/{name}"), value, after, broken),
                                None => broken.push(format!("{path}/{name} is gone")),
                            }
                        }
                    }
                    ("enum", Some(now)) => {
                        let now = now.as_array().map(Vec::as_slice).unwrap_or_default();
                        for gone in
                            value.as_array().into_iter().flatten().filter(|value| !now.contains(value))
                        {
                            broken.push(format!("{path} can no longer be {gone}"));
                        }
                    }
                    ("oneOf" | "anyOf", Some(Value::Array(now))) => {
                        let same = |one: &Value| {
                            now.iter().any(|other| {
                                let mut found = Vec::new();
                                compare(path, one, other, &mut found);
                                found.is_empty()
                            })
                        };
                        for _ in value.as_array().into_iter().flatten().filter(|one| !same(one)) {
                            broken.push(format!("{path} lost one of its forms"));
                        }
                    }
                    (_, Some(now)) => compare(&format!("{path}/{keyword}"), value, now, broken),
                    (_, None) => broken.push(format!("{path} lost its {keyword}")),
                }
            }
        }
        (before, after) if before == after => {}
        (before, after) => broken.push(format!("{path} was {before} and is {after}")),
    }
}

/// A schema without words, and with its references followed.
fn shape(schema: &Value, definitions: &Map<String, Value>, depth: usize) -> Value {
    let Value::Object(members) = schema else { return schema.clone() };
    if depth > DEPTH_MAX {
        return Value::Bool(true);
    }
    let referred = members.get("$ref").and_then(Value::as_str).and_then(super::definition);
    if let Some(of) = referred.and_then(|name| definitions.get(name)) {
        return shape(of, definitions, depth + 1);
    }
    let mut kept = Map::new();
    for (keyword, value) in members {
        let value = match keyword.as_str() {
            // they follow from the format
            "minimum" | "maximum" if members.contains_key("format") => continue,
            "type" | "format" | "enum" | "const" | "required" => value.clone(),
            "properties" => {
                let of = value.as_object().into_iter().flatten();
                of.map(|(name, value)| (name.clone(), shape(value, definitions, depth + 1)))
                    .collect::<Map<_, _>>()
                    .into()
            }
            "items" | "additionalProperties" => shape(value, definitions, depth + 1),
            "oneOf" | "anyOf" | "allOf" | "prefixItems" => {
                let of = value.as_array().into_iter().flatten();
                of.map(|value| shape(value, definitions, depth + 1)).collect()
            }
            "$schema" | "$id" | "$defs" | "title" | "description" | "default" | "examples" | "deprecated" => {
                continue;
            }
            // whatever else narrows: `pattern`, `maxLength`, `minItems`, `not`
            _ => value.clone(),
        };
        kept.insert(keyword.clone(), value);
    }
    Value::Object(kept)
}
