//! 异议处理 Resolve: upheld or dismissed, with what was found; the same as `resolve-objection` on the declaration
//! (T51, T52).

use super::HANDLERS;
use crate::action::{ActionSpec, FieldType, Start, admit, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::Declaration;
use crate::declaration::actions::resolve_objection::{self, Finding, OutcomeOfObjection};
use crate::ids::ObjectionId;
use crate::label::label;
use crate::objection::{Event, Objection, Stage};
use crate::refusal::common;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resolve {
    /// 核查结果.
    pub outcome: OutcomeOfObjection,
    /// What was found.
    pub finding: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "resolve",
    label: label("异议处理", "Resolve"),
    by: HANDLERS,
    from: Start::Stages(&[Stage::Raised.name(), Stage::Accepted.name()]),
    to: &[Stage::Upheld.name(), Stage::Dismissed.name()],
    form: &[
        required("outcome", "核查结果", FieldType::Choice(&["upheld", "dismissed"])),
        required("finding", "核查情况", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Resolves it, and its declaration with it.
pub fn decide(input: &Resolve, it: &Objection, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let finding = Finding::of(input.outcome, &input.finding)?;
    let Some(against) = &it.against else { return Err(common::NotFound.into()) };
    let declaration: &Declaration = context.load(against.declaration)?;
    admit(declaration, &resolve_objection::SPEC, context)?;
    let entered =
        resolve_objection::enter(declaration, against.declaration.0, ObjectionId(id), &finding, context)?;
    Ok(Outcome::of(finding.event()).including::<Declaration>(against.declaration, entered))
}
