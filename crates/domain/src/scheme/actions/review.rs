//! 呈报方案审核 Review: by the authority that approved the committee; special schemes by another person than normal ones
//! (seed 002 人 1.13, 1.14; N32, X-27; T31 to T33).

use crate::action::{ActionSpec, FieldType, Place, Start, by, optional, required};
use crate::aggregate::{Decision, Outcome, StreamId};
use crate::context::Context;
use crate::declaration::{self, Declaration, Stage};
use crate::ids::{PersonId, SchemeId};
use crate::input::Checks;
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::scheme::{Event, Scheme};
use crate::values::{PassOrFail, Role, SchemeKind};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// who reviewed normal schemes of a year reviews no special ones of it, and the other way round.
    ReviewedTheOtherKind { year: i32 } = Rule "same-person", "须由另一人审核", "您在{year}年度已审核过另一类方案，正常方案和特殊方案须由不同的人审核，请由另一人办理。";
    /// T31: nothing is approved for a day that is over.
    OpeningPassed { opens_on: NaiveDate } = Rule "opening-passed", "计划开评时间已过", "方案计划于{opens_on}开评，已过期。请审核不通过，由评委会调整后重新呈报。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// 审核结果.
    pub decision: PassOrFail,
    /// 审核意见: required to fail.
    pub opinion: Option<String>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "review",
    label: label("呈报方案审核", "Review scheme"),
    by: &[
        by(Role::SchemeReviewer, Place::ApprovingAuthority),
        by(Role::SpecialSchemeReviewer, Place::ApprovingAuthority),
    ],
    from: Start::Stages(&["submitted"]),
    to: &["approved", "rejected"],
    form: &[
        required("decision", "审核结果", FieldType::Choice(&["pass", "fail"])),
        optional("opinion", "审核意见", FieldType::LongText),
    ],
    ..ActionSpec::DEFAULT
};

/// The claim that keeps a person to one kind of scheme a year; the first scheme reviewed holds it.
pub fn reviewer_claim(person: PersonId, year: i32) -> String {
    format!("scheme-review:{person}:{year}")
}

/// Passes or fails it. Who has left the stage meanwhile (年度终结, 回退) is not moved.
pub fn decide(input: &Review, it: &Scheme, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let Some(terms) = &it.terms else { return Err(common::NotFound.into()) };
    let acting = context.acting()?;
    let wanted = match terms.kind {
        SchemeKind::Normal => Role::SchemeReviewer,
        SchemeKind::Special => Role::SpecialSchemeReviewer,
    };
    if acting.role != wanted {
        return Err(common::NotAllowed { action: SPEC.label.zh }.into());
    }
    let mut checks = Checks::new();
    let opinion = match input.decision {
        PassOrFail::Pass => checks.opinion("/opinion", input.opinion.as_deref()),
        PassOrFail::Fail => Some(checks.reason("/opinion", input.opinion.as_deref().unwrap_or_default())),
    };
    checks.done()?;
    let scheme_id = SchemeId(id);
    let (event, moved) = match input.decision {
        PassOrFail::Pass => {
            it.valid_committee(context)?;
            if context.today() > terms.opens_on {
                return Err(OpeningPassed { opens_on: terms.opens_on }.into());
            }
            let (medium, opens_on) = (terms.medium, terms.opens_on);
            let scoring = terms.scoring.clone();
            let moved = declaration::Event::SchemeApproved { medium, opens_on, scheme_id, scoring };
            (Event::Approved { opinion }, moved)
        }
        PassOrFail::Fail => {
            let opinion = opinion.unwrap_or_default();
            (Event::Rejected { opinion }, declaration::Event::SchemeRejected { scheme_id })
        }
    };
    let mut outcome = Outcome::of(event);
    if let (Some(person), Some(batch)) = (acting.person, context.registers.batches.get(terms.batch_id)) {
        let year = batch.terms.as_ref().map_or(0, |terms| terms.year);
        let claim = reviewer_claim(person, year);
        match context.claim_holder(&claim)? {
            None => outcome = outcome.take(claim, StreamId::of::<Scheme>(id)),
            Some(first) => {
                let first: &Scheme = if first.id == id { it } else { context.load(first.id)? };
                if first.terms.as_ref().is_some_and(|first| first.kind != terms.kind) {
                    return Err(ReviewedTheOtherKind { year }.into());
                }
            }
        }
    }
    let declarations = context.load_all::<Declaration>(terms.participants.iter().map(|id| id.0))?;
    Ok(terms
        .participants
        .iter()
        .zip(declarations)
        .filter(|(_, declaration)| {
            declaration.stage == Stage::SchemeSubmitted && declaration.review.scheme == Some(scheme_id)
        })
        .fold(outcome, |outcome, (participant, _)| outcome.also::<Declaration>(*participant, moved.clone())))
}
