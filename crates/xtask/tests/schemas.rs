//! `schemas/` is what the code says, and nothing that was released is broken.

use serde_json::{Value, json};
use std::collections::BTreeMap;
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
    // what it may gain
    assert!(broken(|it| it["properties"]["d"] = json!({"type": "string"})).is_empty());
    assert!(broken(|it| it["properties"]["c"]["enum"] = json!(["x", "y", "z"])).is_empty());
}
