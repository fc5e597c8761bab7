//! Every code that an answer may carry.

use serde_json::{Value, json};
use std::collections::BTreeMap;

/// By code; what several rules share stands once.
pub(super) fn document() -> Value {
    let mut codes = BTreeMap::new();
    for problem in zhicheng_api::problems() {
        codes
            .entry(problem.code)
            .or_insert_with(|| json!({"status": problem.status, "title": problem.title}));
    }
    json!(codes)
}
