//! 申报内容 The sections of the form: what each may hold (domain.md 5.8; contract.md, `submit`).

use super::state::Content;
use super::values::SectionKey;
use crate::input::Checks;
use chrono::NaiveDate;
use serde_json::Value;

/// Checks a section's body and answers it in the form in which it is stored.
pub fn check(key: SectionKey, body: &Value, pointer: &str, checks: &mut Checks) -> Value {
    let form = if key.is_list() { body.is_array() } else { body.is_object() };
    checks.ensure(form, pointer, "wrong-type", "类型不符合接口要求。");
    body.clone()
}

/// A dated achievement, for the cut-off (N12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// Where it stands: `section/index`.
    pub anchor: String,
    /// Its date.
    pub on: NaiveDate,
}

/// Every dated achievement of the content.
pub fn achievements(_: &Content) -> Vec<Dated> {
    Vec::new()
}
