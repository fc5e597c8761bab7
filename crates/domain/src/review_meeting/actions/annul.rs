//! 当次评审作废 Annul: the province annuls a meeting; all its candidates are qualified again and need a new scheme
//! (RB5, X-01).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::label::label;
use crate::review_meeting::{Event, ReviewMeeting};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use crate::declaration::{self, Declaration, Stage};
use crate::ids::ReviewMeetingId;
use crate::input::Checks;
use crate::quota_ledger::QuotaLedger;
use crate::refusal::{common, refusals};
use crate::review_meeting::{in_review, quota};
use crate::scheme::{self, Scheme};

refusals! {
    /// RB6: from then on objection, cancelled filing and revocation are the ways.
    PublicityBegun = Rule "publicity-begun", "结果已公示", "已有参评人员的结果进入公示，不能作废整次评审；请通过异议、取消备案或撤销证书处理。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Annul {
    /// Why.
    pub reason: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "annul",
    label: label("当次评审作废", "Annul review meeting"),
    by: &[by(Role::ProvincialAdministrator, Place::Anywhere)],
    from: Start::Stages(&["planned", "drawn", "assigned", "declared"]),
    to: &["annulled"],
    form: &[required("reason", "原因", FieldType::LongText)],
    ..ActionSpec::DEFAULT
};

/// Annuls it.
pub fn decide(input: &Annul, it: &ReviewMeeting, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let reason = checks.reason("/reason", &input.reason);
    checks.done()?;
    let Some(scheme_id) = it.scheme else { return Err(common::NotFound.into()) };
    let participants = it.load_scheme(context)?.participants();
    let declarations = context.load_all::<Declaration>(participants.iter().map(|id| id.0))?;
    let of_meeting = |it: &Declaration| it.review.scheme == Some(scheme_id);
    let published = declarations.iter().any(|it| {
        of_meeting(it) && it.review.declared.is_some() && !in_review(it.stage) && it.stage != Stage::Qualified
    });
    if published {
        return Err(PublicityBegun.into());
    }
    let meeting_id = ReviewMeetingId(id);
    let outcome = Outcome::of(Event::Annulled { reason })
        .also::<Scheme>(scheme_id, scheme::Event::Annulled { meeting_id });
    let outcome = if it.cut {
        quota::voided(&it.candidates(context)?)
            .fold(outcome, |outcome, (ledger, event)| outcome.also::<QuotaLedger>(ledger, event))
    } else {
        outcome
    };
    Ok(participants.iter().zip(declarations).filter(|(_, it)| of_meeting(it) && in_review(it.stage)).fold(
        outcome,
        |outcome, (candidate, _)| {
            outcome.also::<Declaration>(*candidate, declaration::Event::MeetingAnnulled { meeting_id })
        },
    ))
}
