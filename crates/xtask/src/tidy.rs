//! What no compiler checks: who inserts events, nothing half-done, the fixed top level.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Finding;

/// The folders and files of the top level; the four folders between are each read by the build or by a test.
const TOP_LEVEL: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "crates",
    "deploy",
    "projections",
    "replay-fixtures",
    "run",
    "schemas",
    "test",
    // made by cargo, never checked in
    "target",
];

/// The one place where events are inserted: order, numbering and idempotency live there.
const APPEND: &str = "crates/eventstore/src/append";

/// All checks, over the checkout at `root`.
pub fn check(root: &Path) -> Vec<Finding> {
    let mut found = top_level(root);
    found.extend(workspace_lints(root));
    for file in files(&root.join("crates")) {
        let place = relative(root, &file);
        let Ok(text) = fs::read_to_string(&file) else { continue };
        found.extend(source(&place, &text));
    }
    found
}

/// The checks of one file; `place` is its path from the top.
pub fn source(place: &str, text: &str) -> Vec<Finding> {
    let mut found = Vec::new();
    let rust = place.ends_with(".rs");
    if !rust && !place.ends_with(".sql") {
        return found;
    }
    let lower = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    // Written in two parts each, or this file would find itself.
    for table in [
        concat!("insert into ", "events"),
        concat!("insert into ", "public.events"),
        concat!("copy ", "events"),
    ] {
        if mentions(&lower, table)
            && !place.starts_with(APPEND)
            && !place.starts_with("crates/eventstore/migrations/")
            && !is_test(place)
        {
            found.push(Finding::new(
                place,
                format!("\"{table}\": only {APPEND}.rs inserts events; append through it"),
            ));
        }
    }
    for statement in
        [concat!("update ", "events set"), concat!("delete from ", "events"), concat!("truncate ", "events")]
    {
        if mentions(&lower, statement) && !is_test(place) {
            found.push(Finding::new(place, format!("\"{statement}\": the log is never changed")));
        }
    }
    for half_done in [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("dbg", "!(")] {
        if rust && text.contains(half_done) {
            found.push(Finding::new(
                place,
                format!("\"{half_done}\" is half-done work; finish it or take it out"),
            ));
        }
    }
    found
}

/// Whether the words stand there as words: `events` is not `events_staging`.
fn mentions(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let next = text[at + words.len()..].chars().next();
        !next.is_some_and(|letter| letter.is_alphanumeric() || letter == '_')
    })
}

/// Tests forge histories to see them refused.
fn is_test(place: &str) -> bool {
    place.contains("/tests/") || place.starts_with("crates/bench/") || place.ends_with("tests.rs")
}

fn top_level(root: &Path) -> Vec<Finding> {
    let Ok(entries) = fs::read_dir(root) else { return vec![Finding::new(".", "cannot be read")] };
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut odd: Vec<String> =
        names.filter(|name| !name.starts_with('.') && !TOP_LEVEL.contains(&name.as_str())).collect();
    odd.sort_unstable();
    let message = "does not belong to the top level, which is fixed: see crates/xtask/src/tidy.rs";
    odd.into_iter().map(|name| Finding::new(name, message)).collect()
}

fn workspace_lints(root: &Path) -> Vec<Finding> {
    let manifests = files(&root.join("crates")).into_iter().filter(|file| file.ends_with("Cargo.toml"));
    let without = manifests.filter(|manifest| {
        let text = fs::read_to_string(manifest).unwrap_or_default();
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        !lines.windows(2).any(|pair| pair == ["[lints]", "workspace = true"])
    });
    without
        .map(|manifest| {
            Finding::new(
                relative(root, &manifest),
                "does not take part in the lints: add [lints] workspace = true",
            )
        })
        .collect()
}

/// All files below a folder, in order of their paths.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push(path),
                Ok(kind) if kind.is_file() => found.push(path),
                _ => {}
            }
        }
    }
    found.sort_unstable();
    found
}

fn relative(root: &Path, file: &Path) -> String {
    file.strip_prefix(root).unwrap_or(file).display().to_string()
}
