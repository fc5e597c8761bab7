//! 面试通知 Send interview notices: when and where, apart from registration and material review
//! (seed 002 单 1.2.4; seed 003 五(五); N34; T36).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::label::label;
use crate::review_meeting::{Event, ReviewMeeting};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

use crate::declaration::values::Notice;
use crate::declaration::{self, Declaration, Stage};
use crate::ids::DeclarationId;
use crate::input::{Checks, NAME_CHARS_MAX};
use crate::refusal::{common, refusals};
use crate::review_meeting::actions::create::PlacesNotSeparate;
use crate::scheme::terms::PARTICIPANTS_MAX;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

refusals! {
    /// The scheme says that nobody is interviewed.
    NoInterview = Rule "no-interview", "方案不设面试答辩", "该评审方案不设面试答辩，不需要面试通知和面试打分。";
}

/// One notice.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoticeInput {
    /// To whom.
    pub declaration_id: DeclarationId,
    /// When.
    pub at: DateTime<Utc>,
    /// Where.
    pub place: String,
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendInterviewNotices {
    /// The notices.
    pub notices: Vec<NoticeInput>,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "send-interview-notices",
    label: label("面试通知", "Send interview notices"),
    by: &[by(Role::CommitteeOperator, Place::Committee)],
    from: Start::Stages(&["drawn", "assigned"]),
    form: &[required("notices", "通知", FieldType::Structure)],
    ..ActionSpec::DEFAULT
};

/// Sends them; a later notice to the same candidate replaces the earlier one.
pub fn decide(
    input: &SendInterviewNotices,
    it: &ReviewMeeting,
    _: Uuid,
    context: &Context<'_>,
) -> Decision<Event> {
    let Some(terms) = &it.load_scheme(context)?.terms else { return Err(common::NotFound.into()) };
    if !terms.interview {
        return Err(NoInterview.into());
    }
    let candidates = it.candidates(context)?;
    let mut checks = Checks::new();
    checks.ensure(!input.notices.is_empty(), "/notices", "empty", "至少通知一名参评人员。");
    let within = input.notices.len() <= PARTICIPANTS_MAX;
    checks.ensure(within, "/notices", "too-many", format!("一次最多通知{PARTICIPANTS_MAX}人。"));
    let mut seen = BTreeSet::new();
    let mut sent = Vec::with_capacity(input.notices.len().min(PARTICIPANTS_MAX));
    let mut shared_place = None;
    for (index, notice) in input.notices.iter().take(PARTICIPANTS_MAX).enumerate() {
        let pointer = format!("/notices/{index}");
        let place = checks.text(&format!("{pointer}/place"), &notice.place, NAME_CHARS_MAX);
        if place == it.places.registration || place == it.places.material {
            shared_place.get_or_insert(format!("{pointer}/place"));
        }
        let future = notice.at > context.now;
        checks.ensure(future, &format!("{pointer}/at"), "in-the-past", "面试时间须晚于现在。");
        let pointer = format!("{pointer}/declaration_id");
        checks.ensure(seen.insert(notice.declaration_id), &pointer, "repeated", "参评人员重复。");
        let awaits = candidates.iter().any(|(id, candidate)| {
            *id == notice.declaration_id
                && matches!(candidate.stage, Stage::JudgesDrawn | Stage::MaterialReviewed | Stage::Scoring)
        });
        checks.ensure(awaits, &pointer, "not-a-candidate", "不是待面试的参评人员。");
        sent.push((notice.declaration_id, Notice { at: notice.at, place }));
    }
    checks.done()?;
    if let Some(pointer) = shared_place {
        return Err(PlacesNotSeparate.refusal().at(&pointer).into());
    }
    let declaration_ids = sent.iter().map(|(id, _)| *id).collect();
    let outcome = Outcome::of(Event::InterviewNoticesSent { declaration_ids });
    Ok(sent.into_iter().fold(outcome, |outcome, (id, notice)| {
        outcome.also::<Declaration>(id, declaration::Event::InterviewNotified { notice })
    }))
}
