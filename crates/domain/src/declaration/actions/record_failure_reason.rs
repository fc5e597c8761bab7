//! 未通过原因记录 Record failure reason: mandatory and confidential (seed 003 五(四); N22; T47).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::{Declaration, Event, Stage};
use crate::input::{Checks, NAME_CHARS_MAX};
use crate::label::label;
use crate::private::Private;
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordFailureReason {
    /// 原因类别.
    pub category: String,
    /// 原因.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "record-failure-reason",
    label: label("未通过原因记录", "Record failure reason"),
    by: &[by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&[Stage::VoteFailed.name(), Stage::MaterialReviewFailed.name()]),
    form: &[
        required("category", "原因类别", FieldType::Text),
        required("reason", "原因", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Records it; a later record replaces the earlier one, the same one changes nothing.
pub fn decide(input: &RecordFailureReason, it: &Declaration, _: Uuid, _: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let category = checks.text("/category", &input.category, NAME_CHARS_MAX);
    let reason = Private::Known(checks.reason("/reason", &input.reason));
    checks.done()?;
    if it.review.failure_reason.as_ref() == Some(&(category.clone(), reason.clone())) {
        return Ok(Outcome::nothing());
    }
    Ok(Outcome::of(Event::FailureReasonRecorded { category, reason }))
}
