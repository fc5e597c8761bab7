//! 异议登记 Raise objection: what was lodged during a publicity is entered and puts a hold; an objection of its own is
//! made in the same append, the round counts it, and the scheme those to whom somebody objected (seed 003 四(二)2, 六(二); T13, T50). What was lodged in time may be
//! entered until the result is saved, and of results until they are filed.

use super::resolve_objection::{ACTORS, STAGES, handled_at};
use crate::action::{ActionSpec, FieldType, Start, optional, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::declaration::{Declaration, Event};
use crate::ids::{DeclarationId, ObjectionId};
use crate::input::{Checks, NAME_CHARS_MAX, OPINION_CHARS_MAX};
use crate::label::label;
use crate::objection::{self, Objection};
use crate::private::Private;
use crate::publicity_round::{self, PublicityRound};
use crate::refusal::{common, refusals};
use crate::scheme::{self, Scheme};
use crate::values::PublicityKind;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

/// The most objections that may be open against one declaration.
pub const OPEN_OBJECTIONS_MAX: usize = 50;

refusals! {
    /// A bound, so that a case cannot be drowned.
    TooManyObjections = Rule "too-many-objections", "未处理的异议过多", "该申报未处理的异议已达上限，请先处理已登记的异议。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RaiseObjection {
    /// 异议来源.
    pub source: String,
    /// 异议内容.
    pub content: String,
    /// 证据材料.
    pub evidence: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "raise-objection",
    label: label("异议登记", "Raise objection"),
    by: ACTORS,
    from: Start::Stages(STAGES),
    form: &[
        required("source", "异议来源", FieldType::Text),
        required("content", "异议内容", FieldType::LongText),
        optional("evidence", "证据材料", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// Enters it.
pub fn decide(input: &RaiseObjection, it: &Declaration, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let source = Private::Known(checks.text("/source", &input.source, NAME_CHARS_MAX));
    let content = Private::Known(checks.paragraph("/content", &input.content, OPINION_CHARS_MAX));
    let evidence = Private::Known(checks.opinion("/evidence", input.evidence.as_deref()));
    checks.done()?;
    if it.objections.len() >= OPEN_OBJECTIONS_MAX {
        return Err(TooManyObjections.into());
    }
    let (Some(subject), Some((kind, handled_at))) = (&it.subject, handled_at(it)) else {
        return Err(common::NotFound.into());
    };
    let publicity = match kind {
        PublicityKind::Employer => it.publicity.as_ref(),
        PublicityKind::Result => it.result_publicity.as_ref(),
    };
    let Some(publicity) = publicity else { return Err(common::NotFound.into()) };
    let declaration_id = DeclarationId(id);
    let objection_id = ObjectionId(context.fresh_id(0));
    let raised = objection::Event::Raised {
        content: content.clone(),
        declaration_id,
        declaration_no: Some(subject.declaration_no.clone()),
        evidence: evidence.clone(),
        handled_at,
        kind,
        objection_id,
        person_id: subject.person,
        source: source.clone(),
    };
    let outcome = Outcome::of(Event::ObjectionRaised { content, evidence, objection_id, source })
        .also::<Objection>(objection_id, raised)
        .also::<PublicityRound>(
            publicity.round,
            publicity_round::Event::ObjectionRaised { declaration_id, objection_id },
        );
    let scheme = match kind {
        PublicityKind::Employer => None,
        PublicityKind::Result => super::scheme_of(it, context)?,
    };
    Ok(match scheme {
        Some(scheme) => outcome.also::<Scheme>(scheme, scheme::Event::ObjectionRaised { declaration_id }),
        None => outcome,
    })
}
