//! 召开评审会议 Create: for an approved scheme, at three separate places (seed 003 五(五); N34).

use crate::action::{ActionSpec, FieldType, Place, Start, by, required};
use crate::aggregate::{Decision, Outcome};
use crate::context::Context;
use crate::ids::{ReviewMeetingId, SchemeId};
use crate::input::{Checks, NAME_CHARS_MAX};
use crate::label::label;
use crate::refusal::{common, refusals};
use crate::review_meeting::{Event, ReviewMeeting};
use crate::scheme::{self, Scheme};
use crate::values::Role;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Uuid;

refusals! {
    /// N34 (seed 003 五(五)).
    PlacesNotSeparate = Rule "places-not-separate", "三个地点须分开", "报到、材料评审和面试答辩须在三个不同的地点进行，请分别填写。";
    /// A scheme has one meeting.
    MeetingExists = Rule "meeting-exists", "该方案已有评审会议", "该方案的评审会议已经建立，不能重复建立。";
    /// Only what was approved is reviewed (T31).
    SchemeNotApproved = Rule "scheme-not-approved", "评审方案未核准", "评审方案核准后才能召开评审会议。";
}

/// The input.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The approved scheme.
    pub scheme_id: SchemeId,
    /// 报到地点.
    pub registration_place: String,
    /// 材料评审地点.
    pub material_place: String,
    /// 面试答辩地点.
    pub interview_place: String,
}

/// The action as data.
pub const SPEC: ActionSpec = ActionSpec {
    name: "create",
    label: label("召开评审会议", "Call review meeting"),
    by: &[by(Role::CommitteeOperator, Place::Anywhere)],
    from: Start::Nothing,
    to: &["planned"],
    form: &[
        required("scheme_id", "评审方案", FieldType::Reference("schemes")),
        required("registration_place", "报到地点", FieldType::Text),
        required("material_place", "材料评审地点", FieldType::Text),
        required("interview_place", "面试答辩地点", FieldType::Text),
    ],
    ..ActionSpec::DEFAULT
};

/// Calls it.
pub fn decide(input: &Create, _: &ReviewMeeting, id: Uuid, context: &Context<'_>) -> Decision<Event> {
    let mut checks = Checks::new();
    let registration_place = checks.text("/registration_place", &input.registration_place, NAME_CHARS_MAX);
    let material_place = checks.text("/material_place", &input.material_place, NAME_CHARS_MAX);
    let interview_place = checks.text("/interview_place", &input.interview_place, NAME_CHARS_MAX);
    checks.done()?;
    let scheme: &Scheme = context.load(input.scheme_id)?;
    let (Some(committee_id), Some(terms)) = (scheme.committee, &scheme.terms) else {
        return Err(common::ReferenceRefused { what: "评审方案" }.refusal().at("/scheme_id").into());
    };
    if !context.acting()?.at(committee_id) {
        return Err(common::NotAllowed { action: SPEC.label.zh }.into());
    }
    if scheme.stage != scheme::Stage::Approved {
        return Err(SchemeNotApproved.refusal().at("/scheme_id").into());
    }
    if scheme.meeting.is_some() {
        return Err(MeetingExists.refusal().at("/scheme_id").into());
    }
    let repeated = [
        (registration_place == material_place, "/material_place"),
        (registration_place == interview_place || material_place == interview_place, "/interview_place"),
    ];
    if let Some((_, pointer)) = repeated.into_iter().find(|(same, _)| *same) {
        return Err(PlacesNotSeparate.refusal().at(pointer).into());
    }
    let meeting_id = ReviewMeetingId(id);
    Ok(Outcome::of(Event::Created {
        committee_id,
        interview_place,
        material_place,
        medium: terms.medium,
        meeting_id,
        opens_on: terms.opens_on,
        registration_place,
        scheme_id: input.scheme_id,
    })
    .also::<Scheme>(input.scheme_id, scheme::Event::MeetingCalled { meeting_id }))
}
