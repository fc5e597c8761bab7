//! The words people read beside the names programs use.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use zhicheng_domain::AnyState;
use zhicheng_domain::declaration::Stage;
use zhicheng_domain::label::Named;
use zhicheng_domain::values::{
    Choice, DeclarationKind, Hold, Level, Medium, Mode, NodeType, QuotaKind, Role,
};
use zhicheng_projections::SCREENS;

/// Kind by kind: names with their Chinese, and English where there is one.
pub(super) fn document() -> Value {
    let mut kinds: BTreeMap<&str, BTreeMap<String, Value>> = BTreeMap::new();
    kinds.insert("roles", named::<Role>());
    kinds.insert("stages", named::<Stage>());
    kinds.insert("modes", named::<Mode>());
    kinds.insert("levels", named::<Level>());
    kinds.insert("declaration_kinds", named::<DeclarationKind>());
    kinds.insert("holds", named::<Hold>());
    kinds.insert("choices", named::<Choice>());
    kinds.insert("media", named::<Medium>());
    kinds.insert("node_types", named::<NodeType>());
    kinds.insert("quota_kinds", named::<QuotaKind>());
    let actions = kinds.entry("actions").or_default();
    for (aggregate, collection) in AnyState::TYPES {
        for spec in AnyState::specs(aggregate) {
            let name = format!("{collection}.{}", spec.name);
            actions.insert(name, json!({"zh": spec.label.zh, "en": spec.label.en}));
        }
    }
    for screen in SCREENS {
        let words = json!({"zh": screen.title, "en": screen.title_en});
        kinds.entry("screens").or_default().insert(screen.name.to_owned(), words);
        for column in screen.shown() {
            let name = format!("{}.{}", screen.name, column.name);
            kinds.entry("columns").or_default().insert(name, json!({"zh": column.label}));
        }
    }
    json!(kinds)
}

fn named<T: Named>() -> BTreeMap<String, Value> {
    let word = |value: &T| (value.name().to_owned(), json!({"zh": value.label().zh, "en": value.label().en}));
    T::ALL.iter().map(word).collect()
}
