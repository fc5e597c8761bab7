//! `schemas/asyncapi.json` is what the code generates.
#![expect(clippy::disallowed_methods, reason = "blessing is asked for by the environment")]

use std::path::Path;

#[test]
fn the_checked_in_document_of_the_bus_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/asyncapi.json");
    let generated =
        serde_json::to_string_pretty(&zhicheng_bus::asyncapi::document()).expect("a document is JSON") + "\n";
    if std::env::var_os("ZHICHENG_BLESS").is_some() {
        std::fs::write(&path, &generated).expect("the document can be written");
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == generated,
        "schemas/asyncapi.json is not what the code says; run ZHICHENG_BLESS=1 cargo test --workspace --test asyncapi"
    );
}

#[test]
fn every_reference_leads_somewhere() {
    let document = zhicheng_bus::asyncapi::document();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() >= 5, "{references:?}");
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("within the document");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(reference) if name == "$ref" => found.push(reference.to_owned()),
                    _ => collect(member, found),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        serde_json::Value::Null
        | serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::String(_) => {}
    }
}
