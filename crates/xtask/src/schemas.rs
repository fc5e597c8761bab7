//! `schemas/`: what outsiders may rely on, generated from the code and nowhere written by hand.

mod commands;
mod events;
mod glossary;
mod permissions;
mod problems;
pub mod released;
mod screens;
mod states;
mod visibility;

use serde_json::Value;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// The folders that hold nothing but generated files.
const GENERATED: &[&str] = &["events", "commands", "screens"];

/// Every generated file, by its path below `schemas/`.
pub fn documents() -> BTreeMap<String, String> {
    let mut documents = BTreeMap::new();
    documents.insert("openapi.json".to_owned(), pretty(&zhicheng_api::document()));
    documents.insert("asyncapi.json".to_owned(), pretty(&zhicheng_app::asyncapi()));
    documents.extend(events::documents());
    documents.extend(commands::documents());
    documents.extend(screens::documents());
    documents.insert("problems.json".to_owned(), pretty(&problems::document()));
    documents.insert("permissions.json".to_owned(), pretty(&permissions::document()));
    documents.insert("permissions.md".to_owned(), permissions::table());
    documents.insert("visibility.json".to_owned(), pretty(&visibility::document()));
    documents.insert("visibility.md".to_owned(), visibility::table());
    documents.insert("states.md".to_owned(), states::diagrams());
    documents.insert("glossary.json".to_owned(), pretty(&glossary::document()));
    documents
}

/// Writes them, and removes what is no longer generated. Answers the paths that changed.
///
/// # Errors
///
/// A file cannot be read or written.
pub fn write(root: &Path) -> io::Result<Vec<String>> {
    let folder = root.join("schemas");
    let documents = documents();
    let mut changed = Vec::new();
    for path in left_over(&folder, &documents)? {
        std::fs::remove_file(folder.join(&path))?;
        changed.push(path);
    }
    for (path, text) in &documents {
        let file = folder.join(path);
        if std::fs::read_to_string(&file).ok().as_ref() != Some(text) {
            if let Some(parent) = file.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(&file, text)?;
            changed.push(path.clone());
        }
    }
    Ok(changed)
}

/// The paths at which the checked-in files are not what the code says.
///
/// # Errors
///
/// The folder cannot be read.
pub fn differences(root: &Path) -> io::Result<Vec<String>> {
    let folder = root.join("schemas");
    let documents = documents();
    let mut differing = left_over(&folder, &documents)?;
    for (path, text) in &documents {
        if std::fs::read_to_string(folder.join(path)).ok().as_ref() != Some(text) {
            differing.push(path.clone());
        }
    }
    Ok(differing)
}

fn left_over(folder: &Path, documents: &BTreeMap<String, String>) -> io::Result<Vec<String>> {
    let mut found = Vec::new();
    for name in GENERATED {
        let Ok(entries) = std::fs::read_dir(folder.join(name)) else { continue };
        for entry in entries {
            let path = format!("{name}/{}", entry?.file_name().to_string_lossy());
            if !documents.contains_key(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn definition(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/$defs/")
}
