//! `schemas/` is what the code says, and nothing that was released is broken.

use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use zhicheng_xtask::repository_root;
use zhicheng_xtask::schemas::{self, released};

#[test]
fn the_checked_in_schemas_are_what_the_code_says() {
    let differing = schemas::differences(&repository_root()).expect("schemas/ can be read");
    assert!(differing.is_empty(), "run cargo xtask schemas: {differing:#?}");
}

#[test]
fn no_released_event_is_broken() {
    let before = released::released(&repository_root()).expect("the released shapes");
    assert!(before.len() > 150, "{} events were released", before.len());
    let broken = released::breaks(&before, &released::shapes());
    assert!(broken.is_empty(), "{broken:#?}");
}

fn one(shape: Value) -> BTreeMap<String, Value> {
    BTreeMap::from([("case.filled@1".to_owned(), shape)])
}

#[test]
fn a_breaking_change_is_noticed() {
    let before = one(json!({
        "type": "object", "required": ["a"],
        "properties": {"a": {"type": "string"}, "b": {"type": "integer"}, "c": {"enum": ["x", "y"]}},
    }));
    let broken = |change: fn(&mut Value)| {
        let mut after = before.clone();
        change(after.get_mut("case.filled@1").expect("it is there"));
        released::breaks(&before, &after)
    };
    assert_eq!(released::breaks(&before, &BTreeMap::new()), ["case.filled@1 is gone"]);
    assert_eq!(
        broken(|it| it["properties"]["b"]["type"] = json!("string")),
        [r#"case.filled@1/b/type was "integer" and is "string""#]
    );
    assert_eq!(broken(|it| it["required"] = json!(["a", "b"])), ["case.filled@1/b must be there now"]);
    assert_eq!(broken(|it| it["required"] = json!([])), ["case.filled@1/a need not be there any more"]);
    assert_eq!(
        broken(|it| it["properties"]["c"]["enum"] = json!(["x"])),
        [r#"case.filled@1/c can no longer be "y""#]
    );
    let gone = broken(|it| drop(it["properties"].as_object_mut().expect("members").remove("b")));
    assert_eq!(gone, ["case.filled@1/b is gone"]);
    // what it may not gain: whatever keeps something out that was let in
    let narrowed = [
        ("format", json!("uuid")),
        ("pattern", json!("^[0-9]+$")),
        ("maxLength", json!(12)),
        ("enum", json!(["x"])),
        ("const", json!("x")),
    ];
    for (keyword, value) in narrowed {
        let mut after = before.clone();
        after.get_mut("case.filled@1").expect("it is there")["properties"]["a"][keyword] = value.clone();
        assert_eq!(released::breaks(&before, &after), [format!("case.filled@1/a gained {keyword}: {value}")]);
    }
    assert_eq!(
        broken(|it| it["properties"]["b"]["minimum"] = json!(1)),
        ["case.filled@1/b gained minimum: 1"]
    );
    assert_eq!(
        broken(|it| it["properties"]["c"]["type"] = json!("string")),
        [r#"case.filled@1/c gained type: "string""#]
    );
    assert_eq!(
        broken(|it| it["additionalProperties"] = json!(false)),
        ["case.filled@1 gained additionalProperties: false"]
    );
    let required = broken(|it| {
        it["properties"]["d"] = json!({"type": "string"});
        it["required"] = json!(["a", "d"]);
    });
    assert_eq!(required, ["case.filled@1/d must be there now"]);
    // what it may gain
    assert!(broken(|it| it["properties"]["d"] = json!({"type": "string"})).is_empty());
    assert!(broken(|it| it["properties"]["c"]["enum"] = json!(["x", "y", "z"])).is_empty());
}

/// What is written in the code as a code of an answer, in whatever crate makes answers.
#[test]
fn every_code_that_an_answer_may_have_is_in_the_list() {
    let listed: BTreeSet<String> = zhicheng_api::problems().into_iter().map(|it| it.code).collect();
    for code in ["already-voted", "method-not-allowed", "stage-refused", "internal"] {
        assert!(listed.contains(code), "{code}");
    }
    let mut found = 0;
    for folder in ["domain", "app", "api"] {
        let sources = repository_root().join("crates").join(folder).join("src");
        for path in sources_in(&sources) {
            let text = std::fs::read_to_string(&path).expect("a source can be read");
            for literal in text.split("code: \"").skip(1) {
                let (code, rest) = literal.split_once('"').unwrap_or_default();
                // regions have codes too, and so have the fields of a request
                if !code.starts_with(|first: char| first.is_ascii_lowercase()) || rest.starts_with('.') {
                    continue;
                }
                found += 1;
                assert!(listed.contains(code), "{}: {code} is in no list of refusals", path.display());
            }
        }
    }
    assert!(found > 0, "it looks where codes are");
}

fn sources_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder can be read");
    let paths = entries.map(|entry| entry.expect("an entry can be read").path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => sources_in(&path),
            false => vec![path],
        })
        .collect()
}
