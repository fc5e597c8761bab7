//! Whether an input has objects where its schema has them. serde takes the members of a list in the order of a structure's fields;
//! nobody means that who sends a list where an object belongs.

use serde_json::Value;

/// Where a list stands that the schema has no place for, as a JSON pointer; the first one. What else is wrong serde says.
pub fn misplaced_list(form: &Value, input: &Value) -> Option<String> {
    found(form, &[form], input)
}

/// `forms` are the forms that the value may have: it is misplaced if each of them says so.
fn found(root: &Value, forms: &[&Value], value: &Value) -> Option<String> {
    let mut open = Vec::new();
    forms.iter().for_each(|form| alternatives(root, form, &mut open));
    match value {
        Value::Array(items) => {
            open.retain(|form| is_of(form, "array"));
            if open.is_empty() {
                return Some(String::new());
            }
            let inside: Option<Vec<&Value>> = open.iter().map(|form| form.get("items")).collect();
            let inside = inside?;
            let mut items = items.iter().enumerate();
            items.find_map(|(at, item)| Some(format!("/{at}{}", found(root, &inside, item)?)))
        }
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            let inside: Vec<&Value> = open.iter().filter_map(|form| member_of(form, name)).collect();
            let below = if inside.is_empty() { None } else { found(root, &inside, member) };
            Some(format!("/{}{}", name.replace('~', "~0").replace('/', "~1"), below?))
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn member_of<'a>(form: &'a Value, name: &str) -> Option<&'a Value> {
    form.get("properties").and_then(|members| members.get(name)).or_else(|| form.get("additionalProperties"))
}

/// Every form that this one stands for: what it refers to, and each of several.
fn alternatives<'a>(root: &'a Value, form: &'a Value, open: &mut Vec<&'a Value>) {
    if let Some(reference) = form.get("$ref").and_then(Value::as_str) {
        let to = root.pointer(reference.trim_start_matches('#'));
        return to.into_iter().for_each(|to| alternatives(root, to, open));
    }
    let several = ["anyOf", "oneOf", "allOf"].iter().filter_map(|name| form.get(name)?.as_array());
    let before = open.len();
    several.flatten().for_each(|one| alternatives(root, one, open));
    if open.len() == before || form.get("properties").is_some() {
        open.push(form);
    }
}

/// Whether a value of this kind may stand there: a form that names no kind takes any.
fn is_of(form: &Value, kind: &str) -> bool {
    match form.get("type") {
        Some(Value::String(only)) => only == kind,
        Some(Value::Array(several)) => several.iter().any(|one| one == kind),
        Some(_) | None => {
            form.get("properties").is_none() && form.get("enum").is_none() && form.get("const").is_none()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemars::JsonSchema;
    use serde_json::json;
    use std::collections::BTreeMap;

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "the schema is looked at, not the type")]
    struct Input {
        items: Vec<Item>,
        perhaps: Option<Item>,
        named: BTreeMap<String, Item>,
        anything: Value,
        way: Way,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "the schema is looked at, not the type")]
    struct Item {
        name: String,
        of: Vec<String>,
        deeper: Option<Box<Item>>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "the schema is looked at, not the type")]
    enum Way {
        By(Item),
        Straight,
    }

    fn misplaced(input: &Value) -> Option<String> {
        misplaced_list(&schemars::schema_for!(Input).to_value(), input)
    }

    #[test]
    fn lists_and_objects_where_they_belong_are_well_placed() {
        let item = json!({"name": "甲", "of": ["乙"], "deeper": {"name": "丙", "of": []}});
        for input in [
            json!({"items": [item], "perhaps": item, "named": {"one": item}, "anything": [[1], {"two": [3]}]}),
            json!({"items": [], "perhaps": null, "named": {}, "anything": null, "way": "Straight"}),
            json!({"way": {"By": item}, "nobody knows this": [1]}),
            // serde says what is wrong here
            json!({"items": {"name": "甲"}, "perhaps": 7, "named": "甲"}),
        ] {
            assert_eq!(misplaced(&input), None, "{input}");
        }
    }

    #[test]
    fn a_list_where_an_object_belongs_is_found() {
        let list = json!(["甲", []]);
        for (input, place) in [
            (json!({"items": [{"name": "甲", "of": []}, list]}), "/items/1"),
            (json!({"perhaps": list}), "/perhaps"),
            (json!({"named": {"a/b": list}}), "/named/a~1b"),
            (json!({"items": [{"name": "甲", "of": [], "deeper": list}]}), "/items/0/deeper"),
            (json!({"items": [{"name": "甲", "of": [["乙"]]}]}), "/items/0/of/0"),
            (json!({"way": {"By": list}}), "/way/By"),
            (json!([]), ""),
        ] {
            assert_eq!(misplaced(&input).as_deref(), Some(place), "{input}");
        }
    }
}
