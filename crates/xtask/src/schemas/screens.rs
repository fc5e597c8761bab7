//! One JSON Schema for the rows of each screen, with who reads them and what may be asked.

use super::pretty;
use serde_json::{Map, Value, json};
use zhicheng_projections::column::{Class, Filter, Kind, Presence};
use zhicheng_projections::screen::{Direction, Persons, View};
use zhicheng_projections::{SCREENS, Screen};

/// By path.
pub(super) fn documents() -> Vec<(String, String)> {
    SCREENS
        .iter()
        .map(|screen| (format!("screens/{}.json", screen.name), pretty(&document(screen))))
        .collect()
}

fn document(screen: &Screen) -> Value {
    let mut properties = Map::new();
    for column in screen.shown() {
        let (of, format) = match column.kind {
            Kind::Text => ("string", None),
            Kind::Integer => ("integer", None),
            Kind::Decimal => ("number", None),
            Kind::Date => ("string", Some("date")),
            Kind::Instant => ("string", Some("date-time")),
            Kind::Boolean => ("boolean", None),
            Kind::Uuid => ("string", Some("uuid")),
            Kind::TextList => ("array", None),
        };
        let of = match column.presence {
            Presence::Always => json!(of),
            Presence::Sometimes => json!([of, "null"]),
        };
        let mut property = json!({"title": column.label, "type": of});
        if let Some(format) = format {
            property["format"] = format.into();
        }
        if column.kind == Kind::TextList {
            property["items"] = json!({"type": "string"});
        }
        property["x-class"] = match column.class {
            Class::Public => "public",
            Class::Personal => "personal",
            Class::Sensitive => "sensitive",
        }
        .into();
        property["x-filters"] = match column.filter {
            Filter::Equal => json!([{column.name: "equal"}]),
            Filter::Contains => json!([{column.name: "contains"}]),
            Filter::Member => json!([{column.name: "member"}]),
            Filter::KeyedHash(_) => json!([{column.name: "whole number, or as shown"}]),
            Filter::Range => json!([
                {column.name: "equal"}, {format!("{}_from", column.name): "not before"},
                {format!("{}_to", column.name): "not after"},
            ]),
        };
        properties.insert(column.name.to_owned(), property);
    }
    let readers = screen.grants.iter().map(|grant| {
        json!({
            "role": grant.role.name(),
            "view": match grant.view { View::Committee => "committee", View::Outside => "outside" },
            "persons": match grant.persons { Persons::Named => "named", Persons::Masked => "masked" },
        })
    });
    let direction = match screen.order.direction {
        Direction::Ascending => "",
        Direction::Descending => "-",
    };
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": format!("zhicheng:screens/{}", screen.name),
        "title": screen.title,
        "description": screen.title_en,
        "type": "object",
        "properties": properties,
        "required": screen.shown().map(|column| column.name).collect::<Vec<_>>(),
        "x-readers": readers.collect::<Vec<_>>(),
        "x-sort": format!("{direction}{}", screen.order.column),
        "x-row-actions": screen.row_actions,
    })
}
